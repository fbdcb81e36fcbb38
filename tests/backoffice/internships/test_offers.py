"""Internship offers in the console: their company writes them, the team reads and publishes them."""

import csv
import datetime
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from backoffice.base.exports import workbook
from backoffice.base.imports.plan import RowStatus
from backoffice.internships.resources import OfferResource
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import set_columns
from pratik.internships.enums import ApplicationState, OfferState
from pratik.internships.models import InternshipOffer
from pratik.internships.services import refuse_offers, submit_offers
from tests import factories as make
from tests.backoffice.living.conftest import (
    after,
    buttons,
    chosen,
    decided,
    done,
    exported,
    fresh,
    listed,
    words,
)
from tests.kit.files import csv_bytes
from tests.kit.world import url

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def company(db):
    make.legal_parameters()
    return make.company(name="Menuiserie du Larivot")


@pytest.fixture
def member(company):
    return make.member(company).user


@pytest.fixture
def client(client_for, member):
    return client_for(member)


def typed(**changes):
    """An offer as a company types it."""
    start = today() + 90 * DAY
    return {
        "title": "Stage en menuiserie",
        "kind": "internship",
        "level_text": "BTS",
        "description": "Fabriquer et poser des menuiseries.",
        "skills": "Lecture de plans\nPonçage",
        "start_on": f"{start:%d/%m/%Y}",
        "end_on": f"{start + 25 * DAY:%d/%m/%Y}",
        "hours_per_week": "35",
        "places": "2",
        "commune": make.commune().pk,
        "remote_share": "0",
        "stipend_hourly": "",
        "apply_until": f"{start - 10 * DAY:%d/%m/%Y}",
        "questions": "Pourquoi ce stage ?",
        **changes,
    }


def aged(offer, days):
    with operation(kind=OperationKind.SETUP, actor=make.user()):
        moment = timezone.now() - datetime.timedelta(days=days)
        set_columns(InternshipOffer, [offer.pk], submitted_at=moment)
    return offer


def page(client, offer):
    return words(client.get(url(InternshipOffer, "change", offer.pk)))


# Writing


def test_a_company_writes_an_offer_without_naming_itself(client, company):
    form = client.get(url(InternshipOffer, "add"))
    assert 'name="company"' not in form.content.decode()
    assert client.post(url(InternshipOffer, "add"), typed()).status_code == 302
    row = InternshipOffer.objects.get()
    assert (row.company, row.state, row.level, row.diploma) == (company, OfferState.DRAFT, 5, "BTS")
    assert row.skills == ["Lecture de plans", "Ponçage"] and row.questions == ["Pourquoi ce stage ?"]
    assert "Cette offre est un brouillon" in page(client, row)


def test_a_member_of_two_companies_says_which(client, member, company):
    other = make.company()
    make.member(other, member)
    assert 'name="company"' in client.get(url(InternshipOffer, "add")).content.decode()
    assert client.post(url(InternshipOffer, "add"), typed(company=other.pk)).status_code == 302
    assert InternshipOffer.objects.get().company == other


def test_nobody_writes_for_a_company_that_is_not_theirs(client, member, company):
    make.member(make.company(), member)
    stranger = make.company()
    response = client.post(url(InternshipOffer, "add"), typed(company=stranger.pk))
    assert response.status_code == 200 and "company" in response.context_data["adminform"].form.errors
    # Of one company the box does not exist, so that nothing can be sent in it.
    alone = make.member(make.company()).user
    client.force_login(alone)
    client.post(url(InternshipOffer, "add"), typed(company=stranger.pk))
    assert not InternshipOffer.objects.filter(company=stranger).exists()


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"title": ""}, "title", ""),
        ({"end_on": "01/01/2020"}, "end_on", ""),
        ({"apply_until": "01/01/2099"}, "apply_until", "avant le début"),
        ({"level_text": "Bac por"}, "level_text", ""),
        ({"places": "0"}, "places", "au moins une place"),
        ({"hours_per_week": "60"}, "hours_per_week", "48"),
        ({"questions": "a\nb\nc\nd\ne\nf"}, "questions", "Au plus 5 questions"),
        ({"remote_share": "101"}, "remote_share", ""),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, changes, field, told):
    response = client.post(url(InternshipOffer, "add"), typed(**changes))
    assert response.status_code == 200
    assert list(response.context_data["adminform"].form.errors) == [field]
    assert told in words(response) and "Fabriquer et poser" in response.content.decode()
    assert not InternshipOffer.objects.exists()


