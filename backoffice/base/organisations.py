"""What the pages of every organisation share."""

from unfold.contrib.filters.admin import BooleanRadioFilter

from .admin import ScopedAdmin, ScopedTabularInline
from .filters import ScopedAutocompleteFilter


class MembershipInline(ScopedTabularInline):
    """The members of an organisation, within its page."""

    fields = ("user", "role", "is_active")
    autocomplete_fields = ("user",)
    list_select_related = ("user",)


class MembershipAdmin(ScopedAdmin):
    """Who belongs to an organisation."""

    list_display = ("user", "organisation", "role", "is_active")
    list_filter = (("organisation", ScopedAutocompleteFilter), ("is_active", BooleanRadioFilter))
    list_select_related = ("user", "organisation")
    search_fields = ("user__search_text", "organisation__search_text")
    autocomplete_fields = ("user", "organisation")
    fields = ("organisation", "user", ("role", "is_active"))
