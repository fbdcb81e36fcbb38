"""Supporting documents and who has taken them up."""

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ..enums import Basis, Fate, OnErasure
from .shape import BLANK, KEPT, LINK, RGPD_5_1_E, Line, Rule

LINES = (
    Line(
        model="verification.verificationdocument",
        title=_("Vos pièces justificatives"),
        purpose=_("Vérifier qui propose un logement ou un trajet avant que l’annonce paraisse."),
        basis=Basis.CONTRACT,
        kept=format_lazy(
            _(
                "Le fichier : {days} jours après la décision, ou après la fermeture du compte. La décision "
                "et ses dates : aussi longtemps que le compte ; elles restent ensuite, sans nom."
            ),
            days=settings.VERIFICATION_FILE_KEPT_DAYS,
        ),
        source=_("RGPD, articles 5(1)(c), 5(1)(e) et 10 ; LIL, article 46"),
        fields={
            "owner": LINK,
            "submitted_by": KEPT,
            "decided_by": KEPT,
            "first_approved_by": KEPT,
            "reference": BLANK,
            "issued_on": BLANK,
            "rejection_text": BLANK,
            "file": BLANK,
            "file_name": BLANK,
            "sha256": BLANK,
        },
        people=("owner",),
        unsaid=("file",),
        mentions=("rejection_text",),
        rules=(
            Rule(
                code="decided_files",
                title=_("Fichiers des pièces justificatives décidées"),
                since=("decided_at",),
                setting="VERIFICATION_FILE_KEPT_DAYS",
                fate=Fate.ANONYMISED,
                only={"decided_at__isnull": False},
                never={"file": ""},
                task="delete_due_files",
            ),
        ),
    ),
    Line(
        model="verification.reviewclaim",
        title=_("Les pièces que vous examinez"),
        purpose=_("Éviter que deux personnes examinent la même pièce."),
        basis=Basis.LEGITIMATE,
        kept=_("Un quart d’heure, puis un jour au plus."),
        source=RGPD_5_1_E,
        fields={"reviewer": LINK},
        people=("reviewer",),
        on_erasure=OnErasure.REMOVED,
        rules=(
            Rule(
                code="old_claims",
                title=_("Examens de pièces interrompus"),
                since=("until",),
                days=1,
                fate=Fate.REMOVED,
            ),
        ),
    ),
)
