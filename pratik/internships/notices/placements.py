"""What is said to whom about placements and their papers: how far they are, and what is asked of each."""

from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.calendar import day_label
from pratik.core.links import console_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft
from pratik.papers.enums import PaperKind

from ..enums import PlacementState


def _values(placement, **more):
    return {
        "student": str(placement.student),
        "company": placement.company.name,
        "start": day_label(placement.start_on),
        "end": day_label(placement.end_on),
    } | more


def _draft(placement, recipient, act, kind, subject, body, values):
    return Draft(
        recipient=recipient,
        kind=kind,
        about=f"placement:{placement.pk}:{act.pk}",
        subject=subject % values,
        body=body % values,
        path=console_page(placement),
    )


def to_prepare(placement, recipient, act):
    """Tells the host and the school of a placement that was drafted, or found its school."""
    with translation.override(recipient.language):
        return _draft(
            placement,
            recipient,
            act,
            NoticeKind.PLACEMENT_TO_DO,
            _("Stage à préparer : %(student)s chez %(company)s"),
            _(
                "%(student)s a une place chez %(company)s du %(start)s au %(end)s. Complétez le stage :"
                " horaires, tuteur, enseignant référent et mentions de la convention."
            ),
            _values(placement),
        )


def moved(placement, recipient, act, *, side):
    """Tells one of the parties how far a placement is; `side` is "host", "school" or "student".

    Who has the next step to do is asked for it.
    """
    with translation.override(recipient.language):
        asked, subject, body = _said(placement, side)
        values = _values(placement)
        return _draft(
            placement,
            recipient,
            act,
            NoticeKind.PLACEMENT_TO_DO if asked else NoticeKind.PLACEMENT_MOVED,
            subject,
            body,
            values,
        )


def _said(placement, side):
    """Whether something is asked, the subject and the body, for the state of a placement."""
    match placement.state, side:
        case PlacementState.HOST_AGREED, "school":
            return (
                True,
                _("Accord attendu : %(student)s chez %(company)s"),
                _(
                    "%(company)s accepte d’accueillir %(student)s du %(start)s au %(end)s. Relisez le stage"
                    " et donnez l’accord de l’établissement."
                ),
            )
        case PlacementState.SCHOOL_AGREED, "school":
            return (
                True,
                _("Convention à établir : %(student)s chez %(company)s"),
                _(
                    "Les deux accords sont donnés pour %(student)s chez %(company)s. Établissez la"
                    " convention, faites-la signer, puis notez la signature."
                ),
            )
        case PlacementState.HOST_AGREED, _side:
            return (
                False,
                _("Accord de l’organisme d’accueil : %(student)s chez %(company)s"),
                _("%(company)s accepte d’accueillir %(student)s du %(start)s au %(end)s."),
            )
        case PlacementState.SCHOOL_AGREED, _side:
            return (
                False,
                _("Accord de l’établissement : %(student)s chez %(company)s"),
                _(
                    "L’établissement donne son accord pour %(student)s chez %(company)s, du %(start)s au"
                    " %(end)s. La convention va être signée."
                ),
            )
        case PlacementState.SIGNED, _side:
            return (
                False,
                _("Convention signée : %(student)s chez %(company)s"),
                _("Le stage de %(student)s chez %(company)s commence le %(start)s."),
            )
        case PlacementState.RUNNING, _side:
            return (
                False,
                _("Début du stage : %(student)s chez %(company)s"),
                _("Le stage de %(student)s chez %(company)s a commencé ; il finit le %(end)s."),
            )
        case PlacementState.COMPLETED, "host":
            return (
                True,
                _("Attestation à établir : %(student)s"),
                _(
                    "Le stage de %(student)s est terminé. Établissez l’attestation de stage, et recommandez"
                    " votre stagiaire si vous le souhaitez."
                ),
            )
        case _state, _side:
            return (
                False,
                _("Fin du stage : %(student)s chez %(company)s"),
                _("Le stage de %(student)s chez %(company)s est terminé."),
            )


