"""What is read only on a page: a row that is named leads to its page only where the person may open it."""

import unfold.forms
from unfold.fields import UnfoldAdminReadonlyField


class OpenableField(UnfoldAdminReadonlyField):
    """A field that is read; the row that it names is a link for whoever may open that row, a word otherwise.

    Who reads is told by the form of the page (`viewer`, the request).
    """

    def get_admin_url(self, remote_field, remote_obj):
        request = getattr(self.form, "viewer", None)
        if request is None or self._opens(request, remote_obj):
            return super().get_admin_url(remote_field, remote_obj)
        return str(remote_obj)

    def _opens(self, request, row):
        page = self.model_admin.admin_site._registry.get(type(row))
        if page is None or not page.has_view_permission(request):
            return False
        return page.get_queryset(request).filter(pk=row.pk).exists()


# The skin makes its fields by this name and leaves no other way in.
unfold.forms.UnfoldAdminReadonlyField = OpenableField
