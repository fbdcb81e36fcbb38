"""What a document's verification code certifies, for whoever holds the document."""

from allauth.core.internal import ratelimit
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pratik.papers.reports import certified, read_code, written_code

# As typed: a code with its hyphens has 19 signs.
LONGEST_CODE = 60


def _page(request, *, status=200, **context):
    context["longest_code"] = LONGEST_CODE
    response = render(request, "public/verification.html", context, status=status)
    # Who holds a document may look; search engines hold none.
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@never_cache
def verify(request):
    """The box where a code is typed; a code leads to the page of its own."""
    if "code" not in request.GET:
        return _page(request)
    typed = request.GET["code"][:LONGEST_CODE]
    if code := read_code(typed):
        return redirect("public:verified", code=code)
    return _page(request, typed=typed, is_no_code=True, status=404)


@require_safe
@never_cache
def verified(request, code):
    """What a code certifies, or that nobody knows it. Codes are not to be guessed: too many are refused."""
    if not ratelimit.consume(request, app="allauth.account", action="verify_paper", limit_get=True):
        return _page(request, typed=code[:LONGEST_CODE], is_too_often=True, status=429)
    read = read_code(code)
    if read is None:
        return _page(request, typed=code[:LONGEST_CODE], is_no_code=True, status=404)
    if read != code:
        return redirect("public:verified", code=read)
    found = certified(read)
    return _page(
        request,
        typed=written_code(read),
        code=written_code(read),
        found=found,
        is_unknown=found is None,
        status=200 if found else 404,
    )
