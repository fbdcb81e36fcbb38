"""May it? Rules about offers: the day and what the law says are passed in, answers explain themselves."""

import datetime

from django.utils.translation import gettext as _

from pratik.core.calendar import day_label
from pratik.reference.school_years import school_year_of

from ..enums import OfferState

WEEK = datetime.timedelta(weeks=1)


def publication_refusal(offer, *, today, unlawful=None):
    """Why an offer is not to be on the site; None when it may. `unlawful` says why the law forbids it."""
    if offer.start_on <= today:
        return _("Le stage commence le %(day)s : changez les dates.") % {"day": day_label(offer.start_on)}
    if offer.apply_until < today:
        return _("Le dernier jour pour répondre, le %(day)s, est passé : changez-le.") % {
            "day": day_label(offer.apply_until)
        }
    return unlawful


def offer_reopening_refusal(offer, *, today, accepted):
    """Why an offer that was filled does not come back to the site: no place is free, or it is too late."""
    if accepted >= offer.places:
        return _("Toutes les places sont prises : il n’y a rien à rouvrir.")
    return publication_refusal(offer, today=today)


def offline_reason(offer, *, today):
    """Why students can't answer an offer now; None when they can."""
    if offer.state in (OfferState.FILLED, OfferState.CLOSED):
        return _("Cette offre n’accepte plus de candidatures.")
    if offer.state != OfferState.PUBLISHED:
        return _("Cette offre n’est plus en ligne.")
    if offer.apply_until < today:
        return _("On pouvait répondre à cette offre jusqu’au %(day)s.") % {
            "day": day_label(offer.apply_until)
        }
    return None


def weeks_to_next_year(start_on):
    """By how much the same internship moves to the school year after: whole weeks, so that a Monday stays
    one; 52, or 53 where 52 would end in the same school year.
    """
    move = 52 * WEEK
    return move if school_year_of(start_on + move) > school_year_of(start_on) else move + WEEK
