from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import Role
from pratik.core.workflow import Transition, Workflow

from .enums import OPEN_STATES, RequestState

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
# An administrator's own request is answered by a colleague.
OTHERS = frozenset(set(Role) - {Role.ADMINISTRATOR, Role.ANONYMOUS})

ERASURE = Workflow(
    field="state",
    states=RequestState,
    transitions=(
        Transition(
            verb="complete",
            label=_("Effacer les données"),
            sources=frozenset(OPEN_STATES),
            target=RequestState.DONE,
            who=ADMINISTRATORS,
            question=_(
                "Le compte sera fermé et tout ce qui identifie ces personnes sera effacé, jusque dans"
                " l’historique. Elles en seront prévenues par e-mail. Rien de cela ne s’annule."
            ),
            stamp="decided_at",
            danger=True,
            icon="person_remove",
        ),
        Transition(
            verb="refuse",
            label=_("Refuser"),
            sources=frozenset(OPEN_STATES),
            target=RequestState.REFUSED,
            who=ADMINISTRATORS,
            question=_(
                "Pourquoi refuser ? Le motif est transmis à la personne, qui peut saisir la CNIL ou un juge."
            ),
            stamp="decided_at",
            needs_reason=True,
            danger=True,
            icon="block",
        ),
        Transition(
            verb="extend",
            label=_("Prolonger de deux mois"),
            sources=frozenset({RequestState.RECEIVED}),
            target=RequestState.EXTENDED,
            who=ADMINISTRATORS,
            question=_(
                "Pourquoi faut-il plus de temps ? Le motif est transmis à la personne ;"
                " le délai n’est prolongé qu’une fois."
            ),
            needs_reason=True,
            icon="more_time",
            # The person was told of it.
            final=True,
        ),
        Transition(
            verb="withdraw",
            label=_("Retirer la demande"),
            sources=frozenset(OPEN_STATES),
            target=RequestState.WITHDRAWN,
            who=OTHERS,
            question=_("La demande sera retirée : rien ne sera effacé. Elle peut être faite de nouveau."),
            stamp="decided_at",
            icon="undo",
        ),
    ),
)