def test_the_same_title_on_the_same_day_is_refused_in_a_sentence(client, company):
    client.post(url(InternshipOffer, "add"), typed())
    response = client.post(url(InternshipOffer, "add"), typed())
    assert "Cette entreprise a déjà une offre de ce titre" in words(response)


def test_an_offer_for_everybody_has_no_level(client):
    client.post(url(InternshipOffer, "add"), typed(level_text=""))
    row = InternshipOffer.objects.get()
    assert (row.level, row.diploma) == (None, "")
    submit_offers(actor=make.member(row.company).user, pks=[row.pk])
    assert "tous les niveaux" in page(client, row)


# The list


def test_each_sees_their_part(client_for, client, company, editor):
    mine, other = make.offer(company=company, state=OfferState.DRAFT), make.offer(state=OfferState.DRAFT)
    assert listed(client, InternshipOffer) == [mine.pk]
    assert set(listed(client_for(editor), InternshipOffer)) == {mine.pk, other.pk}
    shown = client.get(url(InternshipOffer, "changelist")).context_data["cl"].list_display
    assert "shown_company" not in shown


def test_what_waits_longest_to_be_read_stands_first_and_what_is_over_last(client_for, editor):
    young = aged(make.offer(state=OfferState.SUBMITTED), 1)
    old = aged(make.offer(state=OfferState.SUBMITTED), 9)
    closed = make.offer(state=OfferState.CLOSED, start_on=today() + 300 * DAY)
    published = make.offer()
    assert listed(client_for(editor), InternshipOffer) == [old.pk, young.pk, published.pk, closed.pk]
    text = words(client_for(editor).get(url(InternshipOffer, "changelist")))
    assert "9 jours" in text and "2 à examiner" in text


def test_figures_at_the_head_of_the_list(client, company):
    make.offer(company=company, places=3)
    make.offer(company=company, apply_until=today() - DAY)
    make.offer(company=company, state=OfferState.SUBMITTED, submitted_at=timezone.now())
    make.offer()
    totals = client.get(url(InternshipOffer, "changelist")).context_data["totals"]
    assert [number for number, _name in totals] == [3, 1, 3, 1]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("?enligne=oui", {"open"}),
        ("?enligne=non", {"over"}),
        ("?gratifiee=oui", {"open", "over"}),
        ("?gratifiee=non", {"unpaid"}),
        ("?state__exact=draft", {"unpaid"}),
        ("?q=MENUISERIE", {"open"}),
    ],
)
def test_filters_keep_what_they_say(client, company, query, kept):
    company_fields = {"company": company}
    rows = {
        "open": make.offer(title="Atelier de menuiserie", **company_fields),
        "over": make.offer(apply_until=today() - DAY, **company_fields),
        "unpaid": make.offer(state=OfferState.DRAFT, stipend_hourly=None, **company_fields),
    }
    assert set(listed(client, InternshipOffer, query)) >= {rows[name].pk for name in kept}
    if "q=" not in query:
        assert set(listed(client, InternshipOffer, query)) == {rows[name].pk for name in kept}


def test_each_row_tells_its_places_and_leads_to_its_applications(client, company):
    offer = make.offer(company=company, places=3)
    make.application(offer=offer, state=ApplicationState.ACCEPTED)
    make.application(offer=offer)
    response = client.get(url(InternshipOffer, "changelist"))
    text = words(response)
    assert "2 sur 3" in text and "2 candidatures" in text and "1 à traiter" in text
    address = f"{reverse('admin:internships_application_changelist')}?offer__id__exact={offer.pk}"
    assert f'href="{address}"' in response.content.decode()
    assert "2 candidatures reçues, dont 1 à traiter." in page(client, offer)


# Moderation


def test_a_page_offers_what_its_state_and_the_reader_allow(client_for, client, company, editor, auditor):
    expected = {
        OfferState.DRAFT: ({"submit", "archive"}, {"archive"}),
        OfferState.SUBMITTED: ({"rework", "archive"}, {"publish", "refuse", "rework", "archive"}),
        OfferState.PUBLISHED: ({"rework", "fill", "close", "archive"}, {"rework", "close", "archive"}),
        OfferState.FILLED: ({"reopen", "close", "archive"}, {"reopen", "close", "archive"}),
        OfferState.CLOSED: ({"rework", "archive"}, {"rework", "archive"}),
        OfferState.ARCHIVED: (set(), set()),
    }
    team, watcher = client_for(editor), client_for(auditor)
    for state, (of_company, of_team) in expected.items():
        offer = make.offer(company=company, state=state)
        client_for(company.memberships.first().user)
        assert buttons(client, offer) == of_company, state
        assert buttons(team, offer) == of_team, state
        assert buttons(watcher, offer) == set(), state


