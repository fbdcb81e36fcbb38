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
            sources=frozenset({VerificationState.UNVERIFIED, VerificationState.REVOKED}),
            target=VerificationState.VERIFIED,
            who=CHECKERS,
            question=_("Avez-vous vérifié qui est derrière ces comptes ?"),
            icon="verified_user",
        ),
        Transition(
            verb="revoke",
            label=_("Retirer la vérification"),
            sources=frozenset({VerificationState.VERIFIED}),
            target=VerificationState.REVOKED,
            who=CHECKERS,
            question=_("Pourquoi retirer la vérification ?"),
            needs_reason=True,
            danger=True,
            icon="gpp_bad",
        ),
    ),
)
