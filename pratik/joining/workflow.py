from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import KEEPERS
from pratik.core.workflow import Transition, Workflow

from .enums import ANSWERERS, ORGANISATION_ROLES, DraftState, InvitationState, RequestState

JOIN_REQUEST = Workflow(
    field="state",
    states=RequestState,
    transitions=(
        Transition(
            verb="accept",
            label=_("Accepter"),
            noun=_("Acceptation"),
            sources=frozenset({RequestState.REQUESTED}),
            target=RequestState.ACCEPTED,
            who=ANSWERERS | ORGANISATION_ROLES,
            question=_("Ces personnes deviendront membres de l’organisation et en verront les données."),
            question_one=_("Cette personne deviendra membre de l’organisation et en verra les données."),
            stamp="decided_at",
            icon="person_add",
        ),
        Transition(
            verb="refuse",
            label=_("Refuser"),
            noun=_("Refus"),
            sources=frozenset({RequestState.REQUESTED}),
            target=RequestState.REFUSED,
            who=ANSWERERS | ORGANISATION_ROLES,
            question=_("Pourquoi refuser ces demandes ? Le motif est transmis aux personnes."),
            question_one=_("Pourquoi refuser cette demande ? Le motif est transmis à la personne."),
            needs_reason=True,
            stamp="decided_at",
            danger=True,
            icon="person_off",
        ),
        Transition(
            verb="withdraw",
            label=_("Retirer la demande"),
            noun=_("Retrait de la demande"),
            sources=frozenset({RequestState.REQUESTED}),
            target=RequestState.WITHDRAWN,
            who=ORGANISATION_ROLES,
            question=_("Les demandes seront retirées. Elles peuvent être faites de nouveau."),
            question_one=_("La demande sera retirée. Elle peut être faite de nouveau."),
            stamp="decided_at",
            icon="undo",
        ),
    ),
)

ORGANISATION_DRAFT = Workflow(
    field="state",
    states=DraftState,
    transitions=(
        Transition(
            verb="accept",
            label=_("Accepter"),
            noun=_("Acceptation"),
            sources=frozenset({DraftState.SUBMITTED}),
            target=DraftState.ACCEPTED,
            who=ANSWERERS,
            question=_(
                "Ces organismes seront créés et les demandeurs en deviendront responsables. Si un organisme"
                " a déjà ce numéro, le demandeur en devient membre."
            ),
            question_one=_(
                "Cet organisme sera créé et le demandeur en deviendra responsable. Si un organisme a déjà"
                " ce numéro, le demandeur en devient membre."
            ),
            stamp="decided_at",
            icon="domain_add",
        ),
        Transition(
            verb="refuse",
            label=_("Refuser"),
            noun=_("Refus"),
            sources=frozenset({DraftState.SUBMITTED}),
            target=DraftState.REFUSED,
            who=ANSWERERS,
            question=_("Pourquoi refuser ces organismes ? Le motif est transmis aux demandeurs."),
            question_one=_("Pourquoi refuser cet organisme ? Le motif est transmis au demandeur."),
            needs_reason=True,
            stamp="decided_at",
            danger=True,
            icon="domain_disabled",
        ),
        Transition(
            verb="withdraw",
            label=_("Retirer la demande"),
            noun=_("Retrait de la demande"),
            sources=frozenset({DraftState.SUBMITTED}),
            target=DraftState.WITHDRAWN,
            who=ORGANISATION_ROLES,
            question=_("Les demandes seront retirées et les organismes ne seront pas créés."),
            question_one=_("La demande sera retirée et l’organisme ne sera pas créé."),
            stamp="decided_at",
            icon="undo",
        ),
    ),
)

# An invitation that has expired is still one that was sent: sending it again gives it a new time.
INVITATION = Workflow(
    field="state",
    states=InvitationState,
    transitions=(
        Transition(
            verb="accept",
            label=_("Accepter"),
            noun=_("Acceptation"),
            sources=frozenset({InvitationState.SENT}),
            target=InvitationState.ACCEPTED,
            who=ORGANISATION_ROLES,
            question=_("Vous deviendrez membre de ces organisations."),
            question_one=_("Vous deviendrez membre de cette organisation."),
            stamp="accepted_at",
            icon="how_to_reg",
            final=True,
        ),
        Transition(
            verb="resend",
            label=_("Renvoyer"),
            noun=_("Renvoi"),
            sources=frozenset({InvitationState.SENT}),
            target=InvitationState.SENT,
            who=KEEPERS | ORGANISATION_ROLES,
            question=_("Un nouveau lien partira à chaque adresse. Les liens envoyés avant ne servent plus."),
            question_one=_("Un nouveau lien partira à cette adresse. Le lien envoyé avant ne sert plus."),
            stamp="sent_at",
            icon="forward_to_inbox",
            final=True,
        ),
        Transition(
            verb="revoke",
            label=_("Révoquer"),
            noun=_("Révocation"),
            sources=frozenset({InvitationState.SENT}),
            target=InvitationState.REVOKED,
            who=KEEPERS | ORGANISATION_ROLES,
            question=_("Les liens ne serviront plus."),
            question_one=_("Le lien ne servira plus."),
            danger=True,
            icon="link_off",
            final=True,
        ),
    ),
)
