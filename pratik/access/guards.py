"""Who may be on a page of one's own account."""

from functools import wraps

from django.shortcuts import render

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def is_impersonated(request):
    """Whether an administrator is there in the name of the person who is signed in."""
    return getattr(request, "impersonator", None) is not None


def own_account_only(view=None, *, readable=False):
    """A page that is the person's own, closed to an administrator who acts in their name (403, in words).

    With `readable` such an administrator may read the page, and change nothing on it. For classes:
    `@method_decorator(own_account_only, name="dispatch")`.
    """

    def decorate(function):
        @wraps(function)
        def guarded(request, *args, **kwargs):
            if is_impersonated(request) and not (readable and request.method in SAFE_METHODS):
                return render(request, "access/impersonated.html", status=403)
            return function(request, *args, **kwargs)

        return guarded

    return decorate if view is None else decorate(view)
