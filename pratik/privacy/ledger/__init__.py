"""The register: what the platform holds about people, why, on which ground, and until when.

Data, not code. My-data pages, downloads, erasures, the daily removal and the console's register are all
made from these lines; a test fails for a model with personal columns that stand in no line.

Sources of the rules: GDPR = regulation (EU) 2016/679; CNIL = the French data protection authority's
recommendations on how long data are kept; LIL = law 78-17 of 6 January 1978.
"""

from django.utils.translation import gettext_lazy as _

from . import access, internships, joining, living, messages, people, verification
from .not_personal import NOT_PERSONAL
from .shape import KEPT, LINK, Consent, Duty, Line, Rule

__all__ = [
    "CONSENTS",
    "HISTORY",
    "HISTORY_MENTIONS",
    "LINES",
    "NOT_PERSONAL",
    "Consent",
    "Duty",
    "Line",
    "Rule",
]

LINES = (
    *people.LINES,
    *joining.LINES,
    *verification.LINES,
    *living.LINES,
    *internships.LINES,
    *messages.LINES,
    *access.LINES,
)

CONSENTS = (
    Consent(
        code="profil-public",
        model="accounts.studentprofile",
        field="is_public",
        title=_("Montrer mon profil aux entreprises"),
        meaning=_(
            "Les entreprises inscrites voient vos études et vos compétences. Sans votre accord, elles n’en"
            " voient rien."
        ),
    ),
    Consent(
        code="e-mails",
        model="accounts.user",
        field="wants_email",
        title=_("Recevoir les avis par e-mail"),
        meaning=_(
            "Les avis restent dans la console dans tous les cas. Les messages de sécurité et ceux qui"
            " concernent vos données partent toujours."
        ),
    ),
)

# Who changed a row is written in each line of its history, as a link to their account, and the words that
# they gave for it; what the line says of the row's person is in that model's line above.
HISTORY = {"history_user": LINK, "history_change_reason": KEPT}
HISTORY_MENTIONS = ("history_change_reason",)
