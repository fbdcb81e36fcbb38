"""What is said to whom about offers and applications.

E-mails name who and what, never what a letter, an answer or a CV says: that is read in the console.
"""

from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.calendar import CAYENNE, day_label
from pratik.core.links import console_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft

from ..enums import ApplicationState, OfferState, RefusalReason


def _draft(recipient, kind, about, subject, body, path):
    return Draft(recipient=recipient, kind=kind, about=about, subject=subject, body=body.strip(), path=path)


def _about(row, operation):
    return f"{row._meta.label_lower}:{row.pk}:{operation.pk}"


def moment_label(moment):
    """A moment as it is on the clocks of Cayenne: « 12/03/2027 à 09:30 »."""
    there = localtime(moment, CAYENNE)
    return _("%(day)s à %(hour)s") % {"day": day_label(there.date()), "hour": date_format(there, "H:i")}


# Offers


def submitted(offer, recipient, operation):
    """Tells one of the team that an offer waits to be read."""
    with translation.override(recipient.language):
        values = {"offer": offer, "company": offer.company}
        return _draft(
            recipient,
            NoticeKind.OFFER_SUBMITTED,
            _about(offer, operation),
            _("Offre à examiner : %(offer)s") % values,
            _("%(company)s propose « %(offer)s ». Lisez l’offre, puis publiez-la ou renvoyez-la à corriger.")
            % values,
            console_page(offer),
        )


def decided(offer, recipient, operation):
    """Tells a member of a company what somebody else, or the calendar, did to one of its offers."""
    with translation.override(recipient.language):
        values = {"offer": offer, "why": operation.reason, "who": operation.actor_label}
        match operation.verb:
            case "publish":
                subject = _("Offre publiée : %(offer)s")
                body = _("Votre offre « %(offer)s » est sur le site ; les étudiants peuvent y répondre.")
            case "reopen":
                subject = _("Offre rouverte : %(offer)s")
                body = _("Votre offre « %(offer)s » est de nouveau sur le site.")
            case "refuse":
                subject = _("Offre à corriger : %(offer)s")
                body = _("Votre offre « %(offer)s » est à corriger avant de paraître. Motif : %(why)s")
            case "fill":
                subject = _("Offre pourvue : %(offer)s")
                body = _(
                    "Toutes les places de « %(offer)s » sont prises : l’offre a quitté le site. Répondez aux"
                    " autres candidatures."
                )
            case "end":
                subject = _("Offre close : %(offer)s")
                body = _(
                    "On ne peut plus répondre à « %(offer)s ». Les candidatures reçues attendent votre"
                    " réponse."
                )
            case "rework":
                subject = _("Offre remise en brouillon : %(offer)s")
                body = _("%(who)s a remis « %(offer)s » en brouillon : l’offre a quitté le site.")
            case "close":
                subject = _("Offre close : %(offer)s")
                body = _("%(who)s a clos « %(offer)s » : l’offre a quitté le site.")
            case _verb:
                subject = _("Offre archivée : %(offer)s")
                body = _("%(who)s a archivé « %(offer)s ».")
        body = body % values
        if operation.reason and operation.verb != "refuse":
            body = _("%(text)s Motif : %(why)s") % {"text": body, "why": operation.reason}
        return _draft(
            recipient,
            NoticeKind.OFFER_DECIDED,
            _about(offer, operation),
            subject % values,
            body,
            offer.get_absolute_url() if offer.is_online else console_page(offer),
        )


def expiring(offer, recipient, waiting):
    """Tells a member of a company that an offer leaves the site soon; `waiting` applications wait."""
    with translation.override(recipient.language):
        values = {"offer": offer, "day": day_label(offer.apply_until), "number": waiting}
        body = _("On peut répondre à « %(offer)s » jusqu’au %(day)s.") % values
        if waiting:
            more = ngettext(
                "%(number)d candidature attend votre réponse.",
                "%(number)d candidatures attendent votre réponse.",
                waiting,
            )
            body = f"{body} {more % values}"
        return _draft(
            recipient,
            NoticeKind.OFFER_EXPIRING,
            f"{offer.pk}:{offer.apply_until.isoformat()}",
            _("Offre bientôt close : %(offer)s") % values,
            body,
            console_page(offer),
        )


