from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import KEEPERS, Role
from pratik.core.workflow import Transition, Workflow

from ..enums import BEFORE_SIGNATURE, BEFORE_START, PlacementState

# Who looks after a placement for the school.
SCHOOL_SIDE = KEEPERS | {Role.SCHOOL}

PLACEMENT = Workflow(
    field="state",
    states=PlacementState,
    transitions=(
        Transition(
            verb="agree_as_host",
            label=_("Donner l’accord de l’organisme d’accueil"),
            noun=_("Accord de l’organisme d’accueil"),
            sources=frozenset({PlacementState.DRAFTED}),
            target=PlacementState.HOST_AGREED,
            who=frozenset({Role.COMPANY}),
            question=_("Vous accueillerez ces stagiaires aux conditions écrites ; leur école sera prévenue."),
            question_one=_(
                "Vous accueillerez ce stagiaire aux conditions écrites ; son école sera prévenue."
            ),
            stamp="host_agreed_at",
            icon="handshake",
        ),
        Transition(
            verb="record_host_agreement",
            label=_("Noter l’accord de l’organisme d’accueil"),
            noun=_("Accord de l’organisme d’accueil noté"),
            sources=frozenset({PlacementState.DRAFTED}),
            target=PlacementState.HOST_AGREED,
            who=SCHOOL_SIDE,
            question=_("Pour un organisme sans compte : écrivez qui a donné l’accord, quand et comment."),
            needs_reason=True,
            stamp="host_agreed_at",
            icon="history_edu",
        ),
        Transition(
            verb="agree_as_school",
            label=_("Donner l’accord de l’établissement"),
            noun=_("Accord de l’établissement"),
            sources=frozenset({PlacementState.HOST_AGREED}),
            target=PlacementState.SCHOOL_AGREED,
            who=SCHOOL_SIDE,
            question=_("Les conventions pourront être établies et signées."),
            question_one=_("La convention pourra être établie et signée."),
            stamp="school_agreed_at",
            icon="verified",
        ),
        Transition(
            verb="sign",
            label=_("Noter la signature"),
            noun=_("Signature de la convention"),
            sources=frozenset({PlacementState.SCHOOL_AGREED}),
            target=PlacementState.SIGNED,
            who=SCHOOL_SIDE,
            question=_("Toutes les parties ont signé ces conventions."),
            question_one=_("Toutes les parties ont signé cette convention."),
            icon="draw",
        ),
        Transition(
            verb="rework",
            label=_("Remettre à préparer"),
            noun=_("Remise à préparer"),
            sources=frozenset({PlacementState.HOST_AGREED, PlacementState.SCHOOL_AGREED}),
            target=PlacementState.DRAFTED,
            who=SCHOOL_SIDE | {Role.COMPANY},
            question=_(
                "Ces stages se modifieront de nouveau ; les accords donnés et les conventions établies sont"
                " annulés, et les parties sauront pourquoi."
            ),
            question_one=_(
                "Ce stage se modifiera de nouveau ; les accords donnés et la convention établie sont annulés,"
                " et les parties sauront pourquoi."
            ),
            needs_reason=True,
            danger=True,
            icon="edit",
        ),
        Transition(
            verb="cancel",
            label=_("Annuler le stage"),
            noun=_("Annulation du stage"),
            sources=BEFORE_START,
            target=PlacementState.CANCELLED,
            who=SCHOOL_SIDE | {Role.COMPANY},
            question=_("Ces stages n’auront pas lieu ; les parties sauront pourquoi."),
            question_one=_("Ce stage n’aura pas lieu ; les parties sauront pourquoi."),
            needs_reason=True,
            danger=True,
            icon="event_busy",
        ),
        Transition(
            verb="lapse",
            label=_("Devenir caduc"),
            noun=_("Stage jamais signé"),
            sources=BEFORE_SIGNATURE,
            target=PlacementState.CANCELLED,
            who=frozenset(),
            by_itself=True,
            question=_("Le dernier jour est passé et personne n’a noté la signature de la convention."),
            icon="event_busy",
        ),
        Transition(
            verb="interrupt",
            label=_("Interrompre le stage"),
            noun=_("Interruption du stage"),
            sources=frozenset({PlacementState.RUNNING}),
            target=PlacementState.INTERRUPTED,
            who=SCHOOL_SIDE | {Role.COMPANY},
            question=_("Ces stages prennent fin avant leur dernier jour ; les parties sauront pourquoi."),
            question_one=_("Ce stage prend fin avant son dernier jour ; les parties sauront pourquoi."),
            needs_reason=True,
            danger=True,
            icon="cancel",
        ),
        Transition(
            verb="start",
            label=_("Commencer"),
            noun=_("Début du stage"),
            sources=frozenset({PlacementState.SIGNED}),
            target=PlacementState.RUNNING,
            who=frozenset(),
            by_itself=True,
            question=_("Le premier jour du stage est là."),
            icon="play_circle",
        ),
        Transition(
            verb="complete",
            label=_("Se terminer"),
            noun=_("Fin du stage"),
            sources=frozenset({PlacementState.RUNNING}),
            target=PlacementState.COMPLETED,
            who=frozenset(),
            by_itself=True,
            question=_("Le dernier jour du stage est passé."),
            icon="event_available",
        ),
    ),
)