def ended(placement, recipient, act):
    """Tells one of the parties that a placement was called off, interrupted or sent back, and why."""
    with translation.override(recipient.language):
        match placement.state:
            case PlacementState.INTERRUPTED:
                subject = _("Stage interrompu : %(student)s chez %(company)s")
                body = _(
                    "Le stage de %(student)s chez %(company)s a pris fin le %(last)s, avant son dernier jour."
                    " Motif : %(why)s"
                )
            case PlacementState.DRAFTED:
                subject = _("Stage remis à préparer : %(student)s chez %(company)s")
                body = _(
                    "Le stage de %(student)s chez %(company)s se modifie de nouveau : les accords donnés sont"
                    " à redonner. Motif : %(why)s"
                )
            case _state:
                subject = _("Stage annulé : %(student)s chez %(company)s")
                body = _(
                    "Le stage de %(student)s chez %(company)s, du %(start)s au %(end)s, n’aura pas lieu."
                    " Motif : %(why)s"
                )
        values = _values(placement, why=_why(placement, act), last=day_label(placement.last_day))
        return _draft(placement, recipient, act, NoticeKind.PLACEMENT_ENDED, subject, body, values)


def _why(placement, act):
    """Why a placement does not go on. What an erasure calls off has the erasure's own reason, which is told
    to nobody.
    """
    if placement.state == PlacementState.DRAFTED:
        return act.reason
    return placement.end_reason or _("Le compte du stagiaire est effacé.")


def intern_erased(placement, recipient, act):
    """Tells the host and the school that their intern has no account any more; what was signed stays."""
    with translation.override(recipient.language):
        return _draft(
            placement,
            recipient,
            act,
            NoticeKind.PLACEMENT_MOVED,
            _("Compte du stagiaire effacé : stage chez %(company)s"),
            _(
                "Le compte de votre stagiaire chez %(company)s (« %(post)s », du %(start)s au %(end)s) est"
                " effacé. La convention signée vaut toujours. Si le stage n’a pas lieu ou prend fin plus tôt,"
                " annulez-le ou interrompez-le."
            ),
            _values(placement, post=placement.post),
        )


def paper(row, recipient, act, verb, *, side):
    """Tells one of the parties what became of a paper; `side` is "host", "school" or "student".

    Who has the next step of an amendment to do is asked for it.
    """
    placement = row.placement
    with translation.override(recipient.language):
        said = _said_of_amendment(row, verb, side) if row.kind == PaperKind.AMENDMENT else None
        asked, subject, body = said or (False, *_said_of_paper(verb))
        values = _values(
            placement,
            paper=str(row),
            why=act.reason,
            who=act.actor_label,
            changes=" ; ".join(label for label, _before, _after in row.changes),
        )
        return Draft(
            recipient=recipient,
            kind=NoticeKind.PLACEMENT_TO_DO if asked else NoticeKind.PLACEMENT_PAPER,
            about=f"paper:{row.pk}:{act.pk}",
            subject=subject % values,
            body=body % values,
            path=console_page(placement),
        )


def _said_of_paper(verb):
    """The subject and the body for what was done with a paper."""
    match verb:
        case "void":
            return (
                _("Document annulé : %(paper)s"),
                _("%(paper)s, pour %(student)s chez %(company)s, ne vaut plus rien. Motif : %(why)s"),
            )
        case "file_signed":
            return (
                _("Copie signée versée : %(paper)s"),
                _("La copie signée de %(paper)s, pour %(student)s chez %(company)s, est au dossier."),
            )
        case "file_replaced":
            return (
                _("Copie signée remplacée : %(paper)s"),
                _(
                    "%(who)s a remplacé la copie signée de %(paper)s, pour %(student)s chez %(company)s."
                    " Vérifiez-la ; si elle n’est pas celle que vous avez signée, dites-le à l’établissement."
                ),
            )
        case _verb:
            return (
                _("Document établi : %(paper)s"),
                _("%(paper)s est établi pour %(student)s chez %(company)s : vous pouvez l’ouvrir."),
            )


