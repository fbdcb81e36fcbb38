"""What is said to whom about calendars."""

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft


def published(calendar, recipient):
    """Tells a member of a partner company that a school's students will look for internships."""
    with translation.override(recipient.language):
        values = {
            "program": calendar.program_name,
            "school": calendar.school.name,
            "start": date_format(calendar.start_on, "SHORT_DATE_FORMAT"),
            "end": date_format(calendar.end_on, "SHORT_DATE_FORMAT"),
            "number": calendar.number_of_students,
        }
        return Draft(
            recipient=recipient,
            kind=NoticeKind.CALENDAR_PUBLISHED,
            about=str(calendar.pk),
            subject=_("Stages à venir : %(program)s, %(school)s") % values,
            body=ngettext(
                "%(school)s : %(number)d élève de la filière « %(program)s » sera en stage"
                " du %(start)s au %(end)s.",
                "%(school)s : %(number)d élèves de la filière « %(program)s » seront en stage"
                " du %(start)s au %(end)s.",
                calendar.number_of_students,
            )
            % values,
            path=calendar.path,
        )
