"""What the law says of placements, and what it is asked with: gathered in sets."""

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Q

from pratik.core.calendar import weeks_between
from pratik.law.reports import parameters_on
from pratik.law.rules import Facts, Previous, check, refusal, spells_of
from pratik.papers.enums import PaperKind
from pratik.papers.fields import blank_mentions, in_words
from pratik.reference.levels import LevelNotUnderstood, read_level

from ..enums import AGREED_STATES, EndedBy, InternshipKind, PlacementState
from ..models import Placement, RuleOverride
from .papers import values_of
from .presence import breaks_of, holidays_of, presence_of

# Internships on the same post that ended longer ago keep nobody waiting: the longest is a year.
LOOK_BACK = datetime.timedelta(days=366)
YEAR = datetime.timedelta(days=366)
SIX_DAYS = datetime.timedelta(days=6)


def studies_of(placement):
    """What the intern studies for, as a `ReadLevel`: as their school says it in the enrolment, by the course,
    else by the class; else as they say it themselves; None where nobody does. The enrolment and the student
    loaded.
    """
    enrolment = placement.enrolment if placement.enrolment_id else None
    for text in (enrolment.program_name, enrolment.class_group) if enrolment else ():
        try:
            return read_level(text)
        except LevelNotUnderstood:
            continue
    return placement.student.read_level


def same_person(tutor):
    """What tells the tutors of a host apart: who is typed again at another address is no second person."""
    return tutor.company_id, " ".join(sorted(tutor.sort_name.split()))


@dataclass(frozen=True)
class Judgement:
    """What the law says of a placement, the gravest first, and the rules set aside: {code: RuleOverride}."""

    findings: list
    overrides: dict


