"""May it? What the parties must have settled before each step of a placement; the law has its own guard."""

from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.core.calendar import day_label

from ..enums import BEFORE_SIGNATURE, EndedBy

# A reason that says something, for whoever reads the file of the placement later.
SHORTEST_REASON = 10


def override_reason_refusal(reason):
    """A rule of law is set aside for a reason in words, not for a sign that was typed to get past."""
    if sum(sign.isalpha() for sign in reason) < SHORTEST_REASON:
        return _(
            "Expliquez en quelques mots pourquoi cette règle ne s’applique pas (au moins %(n)d lettres)."
        ) % {"n": SHORTEST_REASON}
    return None


def reinstatement_refusal(placement):
    """What was set aside for an agreement that is signed was set aside for good."""
    if placement.state not in BEFORE_SIGNATURE:
        return _("La convention est signée, ou le stage annulé : ce qui fut écarté reste au dossier.")
    return None


def account_refusal(placement):
    """Nobody binds themselves to a student whose account is closed: there is nobody to come, or to sign."""
    if not placement.student.user.is_active:
        return _("Le compte de cette personne est fermé.")
    return None


def host_agreement_refusal(placement):
    """The host agrees to something: who comes when, for what, and who looks after them."""
    if not placement.hours:
        return _("Indiquez d’abord les horaires de la semaine : ce stage ne compte aucune heure de présence.")
    if placement.tutor_id is None:
        return _("Désignez d’abord le tuteur du stagiaire.")
    return None


def recorded_agreement_refusal(placement, *, has_account):
    """A host that has an account agrees by itself; for others the school notes who agreed."""
    if has_account:
        return _("Cet organisme d’accueil a un compte : c’est à lui de donner son accord.")
    return host_agreement_refusal(placement)


def school_agreement_refusal(placement):
    """The school agrees for a student of its own, whom one of its teachers follows."""
    if placement.school_id is None:
        return _("L’étudiant n’est rattaché à aucun établissement : confirmez d’abord son inscription.")
    if placement.teacher_id is None:
        return _("Désignez d’abord l’enseignant référent.")
    return host_agreement_refusal(placement)


def signature_refusal(placement, *, signed_on, today, made_on):
    """What is signed is a paper that exists, on a day that has come; `made_on` is the day of the agreement,
    None without one.
    """
    if made_on is None:
        return _("Établissez d’abord la convention.")
    if signed_on > today:
        return _("La date de signature est dans l’avenir : vérifiez-la.")
    if signed_on < made_on:
        return _(
            "La convention est établie le %(day)s : elle n’a pas été signée avant. Si le stage avait déjà une"
            " convention sur papier, notez ce jour et versez-en la copie signée."
        ) % {"day": day_label(made_on)}
    if signed_on > placement.end_on:
        return _("La convention serait signée après la fin du stage.")
    return None


def enders(role):
    """Whom this role may name as having ended a placement: the post of a host is free at once where its
    intern left (article L124-11), so that is the word of the intern, or of the school, and not of the host.
    """
    return (EndedBy.HOST,) if role == Role.COMPANY else tuple(EndedBy)


def interruption_refusal(placement, *, ended_on, today):
    """A placement is interrupted on one of its days, which has come."""
    if ended_on > today:
        return _("Le dernier jour fait est dans l’avenir : vérifiez-le.")
    if not placement.start_on <= ended_on <= placement.end_on:
        return _("Le dernier jour fait se place entre le %(start)s et le %(end)s.") % {
            "start": day_label(placement.start_on),
            "end": day_label(placement.end_on),
        }
    return None
