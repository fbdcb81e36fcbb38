"""Calendars: who sees them, what may become of them, and what day it is for them."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.calendars import notices
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import students_by_week
from pratik.calendars.rules import publication_refusal
from pratik.calendars.services import (
    archive_calendars,
    assess_calendars,
    publish_calendars,
    tell_partners,
    tell_schools,
    withdraw_calendars,
)
from pratik.core.calendar import today
from pratik.core.services import save_row
from pratik.notifications.models import Notice
from pratik.partners.services import unmark_partners
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = datetime.date


def now_is(monkeypatch, *moment, zone="America/Cayenne"):
    """From now on it is this moment."""
    instant = datetime.datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: instant)


# Who sees what


def test_calendar_is_public_when_published_shown_and_of_a_school_that_is_shown():
    shown = make.calendar(state=CalendarState.PUBLISHED)
    for state in (CalendarState.DRAFT, CalendarState.WITHDRAWN, CalendarState.ARCHIVED):
        make.calendar(state=state)
    make.calendar(state=CalendarState.PUBLISHED, is_visible_to_companies=False)
    make.calendar(state=CalendarState.PUBLISHED, school=make.school(is_visible=False))
    assert list(InternshipCalendar.objects.public()) == [shown]
    assert [row for row in InternshipCalendar.objects.select_related("school") if row.is_public] == [shown]


def test_each_role_sees_and_changes_its_calendars(everyone):
    public, draft = make.calendar(state=CalendarState.PUBLISHED), make.calendar()
    role = getattr(everyone, "role", Role.ANONYMOUS)
    own = set()
    if role == Role.SCHOOL:
        own = {make.calendar(school=everyone.schoolmemberships.get().organisation).pk}
    everything = {public.pk, draft.pk}
    visible = {
        **dict.fromkeys((Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER, Role.AUDITOR), everything),
        Role.SCHOOL: own,
    }.get(role, {public.pk})
    editable = {Role.ADMINISTRATOR: everything, Role.EDITOR: everything, Role.SCHOOL: own}.get(role, set())
    assert {row.pk for row in InternshipCalendar.objects.visible_to(everyone)} == visible
    assert {row.pk for row in InternshipCalendar.objects.editable_by(everyone)} == editable


def test_member_who_left_a_school_sees_its_calendars_no_more(administrator):
    calendar = make.calendar()
    member = make.school_user(calendar.school)
    assert InternshipCalendar.objects.editable_by(member).get() == calendar
    membership = member.schoolmemberships.get()
    membership.is_active = False
    save_row(actor=administrator, row=membership)
    assert not InternshipCalendar.objects.visible_to(member).exists()
    assert not InternshipCalendar.objects.editable_by(member).exists()


def test_member_of_two_schools_sees_each_calendar_once():
    one, two = make.school(), make.school()
    member = make.school_user(one)
    make.member(two, member)
    calendars = {make.calendar(school=one).pk, make.calendar(school=two).pk}
    rows = [row.pk for row in InternshipCalendar.objects.visible_to(member)]
    assert sorted(rows) == sorted(calendars)


def test_words_are_found_whatever_their_accents():
    calendar = make.calendar(
        program_name="BTS Négociation",
        skills_sought=["Téléprospection"],
        school=make.school(name="Lycée Félix Éboué"),
    )
    make.calendar(program_name="CAP Cuisine")
    for words in ("negociation", "NÉGO", "eboue bts", "teleprospection"):
        assert list(InternshipCalendar.objects.matching(words=words)) == [calendar]
    assert not InternshipCalendar.objects.matching(words="negociation cuisine").exists()


def test_schools_are_asked_about_ten_words_at_most(django_assert_num_queries):
    """Whatever a visitor puts into the box; each word once, and the first ones count."""
    calendar = make.calendar(program_name="BTS Négociation", school=make.school(name="Lycée Félix Éboué"))
    with django_assert_num_queries(10):
        InternshipCalendar.objects.matching(words=" ".join("abcdefghijklmnopqrstuvwxyz0123456789"))
    with django_assert_num_queries(2):
        rows = InternshipCalendar.objects.matching(words="Éboué eboue BTS " * 20)
    assert list(rows) == [calendar]
    rows = InternshipCalendar.objects.matching(words="bts negociation " * 20 + "cuisine")
    assert not rows.exists()


def test_placements_that_touch_a_stretch_of_days():
    calendar = make.calendar(start_on=DAY(2027, 1, 4), end_on=DAY(2027, 1, 29))
    touching = InternshipCalendar.objects.touching
    assert list(touching(DAY(2027, 1, 29), DAY(2027, 2, 5))) == [calendar]
    assert list(touching(DAY(2026, 12, 1), DAY(2027, 1, 4))) == [calendar]
    assert not touching(DAY(2027, 1, 30), DAY(2027, 2, 5)).exists()


# What may become of them


def test_placement_that_is_over_is_not_published():
    calendar = make.calendar_row(start_on=DAY(2027, 1, 4), end_on=DAY(2027, 1, 29))
    assert publication_refusal(calendar, today=DAY(2027, 1, 29)) is None
    assert "29/01/2027" in publication_refusal(calendar, today=DAY(2027, 1, 30))


def test_last_day_of_a_placement_is_cayennes(monkeypatch, editor):
    """At 23:30 in Cayenne it is already tomorrow in UTC; the placement that ends today is not over."""
    calendar = make.calendar(start_on=DAY(2027, 1, 4), end_on=DAY(2027, 1, 29))
    now_is(monkeypatch, 2027, 1, 29, 23, 30)
    assert timezone.now().date() == DAY(2027, 1, 30)
    assert today() == DAY(2027, 1, 29)
    assert assess_calendars(actor=editor, verb="publish", pks=[calendar.pk]).changed == [calendar]
    now_is(monkeypatch, 2027, 1, 30, 0, 30)
    assert assess_calendars(actor=editor, verb="publish", pks=[calendar.pk]).changed == []


def test_today_is_cayennes_whatever_the_zone_of_the_user(monkeypatch):
    now_is(monkeypatch, 2027, 3, 1, 23, 30)
    with timezone.override("Pacific/Auckland"):
        assert today() == DAY(2027, 3, 1)


@pytest.mark.parametrize(
    ("start", "school_year", "label"),
    [
        (DAY(2026, 8, 31), 2025, "2025-2026"),
        (DAY(2026, 9, 1), 2026, "2026-2027"),
        (DAY(2027, 8, 31), 2026, "2026-2027"),
    ],
)
def test_school_year_turns_on_the_first_of_september(start, school_year, label):
    calendar = make.calendar(start_on=start)
    assert (calendar.school_year, calendar.school_year_label) == (school_year, label)


def test_moved_start_moves_the_school_year(editor):
    calendar = make.calendar(start_on=DAY(2026, 8, 31))
    calendar.start_on = DAY(2026, 9, 1)
    save_row(actor=editor, row=calendar)
    assert InternshipCalendar.objects.get().school_year == 2026


def test_only_keepers_publish_and_schools_withdraw_and_archive():
    calendar = make.calendar()
    member = make.school_user(calendar.school)
    with pytest.raises(PermissionDenied):
        publish_calendars(actor=member, pks=[calendar.pk])
    publish_calendars(actor=make.user(Role.EDITOR), pks=[calendar.pk])
    withdraw_calendars(actor=member, pks=[calendar.pk], reason="Dates fausses")
    archive_calendars(actor=member, pks=[calendar.pk])
    assert InternshipCalendar.objects.get().state == CalendarState.ARCHIVED


def test_withdrawing_needs_a_reason(editor):
    calendar = make.calendar(state=CalendarState.PUBLISHED)
    with pytest.raises(ValidationError, match="Donnez un motif"):
        withdraw_calendars(actor=editor, pks=[calendar.pk], reason=" ")
    assert InternshipCalendar.objects.get().state == CalendarState.PUBLISHED


def test_archived_calendar_is_closed(editor):
    calendar = make.calendar(state=CalendarState.ARCHIVED)
    calendar.number_of_students = 30
    with pytest.raises(ValidationError, match="archivé"):
        save_row(actor=editor, row=calendar)


def test_manager_of_another_school_is_refused(editor):
    calendar = make.calendar()
    calendar.program_manager = make.manager()
    with pytest.raises(ValidationError, match="autre établissement"):
        save_row(actor=editor, row=calendar)


def test_same_programme_starts_once_on_a_day(editor):
    calendar = make.calendar(program_name="BTS MCO")
    twin = make.calendar_row(school=calendar.school, program_name="bts  mco", start_on=calendar.start_on)
    with pytest.raises(ValidationError):
        save_row(actor=editor, row=twin)
    assert InternshipCalendar.objects.count() == 1


# What is told


def test_students_are_counted_in_each_week_of_their_placement():
    school = make.school()
    first, last = DAY(2027, 1, 4), DAY(2027, 1, 24)
    make.calendar(school=school, start_on=first, end_on=DAY(2027, 1, 17), number_of_students=10)
    make.calendar(school=school, start_on=DAY(2027, 1, 13), end_on=DAY(2027, 2, 28), number_of_students=5)
    weeks = students_by_week(InternshipCalendar.objects.all(), first, last)
    assert weeks == [(DAY(2027, 1, 4), 10), (DAY(2027, 1, 11), 15), (DAY(2027, 1, 18), 5)]


def test_notice_says_how_many_students_of_whom_and_when():
    calendar = make.calendar(
        program_name="BTS MCO",
        school=make.school(name="Lycée Éboué"),
        start_on=DAY(2027, 1, 4),
        end_on=DAY(2027, 1, 29),
        number_of_students=24,
    )
    reader = make.user(Role.COMPANY)
    draft = notices.published(calendar, reader)
    assert draft.subject == "Stages à venir : BTS MCO, Lycée Éboué"
    assert "24 élèves" in draft.body
    assert "du 04/01/2027 au 29/01/2027" in draft.body
    calendar.number_of_students = 1
    assert "1 élève de" in notices.published(calendar, reader).body


def test_notice_is_written_in_the_language_of_its_reader():
    calendar = make.calendar()
    french, english = (make.user(Role.COMPANY, language=language) for language in ("fr", "en"))
    assert notices.published(calendar, french).subject != notices.published(calendar, english).subject


def test_partners_are_told_of_public_calendars_alone_and_once(django_assert_max_num_queries):
    school = make.school()
    calendars = make.calendars(30, school=school, state=CalendarState.PUBLISHED)
    hidden = make.calendar(school=school)
    readers = [make.company_user(make.company(partner=True)) for _ in range(3)]
    make.member(make.company(partner=True), readers[0])
    make.company_user(make.company())
    pks = [row.pk for row in [*calendars, hidden]]
    with django_assert_max_num_queries(20):
        assert tell_partners(pks=pks) == 90
    assert tell_partners(pks=pks) == 0
    assert set(Notice.objects.values_list("recipient", flat=True)) == {reader.pk for reader in readers}


def test_former_partners_hear_nothing(editor):
    reader = make.company_user(make.company(partner=True))
    unmark_partners(actor=editor, pks=[reader.companymemberships.get().organisation_id], reason="Fermée")
    calendar = make.calendar(state=CalendarState.PUBLISHED)
    assert tell_partners(pks=[calendar.pk]) == 0


def test_schools_hear_of_each_act_once(editor):
    calendar = make.calendar()
    member = make.school_user(calendar.school)
    outcome = publish_calendars(actor=editor, pks=[calendar.pk])
    arguments = {"pks": [calendar.pk], "operation_pk": outcome.operation.pk}
    assert tell_schools(**arguments) == 1
    assert tell_schools(**arguments) == 0
    assert Notice.objects.get().recipient == member


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"program_name": "!!!"}, "program_name"),
        ({"start_on": datetime.date(27, 1, 4), "end_on": datetime.date(27, 1, 29)}, "start_on"),
        ({"start_on": datetime.date(2127, 1, 4), "end_on": datetime.date(2127, 1, 29)}, "start_on"),
        ({"start_on": datetime.date(2027, 1, 4), "end_on": datetime.date(2028, 1, 29)}, "end_on"),
    ],
    ids=["a name without letters", "the year 27", "a century late", "longer than a year"],
)
def test_what_nobody_can_have_meant_is_refused_at_its_field(actor, fields, column):
    calendar = make.calendar_row(**{"school": make.school(), **fields})
    with pytest.raises(ValidationError) as refused:
        save_row(actor=actor, row=calendar)
    assert list(refused.value.error_dict) == [column]
