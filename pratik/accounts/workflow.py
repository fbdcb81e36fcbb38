from django.utils.translation import gettext_lazy as _

from pratik.core.workflow import Transition, Workflow

from .enums import Role, VerificationState

CHECKERS = frozenset({Role.ADMINISTRATOR, Role.VERIFIER})

VERIFICATION = Workflow(
    field="verification",
    states=VerificationState,
    transitions=(
        Transition(
            verb="verify",
            label=_("Vérifier"),
            noun=_("Vérification"),
            sources=frozenset({VerificationState.UNVERIFIED, VerificationState.REVOKED}),
            target=VerificationState.VERIFIED,
            who=CHECKERS,
            question=_("Avez-vous vérifié qui est derrière ces comptes ?"),
            question_one=_("Avez-vous vérifié qui est derrière ce compte ?"),
            icon="verified_user",
        ),
        Transition(
            verb="revoke",
            label=_("Retirer la vérification"),
            noun=_("Retrait de la vérification"),
            sources=frozenset({VerificationState.VERIFIED}),
            target=VerificationState.REVOKED,
            who=CHECKERS,
            question=_("Pourquoi retirer la vérification ?"),
            needs_reason=True,
            danger=True,
            icon="gpp_bad",
        ),
        Transition(
            verb="lapse",
            label=_("Perdre la vérification"),
            noun=_("Perte de la vérification"),
            sources=frozenset({VerificationState.VERIFIED}),
            target=VerificationState.UNVERIFIED,
            who=frozenset(),
            by_itself=True,
            question=_("Les pièces justificatives de ces comptes ne sont plus complètes."),
            icon="gpp_maybe",
        ),
    ),
)
