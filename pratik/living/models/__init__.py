from .costs import CostCeiling
from .days import read_days, validate_days, write_days
from .lodgings import PHOTO_SIZES, HousingOffer, HousingPhoto, HousingRequest
from .offers import Offer, Request
from .trips import CarpoolOffer, CarpoolRequest

__all__ = [
    "PHOTO_SIZES",
    "CarpoolOffer",
    "CarpoolRequest",
    "CostCeiling",
    "HousingOffer",
    "HousingPhoto",
    "HousingRequest",
    "Offer",
    "Request",
    "read_days",
    "validate_days",
    "write_days",
]
