"""Coming in: sign-ups, requests, drafts of organisations, invitations."""

from django.utils.translation import gettext_lazy as _

from ..enums import Basis, Fate, Left, OnErasure
from .shape import BLANK, KEPT, LINK, RGPD_5_1_E, Line, Rule

LINES = (
    Line(
        model="joining.signup",
        title=_("Vos inscriptions en cours"),
        purpose=_("Ouvrir un compte à une adresse qui est bien à la personne."),
        basis=Basis.CONTRACT,
        kept=_("Deux jours."),
        source=RGPD_5_1_E,
        fields={
            "email": BLANK,
            "password": BLANK,
            "first_name": BLANK,
            "last_name": BLANK,
            "identifier": BLANK,
            "organisation_name": BLANK,
            "message": BLANK,
        },
        addresses=("email",),
        on_erasure=OnErasure.REMOVED,
        secrets=("password", "nonce"),
        rules=(
            Rule(
                code="old_sign_ups",
                title=_("Inscriptions jamais confirmées"),
                since=("code_sent_at",),
                days=2,
                fate=Fate.REMOVED,
            ),
        ),
    ),
    Line(
        model="joining.joinrequest",
        title=_("Vos demandes d’adhésion"),
        purpose=_("Vous rattacher à l’organisation pour laquelle vous agissez."),
        basis=Basis.CONTRACT,
        kept=_("Deux ans après la réponse ; le lien reste ensuite, sans les messages."),
        source=RGPD_5_1_E,
        fields={"user": LINK, "message": BLANK, "answer": BLANK},
        people=("user",),
        rules=(
            Rule(
                code="old_join_requests",
                title=_("Demandes d’adhésion closes depuis deux ans"),
                since=("decided_at",),
                months=24,
                fate=Fate.ANONYMISED,
                only={"decided_at__isnull": False},
                never={"message": "", "answer": ""},
            ),
        ),
    ),
    Line(
        model="joining.organisationdraft",
        title=_("Les organismes que vous avez proposés"),
        purpose=_("Ajouter une organisation que la plateforme ne connaît pas."),
        basis=Basis.CONTRACT,
        kept=_("Deux ans après la réponse ; la fiche reste ensuite, sans les messages."),
        source=RGPD_5_1_E,
        fields={"applicant": LINK, "message": BLANK, "answer": BLANK},
        people=("applicant",),
        rules=(
            Rule(
                code="old_drafts",
                title=_("Organismes proposés, clos depuis deux ans"),
                since=("decided_at",),
                months=24,
                fate=Fate.ANONYMISED,
                only={"decided_at__isnull": False},
                never={"message": "", "answer": ""},
            ),
        ),
    ),
    Line(
        model="joining.invitation",
        title=_("Les invitations que vous avez reçues"),
        purpose=_("Inviter une personne à rejoindre une organisation."),
        basis=Basis.LEGITIMATE,
        kept=_("Trois mois après l’échéance, sans réponse ; acceptée, avec le compte."),
        source=_("RGPD, articles 5(1)(e) et 14"),
        fields={
            "email": Left.ADDRESS,
            "message": BLANK,
            "invited_by": KEPT,
            "accepted_by": LINK,
        },
        people=("accepted_by",),
        addresses=("email",),
        secrets=("nonce",),
        rules=(
            Rule(
                code="expired_invitations",
                title=_("Invitations sans réponse depuis trois mois"),
                since=("expires_at",),
                months=3,
                fate=Fate.ANONYMISED,
                only={"accepted_by": None},
                never={"email__endswith": ".pratik.invalid"},
            ),
        ),
    ),
)
