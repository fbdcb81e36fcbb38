"""Long lists: counted as far as people read, leafed through from either end, searched through an index."""

import datetime
import re

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.base import actions, filters, paging
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.core import searching
from pratik.core.calendar import today
from pratik.partners.models import CompanyProfile
from tests import factories as make
from tests.kit.many import copy
from tests.kit.world import PAGES

pytestmark = pytest.mark.django_db

LIST = "/console/calendars/internshipcalendar/"
COMPANIES = "/console/partners/companyprofile/"
PER_PAGE = 100
DAY = datetime.timedelta(days=1)


def calendars(school, number, *, program="Cuisine", first=None, state=CalendarState.PUBLISHED, length=20):
    """So many calendars of a school, four of each day from `first` on."""
    first = first or today() + 10 * DAY
    row = make.calendar(school=school, program_name=f"{program} modèle", state=state)
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    del fields["id"]
    rows = []
    for place in range(number - 1):
        start = first + (place // 4) * DAY
        one = InternshipCalendar(**fields | {"start_on": start, "end_on": start + length * DAY})
        one.program_name = f"{program} {place:05}"
        one.derive()
        rows.append(one)
    models.QuerySet(InternshipCalendar).bulk_create(rows, batch_size=1_000)


@pytest.fixture
def client(client_for, administrator):
    return client_for(administrator)


@pytest.fixture
def short_count(monkeypatch):
    """Lists are counted to 120 rows, so that a few hundred are many."""
    monkeypatch.setattr(paging, "COUNTED", 120)


@pytest.fixture
def many(short_count):
    """Calendars that are to come, 150, and that are over or archived, 160, with ties between them."""
    school = make.school(name="Lycée Melkior")
    calendars(school, 150)
    calendars(school, 100, program="Soudure", first=today() - 300 * DAY)
    calendars(school, 60, program="Vente", state=CalendarState.ARCHIVED)
    return school


def changelist(client, query="", address=LIST):
    response = client.get(address + query)
    assert response.status_code == 200, response
    return response.context_data["cl"]


def keys_of(client, query="", address=LIST):
    return [row.pk for row in changelist(client, query, address).result_list]


def in_order():
    """Every calendar as the list has to show them: what is over or archived last, each by its beginning."""
    day, rows = today(), models.QuerySet(InternshipCalendar)

    def place(row):
        is_over = row.state == CalendarState.ARCHIVED or row.end_on < day
        return is_over, row.start_on, row.program_key, row.pk

    return [row.pk for row in sorted(rows, key=place)]


def test_short_list_is_counted_and_its_pages_are_numbered(client):
    calendars(make.school(), 230)
    cl = changelist(client, "?p=3")
    assert (cl.found.number, cl.found.is_exact) == (230, True)
    assert len(cl.result_list) == 30
    page = client.get(LIST).content.decode()
    assert "230 calendriers de stages" in page
    assert "Dernière page" not in page
    assert keys_of(client, "?p=-1") == keys_of(client, "?p=3")


def test_every_row_is_reached_by_the_next_pages(client, many):
    found, page = [], 1
    while page:
        cl = changelist(client, f"?p={page}")
        found += [row.pk for row in cl.result_list]
        page = cl.paginator.next
    assert found == in_order()


def test_every_row_is_reached_from_the_end(client, many):
    found, page = [], -1
    while page:
        cl = changelist(client, f"?p={page}")
        found = [row.pk for row in cl.result_list] + found
        page = cl.paginator.previous
    assert found == in_order()


def test_last_page_shows_the_last_rows(client, many):
    assert keys_of(client, "?p=-1") == in_order()[-PER_PAGE:]


@pytest.mark.parametrize("column", ["1", "-1", "3", "-3", "4", "-4", "7", "-8"])
def test_sorted_list_holds_each_row_once_from_either_end(client, many, column):
    forwards = [key for page in (1, 2, 3, 4) for key in keys_of(client, f"?o={column}&p={page}")]
    backwards = [key for page in (-4, -3, -2, -1) for key in keys_of(client, f"?o={column}&p={page}")]
    assert forwards == backwards
    assert sorted(forwards) == sorted(in_order())


def test_capped_count_is_said_as_such(client, many):
    page = client.get(LIST + "?state__exact=published").content.decode()
    assert "plus de 120 calendriers de stages" in page
    assert "plus de 120 résultats" in page
    assert "Dernière page" in page


def test_list_whose_end_was_seen_is_told_exactly(client, many):
    number = InternshipCalendar._base_manager.count()
    assert changelist(client, "?p=4").found == paging.Found(number)
    assert changelist(client, "?p=-4").found == paging.Found(number)


@pytest.mark.postgresql
def test_whole_table_is_told_about(client, many):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE calendars_internshipcalendar")
    assert "environ 310 calendriers de stages" in client.get(LIST).content.decode()


@pytest.mark.postgresql
def test_estimate_is_told_to_nobody_who_sees_some_of_the_rows(client_for, many):
    """How many rows there are is nobody's business who does not see them."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE calendars_internshipcalendar")
    page = client_for(make.school_user(many)).get(LIST).content.decode()
    assert "plus de 120" in page
    assert "environ" not in page


@pytest.mark.parametrize("page", ["50", "-50", "99999999999999999999", "-99999999999999999999"])
def test_page_that_no_list_has_leads_back(client, many, page):
    assert client.get(f"{LIST}?p={page}").status_code == 302


def test_totals_are_told_of_a_list_that_is_counted(client, many):
    page = client.get(LIST).content.decode()
    assert "Plus de 120 lignes\u00a0: leurs totaux ne sont pas calculés." in page
    assert "sont choisies\u00a0; une action en prend 50\u00a0000 au plus." in page
    assert client.get(LIST + "?state__exact=archived").context_data["totals"][0][0] == 60


def test_days_of_a_long_list_are_those_between_its_ends(client, many):
    page = client.get(f"{LIST}?start_on__year={today().year}").content.decode()
    assert "Toutes les dates" in page
    assert f"start_on__month={(today() - 30 * DAY).month}" in page


def test_days_of_a_short_list_are_those_that_it_has(client):
    school = make.school()
    for start in (datetime.date(2026, 1, 5), datetime.date(2026, 3, 2)):
        make.calendar(school=school, start_on=start, end_on=start + 20 * DAY)
    months = re.findall(r"start_on__month=(\d+)", client.get(LIST).content.decode())
    assert months == ["1", "3"]


def test_years_of_a_short_list_are_those_that_it_has(client):
    school = make.school()
    for year in (2021, 2026):
        start = datetime.date(year, 1, 5)
        make.calendar(school=school, start_on=start, end_on=start + 20 * DAY)
    page = client.get(LIST).content.decode()
    offered = re.findall(r"<option value=\"(20\d\d)\"", page)
    assert offered == ["2025", "2020"]


def test_list_whose_rows_went_since_they_were_counted_offers_no_year(client, monkeypatch):
    monkeypatch.setattr(filters, "count", lambda rows: paging.Found(10_000, is_exact=False))
    assert client.get("/console/internships/internshipoffer/").status_code == 200


def across(client, action, query="", **more):
    one = InternshipCalendar._base_manager.order_by("pk").first()
    asked = {"action": action, "select_across": "1", ACTION_CHECKBOX_NAME: [one.pk], "index": "0", **more}
    return client.post(LIST + query, asked)


def test_all_rows_are_chosen_across_the_pages(client, many):
    """The page that asks counts them, whatever the list said."""
    response = across(client, "do_archive", "?state__exact=published")
    assert response.context_data["changed_count"] == 250
    across(client, "do_archive", "?state__exact=published", confirmed="yes")
    assert not InternshipCalendar._base_manager.filter(state=CalendarState.PUBLISHED).exists()


def test_more_rows_than_are_done_at_once_are_refused_in_words(client, many, monkeypatch):
    monkeypatch.setattr(actions, "DONE_AT_ONCE", 200)
    response = across(client, "do_archive", "?state__exact=published", confirmed="yes")
    told = [str(message) for message in client.get(response.url).context["messages"]]
    assert told == ["Une action porte sur 200 lignes au plus. Filtrez la liste, puis recommencez."]
    assert InternshipCalendar._base_manager.filter(state=CalendarState.PUBLISHED).count() == 250


def test_button_says_how_many_all_are(client, many):
    page = client.get(LIST + "?state__exact=published").content.decode()
    assert "Tout choisir (plus de 120 calendriers de stages)" in page


def test_all_rows_leave_by_the_page_of_exports(client, many):
    response = across(client, "export_admin_action", "?state__exact=archived")
    export = reverse("admin:calendars_internshipcalendar_export")
    assert response.url == f"{export}?state__exact=archived"


def test_chosen_rows_leave_and_no_others(client, client_for, many):
    """Of the keys in a form, those that the person sees."""
    stranger = make.school_user()
    own = make.calendar(school=stranger.schoolmemberships.get().organisation)
    other = InternshipCalendar._base_manager.filter(school=many).first()
    request = client_for(stranger).get(LIST).wsgi_request
    request.POST = request.POST.copy()
    request.POST.setlist("export_items", [str(own.pk), str(other.pk), "x"])
    assert list(PAGES[InternshipCalendar].get_valid_export_item_pks(request)) == [own.pk]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("électricité", {"Électricité du bâtiment"}),
        ("ELECTRI", {"Électricité du bâtiment"}),
        ("tricit", {"Électricité du bâtiment"}),
        ("bâtiment élec", {"Électricité du bâtiment"}),
        ("élec garré", {"Électricité du bâtiment"}),
        ("garré", {"Électricité du bâtiment", "Métiers de l’accueil"}),
        ("elec accueil", set()),
        ("du", {"Électricité du bâtiment"}),
        ("ba", {"Électricité du bâtiment"}),
        # Two letters begin a word: in the middle of one, they would be in nearly all.
        ("ti", set()),
        ("l", {"Métiers de l’accueil", "Électricité du bâtiment"}),
        ("%", {"Électricité du bâtiment", "Métiers de l’accueil"}),
    ],
)
@pytest.mark.parametrize("named_at_most", [1_000, 0], ids=["few-schools", "many-schools"])
def test_words_are_found_in_the_row_and_in_its_school(client, monkeypatch, words, found, named_at_most):
    monkeypatch.setattr(searching, "NAMED_AT_MOST", named_at_most)
    school = make.school(name="Lycée Garré")
    for program in ("Électricité du bâtiment", "Métiers de l’accueil"):
        make.calendar(school=school, program_name=program)
    names = {row.program_name for row in changelist(client, f"?q={words.replace('%', '%25')}").result_list}
    assert names == found


def test_what_is_pasted_into_a_search_box_costs_what_ten_words_cost(client, many):
    make.manager(school=many)
    rows = "app_label=calendars&model_name=internshipcalendar&field_name=program_manager"
    for asked in (f"{LIST}?q=", f"{reverse('admin:autocomplete')}?{rows}&term="):
        numbers = []
        for number in (10, 900):
            words = "+".join(f"{place:03}" for place in range(number))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(asked + words).status_code == 200
            numbers.append(len(queries))
        assert numbers[1] <= numbers[0]


def test_rows_of_others_are_on_no_page_of_a_school(client_for, many):
    other = make.school()
    calendars(other, 130)
    client, own = client_for(make.school_user(other)), []
    for page in (1, 2):
        own += keys_of(client, f"?p={page}")
    assert len(own) == 130
    assert set(InternshipCalendar._base_manager.filter(pk__in=own).values_list("school")) == {(other.pk,)}


def test_page_of_a_hundred_rows_is_light(client, many):
    response = client.get(LIST)
    assert len(response.context_data["cl"].result_list) == PER_PAGE
    assert len(response.content) < 300_000


# What the planner does with a table of some size


@pytest.fixture
def large(db):
    """Forty thousand calendars of two hundred schools, and as many companies."""
    row = make.calendar(program_name="Modèle")
    company = make.company()
    school = row.school
    with connection.cursor() as cursor:
        copy(
            cursor,
            school,
            200,
            name="'Lycée ' || n",
            sort_name="'lycee ' || n",
            uai="'97' || lpad(n::text, 6, '0')",
            search_text="'lycee garre ' || n",
        )
        copy(
            cursor,
            row,
            40_000,
            program_name="'Filière ' || n",
            program_key="'filiere ' || n",
            search_text="(ARRAY['cuisine','soudure','vente','accueil'])[1 + n % 4] || ' filiere ' || n",
            start_on="date '2022-09-01' + (n % 1800)",
            end_on="date '2022-09-01' + (n % 1800) + 28",
            school_year="2022 + (n % 1800) / 365",
            state="(ARRAY['draft','published','archived','withdrawn'])[1 + n % 4]",
            level="3 + n % 5",
            school_id="(SELECT min(id) FROM schools_schoolprofile) + n % 200",
        )
        siret = "(10000000000000 + n * 2246822519)::text"
        copy(
            cursor,
            company,
            40_000,
            name="'Entreprise ' || n",
            sort_name="'entreprise ' || n",
            search_text="(ARRAY['menuiserie','garage'])[1 + n % 2] || ' entreprise ' || n || ' ' || " + siret,
            siret=siret,
            slug="'e-' || n",
            partnership="(ARRAY['none','partner','former'])[1 + n % 3]",
        )
        # What was written lately is not yet sorted into these indexes, and is read through at each search.
        for index in ("calendar_words", "company_words"):
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        cursor.execute("ANALYZE calendars_internshipcalendar, schools_schoolprofile, partners_companyprofile")


def read_whole(client, address, *tables):
    """The queries of a page that read one of these tables from one end to the other."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200
    wrong = []
    for query in queries.captured_queries:
        if query["sql"].startswith(("SELECT", "(SELECT")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
            wrong += [f"{query['sql']}\n{plan}" for table in tables if f"Seq Scan on {table}" in plan]
    return wrong


@pytest.mark.postgresql
def test_no_page_of_a_long_list_reads_the_table(client, client_for, large):
    school = InternshipCalendar._base_manager.order_by("pk").last().school
    member = client_for(make.school_user(school))
    filters = ("state__exact=draft", "level__exact=5", "school_year=2024", f"school__id__exact={school.pk}")
    searches = ("q=soudure", "q=oudur", "q=39999", "q=garr%C3%A9", "q=97000123", "q=so", "q=soudure+garre")
    sorts = ("o=1", "o=-3", "o=4", "o=-5", "o=7", "o=8")
    pages = ("", "p=2", "p=40", "p=-1", "p=-3")
    for query in (*pages, *filters, *searches, *sorts, "state__exact=draft&p=-1", "q=soudure&o=4"):
        wrong = read_whole(client, f"{LIST}?{query}", "calendars_internshipcalendar")
        assert not wrong, f"{query}: {wrong[0]}"
    for query in ("", "p=2", "p=-1", "q=soudure", "o=-7"):
        wrong = read_whole(member, f"{LIST}?{query}", "calendars_internshipcalendar")
        assert not wrong, f"{query}: {wrong[0]}"


@pytest.mark.postgresql
def test_no_page_of_companies_reads_the_table(client, large):
    company = CompanyProfile._base_manager.order_by("pk").last()
    filters = ("partnership__exact=partner", "is_visible_on_partners_page__exact=0")
    searches = ("q=menuiserie", "q=enuiser", f"q={company.siret}", "q=ga")
    for query in ("", "p=2", "p=-1", *filters, *searches, "o=1", "o=-1", "o=6", "o=-7"):
        wrong = read_whole(client, f"{COMPANIES}?{query}", "partners_companyprofile")
        assert not wrong, f"{query}: {wrong[0]}"
