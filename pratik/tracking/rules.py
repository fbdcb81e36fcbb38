"""May it? Pure functions: days, ages and numbers are passed in, answers explain themselves."""

import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.law.rules import birthday

from .enums import ChangeKind, FollowState

# Days for which a student is left in peace after a refusal or the end of a follow, whoever ended it.
ASK_AGAIN = 90
# Requests of one company that wait for an answer at the same time.
MOST_WAITING = 100


def asking_refusal(last, *, today, closed_on=None, by_student=False):
    """Why a company may not ask now, given its last follow of the same student; None when it may.

    `closed_on` is the day on which that one ended, `by_student` whether it was the student who ended it.
    """
    if last is None:
        return None
    if last.state == FollowState.ACTIVE:
        return _("Vous suivez déjà cet étudiant.")
    if last.state == FollowState.REQUESTED:
        return _("Votre demande attend déjà la réponse de cet étudiant.")
    again_on = closed_on + datetime.timedelta(days=ASK_AGAIN) if closed_on else None
    if again_on and today < again_on:
        left = (again_on - today).days
        if not by_student:
            return ngettext(
                "Vous avez mis fin à ce suivi : vous pourrez demander de nouveau dans %(number)d jour.",
                "Vous avez mis fin à ce suivi : vous pourrez demander de nouveau dans %(number)d jours.",
                left,
            ) % {"number": left}
        return ngettext(
            "Cet étudiant a répondu non : vous pourrez le demander de nouveau dans %(number)d jour.",
            "Cet étudiant a répondu non : vous pourrez le demander de nouveau dans %(number)d jours.",
            left,
        ) % {"number": left}
    return None


def too_many_refusal(waiting):
    """Why a company asks nobody else for now; None while few of its requests wait."""
    if waiting < MOST_WAITING:
        return None
    return ngettext(
        "%(number)d demande attend déjà une réponse : attendez celle-là, ou retirez-la.",
        "%(number)d demandes attendent déjà une réponse : attendez-en, ou retirez-en.",
        waiting,
    ) % {"number": waiting}


def message_refusal(contact):
    """Why a company does not write this to somebody who never agreed to hear from it; `contact` is the way to
    reach it that its message gives, if any.
    """
    if not contact:
        return None
    return _("Retirez « %(found)s » : sans l’accord de l’étudiant, la demande passe par PRATIK.") % {
        "found": contact
    }


def showing_refusal(kinds):
    """Why one does not agree to show these kinds of one's profile; None when one does."""
    if kinds and set(kinds) <= set(ChangeKind.values):
        return None
    return _("Cochez au moins une chose que l’entreprise verra.")


def agreement_refusal(follow, *, today, age):
    """Why a student does not agree to this now; None when they do. The student must be loaded.

    Below `age` a person does not consent alone (law 78-17 of 6 January 1978, article 45; GDPR, article 8); it
    is None while the law's number is not known.
    """
    if age is None:
        return _("L’âge auquel on consent seul n’est pas renseigné : prévenez l’équipe PRATIK.")
    born_on = follow.student.born_on
    if born_on is None:
        return ngettext(
            "Indiquez votre date de naissance dans votre profil : avant %(age)d an, on n’accepte qu’avec son"
            " représentant légal.",
            "Indiquez votre date de naissance dans votre profil : avant %(age)d ans, on n’accepte qu’avec son"
            " représentant légal.",
            age,
        ) % {"age": age}
    if today < birthday(born_on, age):
        return ngettext(
            "Avant %(age)d an, votre accord ne suffit pas : votre représentant légal doit accepter avec"
            " vous, ce qui ne se fait pas encore en ligne.",
            "Avant %(age)d ans, votre accord ne suffit pas : votre représentant légal doit accepter avec"
            " vous, ce qui ne se fait pas encore en ligne.",
            age,
        ) % {"age": age}
    return None
