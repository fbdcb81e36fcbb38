from .applications import LONGEST_ANSWER, Application, validate_answers
from .offers import MAX_QUESTIONS, InternshipOffer
from .papers import PlacementPaper
from .people import HostTutor, ReferentTeacher
from .placements import Placement, PlacementBreak, RuleOverride

__all__ = [
    "LONGEST_ANSWER",
    "MAX_QUESTIONS",
    "Application",
    "HostTutor",
    "InternshipOffer",
    "Placement",
    "PlacementBreak",
    "PlacementPaper",
    "ReferentTeacher",
    "RuleOverride",
    "validate_answers",
]
