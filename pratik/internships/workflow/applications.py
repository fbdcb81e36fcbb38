from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import Role
from pratik.core.workflow import Transition, Workflow

from ..enums import LIVE_APPLICATIONS, OPEN_APPLICATIONS, UNDECIDED_APPLICATIONS, ApplicationState

APPLICATION = Workflow(
    field="state",
    states=ApplicationState,
    transitions=(
        Transition(
            verb="shortlist",
            label=_("Présélectionner"),
            noun=_("Présélection"),
            sources=frozenset({ApplicationState.RECEIVED}),
            target=ApplicationState.SHORTLISTED,
            who=frozenset({Role.COMPANY}),
            question=_("Ces étudiants sauront que leur candidature est retenue pour la suite."),
            question_one=_("Cet étudiant saura que sa candidature est retenue pour la suite."),
            icon="star",
        ),
        Transition(
            verb="invite",
            label=_("Inviter à un entretien"),
            noun=_("Invitation à un entretien"),
            sources=frozenset(OPEN_APPLICATIONS),
            target=ApplicationState.INTERVIEW,
            who=frozenset({Role.COMPANY}),
            question=_("Ces étudiants seront invités ; vous verrez comment les joindre."),
            question_one=_("Cet étudiant sera invité ; vous verrez comment le joindre."),
            icon="event",
        ),
        Transition(
            verb="accept",
            label=_("Accepter"),
            noun=_("Acceptation"),
            sources=frozenset(OPEN_APPLICATIONS),
            target=ApplicationState.ACCEPTED,
            who=frozenset({Role.COMPANY}),
            question=_("Ces étudiants auront une place, tant qu’il en reste ; leur stage sera préparé."),
            question_one=_("Cet étudiant aura une place ; son stage sera préparé."),
            stamp="decided_at",
            icon="check_circle",
        ),
        Transition(
            verb="refuse",
            label=_("Refuser"),
            noun=_("Refus"),
            sources=frozenset(LIVE_APPLICATIONS),
            target=ApplicationState.REFUSED,
            who=frozenset({Role.COMPANY}),
            question=_("Ces étudiants recevront le motif ; ceux qui avaient une place ne l’auront plus."),
            question_one=_("Cet étudiant recevra le motif ; s’il avait une place, il ne l’aura plus."),
            danger=True,
            stamp="decided_at",
            icon="cancel",
        ),
        Transition(
            verb="resume",
            label=_("Maintenir ma candidature"),
            noun=_("Maintien de la candidature"),
            sources=frozenset({ApplicationState.REOPENED}),
            target=ApplicationState.RECEIVED,
            who=frozenset({Role.STUDENT}),
            question=_("Ces entreprises examineront de nouveau votre candidature."),
            question_one=_("L’entreprise examinera de nouveau votre candidature."),
            icon="thumb_up",
        ),
        Transition(
            verb="withdraw",
            label=_("Retirer ma candidature"),
            noun=_("Retrait de la candidature"),
            sources=frozenset(LIVE_APPLICATIONS),
            target=ApplicationState.WITHDRAWN,
            who=frozenset({Role.STUDENT}),
            question=_(
                "Ces candidatures seront retirées, et leurs CV effacés ; une place acceptée ira à quelqu’un"
                " d’autre."
            ),
            question_one=_(
                "Cette candidature sera retirée, et son CV effacé ; une place acceptée ira à quelqu’un"
                " d’autre."
            ),
            danger=True,
            stamp="decided_at",
            icon="undo",
        ),
        Transition(
            verb="reopen",
            label=_("Reprendre l’examen"),
            noun=_("Reprise de l’examen"),
            sources=frozenset({ApplicationState.REFUSED, ApplicationState.EXPIRED}),
            # Whoever was told no may have a place elsewhere by now: nobody is taken again unasked.
            target=ApplicationState.REOPENED,
            who=frozenset({Role.COMPANY}),
            question=_(
                "Ces étudiants diront d’abord s’ils maintiennent leur candidature ; vous leur répondrez"
                " ensuite."
            ),
            question_one=_(
                "Cet étudiant dira d’abord s’il maintient sa candidature ; vous lui répondrez ensuite."
            ),
            icon="replay",
        ),
        Transition(
            verb="expire",
            label=_("Rester sans suite"),
            noun=_("Candidature sans suite"),
            sources=frozenset(UNDECIDED_APPLICATIONS),
            target=ApplicationState.EXPIRED,
            who=frozenset(),
            by_itself=True,
            question=_("Personne n’a répondu à temps, ou l’offre n’existe plus."),
            stamp="decided_at",
            icon="event_busy",
        ),
        Transition(
            verb="release",
            label=_("Rendre la place"),
            noun=_("Place rendue"),
            sources=frozenset({ApplicationState.ACCEPTED}),
            target=ApplicationState.EXPIRED,
            who=frozenset(),
            by_itself=True,
            question=_("Le stage n’aura pas lieu : la place est de nouveau libre."),
            stamp="decided_at",
            icon="event_busy",
        ),
    ),
)
