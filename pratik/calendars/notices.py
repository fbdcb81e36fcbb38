"""What is said to whom about calendars."""

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.links import console_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft


def published(calendar, recipient):
    """Tells a member of a partner company that a school's students will look for internships."""
    with translation.override(recipient.language):
        values = _facts(calendar)
        return Draft(
            recipient=recipient,
            kind=NoticeKind.CALENDAR_PUBLISHED,
            about=str(calendar.pk),
            subject=_("Stages à venir : %(program)s, %(school)s") % values,
            body=ngettext(
                "%(school)s : %(number)d élève de la filière « %(program)s » sera en stage"
                " du %(start)s au %(end)s.",
                "%(school)s : %(number)d élèves de la filière « %(program)s » seront en stage"
                " du %(start)s au %(end)s.",
                calendar.number_of_students,
            )
            % values,
            path=calendar.get_absolute_url(),
        )


def own_published(calendar, recipient, operation):
    """Tells a member of a school that one of its calendars is on the site."""
    with translation.override(recipient.language):
        values = {"calendar": calendar}
        return Draft(
            recipient=recipient,
            kind=NoticeKind.OWN_CALENDAR_PUBLISHED,
            about=f"{calendar.pk}:{operation.pk}",
            subject=_("Calendrier publié : %(calendar)s") % values,
            body=_("Votre calendrier « %(calendar)s » est publié.") % values,
            path=calendar.get_absolute_url() if calendar.is_public else console_page(calendar),
        )


def starting(calendar, recipient):
    """Reminds a member of a partner company that a school's students start soon."""
    with translation.override(recipient.language):
        values = _facts(calendar)
        return Draft(
            recipient=recipient,
            kind=NoticeKind.CALENDAR_STARTING,
            about=_start_of(calendar),
            subject=_("Stages le %(start)s : %(program)s, %(school)s") % values,
            body=ngettext(
                "%(school)s : %(number)d élève de la filière « %(program)s » part en stage le %(start)s,"
                " jusqu’au %(end)s. Vous pouvez encore l’accueillir.",
                "%(school)s : %(number)d élèves de la filière « %(program)s » partent en stage le %(start)s,"
                " jusqu’au %(end)s. Vous pouvez encore en accueillir.",
                calendar.number_of_students,
            )
            % values,
            path=calendar.get_absolute_url(),
        )


def own_starting(calendar, recipient):
    """Reminds a member of a school that its students start soon."""
    with translation.override(recipient.language):
        values = _facts(calendar)
        return Draft(
            recipient=recipient,
            kind=NoticeKind.CALENDAR_STARTING,
            about=_start_of(calendar),
            subject=_("Vos stages le %(start)s : %(program)s") % values,
            body=ngettext(
                "%(number)d élève de votre filière « %(program)s » part en stage le %(start)s,"
                " jusqu’au %(end)s.",
                "%(number)d élèves de votre filière « %(program)s » partent en stage le %(start)s,"
                " jusqu’au %(end)s.",
                calendar.number_of_students,
            )
            % values,
            path=console_page(calendar),
        )


def _start_of(calendar):
    """A placement that is put off starts anew; people are reminded of the new day once, too."""
    return f"{calendar.pk}:{calendar.start_on.isoformat()}"


def _facts(calendar):
    return {
        "program": calendar.program_name,
        "school": calendar.school.name,
        "start": date_format(calendar.start_on, "SHORT_DATE_FORMAT"),
        "end": date_format(calendar.end_on, "SHORT_DATE_FORMAT"),
        "number": calendar.number_of_students,
    }


def own_withdrawn(calendar, recipient, operation):
    """Tells a member of a school that one of its calendars left the site, and why."""
    with translation.override(recipient.language):
        values = {"calendar": calendar, "who": operation.actor_label, "why": operation.reason}
        return Draft(
            recipient=recipient,
            kind=NoticeKind.OWN_CALENDAR_WITHDRAWN,
            about=f"{calendar.pk}:{operation.pk}",
            subject=_("Calendrier retiré : %(calendar)s") % values,
            body=_("%(who)s a retiré votre calendrier « %(calendar)s » du site. Motif : %(why)s") % values,
            path=console_page(calendar),
        )
