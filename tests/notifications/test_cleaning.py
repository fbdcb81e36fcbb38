"""What was read six months ago goes; what may still leave, and what nobody read, stays."""

import datetime

import pytest

from pratik.core.calendar import CAYENNE
from pratik.notifications.enums import UNSETTLED, MailState
from pratik.notifications.models import Notice
from pratik.notifications.services import clean_up, cleaning
from pratik.privacy import reports
from pratik.schedule import SCHEDULE
from tests.kit.world import notice

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 8, 30, 2, tzinfo=CAYENNE)


def read(day, state=MailState.SENT):
    return notice(
        read_at=day and datetime.datetime(2026, *day, 23, tzinfo=CAYENNE),
        mail_state=state,
        created_at=datetime.datetime(2020, 1, 1, tzinfo=CAYENNE),
    )


def test_six_months_are_counted_by_the_calendar():
    # Half a year before 30 August is the last day of February.
    gone, kept, unread = read((2, 27)), read((2, 28)), read(None)
    assert clean_up(now=NOW) == 1
    assert set(Notice.objects.all()) == {kept, unread}
    assert gone.pk not in Notice.objects.values_list("pk", flat=True)
    assert clean_up(now=NOW) == 0


@pytest.mark.parametrize("state", MailState, ids=str)
def test_what_may_still_leave_stays(state):
    read((1, 1), state)
    assert clean_up(now=NOW) == (0 if state in UNSETTLED else 1)


def test_a_run_that_is_killed_leaves_the_rest_to_the_next(monkeypatch):
    for _ in range(5):
        read((1, 1))
    monkeypatch.setattr(cleaning, "BATCH", 2)
    assert clean_up(now=NOW) == 5


def test_the_register_says_the_same():
    line, rule = reports.rule_named("read_notices")
    assert (rule.months, rule.task) == (cleaning.KEPT_MONTHS, "clean_up_notices")
    old, recent, waiting = read((2, 27)), read((2, 28)), read((1, 1), MailState.HELD)
    assert set(reports.overdue(line, rule, NOW).values_list("pk", flat=True)) == {old.pk}
    assert {recent, waiting} <= set(Notice.objects.all())


def test_schedule_is_as_people_were_told():
    assert SCHEDULE["send_digests"].cron == "0 9 * * *"
    assert SCHEDULE["clean_up_notices"].cron == "0 2 * * 0"
    assert SCHEDULE["remind_of_calendars"].cron == "0 10 * * 1"
