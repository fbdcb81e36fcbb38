from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import KEEPERS
from pratik.core.workflow import Transition, Workflow

from .enums import TemplateState

TEMPLATE = Workflow(
    field="state",
    states=TemplateState,
    transitions=(
        Transition(
            verb="activate",
            label=_("Mettre en vigueur"),
            noun=_("Mise en vigueur"),
            sources=frozenset({TemplateState.DRAFT, TemplateState.RETIRED}),
            target=TemplateState.ACTIVE,
            who=KEEPERS,
            question=_(
                "Les nouveaux documents seront faits d’après ces modèles ; ceux qu’ils remplacent seront"
                " retirés. Les documents déjà faits ne changent pas."
            ),
            question_one=_(
                "Les nouveaux documents seront faits d’après ce modèle ; celui qu’il remplace sera retiré."
                " Les documents déjà faits ne changent pas."
            ),
            stamp="activated_at",
            icon="task_alt",
            # Two in force at once there cannot be: the former one is put back by this verb, not by undoing.
            final=True,
        ),
        Transition(
            verb="retire",
            label=_("Retirer"),
            noun=_("Retrait"),
            sources=frozenset({TemplateState.ACTIVE}),
            target=TemplateState.RETIRED,
            who=KEEPERS,
            question=_(
                "Aucun nouveau document ne sera fait d’après ces modèles."
                " Les documents déjà faits ne changent pas."
            ),
            question_one=_(
                "Aucun nouveau document ne sera fait d’après ce modèle."
                " Les documents déjà faits ne changent pas."
            ),
            needs_reason=True,
            danger=True,
            icon="unpublished",
        ),
    ),
)
