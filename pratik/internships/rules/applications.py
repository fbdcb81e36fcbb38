"""May it? Rules about applications: what is taken and what was sent are passed in."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role
from pratik.core.calendar import day_label

from ..enums import ANSWERING_STATES, ApplicationState, OfferState, RefusalReason
from ..models.applications import LONGEST_ANSWER, LONGEST_LETTER

# A student who looks hard sends a few in an evening; whoever sends more is a program.
MOST_A_DAY = 20
# For how many days after the start of its internship an offer waits for the company's answers.
ANSWERED_WITHIN_DAYS = 30


# Sending


def sending_refusal(*, earlier, sent_today):
    """Why a student does not answer an offer (again); None when they may. `earlier` are the states of their
    applications for it, `sent_today` how many applications they sent within a day.
    """
    if any(state == ApplicationState.REFUSED for state in earlier):
        return _("L’entreprise a déjà répondu à votre candidature pour cette offre.")
    if sent_today >= MOST_A_DAY:
        return ngettext(
            "Vous avez envoyé %(number)d candidature en un jour : continuez demain.",
            "Vous avez envoyé %(number)d candidatures en un jour : continuez demain.",
            sent_today,
        ) % {"number": sent_today}
    return None


def sending_errors(offer, *, letter, answers, has_cv):
    """What is missing in an application for this offer, as {field: ValidationError}; all at once."""
    errors = {}
    if not letter.strip():
        errors["letter"] = ValidationError(_("Écrivez une lettre de motivation."), code="missing")
    elif len(letter.strip()) > LONGEST_LETTER:
        errors["letter"] = ValidationError(
            _("Une lettre compte au plus %(limit)s caractères."),
            code="too_long",
            params={"limit": LONGEST_LETTER},
        )
    if offer.asks_for_cv and not has_cv:
        errors["cv"] = ValidationError(_("Cette offre demande un CV : joignez le vôtre."), code="missing")
    if len(answers) != len(offer.questions):
        errors["answers"] = questions_changed()
    elif unanswered := [
        question for question, answer in zip(offer.questions, answers, strict=True) if not answer.strip()
    ]:
        errors["answers"] = ValidationError(
            ngettext(
                "Répondez à la question « %(question)s ».",
                "Répondez à chaque question ; il en manque %(number)d, dont « %(question)s ».",
                len(unanswered),
            ),
            code="unanswered",
            params={"question": unanswered[0], "number": len(unanswered)},
        )
    elif any(len(answer) > LONGEST_ANSWER for answer in answers):
        errors["answers"] = ValidationError(
            _("Une réponse compte au plus %(limit)s caractères."),
            code="too_long",
            params={"limit": LONGEST_ANSWER},
        )
    return errors


def questions_changed():
    """The error of whoever answers questions that the offer does not put any more."""
    return ValidationError(
        _("Les questions de cette offre ont changé : relisez-les et répondez de nouveau."),
        code="questions_changed",
    )


# Answering


def acceptance_refusal(application, offer, *, accepted, has_place):
    """Why a student is not accepted now; `accepted` is how many were, `has_place` says whether this student
    starts at the same company that day already; with the account loaded.
    """
    if why := answering_refusal(application, offer):
        return why
    if has_place:
        return _("Cette personne a déjà une place chez vous qui commence le %(day)s.") % {
            "day": day_label(offer.start_on)
        }
    if accepted >= offer.places:
        return ngettext(
            "La place de cette offre est prise.",
            "Les %(number)d places de cette offre sont prises.",
            offer.places,
        ) % {"number": offer.places}
    return None


def answering_refusal(application, offer):
    """Why nothing is promised to a student now: the offer is being changed, or nobody would come."""
    if offer.state == OfferState.ARCHIVED:
        return _("Cette offre est archivée.")
    if offer.state not in ANSWERING_STATES:
        return _("Cette offre est en cours de modification : publiez-la d’abord de nouveau.")
    if not application.student.user.is_active:
        return _("Le compte de cette personne est fermé.")
    return None


def leaving_refusal(application, *, is_prepared):
    """Why a place is not given back: `is_prepared` says that host or school have agreed to the placement."""
    if application.state == ApplicationState.ACCEPTED and is_prepared:
        return _("Le stage de cette candidature est préparé : annulez-le d’abord.")
    return None


def application_reopening_refusal(application, *, has_another):
    """Why an application that was refused, or left without an answer, is not taken up again."""
    if application.offer.state == OfferState.ARCHIVED:
        return _("Cette offre est archivée.")
    if not application.student.user.is_active:
        return _("Le compte de cette personne est fermé.")
    if has_another:
        return _("Cette personne a envoyé une autre candidature pour cette offre.")
    return None


def refusal_errors(why, text):
    """What is missing in a refusal, as {field: ValidationError}; `why` is a code of the list."""
    if why not in RefusalReason.values:
        return {"why": ValidationError(_("Choisissez un motif de la liste."), code="missing")}
    if why == RefusalReason.OTHER and not text.strip():
        return {"reason": ValidationError(_("Écrivez le motif."), code="missing")}
    return {}


def interview_errors(interview_at, *, now):
    """What is wrong with the moment of an interview, as {field: ValidationError}."""
    if interview_at is None:
        return {"interview_at": ValidationError(_("Indiquez le jour et l’heure."), code="missing")}
    if interview_at <= now:
        return {"interview_at": ValidationError(_("Ce moment est passé."), code="past")}
    return {}


# Reading


def reading_refusal(application, user):
    """Why somebody does not read the letter, the answers and the CV; None when they may.

    A company reads them until the student takes them back. A school sees where its students' applications
    stand, not what they wrote; of the team, those who keep the data of the platform (GDPR, article 5(1)(c)).
    The row is asked for through `visible_to` first.
    """
    if user.role == Role.COMPANY and application.state == ApplicationState.WITHDRAWN:
        return _("Cette personne a retiré sa candidature : elle ne se lit plus.")
    if user.role in KEEPERS | {Role.COMPANY, Role.STUDENT}:
        return None
    return _("Seuls l’étudiant et l’entreprise lisent la candidature elle-même.")


def sees_contact(application, user):
    """Whether somebody is told how to reach the student: a company from the invitation to an interview on."""
    if user.role == Role.COMPANY:
        return application.shows_contact
    return user.role in STAFF_ROLES or application.student.user_id == user.pk
