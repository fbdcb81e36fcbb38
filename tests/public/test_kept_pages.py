"""Pages that the site keeps: nobody reads what was withdrawn, nor what was meant for somebody else."""

import csv
import datetime
import gzip
import io
import re
import threading

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.base.imports.engine import build_plan, write_plan
from backoffice.base.imports.reading import read_file
from backoffice.calendars.resources import CalendarResource
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import archive_calendars, publish_calendars, withdraw_calendars
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import attempt, operation
from pratik.core.undo import undo_operation
from pratik.core.writes import set_columns
from pratik.living.models import HousingOffer
from pratik.privacy.services import erase_contact
from pratik.public import kept
from pratik.public.generations import generation_of, raise_generation
from pratik.public.keeping import page_at
from pratik.public.models import Generation
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    return make.calendar(state=CalendarState.PUBLISHED, program_name="CAP Cuisine")


@pytest.fixture
def made(monkeypatch):
    """The paths of the calendars' pages that were made rather than handed out."""
    from pratik.public.views import calendars

    paths, render = [], calendars.render

    def noted(request, *args, **kwargs):
        paths.append(request.get_full_path())
        return render(request, *args, **kwargs)

    monkeypatch.setattr(calendars, "render", noted)
    return paths


def text_of(response):
    return response.content.decode()


# What is kept, and what it costs


def test_a_kept_page_costs_one_query_and_is_the_page_that_was_made(client, published, made):
    first = client.get("/calendriers/")

    with CaptureQueriesContext(connection) as queries:
        second = client.get("/calendriers/")

    assert len(queries) == 1
    assert made == ["/calendriers/"]
    assert "CAP Cuisine" in text_of(second)
    assert second.content == first.content
    assert dict(second.items()) == dict(first.items())


def test_a_page_that_shows_no_rows_costs_none(client, django_assert_num_queries):
    client.get("/a-propos/")

    with django_assert_num_queries(0):
        assert client.get("/a-propos/").status_code == 200


