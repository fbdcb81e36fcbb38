from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import Role
from pratik.core.workflow import Transition, Workflow

from ..enums import PaperState
from .placements import SCHOOL_SIDE

PAPER = Workflow(
    field="state",
    states=PaperState,
    transitions=(
        # An amendment is proposed by the school; it changes the placement once it is signed, and not before.
        Transition(
            verb="agree_amendment",
            label=_("Donner l’accord de l’organisme d’accueil"),
            noun=_("Accord de l’organisme sur l’avenant"),
            sources=frozenset({PaperState.MADE}),
            target=PaperState.AGREED,
            who=frozenset({Role.COMPANY}),
            question=_(
                "Vous acceptez ces avenants ; ils changent les stages une fois signés par toutes les parties."
            ),
            question_one=_(
                "Vous acceptez cet avenant ; il change le stage une fois signé par toutes les parties."
            ),
            stamp="agreed_at",
            icon="handshake",
            final=True,
        ),
        Transition(
            verb="record_amendment_agreement",
            label=_("Noter l’accord de l’organisme d’accueil"),
            noun=_("Accord de l’organisme sur l’avenant noté"),
            sources=frozenset({PaperState.MADE}),
            target=PaperState.AGREED,
            who=SCHOOL_SIDE,
            question=_("Pour un organisme sans compte : écrivez qui a donné l’accord, quand et comment."),
            needs_reason=True,
            stamp="agreed_at",
            icon="history_edu",
            final=True,
        ),
        Transition(
            verb="decline_amendment",
            label=_("Refuser l’avenant"),
            noun=_("Refus de l’avenant"),
            sources=frozenset({PaperState.MADE}),
            target=PaperState.VOID,
            who=frozenset({Role.COMPANY}),
            question=_(
                "Ces avenants ne changeront rien ; l’établissement et les stagiaires liront le motif."
            ),
            question_one=_("Cet avenant ne changera rien ; l’établissement et le stagiaire liront le motif."),
            needs_reason=True,
            danger=True,
            icon="thumb_down",
            final=True,
        ),
        Transition(
            verb="sign_amendment",
            label=_("Noter la signature"),
            noun=_("Signature de l’avenant"),
            sources=frozenset({PaperState.AGREED}),
            target=PaperState.SIGNED,
            who=SCHOOL_SIDE,
            question=_("Toutes les parties ont signé ces avenants : les stages changent aussitôt."),
            question_one=_("Toutes les parties ont signé cet avenant : le stage change aussitôt."),
            icon="draw",
            final=True,
        ),
        # The agreement is signed with its placement, whether or not its copy is filed.
        Transition(
            verb="sign_agreement",
            label=_("Signer la convention"),
            noun=_("Signature de la convention"),
            sources=frozenset({PaperState.MADE}),
            target=PaperState.SIGNED,
            who=frozenset(),
            by_itself=True,
            question=_("Toutes les parties ont signé la convention : elle l’est avec le stage."),
            icon="draw",
            final=True,
        ),
        Transition(
            verb="file_signed",
            label=_("Verser la copie signée"),
            noun=_("Copie signée versée"),
            sources=frozenset({PaperState.MADE, PaperState.SIGNED}),
            target=PaperState.SIGNED,
            who=SCHOOL_SIDE | {Role.COMPANY},
            question=_("La copie signée est gardée avec le document établi."),
            icon="upload_file",
            final=True,
        ),
        Transition(
            verb="void",
            label=_("Annuler le document"),
            noun=_("Annulation du document"),
            sources=frozenset({PaperState.MADE, PaperState.AGREED, PaperState.SIGNED}),
            target=PaperState.VOID,
            who=SCHOOL_SIDE,
            question=_("Ces documents ne vaudront plus rien ; leur code de vérification le dira."),
            question_one=_("Ce document ne vaudra plus rien ; son code de vérification le dira."),
            needs_reason=True,
            danger=True,
            icon="block",
            final=True,
        ),
    ),
)
