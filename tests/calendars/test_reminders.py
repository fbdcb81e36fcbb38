"""On Mondays schools and partner companies are reminded of what starts within thirty days, once each."""

from datetime import timedelta

import pytest

from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import remind_of_calendars
from pratik.calendars.tasks import remind_of_calendars as task
from pratik.core.calendar import today
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner_member(db):
    return make.company_user(make.company(partner=True))


def calendar(school, start, **fields):
    """A published calendar that starts so many days from today."""
    start_on = today() + timedelta(days=start)
    values = {"state": CalendarState.PUBLISHED, "school": school, "start_on": start_on}
    return make.calendar(**values | {"end_on": start_on + timedelta(days=20)} | fields)


def told(user):
    rows = Notice.objects.filter(recipient=user, kind=NoticeKind.CALENDAR_STARTING)
    return [row.body for row in rows.order_by("pk")]


@pytest.mark.parametrize(("start", "is_told"), [(-1, False), (0, True), (1, True), (30, True), (31, False)])
def test_thirty_days_are_counted_from_today(school_user, partner_member, start, is_told):
    calendar(school_user.schoolmemberships.get().organisation, start)
    remind_of_calendars()
    assert bool(told(school_user)) is is_told
    assert bool(told(partner_member)) is is_told


def test_each_is_reminded_of_a_start_once(school_user, partner_member):
    row = calendar(school_user.schoolmemberships.get().organisation, 20)
    assert remind_of_calendars() == 2
    task()
    assert (len(told(school_user)), len(told(partner_member))) == (1, 1)
    # What is put off starts on another day, of which people are reminded too.
    put_off = row.start_on + timedelta(days=3)
    InternshipCalendar._base_manager.filter(pk=row.pk).update(
        start_on=put_off, end_on=put_off + timedelta(days=9)
    )
    assert remind_of_calendars() == 2
    assert f"{put_off:%d/%m/%Y}" in told(partner_member)[1]


@pytest.mark.parametrize(
    ("fields", "school_hears", "partner_hears"),
    [
        ({"state": CalendarState.DRAFT}, False, False),
        ({"state": CalendarState.WITHDRAWN}, False, False),
        ({"state": CalendarState.ARCHIVED}, False, False),
        ({"is_visible_to_companies": False}, True, False),
        ({}, True, True),
    ],
)
def test_companies_hear_of_what_is_public_alone(
    school_user, partner_member, fields, school_hears, partner_hears
):
    calendar(school_user.schoolmemberships.get().organisation, 10, **fields)
    remind_of_calendars()
    assert (bool(told(school_user)), bool(told(partner_member))) == (school_hears, partner_hears)


def test_other_schools_and_companies_that_are_no_partners_hear_nothing(school_user):
    others = [make.school_user(), make.company_user(), make.student().user]
    calendar(school_user.schoolmemberships.get().organisation, 10)
    assert remind_of_calendars() == 1
    assert [told(other) for other in others] == [[], [], []]


def test_queries_do_not_grow_with_the_calendars(school_user, partner_member, django_assert_max_num_queries):
    school = school_user.schoolmemberships.get().organisation
    for number in range(15):
        calendar(school, 5 + number, program_name=f"Filière {number}")
    with django_assert_max_num_queries(25):
        assert remind_of_calendars() == 30
