from .applications import APPLICATION
from .offers import OFFER
from .papers import PAPER
from .placements import PLACEMENT, SCHOOL_SIDE

__all__ = ["APPLICATION", "OFFER", "PAPER", "PLACEMENT", "SCHOOL_SIDE"]
