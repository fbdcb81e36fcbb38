from django.utils.translation import gettext_lazy as _

from pratik.accounts.workflow import CHECKERS
from pratik.core.workflow import Transition, Workflow

from .enums import DocumentState

DOCUMENT = Workflow(
    field="state",
    states=DocumentState,
    transitions=(
        Transition(
            verb="approve",
            label=_("Accepter"),
            noun=_("Acceptation"),
            sources=frozenset({DocumentState.PENDING}),
            target=DocumentState.APPROVED,
            who=CHECKERS,
            question=_("Ces pièces seront acceptées ; les dossiers complets reçoivent le badge « vérifié »."),
            question_one=_("Cette pièce sera acceptée ; un dossier complet reçoit le badge « vérifié »."),
            stamp="decided_at",
            icon="check_circle",
        ),
        Transition(
            verb="reject",
            label=_("Refuser"),
            noun=_("Refus"),
            sources=frozenset({DocumentState.PENDING}),
            target=DocumentState.REJECTED,
            who=CHECKERS,
            question=_("Ces pièces seront refusées ; les personnes sauront pourquoi."),
            question_one=_("Cette pièce sera refusée ; la personne saura pourquoi."),
            needs_reason=True,
            danger=True,
            stamp="decided_at",
            icon="cancel",
        ),
        Transition(
            verb="revoke",
            label=_("Retirer l’acceptation"),
            noun=_("Retrait de l’acceptation"),
            sources=frozenset({DocumentState.APPROVED}),
            target=DocumentState.REJECTED,
            who=CHECKERS,
            question=_(
                "Ces pièces ne vaudront plus ; sans elles, le badge « vérifié » tombe et les annonces "
                "quittent le site."
            ),
            question_one=_(
                "Cette pièce ne vaudra plus ; sans elle, le badge « vérifié » tombe et les annonces "
                "quittent le site."
            ),
            needs_reason=True,
            danger=True,
            stamp="decided_at",
            icon="gpp_bad",
        ),
        Transition(
            verb="reopen",
            label=_("Remettre à l’examen"),
            noun=_("Remise à l’examen"),
            sources=frozenset({DocumentState.REJECTED}),
            target=DocumentState.PENDING,
            who=CHECKERS,
            question=_("Ces pièces attendront de nouveau leur examen ; les personnes le sauront."),
            question_one=_("Cette pièce attendra de nouveau son examen ; la personne le saura."),
            needs_reason=True,
            icon="restart_alt",
        ),
        Transition(
            verb="expire",
            label=_("Expirer"),
            noun=_("Expiration"),
            sources=frozenset({DocumentState.APPROVED}),
            target=DocumentState.EXPIRED,
            who=frozenset(),
            by_itself=True,
            question=_("L’échéance de ces pièces est passée."),
            icon="event_busy",
        ),
    ),
)
