from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import KEEPERS, Role
from pratik.core.workflow import Transition, Workflow

from .enums import CalendarState

KEEPERS_AND_SCHOOLS = KEEPERS | {Role.SCHOOL}

CALENDAR = Workflow(
    field="state",
    states=CalendarState,
    transitions=(
        Transition(
            verb="publish",
            label=_("Publier"),
            noun=_("Publication"),
            sources=frozenset({CalendarState.DRAFT, CalendarState.WITHDRAWN}),
            target=CalendarState.PUBLISHED,
            who=KEEPERS,
            question=_(
                "Ces calendriers paraîtront sur le site et les entreprises partenaires seront prévenues."
            ),
            question_one=_(
                "Ce calendrier paraîtra sur le site et les entreprises partenaires seront prévenues."
            ),
            stamp="published_at",
            icon="publish",
        ),
        Transition(
            verb="withdraw",
            label=_("Retirer"),
            noun=_("Retrait"),
            sources=frozenset({CalendarState.PUBLISHED}),
            target=CalendarState.WITHDRAWN,
            who=KEEPERS_AND_SCHOOLS,
            question=_("Ces calendriers quitteront le site. Le motif reste dans l’historique."),
            question_one=_("Ce calendrier quittera le site. Le motif reste dans l’historique."),
            needs_reason=True,
            danger=True,
            icon="unpublished",
        ),
        Transition(
            verb="archive",
            label=_("Archiver"),
            noun=_("Archivage"),
            sources=frozenset({CalendarState.DRAFT, CalendarState.PUBLISHED, CalendarState.WITHDRAWN}),
            target=CalendarState.ARCHIVED,
            who=KEEPERS_AND_SCHOOLS,
            question=_("Ces calendriers seront rangés : ils quittent le site et ne se modifient plus."),
            question_one=_("Ce calendrier sera rangé : il quitte le site et ne se modifie plus."),
            danger=True,
            icon="archive",
        ),
    ),
)