# Applications


def received(application, recipient, operation):
    """Tells a member of a company that a student answers one of its offers."""
    with translation.override(recipient.language):
        values = {"who": application.student, "offer": application.offer}
        return _draft(
            recipient,
            NoticeKind.APPLICATION_RECEIVED,
            _about(application, operation),
            _("Candidature reçue : %(offer)s") % values,
            _("%(who)s répond à votre offre « %(offer)s ». Lisez sa candidature et répondez-lui.") % values,
            console_page(application),
        )


def resumed(application, recipient, operation):
    """Tells a member of a company that a student maintains the application that it has taken up again."""
    with translation.override(recipient.language):
        values = {"who": application.student, "offer": application.offer}
        return _draft(
            recipient,
            NoticeKind.APPLICATION_RECEIVED,
            _about(application, operation),
            _("Candidature maintenue : %(offer)s") % values,
            _("%(who)s maintient sa candidature pour « %(offer)s ». Vous pouvez lui répondre.") % values,
            console_page(application),
        )


def withdrawn(application, recipient, operation, *, had_place):
    """Tells a member of a company that a student takes their application back; with `had_place` a place of
    the offer is free again.
    """
    with translation.override(recipient.language):
        offer = application.offer
        values = {"who": application.student, "offer": offer, "why": operation.reason}
        body = _("%(who)s a retiré sa candidature pour « %(offer)s ».") % values
        if had_place and offer.state == OfferState.FILLED:
            freed = _("Une place est de nouveau libre : vous pouvez rouvrir l’offre.")
            body = f"{body} {freed}"
        elif had_place:
            freed = _("Une place est de nouveau libre.")
            body = f"{body} {freed}"
        if operation.reason:
            body = _("%(text)s Motif : %(why)s") % {"text": body, "why": operation.reason}
        return _draft(
            recipient,
            NoticeKind.APPLICATION_WITHDRAWN,
            _about(application, operation),
            _("Candidature retirée : %(offer)s") % values,
            body,
            console_page(application),
        )


def freed(application, recipient, operation):
    """Tells a member of a company that a place of an offer is free, since the internship was called off."""
    with translation.override(recipient.language):
        offer = application.offer
        values = {"who": application.student, "offer": offer}
        body = _("Le stage de %(who)s n’aura pas lieu : une place de « %(offer)s » est de nouveau libre.")
        if offer.state == OfferState.FILLED:
            body = _(
                "Le stage de %(who)s n’aura pas lieu : une place de « %(offer)s » est de nouveau libre, et"
                " vous pouvez rouvrir l’offre."
            )
        return _draft(
            recipient,
            NoticeKind.APPLICATION_WITHDRAWN,
            _about(application, operation),
            _("Place libre : %(offer)s") % values,
            body % values,
            console_page(offer),
        )


def released(application, operation):
    """Tells a student that their application ends with the internship that was called off."""
    recipient = application.student.user
    with translation.override(recipient.language):
        values = {"offer": application.offer, "company": application.offer.company}
        body = _(
            "Le stage prévu chez %(company)s n’aura pas lieu : votre candidature pour « %(offer)s » est close"
            " et votre place est rendue."
        )
        if application.offer.is_online:
            body = _(
                "Le stage prévu chez %(company)s n’aura pas lieu : votre candidature pour « %(offer)s » est"
                " close et votre place est rendue. L’offre est en ligne : vous pouvez y répondre de nouveau."
            )
        if operation.reason:
            body = _("%(text)s Motif : %(why)s") % {"text": body % values, "why": operation.reason}
        else:
            body = body % values
        return _draft(
            recipient,
            NoticeKind.APPLICATION_ANSWERED,
            _about(application, operation),
            _("Candidature sans suite : %(offer)s") % values,
            body,
            console_page(application),
        )


