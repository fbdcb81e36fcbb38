from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import Role
from pratik.core.workflow import Transition, Workflow

from .enums import MODERATORS, OPEN_STATES, OfferState, RequestState


def _offers(owner):
    """The life of a listing of this kind of owner; `owner` is their role."""
    return Workflow(
        field="state",
        states=OfferState,
        transitions=(
            Transition(
                verb="submit",
                label=_("Proposer"),
                noun=_("Proposition"),
                sources=frozenset({OfferState.DRAFT}),
                target=OfferState.SUBMITTED,
                who=frozenset({owner}),
                question=_("L’équipe PRATIK lira ces annonces avant qu’elles paraissent."),
                question_one=_("L’équipe PRATIK lira cette annonce avant qu’elle paraisse."),
                stamp="submitted_at",
                icon="send",
            ),
            Transition(
                verb="publish",
                label=_("Publier"),
                noun=_("Publication"),
                sources=frozenset({OfferState.SUBMITTED}),
                target=OfferState.PUBLISHED,
                who=MODERATORS,
                question=_("Ces annonces paraîtront sur le site."),
                question_one=_("Cette annonce paraîtra sur le site."),
                stamp="published_at",
                icon="publish",
            ),
            Transition(
                verb="refuse",
                label=_("Renvoyer à corriger"),
                noun=_("Renvoi à corriger"),
                sources=frozenset({OfferState.SUBMITTED}),
                target=OfferState.DRAFT,
                who=MODERATORS,
                question=_("Ces annonces redeviendront des brouillons ; les auteurs sauront pourquoi."),
                question_one=_("Cette annonce redeviendra un brouillon ; son auteur saura pourquoi."),
                needs_reason=True,
                danger=True,
                icon="undo",
            ),
            Transition(
                verb="rework",
                label=_("Remettre en brouillon"),
                noun=_("Remise en brouillon"),
                sources=frozenset({OfferState.SUBMITTED, OfferState.PUBLISHED, OfferState.SUSPENDED}),
                target=OfferState.DRAFT,
                who=frozenset({owner}),
                question=_(
                    "Ces annonces quitteront le site et pourront être modifiées, puis proposées de nouveau."
                ),
                question_one=_(
                    "Cette annonce quittera le site et pourra être modifiée, puis proposée de nouveau."
                ),
                icon="edit",
            ),
            Transition(
                verb="suspend",
                label=_("Suspendre"),
                noun=_("Suspension"),
                sources=frozenset({OfferState.PUBLISHED}),
                target=OfferState.SUSPENDED,
                who=MODERATORS,
                question=_("Ces annonces quitteront le site. Le motif reste dans l’historique."),
                question_one=_("Cette annonce quittera le site. Le motif reste dans l’historique."),
                needs_reason=True,
                danger=True,
                icon="pause_circle",
            ),
            Transition(
                verb="reinstate",
                label=_("Rétablir"),
                noun=_("Rétablissement"),
                sources=frozenset({OfferState.SUSPENDED}),
                target=OfferState.PUBLISHED,
                who=MODERATORS,
                question=_("Ces annonces reviendront sur le site."),
                question_one=_("Cette annonce reviendra sur le site."),
                stamp="published_at",
                icon="play_circle",
            ),
            Transition(
                verb="archive",
                label=_("Archiver"),
                noun=_("Archivage"),
                sources=frozenset(
                    {OfferState.DRAFT, OfferState.SUBMITTED, OfferState.PUBLISHED, OfferState.SUSPENDED}
                ),
                target=OfferState.ARCHIVED,
                who=MODERATORS | {owner},
                question=_(
                    "Ces annonces quitteront le site pour de bon ; les demandes en attente seront closes."
                ),
                question_one=_(
                    "Cette annonce quittera le site pour de bon ; les demandes en attente seront closes."
                ),
                danger=True,
                icon="archive",
            ),
            Transition(
                verb="end",
                label=_("Prendre fin"),
                noun=_("Fin de l’annonce"),
                sources=frozenset(
                    {OfferState.DRAFT, OfferState.SUBMITTED, OfferState.PUBLISHED, OfferState.SUSPENDED}
                ),
                target=OfferState.ARCHIVED,
                who=frozenset(),
                by_itself=True,
                question=_("Le dernier jour de ces annonces est passé, ou leur compte n’existe plus."),
                icon="event_busy",
            ),
        ),
    )


