"""Rights from one table: what an account may do follows from its role, without a query."""

from django.contrib.auth.backends import ModelBackend

from .roles import granted


class RoleBackend(ModelBackend):
    """Signs people in by e-mail, and answers `has_perm` from `backoffice.roles`.

    Row scope is another question: the querysets' `visible_to` and `editable_by` answer it.
    """

    def get_user_permissions(self, user_obj, obj=None):
        return set()

    def get_group_permissions(self, user_obj, obj=None):
        return set()

    def get_all_permissions(self, user_obj, obj=None):
        """Every right of the account's role, as Django names them: `calendars.view_internshipcalendar`."""
        if not user_obj.is_active or user_obj.is_anonymous:
            return set()
        return granted(user_obj.role)

    def has_perm(self, user_obj, perm, obj=None):
        return perm in self.get_all_permissions(user_obj)

    def has_module_perms(self, user_obj, app_label):
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions(user_obj))
