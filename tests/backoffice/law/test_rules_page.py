"""The rules of law in the console: read by everybody with an account; a calculator that keeps nothing."""

import datetime
import html
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.law.enums import LegalCode, RuleCode
from pratik.law.models import LegalParameter
from pratik.law.rules import RULES
from tests import factories as make
from tests.conftest import person
from tests.kit.world import everything, url

pytestmark = pytest.mark.django_db

PAGE = "/console/law/legalparameter/regles/"
# 44 days of seven hours from Monday 7 September 2026 on, and so 308 hours.
TERM = {"kind": "internship", "start": "07/09/2026", "end": "05/11/2026"}
WEEK = {f"day_{day}": "8h-12h, 13h - 16:00" for day in range(5)}


@pytest.fixture
def client(client_for):
    return client_for(make.user(Role.STUDENT))


@pytest.fixture
def law(db):
    make.legal_parameters()


def words(response):
    text = html.unescape(response.content.decode())
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def asked(client, **typed):
    response = client.get(PAGE, TERM | WEEK | typed)
    assert response.status_code == 200
    return response.context_data


def test_everybody_with_an_account_reads_the_rules(law, client_for):
    assert reverse("admin:law_rules") == PAGE
    for role in set(Role) - {Role.ANONYMOUS}:
        response = client_for(person(role)).get(PAGE)
        assert response.status_code == 200, role
        told = words(response)
        for rule in RULES.values():
            assert f"{rule.title}".replace("\u00a0", " ") in told
            assert f"{rule.article}".replace("\u00a0", " ") in told


def test_days_are_chosen_without_a_script_that_the_page_lacks(law, client):
    """Django's own calendar asks for a catalogue of texts that only its forms load."""
    page = client.get(PAGE).content.decode()
    assert page.count('type="date"') == 3
    assert "DateTimeShortcuts" not in page and "admin/js/calendar.js" not in page


def test_a_visitor_is_shown_the_way_in(client_for):

    assert client_for(AnonymousUser()).get(PAGE).status_code == 302


def test_each_rule_shows_the_numbers_of_today(law, client):
    make.legal_parameter(valid_from=today() - datetime.timedelta(days=1), value=2)
    make.legal_parameter(valid_from=today() + datetime.timedelta(days=1), value=1)
    rules = client.get(PAGE).context_data["rules"]
    (numbers,) = [numbers for rule, _color, numbers in rules if rule.code == RuleCode.TUTOR]
    assert [(name, row.value) for name, row in numbers] == [(LegalCode.TUTOR_MAX.label, 2)]


def test_the_page_stands_before_any_number_is_loaded(client):
    assert client.get(PAGE).status_code == 200
    codes = [finding.code for finding, _color in asked(client)["result"]["findings"]]
    assert codes == [RuleCode.PARAMETERS]


@pytest.mark.parametrize(
    ("end", "hours", "legal", "due"),
    [
        ("05/11/2026", "308 h", "2 mois", False),
        ("06/11/2026", "315 h", "2 mois et 1 jour", True),
        ("04/11/2026", "301 h", "1 mois et 21 jours", False),
        ("08/09/2026", "14 h", "2 jours", False),
    ],
)
def test_days_and_a_week_come_to_hours_and_a_stipend(law, client, end, hours, legal, due):
    result = asked(client, end=end)["result"]
    assert result["hours"].replace("\u00a0", " ") == hours
    assert (result["legal"].replace("\u00a0", " "), result["stipend"].due) == (legal, due)


def test_hours_that_were_done_before_count(law, client):
    assert asked(client, hours_before="0.02")["result"]["stipend"].due
    assert not asked(client, hours_before="")["result"]["stipend"].due


def test_public_holidays_are_named_and_not_worked(law, client):
    make.public_holiday(day=datetime.date(2026, 10, 15), name="Fête d’essai")
    make.public_holiday(day=datetime.date(2026, 10, 17), name="Un samedi")
    result = asked(client)["result"]
    assert result["hours"].replace("\u00a0", " ") == "301 h"
    assert result["off"] == [(datetime.date(2026, 10, 15), "Fête d’essai")]
    worked = asked(client, works_holidays="on")["result"]
    assert (worked["hours"].replace("\u00a0", " "), worked["off"]) == ("308 h", [])


def test_the_law_is_held_against_what_was_typed(law, client):
    findings = asked(client, born_on="01/01/2010", day_5="7h-12h", stipend_hourly="4.5", end="06/11/2026")
    told = {finding.code for finding, _color in findings["result"]["findings"]}
    assert told == {
        RuleCode.MINOR_WEEK,
        RuleCode.MINOR_BREAK,
        RuleCode.MINOR_REST,
        RuleCode.STIPEND,
    }