def test_an_offer_goes_to_the_site_and_back_with_its_reason(client_for, client, company, editor):
    team = client_for(editor)
    offer = make.offer(company=company, state=OfferState.DRAFT)
    after(client, done(client, offer, "submit"))
    assert fresh(offer).state == OfferState.SUBMITTED
    refused = done(team, offer, "refuse")
    assert refused.status_code == 422 and fresh(offer).state == OfferState.SUBMITTED
    after(team, done(team, offer, "refuse", reason="Précisez les horaires."))
    assert "Offre renvoyée à corriger. Motif : Précisez les horaires." in page(client, offer)
    after(client, done(client, offer, "submit"))
    assert "Précisez les horaires" not in page(client, offer)
    after(team, done(team, offer, "publish"))
    assert fresh(offer).state == OfferState.PUBLISHED
    assert (
        fresh(offer).get_absolute_url()
        in client.get(url(InternshipOffer, "change", offer.pk)).content.decode()
    )


def test_many_are_sent_back_at_once_with_one_reason(client_for, editor):
    rows = [make.offer(state=OfferState.SUBMITTED) for _number in range(3)]
    published = make.offer()
    team = client_for(editor)
    asked = words(chosen(team, InternshipOffer, "refuse", [*rows, published]))
    assert "3 lignes seront changées" in asked and "1 ligne sera laissée telle quelle" in asked
    told = after(team, decided(team, InternshipOffer, "refuse", [*rows, published], reason="Incomplet."))
    assert "3 lignes changées" in told and "1 ligne" in told
    assert {fresh(row).state for row in rows} == {OfferState.DRAFT}
    assert fresh(published).state == OfferState.PUBLISHED


def test_what_the_law_says_is_told_where_publishing_is_decided(client_for, client, company, editor):
    start = today() + 40 * DAY
    offer = make.offer(
        company=company,
        state=OfferState.SUBMITTED,
        start_on=start,
        end_on=start + 150 * DAY,
        apply_until=start - DAY,
        stipend_hourly=Decimal("1.00"),
    )
    team = client_for(editor)
    for told in (page(team, offer), page(client, offer)):
        assert "la gratification est due" in told and "L124-6" in told
    asked = team.get(url(InternshipOffer, "publish", offer.pk))
    assert "la gratification est due" in words(asked)
    response = done(team, offer, "publish")
    assert "la gratification est due" in after(team, response)
    assert fresh(offer).state == OfferState.SUBMITTED
    # Nothing of it once it is decided.
    lawful = make.offer(company=company)
    assert "gratification est due" not in page(team, lawful)


def test_what_looks_like_another_offer_is_told_to_who_writes_and_who_reads(
    client_for, client, company, editor
):
    start = today() + 60 * DAY
    first = make.offer(company=company, title="Stage en atelier", start_on=start)
    second = make.offer(
        company=company, title="stage en Atelier", start_on=start + 7 * DAY, state=OfferState.SUBMITTED
    )
    make.offer(title="Stage en atelier", start_on=start)
    team = client_for(editor)
    for reader in (client, team):
        told = page(reader, second)
        assert told.count("Une offre du même titre existe déjà cette année") == 1
        assert (
            url(InternshipOffer, "change", first.pk)
            in reader.get(url(InternshipOffer, "change", second.pk)).content.decode()
        )
    asked = words(chosen(team, InternshipOffer, "publish", [second]))
    assert "une offre du même titre existe déjà cette année" in asked


def test_a_page_that_is_read_only_is_read_in_words(client, company):
    offer = make.offer(
        company=company, description="Une ligne.\nEt une autre.", skills=["Plans & métrés", "Ponçage"]
    )
    response = client.get(url(InternshipOffer, "change", offer.pk))
    assert "Plans &amp; métrés" in words(response) and "Ponçage" in words(response)
    assert "Une ligne.<br>Et une autre." in response.content.decode()


def test_what_is_said_of_an_offer_is_said_of_it_as_it_is_kept(client, company):
    """What the law says is asked of no number that is being mistyped."""
    offer = make.offer(company=company, state=OfferState.DRAFT)
    response = client.post(url(InternshipOffer, "change", offer.pk), typed(hours_per_week="-1"))
    assert response.status_code == 200
    assert "hours_per_week" in response.context_data["adminform"].form.errors


