"""May it? Pure functions: the day is passed in, the answer explains itself."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def publication_refusal(calendar, *, today):
    """A placement that is over is not announced to companies; archive it instead."""
    if calendar.end_on < today:
        return _("Le stage est terminé depuis le %(day)s : archivez ce calendrier.") % {
            "day": date_format(calendar.end_on, "SHORT_DATE_FORMAT")
        }
    return None