def _said_of_amendment(row, verb, side):
    """Whether something is asked, the subject and the body, for a step of an amendment; None for what is said
    of any paper.
    """
    match verb, side:
        case "make", "host":
            return (
                True,
                _("Avenant à accepter : %(student)s chez %(company)s"),
                _(
                    "L’établissement propose %(paper)s pour %(student)s. Ce qui change : %(changes)s."
                    " Lisez-le, puis acceptez-le ou refusez-le. Rien ne change avant la signature de toutes"
                    " les parties."
                ),
            )
        case "make", _side:
            return (
                False,
                _("Avenant proposé : %(student)s chez %(company)s"),
                _(
                    "%(paper)s est proposé pour %(student)s chez %(company)s. Ce qui change : %(changes)s."
                    " L’organisme d’accueil doit l’accepter, puis toutes les parties le signent ; rien ne"
                    " change avant."
                ),
            )
        case "agree_amendment" | "record_amendment_agreement", "school":
            return (
                True,
                _("Avenant à faire signer : %(student)s chez %(company)s"),
                _(
                    "%(company)s accepte %(paper)s pour %(student)s. Faites-le signer par toutes les parties,"
                    " puis notez la signature : le stage change à ce moment."
                ),
            )
        case "agree_amendment" | "record_amendment_agreement", _side:
            return (
                False,
                _("Avenant à signer : %(student)s chez %(company)s"),
                _(
                    "%(company)s accepte %(paper)s pour %(student)s. L’établissement le fait signer par"
                    " toutes les parties ; rien ne change avant."
                ),
            )
        case "decline_amendment", _side:
            return (
                False,
                _("Avenant refusé : %(student)s chez %(company)s"),
                _("%(company)s refuse %(paper)s pour %(student)s : rien ne change. Motif : %(why)s"),
            )
        case "sign_amendment", _side:
            return (
                False,
                _("Avenant signé : %(student)s chez %(company)s"),
                _(
                    "%(paper)s est signé par toutes les parties : le stage de %(student)s chez %(company)s"
                    " suit ce qu’il dit, du %(start)s au %(end)s."
                ),
            )
        case "void", _side:
            return (
                False,
                _("Avenant annulé : %(student)s chez %(company)s"),
                _("%(paper)s n’est plus proposé pour %(student)s : rien ne change. Motif : %(why)s"),
            )
    return None


def headcount_changed(company, recipient, act, *, before, now, placements):
    """Tells one of the team that a host changed its headcount while interns hang on it."""
    with translation.override(recipient.language):
        values = {
            "company": company.name,
            "before": _("inconnu") if before is None else number_format(before, force_grouping=True),
            "now": _("inconnu") if now is None else number_format(now, force_grouping=True),
            "number": placements,
        }
        body = ngettext(
            "%(company)s a changé son effectif (avant : %(before)s ; maintenant : %(now)s). Le nombre de"
            " stagiaires qu’il peut accueillir la même semaine en dépend, et %(number)d de ses stages est à"
            " venir ou en cours. Vérifiez cet effectif et corrigez-le au besoin.",
            "%(company)s a changé son effectif (avant : %(before)s ; maintenant : %(now)s). Le nombre de"
            " stagiaires qu’il peut accueillir la même semaine en dépend, et %(number)d de ses stages sont à"
            " venir ou en cours. Vérifiez cet effectif et corrigez-le au besoin.",
            placements,
        )
        return Draft(
            recipient=recipient,
            kind=NoticeKind.HEADCOUNT_CHANGED,
            about=f"headcount:{company.pk}:{act.pk}",
            subject=_("Effectif à vérifier : %(company)s") % values,
            body=body % values,
            path=console_page(company),
        )
