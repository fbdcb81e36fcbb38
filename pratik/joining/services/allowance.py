"""How many invitations leave for people who asked for nothing: PRATIK is no way to write to strangers."""

import datetime
from collections import Counter

from django.db.models import Q
from django.utils import timezone

from pratik.accounts.enums import AccountType
from pratik.core.enums import HistoryType
from pratik.core.locks import wait_for_turn

from .. import rules
from ..models import KINDS, Invitation

DAY = datetime.timedelta(days=1)


class Allowance:
    """What a person and their organisations may still send today; the team sends as much as it needs.

    Others who send from the same place wait from the first question on, until the open transaction ends, so
    that sendings made at once all count. What was sent is read in the history: it stays sent when the
    invitation is revoked or its creation undone.
    """

    def __init__(self, *, actor):
        self.actor = actor
        self._sent = None

    def refusal(self, invitation):
        """Why this invitation does not leave today; None when it does, and then it counts."""
        if self.actor.is_staff:
            return None
        if self._sent is None:
            self._sent = self._count()
        places = (self.actor.pk, None), (None, invitation.organisation_id)
        why = rules.allowance_refusal(*(self._sent[place] for place in places))
        if why is None:
            self._sent.update(places)
        return why

    def _count(self):
        kind = KINDS.get(self.actor.account_type)
        organisations = kind.model.objects.of_member(self.actor).order_by("pk") if kind else ()
        own = [organisation.pk for organisation in organisations]
        for place in (*(f"{self.actor.account_type}:{pk}" for pk in own), f"account:{self.actor.pk}"):
            wait_for_turn(f"joining.invitations:{place}")
        lately = Invitation.history.model.objects.filter(history_date__gt=timezone.now() - DAY)
        sent = lately.filter(Q(history_type=HistoryType.CREATED) | Q(operation__verb="resend"))
        counts = Counter({(self.actor.pk, None): sent.filter(history_user=self.actor).count()})
        if own:
            column = f"{self.actor.account_type}_id"
            by_members = sent.exclude(history_user__account_type=AccountType.STAFF)
            theirs = by_members.filter(**{f"{column}__in": own}).values_list(column, flat=True)
            counts.update((None, pk) for pk in theirs)
        return counts
