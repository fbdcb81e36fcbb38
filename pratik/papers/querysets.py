from pratik.accounts.enums import KEEPERS, STAFF_ROLES, role_of
from pratik.core.querysets import ScopedQuerySet

from .enums import TemplateState


class PaperTemplateQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """The platform's team reads templates; everybody else reads the documents made from them."""
        return self if role_of(user) in STAFF_ROLES else self.none()

    def editable_by(self, user):
        """Administrators and editors write them."""
        return self if role_of(user) in KEEPERS else self.none()

    def active(self):
        """Those that new documents are made from."""
        return self.filter(state=TemplateState.ACTIVE)
