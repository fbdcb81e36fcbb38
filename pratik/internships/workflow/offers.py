from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import KEEPERS, Role
from pratik.core.workflow import Transition, Workflow

from ..enums import OfferState

KEEPERS_AND_COMPANIES = KEEPERS | {Role.COMPANY}

OFFER = Workflow(
    field="state",
    states=OfferState,
    transitions=(
        Transition(
            verb="submit",
            label=_("Proposer"),
            noun=_("Proposition"),
            sources=frozenset({OfferState.DRAFT}),
            target=OfferState.SUBMITTED,
            who=frozenset({Role.COMPANY}),
            question=_("L’équipe PRATIK lira ces offres avant qu’elles paraissent."),
            question_one=_("L’équipe PRATIK lira cette offre avant qu’elle paraisse."),
            stamp="submitted_at",
            icon="send",
        ),
        Transition(
            verb="publish",
            label=_("Publier"),
            noun=_("Publication"),
            sources=frozenset({OfferState.SUBMITTED}),
            target=OfferState.PUBLISHED,
            who=KEEPERS,
            question=_("Ces offres paraîtront sur le site et les étudiants pourront y répondre."),
            question_one=_("Cette offre paraîtra sur le site et les étudiants pourront y répondre."),
            stamp="published_at",
            icon="publish",
        ),
        Transition(
            verb="refuse",
            label=_("Renvoyer à corriger"),
            noun=_("Renvoi à corriger"),
            sources=frozenset({OfferState.SUBMITTED}),
            target=OfferState.DRAFT,
            who=KEEPERS,
            question=_("Ces offres redeviendront des brouillons ; les entreprises sauront pourquoi."),
            question_one=_("Cette offre redeviendra un brouillon ; l’entreprise saura pourquoi."),
            needs_reason=True,
            danger=True,
            icon="undo",
        ),
        Transition(
            verb="rework",
            label=_("Remettre en brouillon"),
            noun=_("Remise en brouillon"),
            sources=frozenset({OfferState.SUBMITTED, OfferState.PUBLISHED, OfferState.CLOSED}),
            target=OfferState.DRAFT,
            who=KEEPERS_AND_COMPANIES,
            question=_(
                "Ces offres quitteront le site et pourront être modifiées, puis proposées de nouveau."
                " Les candidatures reçues restent."
            ),
            question_one=_(
                "Cette offre quittera le site et pourra être modifiée, puis proposée de nouveau."
                " Les candidatures reçues restent."
            ),
            icon="edit",
        ),
        Transition(
            verb="fill",
            label=_("Déclarer pourvue"),
            noun=_("Places pourvues"),
            sources=frozenset({OfferState.PUBLISHED}),
            target=OfferState.FILLED,
            who=frozenset({Role.COMPANY}),
            question=_("Ces offres quitteront le site : personne ne pourra plus y répondre."),
            question_one=_("Cette offre quittera le site : personne ne pourra plus y répondre."),
            icon="how_to_reg",
        ),
        Transition(
            verb="reopen",
            label=_("Rouvrir"),
            noun=_("Réouverture"),
            sources=frozenset({OfferState.FILLED}),
            target=OfferState.PUBLISHED,
            who=KEEPERS_AND_COMPANIES,
            question=_("Ces offres reviendront sur le site, s’il y reste des places."),
            question_one=_("Cette offre reviendra sur le site, s’il y reste des places."),
            icon="lock_open",
        ),
        Transition(
            verb="close",
            label=_("Clore"),
            noun=_("Clôture"),
            sources=frozenset({OfferState.PUBLISHED, OfferState.FILLED}),
            target=OfferState.CLOSED,
            who=KEEPERS_AND_COMPANIES,
            question=_(
                "Ces offres quitteront le site ; les candidatures reçues attendent toujours une réponse."
            ),
            question_one=_(
                "Cette offre quittera le site ; les candidatures reçues attendent toujours une réponse."
            ),
            danger=True,
            icon="block",
        ),
        Transition(
            verb="end",
            label=_("Prendre fin"),
            noun=_("Fin de l’offre"),
            sources=frozenset({OfferState.PUBLISHED, OfferState.FILLED}),
            target=OfferState.CLOSED,
            who=frozenset(),
            by_itself=True,
            question=_("Le dernier jour pour répondre à ces offres est passé."),
            icon="event_busy",
        ),
        # Applications without an answer end with it, and students are told: nobody takes that back.
        Transition(
            verb="archive",
            label=_("Archiver"),
            noun=_("Archivage"),
            sources=frozenset(
                {
                    OfferState.DRAFT,
                    OfferState.SUBMITTED,
                    OfferState.PUBLISHED,
                    OfferState.FILLED,
                    OfferState.CLOSED,
                }
            ),
            target=OfferState.ARCHIVED,
            who=KEEPERS_AND_COMPANIES,
            question=_(
                "Ces offres seront rangées pour de bon ; les candidatures sans réponse resteront sans suite"
                " et les étudiants seront prévenus."
            ),
            question_one=_(
                "Cette offre sera rangée pour de bon ; les candidatures sans réponse resteront sans suite"
                " et les étudiants seront prévenus."
            ),
            danger=True,
            final=True,
            icon="archive",
        ),
    ),
)
