"""The front page."""

import datetime
import re

import pytest

from pratik.calendars.enums import CalendarState
from pratik.core.calendar import today
from tests import factories as make

pytestmark = pytest.mark.django_db

WEEK = datetime.timedelta(weeks=1)


def test_an_empty_site_greets_visitors_all_the_same(visit):
    page = visit("/")

    assert "Les stages de toute la Guyane" in page.words
    assert "0 calendrier" in page.words
    assert "Aucun départ n’est publié pour l’instant." in page.words
    # Nothing to draw.
    assert "Combien d’élèves en stage" not in page.words


def test_the_weeks_add_up_the_students_who_are_out(visit):
    monday = today() - datetime.timedelta(days=today().weekday()) + 2 * WEEK
    for start, weeks, students in ((monday, 2, 20), (monday + WEEK, 2, 1_000)):
        make.calendar(
            state=CalendarState.PUBLISHED,
            start_on=start,
            end_on=start + weeks * WEEK - datetime.timedelta(days=3),
            number_of_students=students,
        )

    page = visit("/")

    numbers = page.html.partition("<tbody>")[2].partition("</tbody>")[0].replace("\u00a0", " ")
    assert re.findall(r"<td>([\d ]+)</td>", numbers)[:6] == ["0", "0", "20", "1 020", "1 000", "0"]
    assert "1 020 élèves sont en stage en même temps" in page.words
    assert page.html.count('class="week week-peak"') == 1


def test_the_next_departures_are_the_nearest_that_have_not_begun(visit):
    day = datetime.timedelta(days=1)
    for number in range(8):
        make.calendar(
            state=CalendarState.PUBLISHED, program_name=f"CAP {number}", start_on=today() + number * day
        )
    make.calendar(state=CalendarState.PUBLISHED, program_name="CAP commencé", start_on=today() - day)

    page = visit("/")

    shown = re.findall(r'<h3 lang="fr"><a [^>]*>([^<]*)</a>', page.html)
    assert shown == [f"CAP {number}" for number in range(6)]


def test_sectors_lead_to_their_partners(visit):
    trade = make.activity(section=make.section(code="G", label="Commerce"))
    make.company(partner=True, activity=trade)
    make.company(partner=True, activity=trade)
    make.company(partner=True)

    page = visit("/")

    assert "Commerce 2 entreprises" in page.words
    assert 'href="/partenaires/?secteur=G"' in page.html


def test_the_front_page_takes_the_same_queries_whatever_there_is(visit, django_assert_max_num_queries):
    make.calendars(110, state=CalendarState.PUBLISHED, school=make.school(commune=make.commune()))
    make.company(partner=True, activity=make.activity())

    with django_assert_max_num_queries(8):
        visit("/")
