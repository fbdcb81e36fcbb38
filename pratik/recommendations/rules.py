"""May it? Pure functions: days and ages are passed in, answers explain themselves."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.law.rules import birthday

from .enums import Visibility


def proposal_refusal(row):
    """Why a recommendation is not sent to the person; None when it is. The account must be loaded."""
    if not row.student.user.is_active:
        return _("Le compte de cette personne est fermé.")
    return None


def consent_refusal(row, *, today, age):
    """Why a person does not agree alone that others read a recommendation; None when they may.

    Below `age` the legal representative agrees with them (law 78-17 of 6 January 1978, article 45); it is
    None while the law's number is not known. The student must be loaded.
    """
    born_on = row.student.born_on
    if row.is_retracted:
        return _("L’entreprise a retiré cette recommandation.")
    if not row.comment:
        return _("Cette recommandation a été effacée avec le temps.")
    if age is None:
        return _("L’âge auquel on consent seul n’est pas renseigné : prévenez l’équipe PRATIK.")
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
            " vous, ce qui ne se fait pas encore en ligne. La recommandation attendra.",
            "Avant %(age)d ans, votre accord ne suffit pas : votre représentant légal doit accepter avec"
            " vous, ce qui ne se fait pas encore en ligne. La recommandation attendra.",
            age,
        ) % {"age": age}
    return None


def feature_refusal(row):
    """Why a recommendation is not put forward; None when it may be."""
    if row.visibility != Visibility.PUBLIC:
        return _("Cette personne n’a pas voulu que tout le monde la lise.")
    if row.is_featured:
        return _("Cette recommandation est déjà mise en avant.")
    return None


def unfeature_refusal(row):
    """Why a recommendation does not leave the first places; None when it does."""
    return None if row.is_featured else _("Cette recommandation n’est pas mise en avant.")
