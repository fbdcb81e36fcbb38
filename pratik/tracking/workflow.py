from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import Role
from pratik.core.workflow import Transition, Workflow

from .enums import LIVE_STATES, FollowState

# Consent is the student's alone: nobody of the team has a verb here.
FOLLOW = Workflow(
    field="state",
    states=FollowState,
    transitions=(
        Transition(
            verb="agree",
            label=_("Accepter"),
            noun=_("Accord donné"),
            sources=frozenset({FollowState.REQUESTED}),
            target=FollowState.ACTIVE,
            who=frozenset({Role.STUDENT}),
            question=_(
                "Ces entreprises verront votre nom et ce que vous cochez ci-dessous, et rien d’autre. Vous"
                " pourrez changer ces choix et retirer votre accord à tout moment."
            ),
            question_one=_(
                "Cette entreprise verra votre nom et ce que vous cochez ci-dessous, et rien d’autre. Vous"
                " pourrez changer ces choix et retirer votre accord à tout moment."
            ),
            stamp="agreed_at",
            icon="check_circle",
        ),
        Transition(
            verb="refuse",
            label=_("Refuser"),
            noun=_("Refus"),
            sources=frozenset({FollowState.REQUESTED}),
            target=FollowState.REFUSED,
            who=frozenset({Role.STUDENT}),
            question=_("Ces entreprises sauront que vous refusez, sans autre explication."),
            question_one=_("Cette entreprise saura que vous refusez, sans autre explication."),
            stamp="closed_at",
            danger=True,
            icon="cancel",
            final=True,
        ),
        Transition(
            verb="withdraw",
            label=_("Retirer mon accord"),
            noun=_("Retrait de l’accord"),
            sources=frozenset({FollowState.ACTIVE}),
            target=FollowState.ENDED,
            who=frozenset({Role.STUDENT}),
            question=_("Ces entreprises ne verront plus rien de vous, tout de suite."),
            question_one=_("Cette entreprise ne verra plus rien de vous, tout de suite."),
            stamp="closed_at",
            danger=True,
            icon="visibility_off",
            final=True,
        ),
        Transition(
            verb="end",
            label=_("Ne plus suivre"),
            noun=_("Fin du suivi"),
            sources=frozenset(LIVE_STATES),
            target=FollowState.ENDED,
            who=frozenset({Role.COMPANY}),
            question=_(
                "Vous ne verrez plus ces étudiants ici, et ne serez plus prévenu. Pour les suivre de nouveau,"
                " il faudra attendre trois mois, et leur accord."
            ),
            question_one=_(
                "Vous ne verrez plus cet étudiant ici, et ne serez plus prévenu. Pour le suivre de nouveau,"
                " il faudra attendre trois mois, et son accord."
            ),
            stamp="closed_at",
            danger=True,
            icon="person_remove",
            final=True,
        ),
        Transition(
            verb="stop",
            label=_("S’arrêter"),
            noun=_("Arrêt du suivi"),
            sources=frozenset(LIVE_STATES),
            target=FollowState.ENDED,
            who=frozenset(),
            by_itself=True,
            question=_("Le compte de l’étudiant n’existe plus."),
            stamp="closed_at",
            icon="person_off",
            final=True,
        ),
    ),
)