def answered(application, operation, *, others=0):
    """Tells a student where their application stands now, and why when it is no.

    With a place, `others` is how many other applications of theirs wait, which they may withdraw.
    """
    recipient = application.student.user
    with translation.override(recipient.language):
        offer = application.offer
        values = {"offer": offer, "company": offer.company, "number": others}
        subject, body = _answer(application, values)
        body = body % values
        if application.state == ApplicationState.ACCEPTED and others:
            more = ngettext(
                "Vous avez %(number)d autre candidature en attente : retirez-la si vous gardez cette place.",
                "Vous avez %(number)d autres candidatures en attente : retirez-les si vous gardez cette"
                " place.",
                others,
            )
            body = f"{body} {more % values}"
        # A refusal's text is the application's; what the company adds to another answer is the act's reason.
        added = operation.reason if application.state in _WITH_MESSAGE else ""
        if added:
            body = _("%(text)s Message de l’entreprise : %(message)s") % {"text": body, "message": added}
        return _draft(
            recipient,
            NoticeKind.APPLICATION_ANSWERED,
            _about(application, operation),
            subject % values,
            body,
            console_page(application),
        )


_WITH_MESSAGE = (
    ApplicationState.SHORTLISTED,
    ApplicationState.INTERVIEW,
    ApplicationState.ACCEPTED,
    ApplicationState.REOPENED,
)


def _answer(application, values):
    """The subject and the body for the state of an application; puts into `values` what they name."""
    match application.state:
        case ApplicationState.SHORTLISTED:
            return (
                _("Candidature retenue pour la suite : %(offer)s"),
                _("%(company)s a retenu votre candidature pour la suite : « %(offer)s »."),
            )
        case ApplicationState.INTERVIEW:
            values["moment"] = moment_label(application.interview_at)
            values["place"] = application.interview_place
            subject = _("Entretien : %(offer)s")
            if application.interview_place:
                return subject, _(
                    "%(company)s vous invite à un entretien le %(moment)s pour « %(offer)s »."
                    " Lieu : %(place)s."
                )
            return subject, _("%(company)s vous invite à un entretien le %(moment)s pour « %(offer)s ».")
        case ApplicationState.ACCEPTED:
            return (
                _("Candidature acceptée : %(offer)s"),
                _("%(company)s vous prend en stage : « %(offer)s ». Votre convention va être préparée."),
            )
        case ApplicationState.REFUSED:
            values["why"] = RefusalReason(application.refusal_reason).label
            values["text"] = application.refusal_text
            subject = _("Candidature refusée : %(offer)s")
            if not application.refusal_text:
                return subject, _(
                    "%(company)s ne donne pas suite à votre candidature pour « %(offer)s ». Motif : %(why)s."
                )
            if application.refusal_reason == RefusalReason.OTHER:
                return subject, _(
                    "%(company)s ne donne pas suite à votre candidature pour « %(offer)s ». Motif : %(text)s"
                )
            return subject, _(
                "%(company)s ne donne pas suite à votre candidature pour « %(offer)s »."
                " Motif : %(why)s. %(text)s"
            )
        case ApplicationState.REOPENED:
            return (
                _("Candidature reprise : %(offer)s"),
                _(
                    "%(company)s veut reprendre votre candidature pour « %(offer)s ». Dites si vous la"
                    " maintenez : sans votre réponse, rien ne se passe."
                ),
            )
        case _state:
            return (
                _("Candidature sans suite : %(offer)s"),
                _(
                    "Votre candidature pour « %(offer)s » est restée sans réponse de %(company)s : elle est"
                    " close."
                ),
            )