def _requests(owner):
    """The life of a student's request to this kind of owner."""
    return Workflow(
        field="state",
        states=RequestState,
        transitions=(
            Transition(
                verb="accept",
                label=_("Accepter"),
                noun=_("Acceptation"),
                sources=frozenset(OPEN_STATES),
                target=RequestState.ACCEPTED,
                who=frozenset({owner}),
                question=_(
                    "Ces étudiants auront une place ; ils verront où, et comment vous joindre. Qui"
                    " demandait les mêmes jours sans qu’il reste de place passe sur liste d’attente."
                ),
                question_one=_(
                    "Cet étudiant aura une place ; il verra où, et comment vous joindre. Qui demandait les"
                    " mêmes jours sans qu’il reste de place passe sur liste d’attente."
                ),
                stamp="decided_at",
                icon="check_circle",
            ),
            Transition(
                verb="hold",
                label=_("Mettre sur liste d’attente"),
                noun=_("Mise sur liste d’attente"),
                sources=frozenset({RequestState.REQUESTED}),
                target=RequestState.WAITING,
                who=frozenset({owner}),
                question=_("Ces étudiants seront prévenus quand une place se libérera."),
                question_one=_("Cet étudiant sera prévenu quand une place se libérera."),
                icon="hourglass_top",
            ),
            Transition(
                verb="decline",
                label=_("Refuser"),
                noun=_("Refus"),
                sources=frozenset({*OPEN_STATES, RequestState.ACCEPTED}),
                target=RequestState.DECLINED,
                who=frozenset({owner}),
                question=_("Ces étudiants sauront pourquoi ; ceux qui avaient une place ne l’auront plus."),
                question_one=_("Cet étudiant saura pourquoi ; s’il avait une place, il ne l’aura plus."),
                needs_reason=True,
                danger=True,
                stamp="decided_at",
                icon="cancel",
            ),
            Transition(
                verb="withdraw",
                label=_("Retirer ma demande"),
                noun=_("Retrait de la demande"),
                sources=frozenset({*OPEN_STATES, RequestState.ACCEPTED}),
                target=RequestState.WITHDRAWN,
                who=frozenset({Role.STUDENT}),
                question=_("Ces demandes seront retirées ; une place acceptée ira à quelqu’un d’autre."),
                question_one=_("Cette demande sera retirée ; une place acceptée ira à quelqu’un d’autre."),
                danger=True,
                stamp="decided_at",
                icon="undo",
            ),
            Transition(
                verb="admit",
                label=_("Recevoir une place libérée"),
                noun=_("Place reçue de la liste d’attente"),
                sources=frozenset({RequestState.WAITING}),
                target=RequestState.ACCEPTED,
                who=frozenset(),
                by_itself=True,
                question=_("Une place s’est libérée."),
                stamp="decided_at",
                icon="check_circle",
            ),
            Transition(
                verb="recall",
                label=_("Revenir de la liste d’attente"),
                noun=_("Retour de la liste d’attente"),
                sources=frozenset({RequestState.WAITING}),
                target=RequestState.REQUESTED,
                who=frozenset(),
                by_itself=True,
                question=_("Une place s’est libérée : la demande attend de nouveau une réponse."),
                icon="hourglass_bottom",
            ),
            Transition(
                verb="expire",
                label=_("Rester sans suite"),
                noun=_("Demande sans suite"),
                sources=frozenset(OPEN_STATES),
                target=RequestState.EXPIRED,
                who=frozenset(),
                by_itself=True,
                question=_("Les jours demandés sont passés, ou l’annonce n’existe plus."),
                stamp="decided_at",
                icon="event_busy",
            ),
            Transition(
                verb="end",
                label=_("Prendre fin"),
                noun=_("Fin du séjour ou du trajet"),
                sources=frozenset({RequestState.ACCEPTED}),
                target=RequestState.OVER,
                who=frozenset(),
                by_itself=True,
                question=_("Les jours demandés sont passés."),
                icon="event_available",
            ),
        ),
    )


HOUSING_OFFER = _offers(Role.LANDLORD)
CARPOOL_OFFER = _offers(Role.DRIVER)
HOUSING_REQUEST = _requests(Role.LANDLORD)
CARPOOL_REQUEST = _requests(Role.DRIVER)
