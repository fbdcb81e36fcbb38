"""May it? Pure functions that answer with a sentence, or None."""

import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.reference.school_years import school_year_label, school_year_of

from .enums import EnrolmentState

# A class, or the year of a small school: what one sends at once by hand.
MOST_AT_ONCE = 500
# Days for which a person is left in peace after a refusal or the end of an enrolment, whoever ended it.
ASK_AGAIN = 90


def school_year_refusal(school_year, *, today):
    """People are enrolled for the school year that runs, or for the next one."""
    running = school_year_of(today)
    if running <= school_year <= running + 1:
        return None
    return _("Choisissez l’année scolaire %(this)s ou %(next)s.") % {
        "this": school_year_label(running),
        "next": school_year_label(running + 1),
    }


def address_refusal(email):
    """An address is one that a message could reach."""
    try:
        validate_email(email)
    except ValidationError:
        return _("Cette adresse e-mail ne s’écrit pas ainsi.")
    return None


def proposal_refusal(live, *, today, closed=None):
    """A school proposes itself once, and leaves whoever said no in peace for a while.

    `live` is the enrolment of this address that exists, or None; `closed` is the last one that was declined
    or ended before its year was over, as (day, whether the person declined it), or None.
    """
    if live is not None:
        if live.state == EnrolmentState.DECLARED:
            return _("Cette personne demande déjà son rattachement : confirmez sa demande.")
        return _("Un rattachement de cette adresse est déjà en cours pour l’année.")
    if closed is None:
        return None
    closed_on, declined = closed
    left = (closed_on + datetime.timedelta(days=ASK_AGAIN) - today).days
    if left <= 0:
        return None
    if declined:
        told = ngettext(
            "Cette personne a répondu non : vous pourrez le lui proposer de nouveau dans %(number)d jour ;"
            " elle peut aussi déclarer elle-même son établissement.",
            "Cette personne a répondu non : vous pourrez le lui proposer de nouveau dans %(number)d jours ;"
            " elle peut aussi déclarer elle-même son établissement.",
            left,
        )
    else:
        told = ngettext(
            "Ce rattachement a pris fin : vous pourrez le proposer de nouveau dans %(number)d jour ; la"
            " personne peut aussi déclarer elle-même son établissement.",
            "Ce rattachement a pris fin : vous pourrez le proposer de nouveau dans %(number)d jours ; la"
            " personne peut aussi déclarer elle-même son établissement.",
            left,
        )
    return told % {"number": left}


def declaration_refusal(live):
    """A student names a school once; `live` is the enrolment that exists already, or None."""
    if live is None:
        return None
    if live.state == EnrolmentState.PROPOSED:
        return _("Cet établissement vous propose déjà le rattachement : confirmez-le.")
    return _("Vous avez déjà un rattachement à cet établissement pour l’année.")


def acceptance_refusal(taken):
    """A student is enrolled once in a school a year; `taken` is whether another enrolment holds already."""
    if taken:
        return _("Vous avez déjà un rattachement à cet établissement pour l’année.")
    return None