def test_only_a_draft_is_changed(client, company):
    offer = make.offer(company=company)
    response = client.post(url(InternshipOffer, "change", offer.pk), typed(title="Autre titre"))
    assert response.status_code == 403
    assert fresh(offer).title == offer.title
    assert "Remettre en brouillon" in page(client, offer)


# Copying


def test_an_offer_is_copied_for_the_year_after(client, company):
    offer = make.offer(company=company, state=OfferState.CLOSED)
    address = url(InternshipOffer, "copy", offer.pk)
    assert address in client.get(url(InternshipOffer, "change", offer.pk)).content.decode()
    assert "une copie en brouillon" in words(client.get(address))
    told = after(client, client.post(address, {"confirmed": "yes", "reason": ""}))
    copy = InternshipOffer.objects.get(copied_from=offer)
    assert "1 copie est en brouillon." in told
    assert (copy.state, copy.title, copy.school_year) == (
        OfferState.DRAFT,
        offer.title,
        offer.school_year + 1,
    )
    assert str(offer) in page(client, copy)
    # Once is enough: the second time says what there is.
    again = client.get(address)
    assert f"{offer.title} » existe déjà" in words(again)
    client.post(address, {"confirmed": "yes", "reason": ""})
    assert InternshipOffer.objects.count() == 2


def test_many_are_copied_at_once_and_those_that_were_are_named(client, company):
    rows = [make.offer(company=company) for _number in range(3)]
    decided(client, InternshipOffer, "copy", rows[:1])
    told = after(client, decided(client, InternshipOffer, "copy", rows))
    assert "2 copies sont en brouillon." in told and "existe déjà" in told
    assert InternshipOffer.objects.filter(state=OfferState.DRAFT).count() == 3


def test_who_may_write_no_offer_copies_none(client_for, auditor, company):
    offer = make.offer(company=company, state=OfferState.CLOSED)
    watcher = client_for(auditor)
    assert watcher.get(url(InternshipOffer, "copy", offer.pk)).status_code == 403
    stranger = client_for(make.member(make.company()).user)
    assert stranger.get(url(InternshipOffer, "copy", offer.pk)).status_code == 404
    stranger.post(url(InternshipOffer, "copy", offer.pk), {"confirmed": "yes"})
    assert InternshipOffer.objects.count() == 1


# By file


def plan_of(user, headers, *rows):
    from backoffice.base.imports.engine import build_plan
    from backoffice.base.imports.reading import read_file

    table = read_file(name="offres.csv", content=csv_bytes(headers, rows))
    return build_plan(OfferResource(actor=user), table)


FILE = ("Titre", "Type", "Description", "Début", "Fin", "Commune", "Candidatures jusqu’au")
ROW = ("Stage", "Stage", "Apprendre.", "05/01/2027", "26/02/2027", "Cayenne", "15/12/2026")


def test_a_member_of_one_company_leaves_its_siret_out(member, company):
    make.commune()
    plan = plan_of(member, FILE, ROW)
    assert plan.problems == [] and [row.instance.company for row in plan.rows] == [company]
    assert "facultative" in str(OfferResource(actor=member).presence_of("company"))


def test_the_siret_of_another_company_is_refused_without_saying_whose_it_is(member):
    make.commune()
    other = make.company(name="Zanzibar Industrie")
    plan = plan_of(member, ("SIRET", *FILE), (other.siret, *ROW))
    ((_row, column, message),) = plan.refused
    assert column == "SIRET" and "n’est pas celui d’une de vos entreprises" in message
    assert "Zanzibar" not in message


def test_the_team_names_the_company_in_each_row(editor):
    make.commune()
    plan = plan_of(editor, FILE, ROW)
    assert any("SIRET" in problem for problem in plan.problems)


def test_what_is_published_is_not_changed_by_a_file(member, company):
    start = today() + 60 * DAY
    offer = make.offer(company=company, title="Stage", start_on=start)
    row = ("Stage", "Stage", "Autre chose.", f"{start:%d/%m/%Y}", f"{offer.end_on:%d/%m/%Y}", "Cayenne")
    plan = plan_of(member, FILE, (*row, f"{offer.apply_until:%d/%m/%Y}"))
    assert any("en brouillon" in message for _row, _column, message in plan.refused)