def test_observation_is_held_to_its_length_and_not_to_studies_that_nobody_typed(law, client):
    findings = asked(client, kind="observation")["result"]["findings"]
    assert [finding.code for finding, _color in findings] == [RuleCode.OBSERVATION]


def test_an_adult_s_usual_weeks_have_nothing_to_tell(law, client):
    response = client.get(PAGE, TERM | WEEK)
    assert "Rien à signaler" in words(response) and "La gratification n’est pas due." in words(response)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"end": "06/09/2026"}, "end", "Le dernier jour précède le premier."),
        ({"end": "07/09/2126"}, "end", "Un stage dure moins d’un an : vérifiez les années."),
        ({"end": ""}, "end", "Ce champ est obligatoire."),
        ({"start": "31/02/2026"}, "start", "Saisissez une date valide."),
        ({"kind": "holiday"}, "kind", None),
        ({"day_0": "matin"}, "day_0", "Lundi : indiquez une arrivée et un départ."),
        ({"day_0": "8h-midi"}, "day_0", "Lundi : « midi » n’est pas une heure, comme 08:30."),
        ({"day_6": "12h-8h"}, "day_6", "Dimanche : le départ (08:00) doit suivre l’arrivée (12:00)."),
        ({"born_on": "01/01/2027"}, "born_on", "La naissance suit le premier jour : vérifiez les années."),
        ({"born_on": "01/01/0011"}, "born_on", "Vérifiez l’année de naissance."),
        ({"born_on": "01/01/9999"}, "born_on", "La naissance suit le premier jour : vérifiez les années."),
        ({"hours_before": "-1"}, "hours_before", None),
        ({"stipend_hourly": "beaucoup"}, "stipend_hourly", None),
    ],
    ids=str,
)
def test_what_is_typed_wrong_is_said_at_its_field_and_kept(law, client, typed, field, sentence):
    context = asked(client, **typed)
    assert context["result"] is None
    assert list(context["form"].errors) == [field]
    assert context["form"][field].value() == typed[field]
    if sentence:
        (told,) = context["form"].errors[field]
        assert told.replace("\u00a0", " ") == sentence


@pytest.mark.parametrize(
    "typed",
    [
        {"start": "01/01/0001", "end": "31/12/0001"},
        {"start": "01/12/9999", "end": "31/12/9999"},
        {"start": ["", "x"], "day_0": "\x00" * 50},
        {"hours_before": "1e999", "stipend_hourly": "NaN"},
        {f"day_{day}": "" for day in range(7)},
    ],
    ids=str,
)
def test_no_address_breaks_the_page(law, client, typed):
    asked(client, **typed)


def test_asking_changes_nothing(law, client):
    before = everything()
    asked(client)
    assert everything() == before


def test_the_page_asks_few_questions(law, client, django_assert_max_num_queries):
    client.get(PAGE, TERM | WEEK)
    with django_assert_max_num_queries(25):
        client.get(PAGE, TERM | WEEK)


# The list of numbers


def test_an_administrator_adds_the_number_of_a_new_year(law, client_for, administrator):
    client = client_for(administrator)
    typed = {
        "code": "stipend_hourly_minimum",
        "value": "4.65",
        "valid_from": "01/01/2027",
        "source": "Arrêté du plafond de 2027",
        "_reason": "Plafond de 2027",
    }
    assert client.post(url(LegalParameter, "add"), typed).status_code == 302
    row = LegalParameter.objects.get(valid_from=datetime.date(2027, 1, 1))
    assert row.value == Decimal("4.65")
    assert row.history.get().operation.reason == "Plafond de 2027"
    again = client.post(url(LegalParameter, "add"), typed)
    assert again.status_code == 200 and "commence déjà ce jour-là" in words(again)


def test_the_list_says_which_number_holds_today(law, client_for, administrator):
    make.legal_parameter(valid_from=today() + datetime.timedelta(days=1), value=1)
    make.legal_parameter(valid_from=datetime.date(2010, 9, 1), value=9)
    response = client_for(administrator).get(url(LegalParameter, "changelist") + "?code__exact=tutor_max")
    page = response.context_data["cl"].model_admin
    told = [(row.value, str(page.shown_standing(row)[1])) for row in response.context_data["cl"].result_list]
    assert told == [(1, "à venir"), (3, "en vigueur"), (9, "remplacé")]


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.ADMINISTRATOR, True),
        (Role.COMPANY, True),
        (Role.SCHOOL, True),
        (Role.STUDENT, True),
        (Role.LANDLORD, False),
        (Role.DRIVER, False),
    ],
)
def test_the_menu_leads_there_whom_it_concerns(client_for, role, offered):
    assert (f'href="{PAGE}"' in client_for(person(role)).get("/console/").content.decode()) == offered
