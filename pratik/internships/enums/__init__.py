from .applications import (
    APPLICATION_COLORS,
    LIVE_APPLICATIONS,
    OPEN_APPLICATIONS,
    REACHABLE_APPLICATIONS,
    UNDECIDED_APPLICATIONS,
    UNSUCCESSFUL_APPLICATIONS,
    ApplicationState,
    RefusalReason,
)
from .offers import (
    ANSWERING_STATES,
    INTERNSHIP_KIND_COLORS,
    OFFER_COLORS,
    InternshipKind,
    OfferState,
)
from .papers import PAPER_COLORS, PaperState
from .placements import (
    AGREED_STATES,
    BEFORE_SIGNATURE,
    BEFORE_START,
    HOSTED_STATES,
    PLACEMENT_COLORS,
    EndedBy,
    PlacementState,
    Relation,
)

__all__ = [
    "AGREED_STATES",
    "ANSWERING_STATES",
    "APPLICATION_COLORS",
    "BEFORE_SIGNATURE",
    "BEFORE_START",
    "HOSTED_STATES",
    "INTERNSHIP_KIND_COLORS",
    "LIVE_APPLICATIONS",
    "OFFER_COLORS",
    "OPEN_APPLICATIONS",
    "PAPER_COLORS",
    "PLACEMENT_COLORS",
    "REACHABLE_APPLICATIONS",
    "UNDECIDED_APPLICATIONS",
    "UNSUCCESSFUL_APPLICATIONS",
    "ApplicationState",
    "EndedBy",
    "InternshipKind",
    "OfferState",
    "PaperState",
    "PlacementState",
    "RefusalReason",
    "Relation",
]
