"""What stands before the pages of all doors."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property


class HealthByAnyName:
    """Lets whoever watches the machine ask how it is under any name: a load balancer asks by its address,
    which is no host of the site.

    That page alone: it makes no link of the host, and its answer is one word.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info == self._address:
            request.get_host = lambda: urlsplit(settings.SITE_URL).netloc
        return self.get_response(request)

    @cached_property
    def _address(self):
        return reverse("public:healthz")


class NothingIsCalledNul:
    """An address with a NUL in it leads nowhere: no row has one in its name, and PostgreSQL breaks on it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)
