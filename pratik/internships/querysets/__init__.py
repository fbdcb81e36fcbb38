from .applications import ApplicationQuerySet
from .offers import ORDERS, OfferQuerySet
from .papers import PlacementPaperQuerySet
from .people import HostTutorQuerySet, ReferentTeacherQuerySet
from .placements import PlacementBreakQuerySet, PlacementQuerySet, RuleOverrideQuerySet

__all__ = [
    "ORDERS",
    "ApplicationQuerySet",
    "HostTutorQuerySet",
    "OfferQuerySet",
    "PlacementBreakQuerySet",
    "PlacementPaperQuerySet",
    "PlacementQuerySet",
    "ReferentTeacherQuerySet",
    "RuleOverrideQuerySet",
]
