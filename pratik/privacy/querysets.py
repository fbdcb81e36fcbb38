from django.db import models

from pratik.accounts.enums import STAFF_ROLES, Role, role_of
from pratik.core.querysets import ScopedQuerySet

from .enums import OPEN_STATES


class ErasureRequestQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Administrators and auditors see every request; others their own."""
        match role_of(user):
            case Role.ADMINISTRATOR | Role.AUDITOR:
                return self
            case Role.ANONYMOUS:
                return self.none()
            case _:
                return self.filter(user=user)

    def editable_by(self, user):
        """Administrators answer every request; others may only take their own back."""
        match role_of(user):
            case Role.ADMINISTRATOR:
                return self
            case Role.ANONYMOUS:
                return self.none()
            case _:
                return self.filter(user=user)

    def open(self):
        """Requests that nobody has answered yet."""
        return self.filter(state__in=OPEN_STATES)

    def due_by(self, day):
        """Open requests whose answer is due on this day or before."""
        return self.open().filter(due_on__lte=day)


class RetentionRunQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The platform's team sees when old data were last removed."""
        return self if role_of(user) in STAFF_ROLES else self.none()

    def editable_by(self, user):
        """Nobody: the task alone writes what it did."""
        return self.none()
