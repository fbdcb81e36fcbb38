"""May it, and until when? Pure functions: the day is passed in, the answer explains itself."""

import datetime

from django.utils.translation import gettext as _

from pratik.accounts.rules import last_administrator_refusal
from pratik.core.calendar import months_after

ANSWER_MONTHS = 1
EXTENSION_MONTHS = 2
# A deadline is near from a week before on.
NEAR = datetime.timedelta(days=7)
# What fewer people share could be told apart by who knows them: the threshold under which the French
# statistical institute publishes nothing about households.
SHARED_BY = 11


def answer_due_on(received_on, *, extended=False):
    """The last day to answer a request: a month after it came, three when extended (GDPR, article 12(3)).

    That this day may be a Sunday is left aside: the platform answers before it.
    """
    return months_after(received_on, ANSWER_MONTHS + (EXTENSION_MONTHS if extended else 0))


def extension_refusal(request, today):
    """Why the time to answer can't be extended, in a sentence; None when it can.

    The person must learn of an extension within the month (GDPR, article 12(3)): a late answer stays late.
    """
    if today > request.due_on:
        return _("Le délai d’un mois est passé : répondez.")
    return None


def pressure(due_on, today):
    """How much a deadline presses: `late`, `near` (a week or less) or `calm`."""
    if due_on < today:
        return "late"
    return "near" if due_on - today <= NEAR else "calm"


def erasure_refusal(user, *, actor, other_administrators, system_account):
    """Why this account may not be erased, in a sentence; None when it may be.

    `other_administrators` is how many administrators would be left who can sign in.
    """
    if user.pk == system_account.pk:
        return _("Le compte des tâches n’est celui de personne.")
    if user.pk == actor.pk:
        return _("Nul n’efface son propre compte : un autre administrateur décide de cette demande.")
    if user.is_administrator and user.is_active:
        return last_administrator_refusal(other_administrators)
    return None


def may_be_kept(sharing):
    """Whether a detail that this many others share tells nobody apart."""
    return sharing >= SHARED_BY
