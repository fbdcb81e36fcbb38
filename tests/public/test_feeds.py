"""The feeds that diary programs follow, read back as such a program reads them."""

import datetime

import pytest
from icalendar import Calendar

from pratik.calendars.enums import CalendarState
from pratik.calendars.services import withdraw_calendars
from pratik.core.calendar import today
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar():
    return make.calendar(
        state=CalendarState.PUBLISHED,
        school=make.school(name="Lycée Élie Castor", commune=make.commune("Kourou")),
        program_name="CAP Cuisine ; pâtisserie, 2e année",
        level=3,
        diploma="CAP",
        year_in_cycle=2,
        start_on=today(),
        end_on=today() + datetime.timedelta(days=18),
        number_of_students=12,
        skills_sought=["Cuisson", "Dressage, service"],
        description="Deux lignes\nde texte.",
    )


def read(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content)


@pytest.mark.parametrize("where", ["/calendriers.ics", "school", "event"])
def test_a_placement_is_a_whole_day_event(client, settings, calendar, where):
    settings.SITE_URL = "https://pratik.example"
    path = {
        "school": f"/calendriers/etablissements/{calendar.school.uai}.ics",
        "event": f"/calendriers/{calendar.pk}.ics",
    }.get(where, where)

    file = read(client.get(path, headers={"accept-language": "en"}))

    assert file["VERSION"] == "2.0"
    (event,) = file.events
    assert event.decoded("DTSTART") == calendar.start_on
    # The day on which it is over.
    assert event.decoded("DTEND") == calendar.end_on + datetime.timedelta(days=1)
    assert event["UID"] == f"calendrier-{calendar.pk}@pratik.example"
    assert event["SUMMARY"] == "Stage\u00a0: CAP Cuisine ; pâtisserie, 2e année, Lycée Élie Castor"
    assert event["URL"] == f"https://pratik.example{calendar.get_absolute_url()}"
    assert event["LOCATION"] == "Kourou, Guyane"
    assert event.categories == ["Stage", "CAP 2e année"]
    changed = calendar.updated_at.replace(microsecond=0)
    assert event.decoded("DTSTAMP") == event.decoded("LAST-MODIFIED") == changed
    for told in ("12 élèves", "Cuisson, Dressage, service", "Deux lignes\nde texte."):
        assert told in event["DESCRIPTION"]


def test_a_schools_feed_bears_its_name_and_holds_only_its_placements(client, calendar):
    make.calendar(state=CalendarState.PUBLISHED)

    file = read(client.get(f"/calendriers/etablissements/{calendar.school.uai.lower()}.ics"))

    assert file["X-WR-CALNAME"] == "PRATIK\u00a0: stages, Lycée Élie Castor"
    assert len(file.events) == 1


def test_the_feed_of_the_list_holds_all_that_is_not_over(client, calendar):
    make.calendars(40, state=CalendarState.PUBLISHED)
    make.calendar(
        state=CalendarState.PUBLISHED,
        start_on=today() - datetime.timedelta(days=9),
        end_on=today() - datetime.timedelta(days=1),
    )

    assert len(read(client.get("/calendriers.ics")).events) == 41
    assert len(read(client.get("/calendriers.ics", {"passes": "1"})).events) == 42


def test_a_reader_whose_copy_is_right_is_told_so(client, calendar):
    first = client.get("/calendriers.ics")

    again = client.get("/calendriers.ics", headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]


def test_each_choice_is_a_document_of_its_own(client, calendar):
    first = client.get("/calendriers.ics")

    other = client.get("/calendriers.ics", {"niveau": "3"}, headers={"if-none-match": first["ETag"]})

    assert other.status_code == 200


def test_a_placement_that_is_withdrawn_leaves_the_copies_too(client, calendar, actor):
    make.calendar(state=CalendarState.PUBLISHED)
    first = client.get("/calendriers.ics")
    assert len(read(first).events) == 2

    withdraw_calendars(actor=actor, pks=[calendar.pk], reason="annulé")

    second = client.get("/calendriers.ics", headers={"if-none-match": first["ETag"]})
    assert len(read(second).events) == 1


def test_a_new_day_makes_a_new_feed(client, calendar, monkeypatch):
    first = client.get("/calendriers.ics")
    tomorrow = calendar.end_on + datetime.timedelta(days=1)
    for place in ("pratik.public.keeping.today", "pratik.public.views.calendars.today"):
        monkeypatch.setattr(place, lambda: tomorrow)

    second = client.get("/calendriers.ics", headers={"if-none-match": first["ETag"]})

    assert second.status_code == 200
    assert read(second).events == []


def test_a_feed_is_no_longer_than_a_diary_shows(client, monkeypatch):
    rows = make.calendars(5, state=CalendarState.PUBLISHED)
    monkeypatch.setattr("pratik.public.feeds.LONGEST_FEED", 3)

    events = read(client.get("/calendriers.ics")).events

    assert [event.decoded("DTSTART") for event in events] == sorted(row.start_on for row in rows)[:3]


def test_an_empty_site_has_an_empty_feed(client):
    assert read(client.get("/calendriers.ics")).events == []


def test_the_feed_takes_few_queries(client, django_assert_max_num_queries):
    make.calendars(110, state=CalendarState.PUBLISHED, school=make.school(commune=make.commune()))

    with django_assert_max_num_queries(8):
        assert len(read(client.get("/calendriers.ics")).events) == 110
