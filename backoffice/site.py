import time
from functools import partial

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from .base.fields import RowsAsOneTypes
from .rights import RightsPages

FOUND_PER_PAGE = 100


class ConsoleSite(RightsPages, UnfoldAdminSite):
    """The console: staff and every other account type come in by the same door and see their own rows."""

    index_title = _("Accueil")

    def get_urls(self):
        """All but Django's short way from a row to its page on the site: it leads anybody to any row."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) != "view_on_site"]

    def get_app_list(self, request, app_label=None):
        """Worked out where a page shows it: every page is given it, and most show the menu alone."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))

    def autocomplete_view(self, request):
        """Rows to choose from, each with what tells it from those of the same name."""
        return RowsAsOneTypes.as_view(admin_site=self)(request)

    def login(self, request, extra_context=None):
        """The console has no door of its own: the way in is the site's, which leads back here."""
        page = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
            page = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return redirect(page)
        return redirect_to_login(page)

    def logout(self, request, extra_context=None):
        """Going out is the same act everywhere."""
        return resolve(reverse("account_logout")).func(request)

    def password_change(self, request, extra_context=None):
        """One’s own password is changed where the rest of the account is looked after."""
        return redirect("account_change_password")

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
