import time

from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from pratik.core.enums import OperationKind
from pratik.core.operations import operation

FOUND_PER_PAGE = 100


class ConsoleSite(UnfoldAdminSite):
    """The console: staff and every other account type come in by the same door and see their own rows."""

    index_title = _("Accueil")

    def password_change(self, request, extra_context=None):
        """A changed password is an operation like any other change of an account."""
        with operation(
            kind=OperationKind.EDIT,
            actor=request.user,
            subject=get_user_model(),
            reason=gettext("Changement du mot de passe"),
        ):
            return super().password_change(request, extra_context)

    def has_permission(self, request):
        """Any account that is open may come in."""
        return request.user.is_active and request.user.is_authenticated

    def search(self, request, extra_context=None):
        """The lists, and in the palette the rows, that hold what a person types.

        The skin keeps what it found for five minutes, when a person may have lost the right to see it.
        """
        started = time.monotonic()
        term = request.GET.get("s", "").strip().lower()
        if not term:
            return HttpResponse()
        in_palette = "extended" in request.GET
        options = self._get_config("COMMAND", request)
        found = self._search_apps(AdminSite.get_app_list(self, request), term)
        if in_palette:
            found += self._get_value(options["search_callback"], request, term)
        pages = Paginator(found, FOUND_PER_PAGE)
        page = pages.get_page(request.GET.get("page"))
        return TemplateResponse(
            request,
            f"unfold/helpers/{'command' if in_palette else 'search'}_results.html",
            {
                "page_obj": pages,
                "results": page,
                "page_counter": (page.number - 1) * FOUND_PER_PAGE,
                "execution_time": time.monotonic() - started,
                "command_show_history": self._get_value(options.get("show_history"), request),
            },
            headers={"HX-Trigger": "search"},
        )
