from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import KEEPERS
from pratik.core.workflow import Transition, Workflow

from .enums import Partnership

PARTNERSHIP = Workflow(
    field="partnership",
    states=Partnership,
    transitions=(
        Transition(
            verb="mark_partner",
            label=_("Marquer comme partenaire"),
            noun=_("Nouveau partenariat"),
            sources=frozenset({Partnership.NONE, Partnership.FORMER}),
            target=Partnership.PARTNER,
            who=KEEPERS,
            question=_(
                "Ces entreprises deviendront partenaires et paraîtront sur le site si elles sont visibles."
            ),
            question_one=_(
                "Cette entreprise deviendra partenaire et paraîtra sur le site si elle est visible."
            ),
            icon="handshake",
        ),
        Transition(
            verb="unmark_partner",
            label=_("Retirer le partenariat"),
            noun=_("Fin de partenariat"),
            sources=frozenset({Partnership.PARTNER}),
            target=Partnership.FORMER,
            who=KEEPERS,
            question=_("Ces entreprises quitteront la page des partenaires."),
            question_one=_("Cette entreprise quittera la page des partenaires."),
            needs_reason=True,
            danger=True,
            icon="heart_broken",
        ),
    ),
)
