"""The console's own content policy: as strict as its skin allows, and only there."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.urls import reverse


class ConsolePolicyMiddleware:
    """Alpine, which the skin is made with, evaluates expressions and sets styles; the site stays strict."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path.startswith(reverse("admin:index")):
            response._csp_replace = {
                "script-src": [SELF, UNSAFE_EVAL],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        return response