class Surroundings:
    """These placements and all around them that the law looks at, loaded once.

    Other placements count from the host's agreement on. Of the placements themselves, one counts for the
    others when it was agreed to before, or once `admit` has let it in: so the members of a class are judged
    one after the other.
    """

    def __init__(self, placements, today):
        self.placements = list(placements)
        self.today = today
        self.parameters = parameters_on(today)
        self._by_student = defaultdict(list)
        self._by_host = defaultdict(list)
        self._by_tutor = defaultdict(list)
        self._by_teacher = defaultdict(list)
        self._by_post = defaultdict(list)
        self._overrides = defaultdict(dict)
        if self.placements:
            self._load()

    def _load(self):
        rows = self.placements
        first = min(row.start_on for row in rows)
        last = max(row.end_on for row in rows)
        around = Q(student__in={row.student_id for row in rows}) & Q(
            start_on__lte=last + YEAR, end_on__gte=first - YEAR
        )
        same_days = Q(start_on__lte=last, end_on__gte=first)
        # A host's interns are counted by the civil week (article L124-8), to the Sunday of the last.
        weeks = weeks_between(first, last)
        same_weeks = Q(start_on__lte=weeks[-1] + SIX_DAYS, end_on__gte=weeks[0])
        around |= Q(company__in={row.company_id for row in rows}) & same_weeks
        around |= Q(tutor__in={row.tutor_id for row in rows if row.tutor_id}) & same_days
        around |= Q(teacher__in={row.teacher_id for row in rows if row.teacher_id}) & same_days
        around |= Q(
            company__in={row.company_id for row in rows},
            post_key__in={row.post_key for row in rows},
            end_on__gte=first - LOOK_BACK,
            start_on__lt=last,
        )
        agreed = Placement.objects.filter(around, state__in=AGREED_STATES).select_related("tutor")
        others = list(agreed.order_by("start_on", "pk"))
        everybody = list({row.pk: row for row in [*others, *rows]}.values())
        self._breaks = breaks_of(everybody)
        self._holidays = holidays_of(everybody)
        aside = RuleOverride.objects.standing().filter(placement__in=[row.pk for row in rows if row.pk])
        for override in aside.select_related("made_by"):
            self._overrides[override.placement_id][override.rule] = override
        for row in others:
            self.admit(row)

    def admit(self, placement):
        """Counts this placement for those that are judged after it."""
        self._by_student[placement.student_id].append(placement)
        self._by_host[placement.company_id].append(placement)
        self._by_post[placement.company_id, placement.post_key].append(placement)
        if placement.tutor_id:
            self._by_tutor[same_person(placement.tutor)].append(placement)
        if placement.teacher_id:
            self._by_teacher[placement.teacher_id].append(placement)

    def facts(self, placement):
        """What is known of a placement, as the law asks for it; all whom it names must be loaded."""
        others = self._others
        return Facts(
            start=placement.start_on,
            end=placement.last_day,
            schedule=placement.week,
            kind=placement.kind,
            host=placement.company_id,
            breaks=self._breaks.get(placement.pk, ()),
            holidays=self._holidays,
            born_on=placement.student.born_on,
            representative_known=placement.has_reachable_representative,
            today=self.today,
            headcount=placement.company.headcount_floor,
            headcount_is_exact=placement.company.headcount is not None,
            stipend_hourly=placement.stipend_hourly,
            spells=tuple(
                spell
                for other in others(self._by_student[placement.student_id], placement)
                for spell in self._spells(other)
            ),
            interns_by_week=Counter(
                monday
                for other in others(self._by_host[placement.company_id], placement)
                if other.kind != InternshipKind.OBSERVATION
                for monday in weeks_between(other.start_on, other.last_day)
            ),
            tutor_periods=self._periods(
                self._by_tutor, placement.tutor_id and same_person(placement.tutor), placement
            ),
            teacher_periods=self._periods(self._by_teacher, placement.teacher_id, placement),
            previous=self._previous(placement),
            level=studies_of(placement),
            missing_mentions=self._missing_mentions(placement),
        )

    def _missing_mentions(self, placement):
        """What an agreement of this placement would lack, as the papers themselves look at it. The school
        completes the mentions after the host has agreed.
        """
        if placement.state == PlacementState.DRAFTED or not placement.school_id:
            return None
        breaks = self._breaks.get(placement.pk, ())
        found = presence_of(placement, breaks, self._holidays)
        values = values_of(placement, found, breaks, number="", day=self.today)
        return tuple(in_words(blank_mentions(PaperKind.AGREEMENT, values)))

    @staticmethod
    def _others(rows, placement):
        return [row for row in rows if row.pk != placement.pk]

    def _spells(self, other):
        found = presence_of(other, self._breaks.get(other.pk, ()), self._holidays)
        return spells_of(other.company_id, found, other.kind)

    def _periods(self, by_person, person, placement):
        if not person:
            return None
        # Who observes has no agreement of article L124-1, and counts for nothing here.
        return tuple(
            (row.start_on, row.last_day)
            for row in self._others(by_person[person], placement)
            if row.kind != InternshipKind.OBSERVATION
        )

    def _previous(self, placement):
        return tuple(
            Previous(row.start_on, row.last_day, row.ended_by == EndedBy.INTERN)
            for row in self._others(self._by_post[placement.company_id, placement.post_key], placement)
            if row.last_day < placement.start_on and row.kind != InternshipKind.OBSERVATION
        )

    def findings(self, placement):
        """What the law says of a placement, the gravest first; makes no query."""
        return check(self.facts(placement), self.parameters)

    def overrides(self, placement):
        """The rules that somebody set aside for a placement: {code: RuleOverride}; makes no query."""
        return self._overrides[placement.pk]

    def refusal(self, placement, *, leaving=frozenset()):
        """Why the law stands in the way of a placement, in a sentence; None when nothing does.

        `leaving` are rules that are looked at later.
        """
        found = [finding for finding in self.findings(placement) if finding.code not in leaving]
        return refusal(found, self.overrides(placement))


def judgements(placements, today):
    """What the law says of these placements, and what was set aside: {key: `Judgement`}; five queries.

    All whom they name must be loaded (`with_names`).
    """
    around = Surroundings(placements, today)
    return {row.pk: Judgement(around.findings(row), around.overrides(row)) for row in around.placements}


def findings(placements, today):
    """What the law says of these placements: {key: [Finding]}, asked as `judgements` are."""
    return {pk: judgement.findings for pk, judgement in judgements(placements, today).items()}