def test_a_preview_says_of_each_row_what_the_law_will_say(client, company):
    """A half year for nearly nothing may be imported, and is not proposed like that: it is told at once."""
    start = today() + 60 * DAY
    headers = ("Titre", "Type", "Description", "Début", "Fin", "Heures par semaine", "Commune")
    headers += ("Candidatures jusqu’au", "Gratification (€/h)")
    make.commune(name="Cayenne")

    def row(title, days, stipend):
        last = start + days * DAY
        until = start - DAY
        days_of = [f"{day:%d/%m/%Y}" for day in (start, last, until)]
        return (title, "Stage", "Vente.", *days_of[:2], "35", "Cayenne", days_of[2], stipend)

    rows = [row("Long et mal payé", 180, "1,5"), row("Court", 20, ""), row("Long et payé", 150, "12")]
    sent = client.post(
        url(InternshipOffer, "import"),
        {"pasted": "\n".join("\t".join(cells) for cells in [headers, *rows])},
    )
    page = client.get(sent["Location"])
    (warned,) = page.context_data["warned"]
    assert warned["number"] == 2 and any("gratification" in one.lower() for one in warned["sentences"])
    text = words(page)
    assert "Lignes à vérifier" in text and "1,50" in text and "1.5" not in text
    digest = page.context_data["digest"]
    assert client.post(sent["Location"], {"digest": digest, "mode": "accepted"}).status_code == 302
    assert InternshipOffer.objects.count() == 3, "it is a warning"


def test_sums_leave_as_people_write_them(client, company):
    """With a comma and their cents; a spreadsheet has a number with two decimals."""
    make.offer(company=company, stipend_hourly=Decimal("4.5"), hours_per_week=Decimal("35"))
    headers, (row,) = exported_rows(client)
    told = dict(zip(headers, row, strict=True))
    assert (told["Gratification (€/h)"], told["Heures par semaine"]) == ("4,50", "35,00")
    sheet = load_workbook(io.BytesIO(workbook(["Gratification"], [[Decimal("1.50")]], title="Offres"))).active
    assert (sheet["A2"].value, sheet["A2"].number_format) == (1.5, "0.00")


def test_offers_leave_as_a_file_that_is_read_again(client, company):
    make.offer(company=company, title="Stage d’été", level=5, diploma="BTS", state=OfferState.DRAFT)
    make.offer(title="Stage d’ailleurs")
    text = exported(client, InternshipOffer)
    assert "Stage d’été" in text and company.siret in text and "BTS" in text
    assert "ailleurs" not in text


def exported_rows(client):
    """What an export of the offers says, as headers and rows."""
    headers, *rows = csv.reader(
        io.StringIO(exported(client, InternshipOffer).lstrip("\ufeff")), delimiter=";"
    )
    return headers, rows


@pytest.mark.parametrize("state", [OfferState.DRAFT, OfferState.PUBLISHED, OfferState.FILLED])
def test_an_export_that_is_sent_again_untouched_changes_nothing(client, member, company, state):
    """Whatever a form kept: its line ends, a skill with a comma in it."""
    make.offer(
        company=company,
        state=state,
        description="Accueil.\r\nVente.\r\n",
        skills=["Vente, caisse"],
        questions=["Le permis ; une voiture ?"],
        stipend_hourly=Decimal("4.50"),
    )
    headers, rows = exported_rows(client)
    plan = plan_of(member, headers, *rows)
    assert plan.problems == [] and plan.refused == []
    assert [(row.status, row.changes) for row in plan.rows] == [(RowStatus.UNCHANGED, [])]


# Queries


def test_the_list_and_a_page_take_as_many_queries_whatever_there_is(client, company):
    def fill(number):
        for _number in range(number):
            offer = make.offer(company=company)
            make.application(offer=offer)
        return offer

    def asked(address):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    offer = fill(3)
    address, one = url(InternshipOffer, "changelist"), url(InternshipOffer, "change", offer.pk)
    few = asked(address), asked(one)
    fill(12)
    assert (asked(address), asked(one)) == few
    assert few[0] <= 15 and few[1] <= 20


def test_the_question_about_many_takes_as_many_queries_as_about_few(client_for, editor):
    make.legal_parameters()
    team = client_for(editor)

    def asked(rows):
        chosen(team, InternshipOffer, "publish", rows)
        with CaptureQueriesContext(connection) as queries:
            assert chosen(team, InternshipOffer, "publish", rows).status_code == 200
        return len(queries)

    rows = [make.offer(state=OfferState.SUBMITTED) for _number in range(12)]
    assert asked(rows) == asked(rows[:2])


def test_the_reason_of_the_team_is_kept_in_the_history(editor, company):
    offer = make.offer(company=company, state=OfferState.SUBMITTED)
    outcome = refuse_offers(actor=editor, pks=[offer.pk], reason="Incomplet.")
    assert outcome.operation.reason == "Incomplet."
