"""What is said to whom about enrolments."""

from django.utils import translation
from django.utils.translation import gettext as _

from pratik.core.links import console_page
from pratik.core.workflow import verb_label
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft


def _values(enrolment):
    return {
        "school": enrolment.school.name,
        "year": enrolment.school_year_label,
        "program": enrolment.program_name,
        "student": str(enrolment.student or enrolment.email),
    }


def proposed(enrolment, recipient, act):
    """Tells a student that a school says they belong to it."""
    with translation.override(recipient.language):
        values = _values(enrolment)
        return Draft(
            recipient=recipient,
            kind=NoticeKind.ENROLMENT_ASKED,
            about=f"{enrolment.pk}:{act.pk}",
            subject=_("Êtes-vous élève ou étudiant de %(school)s ?") % values,
            body=_(
                "%(school)s indique que vous suivez la filière « %(program)s » en %(year)s. Confirmez-le si"
                " c’est exact : l’établissement verra alors vos candidatures et préparera vos stages."
            )
            % values,
            path=console_page(enrolment),
        )


def declared(enrolment, recipient, act):
    """Tells a member of a school that a student names it as theirs."""
    with translation.override(recipient.language):
        values = _values(enrolment)
        return Draft(
            recipient=recipient,
            kind=NoticeKind.ENROLMENT_ASKED,
            about=f"{enrolment.pk}:{act.pk}",
            subject=_("Inscription à confirmer : %(student)s") % values,
            body=_(
                "%(student)s indique suivre la filière « %(program)s » chez vous en %(year)s. Confirmez ou"
                " refusez ce rattachement."
            )
            % values,
            path=console_page(enrolment),
        )


def answered(enrolment, recipient, act):
    """Tells the other side what became of an enrolment, and why."""
    with translation.override(recipient.language):
        values = _values(enrolment) | {
            "what": verb_label(act.subject, act.verb),
            "why": act.reason,
        }
        body = _("%(what)s : %(student)s, %(school)s, %(year)s.") % values
        if act.reason:
            body += "\n\n" + _("Motif : %(why)s") % values
        return Draft(
            recipient=recipient,
            kind=NoticeKind.ENROLMENT_ANSWERED,
            about=f"{enrolment.pk}:{act.pk}",
            subject=_("Rattachement à %(school)s, %(year)s") % values,
            body=body,
            path=console_page(enrolment),
        )
