"""The law of internships as pure functions: plain values in, findings out."""

from .cooling_off import free_from
from .duration import hours_used
from .facts import Facts, Previous, Spell, minutes_with, spells_of
from .findings import Finding, Rule
from .guard import OFFER_RULES, RULES, LawRefusal, blocking, check, refusal
from .hours import Presence, presence
from .minors import age_groups, birthday, consents_alone, is_minor
from .overlap import overlapping
from .quota import host_cap, weeks_over
from .schedule import WeekSchedule, hours_of, hours_text, minutes_of, moment_text
from .stipend import Stipend, euros, stipend_of
from .supervision import most_at_once

__all__ = [
    "OFFER_RULES",
    "RULES",
    "Facts",
    "Finding",
    "LawRefusal",
    "Presence",
    "Previous",
    "Rule",
    "Spell",
    "Stipend",
    "WeekSchedule",
    "age_groups",
    "birthday",
    "blocking",
    "check",
    "consents_alone",
    "euros",
    "free_from",
    "host_cap",
    "hours_of",
    "hours_text",
    "hours_used",
    "is_minor",
    "minutes_of",
    "minutes_with",
    "moment_text",
    "most_at_once",
    "overlapping",
    "presence",
    "refusal",
    "spells_of",
    "stipend_of",
    "weeks_over",
]
