from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """The console: staff and every other account type come in by the same door and see their own rows."""

    def has_permission(self, request):
        """Any account that is open may come in."""
        return request.user.is_active and request.user.is_authenticated
