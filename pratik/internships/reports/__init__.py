from .capacity import capacity, interns_by_week, students_looking
from .headcounts import headcounts
from .law import findings, judgements
from .offer_law import law_findings, offers_judged
from .offers import (
    accepted_before,
    accepted_by_offer,
    application_figures,
    applications_to_answer,
    look_alikes,
    offer_figures,
    offers_to_moderate,
    open_by_student,
    starts_of,
    with_another_live,
    with_prepared_placement,
)
from .presence import presences

__all__ = [
    "accepted_before",
    "accepted_by_offer",
    "application_figures",
    "applications_to_answer",
    "capacity",
    "findings",
    "headcounts",
    "interns_by_week",
    "judgements",
    "law_findings",
    "look_alikes",
    "offer_figures",
    "offers_judged",
    "offers_to_moderate",
    "open_by_student",
    "presences",
    "starts_of",
    "students_looking",
    "with_another_live",
    "with_prepared_placement",
]
