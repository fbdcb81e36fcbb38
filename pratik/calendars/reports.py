"""Answers about calendars that are not rows of calendars."""

import datetime

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum

from pratik.core.calendar import weeks_between
from pratik.reference.models import Commune
from pratik.schools.models import ProgramManager, SchoolProfile

from .enums import CalendarState
from .models import LEVELS, InternshipCalendar
from .querysets import SHOWN

# A draft that starts within this time leaves companies hardly any to answer.
SOON = datetime.timedelta(days=30)


def schools_with_public_calendars():
    """Schools of which visitors see at least one calendar, with their communes."""
    shown = InternshipCalendar.objects.filter(SHOWN, school=OuterRef("pk")).order_by()
    # One look into the index for each school, however many calendars it has.
    any_shown = Subquery(shown.values("pk")[:1])
    return SchoolProfile.objects.public().alias(shown=any_shown).exclude(shown=None).select_related("commune")


def communes_of_public_calendars():
    """Communes with a school of which visitors see at least one calendar."""
    shown = InternshipCalendar.objects.public().filter(school__commune=OuterRef("pk")).order_by()
    return Commune.objects.alias(shown=Subquery(shown.values("pk")[:1])).exclude(shown=None)


def levels_of_public_calendars():
    """The levels that visitors meet, lowest first: [(level, name)]."""
    shown = InternshipCalendar.objects.public().order_by()
    # One look into the index for each level, however many calendars there are.
    met = SchoolProfile.objects.order_by().values_list(
        *(Exists(shown.filter(level=level)) for level, _name in LEVELS)
    )
    found = next(iter(met[:1]), ())
    return [known for known, is_met in zip(LEVELS, found, strict=False) if is_met]


def students_by_week(calendars, first, last):
    """How many students are out on placement in each ISO week of a stretch of days: [(Monday, number)].

    A placement counts in full in each week that it touches.
    """
    mondays = weeks_between(first, last)
    totals = dict.fromkeys(mondays, 0)
    end = mondays[-1] + datetime.timedelta(days=6)
    periods = (
        calendars.touching(mondays[0], end)
        .order_by()
        .values_list("start_on", "end_on")
        .annotate(students=Sum("number_of_students"))
    )
    for start_on, end_on, students in periods:
        for monday in weeks_between(max(start_on, mondays[0]), min(end_on, end)):
            totals[monday] += students
    return list(totals.items())


def students_by_week_and_state(calendars, first, last, states):
    """The same for several states at once: {state: [(Monday, number)]}."""
    mondays = weeks_between(first, last)
    end = mondays[-1] + datetime.timedelta(days=6)
    totals = {state: dict.fromkeys(mondays, 0) for state in states}
    periods = (
        calendars.filter(state__in=states)
        .touching(mondays[0], end)
        .order_by()
        .values_list("state", "start_on", "end_on")
        .annotate(students=Sum("number_of_students"))
    )
    for state, start_on, end_on, students in periods:
        for monday in weeks_between(max(start_on, mondays[0]), min(end_on, end)):
            totals[state][monday] += students
    return {state: list(weeks.items()) for state, weeks in totals.items()}


def calendar_figures(user, today):
    """How many calendars wait for publication, are published, are withdrawn, among those I may see?

    Only placements that have not ended count. `urgent` are drafts that start within 30 days or have
    started, `hidden` are published and yet not on the site, `running` are published and under way,
    `unmanaged` are neither archived nor followed by a programme manager; `*_students` are the students of
    these calendars.
    """
    draft = Q(state=CalendarState.DRAFT)
    published = Q(state=CalendarState.PUBLISHED)
    counted = {
        "drafts": draft,
        "urgent": draft & Q(start_on__lte=today + SOON),
        "published": published,
        "hidden": published & ~Q(is_visible_to_companies=True, school__is_visible=True),
        "running": published & Q(start_on__lte=today),
        "withdrawn": Q(state=CalendarState.WITHDRAWN),
        "unmanaged": Q(program_manager=None) & ~Q(state=CalendarState.ARCHIVED),
    }
    totals = {name: Count("pk", filter=rows) for name, rows in counted.items()}
    for name in ("drafts", "published", "running"):
        totals[f"{name}_students"] = Sum("number_of_students", filter=counted[name], default=0)
    shown = InternshipCalendar.objects.visible_to(user).not_over(today).order_by()
    return shown.aggregate(**totals, schools=Count("school", filter=published, distinct=True))


def drafts_to_publish(user, today, *, most):
    """Which drafts must be published first: those that start soon, then those that wait longest?

    Two lists of at most `most` calendars with their schools, none in both.
    """
    waiting = InternshipCalendar.objects.visible_to(user).awaiting_publication(today)
    soon = Q(start_on__lte=today + SOON)
    urgent = waiting.filter(soon).order_by("start_on", "pk")
    oldest = waiting.exclude(soon).order_by("created_at", "pk")
    # Both lists in one question.
    chosen = Q(pk__in=urgent.values("pk")[:most]) | Q(pk__in=oldest.values("pk")[:most])
    rows = list(InternshipCalendar.objects.filter(chosen).select_related("school"))
    is_soon = [row for row in rows if row.start_on <= today + SOON]
    others = [row for row in rows if row.start_on > today + SOON]
    return (
        sorted(is_soon, key=lambda row: (row.start_on, row.pk)),
        sorted(others, key=lambda row: (row.created_at, row.pk)),
    )


def withdrawn_with_reason(user, today):
    """Which of the calendars that I may see were withdrawn, when and why? The latest first.

    Placements that have not ended; `withdrawn_at` and `reason` are those of the withdrawal.
    """
    withdrawal = InternshipCalendar.history.model.objects.filter(
        id=OuterRef("pk"), operation__verb="withdraw"
    ).order_by("-history_date", "-history_id")
    return (
        InternshipCalendar.objects.visible_to(user)
        .not_over(today)
        .filter(state=CalendarState.WITHDRAWN)
        .annotate(
            withdrawn_at=Subquery(withdrawal.values("history_date")[:1]),
            reason=Subquery(withdrawal.values("operation__reason")[:1]),
        )
        .order_by("-withdrawn_at", "-pk")
    )


def schools_looked_after(user):
    """Which schools do I look after, are they on the site, and has each a programme manager?

    `is_followed` says whether visitors see a calendar of the school, `has_manager` whether one of its
    programme managers is active.
    """
    shown = InternshipCalendar.objects.public().filter(school=OuterRef("pk"))
    managers = ProgramManager.objects.active().filter(school=OuterRef("pk"))
    schools = SchoolProfile.objects.editable_by(user)
    return schools.annotate(is_followed=Exists(shown.order_by()), has_manager=Exists(managers.order_by()))
