from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """The console: staff and every other account type come in by the same door and see their own rows."""

    index_title = _("Accueil")

    def has_permission(self, request):
        """Any account that is open may come in."""
        return request.user.is_active and request.user.is_authenticated
