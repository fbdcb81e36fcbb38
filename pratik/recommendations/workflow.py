from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import KEEPERS, Role
from pratik.core.workflow import Transition, Workflow

from .enums import RecommendationState as State

COMPANY = frozenset({Role.COMPANY})
STUDENT = frozenset({Role.STUDENT})

# What is agreed to, or taken back, is the person's own word: nobody undoes it for them.
RECOMMENDATION = Workflow(
    field="state",
    states=State,
    transitions=(
        Transition(
            verb="propose",
            label=_("Envoyer à l’étudiant"),
            noun=_("Envoi à l’étudiant"),
            sources=frozenset({State.DRAFT}),
            target=State.PROPOSED,
            who=COMPANY,
            question=_("Les étudiants liront ces recommandations et diront s’ils veulent qu’on les voie."),
            question_one=_(
                "L’étudiant lira cette recommandation et dira s’il veut qu’on la voie, et qui peut la voir."
            ),
            stamp="proposed_at",
            icon="send",
        ),
        Transition(
            verb="rework",
            label=_("Remettre en brouillon"),
            noun=_("Remise en brouillon"),
            sources=frozenset({State.PROPOSED}),
            target=State.DRAFT,
            who=COMPANY,
            question=_("Les étudiants ne verront plus ces recommandations tant que vous les corrigez."),
            question_one=_("L’étudiant ne verra plus cette recommandation tant que vous la corrigez."),
            icon="edit",
        ),
        Transition(
            verb="accept",
            label=_("Accepter"),
            noun=_("Accord de l’étudiant"),
            # A person who said no, or took the agreement back, may think again; a rule refuses what the
            # company has taken back.
            sources=frozenset({State.PROPOSED, State.DECLINED, State.WITHDRAWN}),
            target=State.ACCEPTED,
            who=STUDENT,
            question=_("Ces recommandations seront lues par ceux que vous choisissez ci-dessous."),
            question_one=_(
                "Elle sera lue par ceux que vous choisissez ci-dessous. Vous pourrez changer d’avis, ou tout"
                " retirer, à n’importe quel moment."
            ),
            stamp="accepted_at",
            icon="thumb_up",
            final=True,
        ),
        Transition(
            verb="choose",
            label=_("Changer mes choix"),
            noun=_("Changement de visibilité"),
            sources=frozenset({State.ACCEPTED}),
            target=State.ACCEPTED,
            who=STUDENT,
            question=_("Vos nouveaux choix comptent tout de suite."),
            icon="tune",
        ),
        Transition(
            verb="decline",
            label=_("Décliner"),
            noun=_("Refus de l’étudiant"),
            sources=frozenset({State.PROPOSED}),
            target=State.DECLINED,
            who=STUDENT,
            question=_("Ces recommandations ne seront lues par personne d’autre que l’entreprise et vous."),
            question_one=_(
                "Cette recommandation ne sera lue par personne d’autre que l’entreprise et vous. Vous pourrez"
                " changer d’avis."
            ),
            stamp="declined_at",
            icon="thumb_down",
        ),
        Transition(
            verb="withdraw",
            label=_("Retirer mon accord"),
            noun=_("Retrait de l’accord"),
            sources=frozenset({State.ACCEPTED}),
            target=State.WITHDRAWN,
            who=STUDENT,
            question=_(
                "Ces recommandations quitteront tout de suite le site, les listes et les exports, et leurs"
                " PDF ne seront plus reconnus. Vous pourrez changer d’avis."
            ),
            question_one=_(
                "Cette recommandation quittera tout de suite le site, les listes et les exports, et son PDF"
                " ne sera plus reconnu. Vous pourrez changer d’avis."
            ),
            stamp="withdrawn_at",
            danger=True,
            icon="visibility_off",
            final=True,
        ),
        Transition(
            verb="retract",
            label=_("Retirer la recommandation"),
            noun=_("Retrait par l’entreprise"),
            sources=frozenset({State.PROPOSED, State.ACCEPTED}),
            target=State.WITHDRAWN,
            who=COMPANY,
            question=_(
                "Ces recommandations ne seront plus lues par personne. Les étudiants sauront pourquoi."
            ),
            question_one=_(
                "Cette recommandation ne sera plus lue par personne, et son PDF ne sera plus reconnu."
                " L’étudiant saura pourquoi. C’est définitif."
            ),
            stamp="withdrawn_at",
            needs_reason=True,
            danger=True,
            icon="undo",
            final=True,
        ),
        Transition(
            verb="feature",
            label=_("Mettre en avant"),
            noun=_("Mise en avant"),
            sources=frozenset({State.ACCEPTED}),
            target=State.ACCEPTED,
            who=KEEPERS,
            question=_("Ces recommandations seront les premières de la liste du site."),
            question_one=_("Cette recommandation sera parmi les premières de la liste du site."),
            icon="star",
        ),
        Transition(
            verb="unfeature",
            label=_("Ne plus mettre en avant"),
            noun=_("Fin de la mise en avant"),
            sources=frozenset({State.ACCEPTED}),
            target=State.ACCEPTED,
            who=KEEPERS,
            question=_("Ces recommandations reprendront leur place dans la liste du site."),
            question_one=_("Cette recommandation reprendra sa place dans la liste du site."),
            icon="star_half",
        ),
        Transition(
            verb="lapse",
            label=_("Prendre fin"),
            noun=_("Fin de la recommandation"),
            sources=frozenset({State.DRAFT, State.PROPOSED, State.ACCEPTED, State.DECLINED}),
            target=State.WITHDRAWN,
            who=frozenset(),
            by_itself=True,
            question=_("Le compte de la personne n’existe plus."),
            stamp="withdrawn_at",
            icon="event_busy",
            final=True,
        ),
    ),
)
