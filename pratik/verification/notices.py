"""What is said to whom about supporting documents."""

from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.links import console_page, papers_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft

from .enums import Need, RejectionReason, remedy


def _day(day):
    return date_format(day, "SHORT_DATE_FORMAT")


def submitted(owner, documents, recipient, operation_pk):
    """Tells somebody who checks documents that an account sent some."""
    with translation.override(recipient.language):
        number = len(documents)
        values = {
            "who": owner,
            "number": number,
            "documents": get_text_list(
                [str(document.get_document_type_display()) for document in documents], _("et")
            ),
        }
        return Draft(
            recipient=recipient,
            kind=NoticeKind.DOCUMENT_SUBMITTED,
            about=f"{owner.pk}:{operation_pk}",
            subject=ngettext(
                "%(who)s a envoyé une pièce justificative",
                "%(who)s a envoyé %(number)d pièces justificatives",
                number,
            )
            % values,
            body=ngettext(
                "%(who)s a envoyé une pièce à examiner : %(documents)s.",
                "%(who)s a envoyé %(number)d pièces à examiner : %(documents)s.",
                number,
            )
            % values,
            path=console_page(documents[0]),
        )


def approved(document, operation):
    """Tells a person that a document of theirs was accepted, and until when it counts."""
    with translation.override(document.owner.language):
        values = {"document": document.get_document_type_display()}
        body = _("Votre pièce « %(document)s » est acceptée.") % values
        if document.expires_on:
            values["day"] = _day(document.expires_on)
            body = _("Votre pièce « %(document)s » est acceptée. Elle compte jusqu’au %(day)s.") % values
        return Draft(
            recipient=document.owner,
            kind=NoticeKind.DOCUMENT_APPROVED,
            about=f"{document.pk}:{operation.pk}",
            subject=_("Pièce acceptée : %(document)s") % values,
            body=body,
            path=console_page(document),
        )


def rejected(document, operation):
    """Tells a person that a document of theirs does not count, why, and what to do."""
    with translation.override(document.owner.language):
        reason = RejectionReason(document.rejection_reason)
        why = str(reason.label)
        if document.rejection_text:
            why = _("%(why)s : %(text)s") % {"why": why, "text": document.rejection_text}
        values = {
            "document": document.get_document_type_display(),
            "why": why,
            "remedy": remedy(reason),
        }
        was_accepted = operation.verb == "revoke"
        return Draft(
            recipient=document.owner,
            kind=NoticeKind.DOCUMENT_REJECTED,
            about=f"{document.pk}:{operation.pk}",
            subject=(
                _("Pièce qui ne compte plus : %(document)s")
                if was_accepted
                else _("Pièce refusée : %(document)s")
            )
            % values,
            body=(
                _("Votre pièce « %(document)s » ne compte plus. Motif : %(why)s. %(remedy)s")
                if was_accepted
                else _("Votre pièce « %(document)s » est refusée. Motif : %(why)s. %(remedy)s")
            )
            % values,
            path=console_page(document),
        )


def reopened(document, operation):
    """Tells a person that a document of theirs that was refused is looked at again."""
    with translation.override(document.owner.language):
        values = {"document": document.get_document_type_display()}
        return Draft(
            recipient=document.owner,
            kind=NoticeKind.DOCUMENT_REOPENED,
            about=f"{document.pk}:{operation.pk}",
            subject=_("Pièce de nouveau à l’examen : %(document)s") % values,
            body=_(
                "Votre pièce « %(document)s », qui était refusée, est de nouveau à l’examen. Vous n’avez "
                "rien à envoyer : vous saurez ce qui est décidé."
            )
            % values,
            path=console_page(document),
        )


def expiring(document, *, days_left, reminder):
    """Reminds a person that the last day of a document comes."""
    with translation.override(document.owner.language):
        values = {
            "document": document.get_document_type_display(),
            "day": _day(document.expires_on),
            "number": days_left,
        }
        subject = (
            ngettext(
                "« %(document)s » expire dans %(number)d jour",
                "« %(document)s » expire dans %(number)d jours",
                days_left,
            )
            if days_left
            else _("« %(document)s » expire aujourd’hui")
        )
        return Draft(
            recipient=document.owner,
            kind=NoticeKind.DOCUMENT_EXPIRING,
            about=f"{document.pk}:{document.expires_on.isoformat()}:{reminder}",
            subject=subject % values,
            body=_(
                "Votre pièce « %(document)s » est valable jusqu’au %(day)s compris. Envoyez la suivante dès "
                "maintenant : votre badge et vos annonces restent en place pendant son examen, jusqu’à cette "
                "date."
            )
            % values,
            path=console_page(document),
        )


def expired(document):
    """Tells a person that the last day of a document is over."""
    with translation.override(document.owner.language):
        values = {"document": document.get_document_type_display(), "day": _day(document.expires_on)}
        return Draft(
            recipient=document.owner,
            kind=NoticeKind.DOCUMENT_EXPIRED,
            about=f"{document.pk}:{document.expires_on.isoformat()}",
            subject=_("Pièce expirée : %(document)s") % values,
            body=_(
                "Votre pièce « %(document)s » était valable jusqu’au %(day)s. Envoyez-en une en cours "
                "de validité."
            )
            % values,
            path=console_page(document),
        )


def badge_given(user, operation_pk):
    """Tells a person that their account is verified."""
    with translation.override(user.language):
        body = _("Vos pièces justificatives sont complètes : votre compte porte le badge « vérifié ».")
        if user.verified_until:
            body = _(
                "Vos pièces justificatives sont complètes : votre compte porte le badge « vérifié » "
                "jusqu’au %(day)s."
            ) % {"day": _day(user.verified_until)}
        return Draft(
            recipient=user,
            kind=NoticeKind.BADGE_GIVEN,
            about=f"{user.pk}:{operation_pk}",
            subject=_("Votre compte est vérifié"),
            body=body,
            path=papers_page(),
        )


def badge_withdrawn(user, missing, operation_pk):
    """Tells a person that their account is verified no more, and what is missing."""
    with translation.override(user.language):
        body = _(
            "Vos pièces justificatives ne sont plus complètes : votre compte ne porte plus le badge "
            "« vérifié » et vos annonces ne paraissent plus."
        )
        if missing:
            body = _("%(told)s Il manque : %(needs)s.") % {
                "told": body,
                "needs": get_text_list([str(Need(need).label) for need in missing], _("et")),
            }
        return Draft(
            recipient=user,
            kind=NoticeKind.BADGE_WITHDRAWN,
            about=f"{user.pk}:{operation_pk}",
            subject=_("Votre compte n’est plus vérifié"),
            body=body,
            path=papers_page(),
        )