def test_a_browser_that_unpacks_gets_the_same_page_packed(client, published):
    plain = client.get("/calendriers/")
    packed = client.get("/calendriers/", headers={"accept-encoding": "gzip, br"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content)
    assert packed["ETag"] == plain["ETag"]
    for response in (plain, packed):
        assert {"Accept-Encoding", "Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))
        assert response["Cache-Control"] == "public, no-cache"
        assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_browser_whose_copy_is_right_is_told_so(client, published, made):
    first = client.get("/calendriers/")

    for method in (client.get, client.head):
        again = method("/calendriers/", headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304
        assert again.content == b""
        # The others stay with the browser's copy.
        for name in ("ETag", "Vary", "Cache-Control"):
            assert again[name] == first[name]
    assert len(made) == 1
    assert client.get("/calendriers/", headers={"if-none-match": '"autre"'}).status_code == 200


def test_only_the_head_of_a_page_is_asked_for(client, published):
    whole = client.get("/calendriers/")

    for _ in range(2):
        head = client.head("/calendriers/")
        assert head.content == b""
        assert dict(head.items()) == dict(whole.items())
        kept.forget()


def test_what_a_page_does_not_know_makes_no_page_of_its_own(client, published, made):
    client.get("/calendriers/")

    for path in ("/calendriers/?utm_source=lettre", "/calendriers/?q=&niveau=&page="):
        page = text_of(client.get(path))
        assert "CAP Cuisine" in page
        assert "lettre" not in page
    assert made == ["/calendriers/"]


def test_what_a_page_knows_does_in_whatever_order(client, published, made):
    client.get("/calendriers/?q=cuisine&niveau=4")
    client.get("/calendriers/?niveau=4&x=1&q=cuisine")
    client.get("/calendriers/?niveau=4&q=couture")

    assert made == ["/calendriers/?niveau=4&q=cuisine", "/calendriers/?niveau=4&q=couture"]


def test_a_long_question_is_answered_and_not_kept(client, published, made):
    for _ in range(2):
        assert client.get("/calendriers/", {"q": "a" * 1000}).status_code == 200
    assert len(made) == 2


def test_each_language_has_its_page(visit, published):
    for _ in range(2):
        assert '<html lang="fr">' in visit("/calendriers/").html
        assert '<html lang="en">' in visit("/calendriers/", language="en").html


def test_who_chose_a_language_reads_it_whatever_the_browser_says(client, published):
    client.get("/calendriers/", headers={"accept-language": "fr"})
    client.cookies["django_language"] = "en"

    assert '<html lang="en">' in text_of(client.get("/calendriers/", headers={"accept-language": "fr"}))


def test_a_host_that_is_not_ours_gets_no_copy(client, published):
    client.get("/calendriers/")

    assert client.get("/calendriers/", headers={"host": "ailleurs.example"}).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/partenaires/personne/",
        "/calendriers/0-x/",
        "/calendriers/{pk}-ancien/",
        "/calendriers/etablissements/é🌴.ics",
    ],
)
def test_neither_errors_nor_ways_are_kept(client, published, path):
    path = path.format(pk=published.pk)
    assert client.get(path).status_code in (301, 404)

    assert not kept.memory._held


def test_what_is_sent_meets_no_copy(client, published):
    client.get("/calendriers/")

    assert client.post("/calendriers/").status_code == 405


def test_a_codes_page_and_a_recommendation_are_nobodys_to_keep(client):
    for path in ("/verifier/", "/recommandations/"):
        assert page_at(path) is None
        assert "no-store" in client.get(path)["Cache-Control"]
    assert not kept.memory._held


# What was written is seen at once


def test_what_is_published_is_seen_at_once_and_what_is_withdrawn_is_gone(client, actor):
    row = make.calendar(program_name="CAP Cuisine")
    pages = ("/calendriers/", "/calendriers.ics", "/sitemap.xml", "/")

    def shown():
        told = [text_of(client.get(path)) for path in pages]
        return ["Cuisine" in page or "cuisine" in page for page in told]

    assert shown() == [False] * 4
    publish_calendars(actor=actor, pks=[row.pk])
    assert shown() == [True] * 4
    assert client.get(row.get_absolute_url()).status_code == 200
    withdraw_calendars(actor=actor, pks=[row.pk], reason="annulé")
    assert shown() == [False] * 4
    assert client.get(row.get_absolute_url()).status_code == 404


def test_a_bulk_action_is_seen_at_once(client, actor):
    rows = make.calendars(12, state=CalendarState.PUBLISHED)
    assert text_of(client.get("/calendriers/")).count("<article") == 12

    archive_calendars(actor=actor, pks=[row.pk for row in rows[:7]])

    assert text_of(client.get("/calendriers/")).count("<article") == 5


def test_an_import_and_its_undoing_are_seen_at_once(client, editor, published):
    before = text_of(client.get(published.get_absolute_url()))
    assert "77 élèves" not in before
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow(["UAI", "Filière", "Niveau", "Début", "Fin", "Effectif"])
    start, end = published.start_on, published.end_on
    uai = published.school.uai
    writer.writerow([uai, "CAP Cuisine", published.level_label, f"{start:%d/%m/%Y}", f"{end:%d/%m/%Y}", 77])
    plan = build_plan(
        CalendarResource(actor=editor), read_file(name="c.csv", content=file.getvalue().encode())
    )
    assert not plan.refused

    write_plan(plan)
    assert "77 élèves" in text_of(client.get(published.get_absolute_url()))

    undo_operation(actor=editor, operation=Operation.objects.filter(kind=OperationKind.IMPORT).latest("pk"))
    assert "77 élèves" not in text_of(client.get(published.get_absolute_url()))


def test_what_surrounds_a_row_is_seen_at_once_too(client, actor, published):
    school = published.school
    client.get("/calendriers/")
    with operation(kind=OperationKind.EDIT, actor=actor):
        set_columns(type(school), [school.pk], name="Lycée Melkior-Garré")
    assert "Lycée Melkior-Garré" in text_of(client.get("/calendriers/"))
    with operation(kind=OperationKind.EDIT, actor=actor):
        set_columns(type(school), [school.pk], is_visible=False)
    assert "CAP Cuisine" not in text_of(client.get("/calendriers/"))


def test_who_is_erased_is_named_on_no_page_any_more(client, editor, published):
    """Neither where they are asked for, nor where somebody else wrote of them."""
    contact = make.manager(school=published.school, last_name="Kwasiba", email="kwasiba@example.org")
    lodging = make.lodging()
    with operation(kind=OperationKind.EDIT, actor=editor):
        set_columns(InternshipCalendar, [published.pk], program_manager_id=contact.pk)
        # From before such texts were refused.
        set_columns(HousingOffer, [lodging.pk], description="Les clés sont chez kwasiba@example.org.")
    pages = (published.get_absolute_url(), lodging.get_absolute_url())

    def named():
        return ["kwasiba" in text_of(client.get(path)).lower() for path in pages]

    assert named() == [True, True]
    erase_contact(actor=editor, contact=contact)
    assert named() == [False, False]


def test_what_a_page_does_not_show_leaves_it_as_it_is(client, published, made):
    client.get("/calendriers/")
    make.company(partner=True)
    client.get("/calendriers/")

    assert len(made) == 1


def test_a_new_day_makes_new_pages(client, published, monkeypatch):
    client.get("/calendriers/")
    tomorrow = published.end_on + datetime.timedelta(days=1)
    for place in ("pratik.public.keeping.today", "pratik.public.views.calendars.today"):
        monkeypatch.setattr(place, lambda: tomorrow)

    assert "CAP Cuisine" not in text_of(client.get("/calendriers/"))


@pytest.fixture
def world():
    """A row for each page, with everything around it."""
    commune = make.commune()
    school = make.school(commune=commune)
    rows = make.calendars(
        3, school=school, program_manager=make.manager(school=school), state=CalendarState.PUBLISHED
    )
    make.school_holiday(start_on=rows[0].start_on, end_on=rows[0].start_on)
    company = make.company(partner=True, activity=make.activity(), commune=commune)
    make.company(partner=True, activity=company.activity)
    lodging, trip = make.lodging(commune=commune), make.trip()
    make.lodging_photo(offer=lodging)
    offer = make.offer(company=company, commune=commune)
    return {
        "partner": f"/partenaires/{company.slug}/",
        "calendar": rows[0].get_absolute_url(),
        "event": f"/calendriers/{rows[0].pk}.ics",
        "school": f"/calendriers/etablissements/{school.uai}.ics",
        "offer": offer.get_absolute_url(),
        "lodging": lodging.get_absolute_url(),
        "trip": trip.get_absolute_url(),
    }


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/partenaires/?q=a",
        "partner",
        "/calendriers/?q=a",
        "/calendriers/?vue=frise",
        "/calendriers.ics",
        "calendar",
        "event",
        "school",
        "/offres/?q=a",
        "offer",
        "/logements/?places=1",
        "lodging",
        "/covoiturage/",
        "/covoiturage/?places=1",
        "trip",
        "/sitemap.xml",
        "/a-propos/",
    ],
)
def test_a_page_says_of_which_rows_it_is_made(client, world, path):
    """Else what is written would not be seen: each table that it reads is one whose writing is heard."""
    path = world.get(path, path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200

    tables = {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    by_table = {model._meta.db_table: model for model in apps.get_models()}
    read = {by_table[table] for table in tables} - {Generation}
    assert read <= page_at(path.partition("?")[0]).models
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    assert len(queries) <= 1


# Nobody is shown what was made for another


def test_who_is_signed_in_gets_a_page_of_their_own_that_nobody_keeps(client, client_for, student_user):
    offer = make.offer()
    address = offer.get_absolute_url()
    anonymous = client.get(address)
    assert "Se connecter" in text_of(anonymous)
    signed_in = client_for(student_user)
    for _ in range(2):
        own = signed_in.get(address)
        assert "Console" in text_of(own).partition("</header>")[0]
        assert "no-store" in own["Cache-Control"]
        assert client.get(address).content == anonymous.content
    own = signed_in.get("/calendriers/", headers={"if-none-match": client.get("/calendriers/")["ETag"]})
    assert own.status_code == 200
    assert own["Cache-Control"] == "private, no-cache"
    assert "Cookie" in own["Vary"]


def test_who_has_a_message_waiting_gets_a_page_of_their_own(client, published, made):
    client.get("/calendriers/")
    client.cookies["messages"] = "[]"

    assert client.get("/calendriers/")["Cache-Control"] == "private, no-cache"
    assert len(made) == 2


def test_a_page_is_made_of_nothing_that_a_visitor_brings(client, monkeypatch):
    from pratik.public.views import home

    seen, render = [], home.render

    def look(request, *args):
        seen.append(request)
        return render(request, *args)

    monkeypatch.setattr(home, "render", look)
    client.cookies["pratik_device"] = "secret"
    client.get("/?mot=secret", headers={"referer": "https://secret.example", "x-quelque-chose": "secret"})

    (request,) = seen
    assert "secret" not in repr(request.META) + repr(request.COOKIES) + request.get_full_path()


def test_no_page_for_everybody_sets_a_cookie_or_holds_a_token(client, world):
    for path in ["/", "/calendriers/", "/offres/", *world.values()]:
        response = client.get(path)
        assert not response.cookies
        assert b"csrf" not in response.content


# How much is kept


def test_the_most_wanted_pages_stay_when_there_is_no_room_for_all(client, settings, published, made):
    settings.KEPT_PAGES_MEBIBYTES = 30_000 / kept.MEBIBYTE
    for number in range(20):
        client.get("/calendriers/", {"q": f"mot{number}"})
        client.get("/calendriers/")

    assert kept.memory._weight <= 30_000
    assert made.count("/calendriers/") == 1
    settings.KEPT_PAGES_MEBIBYTES = 0
    client.get("/calendriers/?q=encore")
    assert not kept.memory._held


def test_a_list_is_read_so_far_and_no_further(visit, monkeypatch):
    monkeypatch.setattr("pratik.public.views.paging.FURTHEST", 40)
    make.calendars(45, state=CalendarState.PUBLISHED)

    first, last = visit("/calendriers/"), visit("/calendriers/", page="99999")

    assert "plus de 40 calendriers page 1 sur 2" in first.words
    assert "La liste s’arrête ici" not in first.words
    assert last.main.count("<article") == 10
    assert "La liste s’arrête ici : affinez la recherche" in last.words


def test_thousands_of_schools_are_no_list_of_choices(visit, monkeypatch):
    monkeypatch.setattr("pratik.public.forms.MOST_SCHOOLS", 2)
    rows = [make.calendar(state=CalendarState.PUBLISHED) for _ in range(3)]

    everywhere = visit("/calendriers/")
    assert 'name="etablissement"' not in everywhere.html
    assert "Affiner\u00a0: niveau, commune, dates" in everywhere.html
    page = visit("/calendriers/", etablissement=rows[0].school.uai)
    assert page.options("etablissement") == [rows[0].school.uai]
    assert "1 calendrier" in page.words
    assert "1 calendrier" in visit("/calendriers/", etablissement=rows[0].school.uai, niveau="\x00").words


def test_of_thousands_of_schools_those_of_one_commune_are_a_list(visit, monkeypatch):
    monkeypatch.setattr("pratik.public.forms.MOST_SCHOOLS", 2)
    commune = make.commune()
    here = [make.school(commune=commune) for _ in range(2)]
    for school in (*here, make.school()):
        make.calendar(school=school, state=CalendarState.PUBLISHED)

    page = visit("/calendriers/", commune=commune.insee_code)

    assert set(page.options("etablissement")) == {school.uai for school in here}
    assert 'name="etablissement"' not in visit("/calendriers/", commune="\x00").html


# Generations


def numbers():
    return generation_of(frozenset({InternshipCalendar}))


def test_many_writes_of_one_transaction_raise_a_generation_once(actor):
    rows = make.calendars(3)
    before = numbers()
    with operation(kind=OperationKind.EDIT, actor=actor):
        for row in rows:
            row.number_of_students += 1
            row.save()

    assert numbers() == before + 1


def _fail_after(block, work):
    with block:
        work()
        raise RuntimeError


def test_what_an_attempt_took_back_is_raised_again(actor):
    row = make.calendar()
    before = numbers()
    with operation(kind=OperationKind.EDIT, actor=actor):
        with pytest.raises(RuntimeError):
            _fail_after(attempt(), row.save)
        assert numbers() == before
        row.save()

    assert numbers() == before + 1


# Several at once


def in_threads(number, work):
    """Runs the same in so many threads at once; returns what each gave back."""
    results, start = [], threading.Barrier(number)

    def run():
        try:
            start.wait(60)
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == number
    return results


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_page_that_many_want_is_made_once(made):
    make.calendar(state=CalendarState.PUBLISHED, program_name="CAP Cuisine")

    pages = in_threads(20, lambda: Client().get("/calendriers/"))

    assert len(made) == 1
    assert {page.status_code for page in pages} == {200}
    assert all("CAP Cuisine" in text_of(page) for page in pages)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_when_the_making_fails_each_makes_their_own(monkeypatch):
    from pratik.public.views import calendars

    tries, render = [], calendars.render

    def fails_once(*args):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError
        return render(*args)

    monkeypatch.setattr(calendars, "render", fails_once)

    pages = in_threads(4, lambda: Client(raise_request_exception=False).get("/calendriers/"))

    assert sorted(page.status_code for page in pages) == [200, 200, 200, 500]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_page_made_while_something_is_withdrawn_is_shown_to_nobody_after(monkeypatch):
    """It was read before the commit and is ready after it."""
    from pratik.public.views import calendars

    row = make.calendar(state=CalendarState.PUBLISHED, program_name="CAP Cuisine")
    actor = make.user()
    has_read, may_go_on, render = threading.Event(), threading.Event(), calendars.render

    def slow(*args):
        response = render(*args)
        if not has_read.is_set():
            has_read.set()
            may_go_on.wait(60)
        return response

    monkeypatch.setattr(calendars, "render", slow)
    pages = []

    def early():
        try:
            pages.append(Client().get("/calendriers/"))
        finally:
            connection.close()

    visitor = threading.Thread(target=early)
    visitor.start()
    assert has_read.wait(60)
    withdraw_calendars(actor=actor, pks=[row.pk], reason="annulé")
    # Neither waits for the page under way, nor is shown it.
    during = Client().get("/calendriers/")
    may_go_on.set()
    visitor.join(60)
    after = Client().get("/calendriers/")

    assert "CAP Cuisine" in text_of(pages[0])
    assert "CAP Cuisine" not in text_of(during)
    assert "CAP Cuisine" not in text_of(after)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_writes_waits_for_nobody_else_who_does_and_counts_all_the_same():
    """A long import holds the calendars' generation: others raise it beside."""
    raise_generation(InternshipCalendar)
    before, both = numbers(), threading.Barrier(3)

    def write():
        with transaction.atomic():
            raise_generation(InternshipCalendar)
            # All hold what they raised, before any of them ends.
            both.wait(60)

    in_threads(3, write)

    assert numbers() == before + 3
    assert Generation.objects.count() <= 3


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_generation_is_raised_with_the_commit_and_not_before():
    before = numbers()
    with transaction.atomic():
        raise_generation(InternshipCalendar)
        assert in_threads(1, numbers) == [before]

    assert in_threads(1, numbers) == [before + 1]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_raises_nothing():
    before = numbers()
    with pytest.raises(RuntimeError):
        _fail_after(transaction.atomic(), lambda: raise_generation(InternshipCalendar))

    assert numbers() == before
    with transaction.atomic():
        raise_generation(InternshipCalendar)
    assert numbers() == before + 1
