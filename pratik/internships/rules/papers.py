"""May it? Which paper may be made, signed or declared void at which step of a placement."""

from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.core.calendar import day_label
from pratik.papers.enums import PaperKind

from ..enums import PaperState, PlacementState

SIGNED_STATES = frozenset(
    {
        PlacementState.SIGNED,
        PlacementState.RUNNING,
        PlacementState.COMPLETED,
        PlacementState.INTERRUPTED,
    }
)
AMENDED_STATES = frozenset({PlacementState.SIGNED, PlacementState.RUNNING})
ENDED_STATES = frozenset({PlacementState.COMPLETED, PlacementState.INTERRUPTED})


def agreement_refusal(placement, *, existing=None):
    """An agreement is made once host and school have agreed, and once."""
    if existing is not None:
        # Without its number: a class is told so once.
        return _("La convention est déjà établie.")
    if placement.state != PlacementState.SCHOOL_AGREED:
        return _(
            "La convention s’établit quand l’organisme d’accueil et l’établissement ont donné leur accord."
        )
    return None


def amendment_refusal(placement, *, agreement, waiting=None):
    """An amendment changes an agreement that was signed, before the internship is over; one at a time, since
    it says what was and what will be.
    """
    if placement.state not in AMENDED_STATES:
        return _("Un avenant change une convention signée, jusqu’à la fin du stage.")
    if agreement is None:
        return _("Ce stage n’a pas de convention à modifier.")
    if waiting is not None:
        return _("L’avenant %(number)s attend encore sa signature : notez-la, ou annulez-le d’abord.") % {
            "number": waiting.number
        }
    return None


def host_answer_refusal(paper):
    """The host answers an amendment, of a placement that is not over."""
    if paper.kind != PaperKind.AMENDMENT:
        return _("Seul un avenant demande cet accord.")
    return amendment_refusal(paper.placement, agreement=paper.amends_id)


def recorded_answer_refusal(paper, *, has_account):
    """A host that has an account answers by itself; for others the school notes who agreed."""
    if why := host_answer_refusal(paper):
        return why
    if has_account:
        return _("Cet organisme d’accueil a un compte : c’est à lui de donner son accord.")
    return None


def amendment_signature_refusal(paper, *, signed_on, today):
    """An amendment is signed once the host has agreed, on a day that has come."""
    if why := host_answer_refusal(paper):
        return why
    if paper.state == PaperState.MADE:
        return _("L’organisme d’accueil n’a pas encore donné son accord à cet avenant.")
    return signing_day_refusal(paper, signed_on=signed_on, today=today)


def first_day_refusal(placement, *, before):
    """Of an internship that has begun, the first day is what it was."""
    if placement.state == PlacementState.RUNNING and placement.start_on != before:
        return _("Le stage a commencé : son premier jour ne change plus.")
    return None


def certificate_refusal(placement, *, existing=None):
    """A certificate tells what an internship was, once it is over; there is one."""
    if existing is not None:
        return _("L’attestation %(number)s est déjà établie : annulez-la pour en établir une autre.") % {
            "number": existing.number
        }
    if placement.state not in ENDED_STATES:
        return _("L’attestation s’établit à la fin du stage.")
    return None


def absence_refusal(hours, *, absence_hours):
    """Nobody is absent longer than they were to be present."""
    if absence_hours < 0:
        return _("Un nombre d’heures n’est pas négatif.")
    if absence_hours > hours:
        return _("Les absences dépassent la durée du stage.")
    return None


def void_refusal(paper):
    """What was signed is not made void on the side: an agreement is amended, an internship interrupted."""
    if paper.kind == PaperKind.AMENDMENT and paper.state == PaperState.SIGNED:
        return _("Le stage suit cet avenant : pour revenir en arrière, faites-en un autre.")
    if paper.kind == PaperKind.AGREEMENT and paper.placement.state in SIGNED_STATES:
        return _("Cette convention est signée : changez-la par un avenant.")
    return None


def copy_refusal(paper, *, role):
    """A signed copy is filed with what the parties signed. One that is there is replaced by the school, or by
    the host that filed it, until the internship is over: what others signed is swapped for nothing else.
    """
    if paper.is_waiting:
        return _("Cet avenant n’est pas encore signé : la copie se verse quand la signature est notée.")
    if not paper.has_file:
        return None
    if paper.kind != PaperKind.CERTIFICATE and paper.placement.state in ENDED_STATES:
        return _("Le stage est terminé : la copie signée ne se remplace plus.")
    if role == Role.COMPANY and not (paper.filed_by and paper.filed_by.role == Role.COMPANY):
        return _("L’établissement a versé cette copie signée : lui seul la remplace.")
    return None


def signing_day_refusal(paper, *, signed_on, today):
    """A signature bears a day that has come, not before the paper was made."""
    if signed_on > today:
        return _("La date de signature est dans l’avenir : vérifiez-la.")
    if signed_on < paper.made_on:
        return _("Ce document est établi le %(day)s : il n’a pas été signé avant.") % {
            "day": day_label(paper.made_on)
        }
    return None
