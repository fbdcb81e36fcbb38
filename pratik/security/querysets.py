from django.db import models
from django.db.models import Q

from pratik.accounts.enums import Role, role_of

# Those who answer for how accounts are used.
WATCHERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


class AppendOnlyQuerySet(models.QuerySet):
    """Lines that are written once; only time removes them."""

    def editable_by(self, user):
        """Nobody changes what happened."""
        return self.none()

    def update(self, **values):
        raise TypeError("A line of the journal is never changed.")

    def delete(self):
        raise TypeError("Lines of the journal are removed by age alone (forget_old_events).")

    delete.alters_data = True
    delete.queryset_only = True


class AccessEventQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user):
        """Administrators and auditors see every line; others what they did, and what was done to their
        account.
        """
        if not user.is_authenticated:
            return self.none()
        if role_of(user) in WATCHERS:
            return self
        return self.about(user)

    def found(self, words, accounts, *, kinds):
        """The lines that hold all these words, in what they tell or in the name of their nature, or are about
        one of these accounts; `words` are folded, `kinds` gives the natures that each of them names.
        """
        named = Q(subject="accounts.user", object_pk__in=[str(pk) for pk in accounts])
        told = Q()
        for word in words:
            told &= Q(search_text__contains=word) | Q(kind__in=kinds[word])
        return self.filter(told | named)

    def about(self, user):
        """What an account did, and what was done to it or in its name."""
        return self.filter(Q(actor=user) | Q(subject="accounts.user", object_pk=str(user.pk)))


class KnownDeviceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A person's devices are theirs alone."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def editable_by(self, user):
        return self.visible_to(user)


class ImpersonationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators and auditors see who acted in whose name."""
        return self if role_of(user) in WATCHERS else self.none()

    def editable_by(self, user):
        """Nobody changes what happened."""
        return self.none()
