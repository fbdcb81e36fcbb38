"""Internship offers as visitors read them: what is shown, how it is found, and what search engines read."""

import datetime
import json
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.internships.enums import ApplicationState, OfferState
from pratik.public.structured import as_script
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
OFFERS = "/offres/"


def soon(days):
    return today() + DAY * days


def posting_of(page):
    """What search engines read of a page."""
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.html, re.DOTALL)
    return json.loads(text)


# What is shown


@pytest.mark.parametrize("state", [state for state in OfferState if state != OfferState.PUBLISHED], ids=str)
def test_only_what_is_published_is_shown(visit, state):
    shown, hidden = make.offer(title="Visible"), make.offer(title="Caché", state=state)
    page = visit(OFFERS)
    assert "Visible" in page.words and "Caché" not in page.html
    assert "Visible" in visit(shown.get_absolute_url()).words
    assert "Caché" not in visit(hidden.get_absolute_url(), status=404).html
    sitemap = visit("/sitemap.xml").html
    assert shown.get_absolute_url() in sitemap and hidden.get_absolute_url() not in sitemap
    assert "/offres/<" in sitemap


def test_an_offer_is_gone_the_day_after_the_last_to_apply(visit):
    over = make.offer(title="Caché", apply_until=today() - DAY)
    make.offer(title="Visible", apply_until=today())
    page = visit(OFFERS)
    assert "Visible" in page.words and "Caché" not in page.html
    visit(over.get_absolute_url(), status=404)
    assert over.get_absolute_url() not in visit("/sitemap.xml").html


def test_who_is_signed_in_sees_there_what_visitors_see(client, everyone):
    company = make.company()
    if everyone.is_authenticated:
        if everyone.role == Role.COMPANY:
            make.member(company, everyone)
        client.force_login(everyone)
    draft = make.offer(company=company, title="Caché", state=OfferState.DRAFT)
    assert "Caché" not in client.get(OFFERS).content.decode()
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_a_student_reads_there_what_they_sent(visit, client):
    student, offer = make.student(), make.offer()
    client.force_login(student.user)
    apply = reverse("admin:internships_application_apply", args=[offer.pk])
    page = visit(offer.get_absolute_url())
    assert apply in page.main and "Il faut un compte" not in page.words
    own = make.application(offer=offer, student=student)
    page = visit(offer.get_absolute_url())
    assert "Vous avez postulé le" in page.words and "Votre candidature : Reçue" in page.words
    assert reverse("admin:internships_application_change", args=[own.pk]) in page.main
    assert apply not in page.main
    assert "Se connecter" not in page.html and ">Console</a>" in page.html
    response = client.get(offer.get_absolute_url())
    assert response["Cache-Control"] == "private, no-store" and "Cookie" in response["Vary"]


@pytest.mark.parametrize("state", [ApplicationState.WITHDRAWN, ApplicationState.REFUSED], ids=str)
def test_who_took_it_back_or_was_refused_is_led_to_the_form(visit, client, state):
    student, offer = make.student(), make.offer()
    make.application(offer=offer, student=student, state=state)
    client.force_login(student.user)
    assert (
        reverse("admin:internships_application_apply", args=[offer.pk])
        in visit(offer.get_absolute_url()).main
    )


def test_a_visitor_is_led_to_the_form_and_reads_nothing_of_others(visit):
    offer = make.offer()
    make.application(offer=offer)
    page = visit(offer.get_absolute_url())
    assert reverse("admin:internships_application_apply", args=[offer.pk]) in page.main
    assert "Vous avez postulé" not in page.words and "Se connecter" in page.html


@pytest.mark.parametrize("role", [Role.COMPANY, Role.SCHOOL, Role.ADMINISTRATOR], ids=str)
def test_nobody_but_students_is_sent_to_a_form_that_refuses_them(visit, client, role):
    offer = make.offer()
    client.force_login(make.user(role))
    page = visit(offer.get_absolute_url())
    assert reverse("admin:internships_application_apply", args=[offer.pk]) not in page.main
    assert "Seuls les étudiants postulent" in page.words


def test_an_offer_tells_what_a_student_wants_to_know(visit):
    company = make.company(name="Menuiserie du Larivot", partner=True)
    offer = make.offer(
        company=company,
        title="Stage en <b>menuiserie</b>",
        commune=make.commune("Matoury"),
        description="Poser des <script>portes</script>.\n\nDans l’atelier.",
        skills=["Lecture de plans", "<i>Ponçage</i>"],
        questions=["Pourquoi ce stage ?"],
        level=5,
        diploma="BTS",
        start_on=datetime.date(2098, 1, 5),
        end_on=datetime.date(2098, 2, 28),
        apply_until=datetime.date(2097, 12, 1),
        hours_per_week=Decimal("32.5"),
        stipend_hourly=Decimal("4.50"),
        places=3,
        remote_share=20,
    )
    page = visit(offer.get_absolute_url())
    for told in (
        "Menuiserie du Larivot",
        "Matoury",
        "du 5 janvier au 28 février 2098",
        "BTS",
        "32,5 h par semaine",
        "4,50 € de l’heure",
        "20 % du temps",
        "Dans l’atelier.",
        "Lecture de plans",
        "Candidatures jusqu’au 1er décembre 2097.",
        "L’entreprise pose 1 question.",
    ):
        assert told in page.words, told
    assert company.get_absolute_url() in page.main
    assert "&lt;b&gt;menuiserie" in page.html and "&lt;script&gt;portes" in page.html
    assert "&lt;i&gt;Ponçage" in page.html
    # What is asked is read by those who apply.
    assert "Pourquoi ce stage" not in page.html


def test_what_is_nobodys_business_is_not_told(visit):
    company = make.company(email="zanzibar@example.org", phone="+594694401234")
    make.member(company, make.user(Role.COMPANY, first_name="Zanzibar"))
    offer = make.offer(company=company)
    make.application(offer=offer, letter="Zanzibar", state=ApplicationState.ACCEPTED)
    for address in (OFFERS, offer.get_absolute_url()):
        html = "".join(visit(address).html.lower().split())
        assert "zanzibar" not in html and "94401234" not in html


def test_the_other_offers_of_the_company_are_online_too(visit):
    company = make.company()
    offer = make.offer(company=company, title="Ici")
    make.offer(company=company, title="Voisin")
    make.offer(company=company, title="Brouillon", state=OfferState.DRAFT)
    make.offer(title="Ailleurs")
    shown = visit(offer.get_absolute_url()).words.partition("Autres offres de l’entreprise")[2]
    assert "Voisin" in shown
    for title in ("Ici", "Brouillon", "Ailleurs"):
        assert title not in shown


# Finding


@pytest.fixture
def offers(db):
    """Three offers; the first differs from the others in all that can be asked."""
    activity = make.activity(section=make.section(code="F", label="Construction"))
    kourou = make.commune("Kourou")
    return [
        make.offer(
            title="Pose de charpentes créoles",
            kind="work_placement_period",
            company=make.company(name="Bois et Cie", activity=activity),
            commune=kourou,
            level=4,
            skills=["Équarrissage"],
            start_on=soon(100),
            remote_share=10,
        ),
        make.offer(title="Accueil", stipend_hourly=None, level=6, start_on=soon(40)),
        make.offer(title="Comptabilité", stipend_hourly=Decimal(0), level=7, start_on=soon(200)),
    ]


FILTERS = {
    "kind": lambda row: {"type": "work_placement_period"},
    "level": lambda row: {"niveau": "4"},
    "commune": lambda row: {"commune": row.commune.insee_code},
    "sector": lambda row: {"secteur": "F"},
    "dates": lambda row: {"debut_apres": soon(60).isoformat(), "debut_avant": soon(150).isoformat()},
    "dates as they are typed": lambda row: {
        "debut_apres": f"{soon(60):%d/%m/%Y}",
        "debut_avant": f"{soon(150):%d/%m/%Y}",
    },
    "paid": lambda row: {"gratifie": "1"},
    "remote": lambda row: {"distance": "1"},
    "words, without accents": lambda row: {"q": "CREOLES charpentes"},
    "skill": lambda row: {"q": "equarrissage"},
    "company": lambda row: {"q": "bois et cie"},
    "all at once": lambda row: {
        "q": "pose",
        "type": row.kind,
        "niveau": "4",
        "gratifie": "1",
        "tri": "debut",
    },
}


@pytest.mark.parametrize("query", FILTERS.values(), ids=FILTERS.keys())
def test_each_filter_keeps_what_it_says(visit, offers, query):
    words = visit(OFFERS, **query(offers[0])).words
    assert "charpentes créoles" in words and "1 offre" in words
    assert "Accueil" not in words and "Comptabilité" not in words


def test_an_offer_for_every_level_is_found_at_each(visit):
    make.offer(title="Pour tous", level=None)
    make.offer(title="En licence", level=6)
    make.offer(title="En bac", level=4)
    words = visit(OFFERS, niveau="4").words
    assert "Pour tous" in words and "En bac" in words and "En licence" not in words


def test_only_what_some_offer_has_is_offered_as_a_filter(visit, offers):
    make.offer(
        state=OfferState.DRAFT, commune=make.commune("Saül"), level=3, company=make.company(activity=None)
    )
    page = visit(OFFERS)
    assert sorted(page.options("commune")) == sorted({row.commune.insee_code for row in offers})
    assert page.options("niveau") == ["4", "6", "7"]
    assert page.options("secteur") == ["F"]


def test_the_list_is_sorted_as_asked_and_pages_keep_it(visit):
    cayenne, company = make.commune(), make.company()
    for number in range(26):
        make.offer(
            company=company,
            commune=cayenne,
            title=f"Rang {number:02}",
            start_on=soon(200 - number),
            stipend_hourly=Decimal(5) + number % 5 if number < 20 else None,
        )

    def ranks(**query):
        return [int(rank) for rank in re.findall(r"Rang (\d\d)</a>", visit(OFFERS, **query).main)]

    assert ranks(tri="debut") == list(range(25, 1, -1))
    assert ranks(tri="debut", page="2") == [1, 0]
    assert ranks()[0] == 25
    assert all(rank % 5 == 4 for rank in ranks(tri="gratification")[:4])
    page = visit(OFFERS, tri="debut", type="internship")
    following = re.search(r'rel="next" href="\?([^"]+)"', page.html)[1].replace("&amp;", "&")
    assert set(following.split("&")) == {"tri=debut", "type=internship", "page=2"}


WRONG = [
    {"type": "château"},
    {"niveau": "9"},
    {"niveau": "x"},
    {"commune": "00000"},
    {"commune": "\x00"},
    {"secteur": "ZZ"},
    {"debut_apres": "demain"},
    {"debut_avant": "2027-02-31"},
    {"tri": "hasard"},
    {"q": "a" * 5_000},
    {"q": "\x00"},
]


@pytest.mark.parametrize("query", WRONG, ids=str)
def test_what_is_not_understood_is_told_and_left_aside(visit, offers, query):
    page = visit(OFFERS, **query)
    assert "Une partie de la demande n’a pas été comprise" in page.words
    assert "3 offres" in page.words


def test_dates_in_the_wrong_order_are_told(visit, offers):
    page = visit(OFFERS, debut_apres=soon(300).isoformat(), debut_avant=soon(10).isoformat())
    assert "Cette date précède celle du début." in page.words


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "٣", "9" * 40])
def test_a_page_that_is_not_there_is_the_nearest(visit, number):
    make.offer()
    assert visit(OFFERS, page=number).main.count("<article") == 1


def test_nothing_to_show_is_said_with_what_to_try(visit):
    assert "Aucune offre n’est ouverte pour l’instant." in visit(OFFERS).words
    make.offer()
    words = visit(OFFERS, q="introuvable").words
    assert "Aucune offre ne répond à cette demande." in words and "Essayez" in words
    # An order leaves nothing out.
    assert "1 offre" in visit(OFFERS, tri="debut").words


# The page itself


def test_an_old_address_leads_to_the_right_one(client, visit):
    offer, hidden = make.offer(), make.offer(state=OfferState.DRAFT)
    response = client.get(f"{OFFERS}{offer.pk}-ancien-titre/")
    assert (response.status_code, response["Location"]) == (301, offer.get_absolute_url())
    visit(f"{OFFERS}{hidden.pk}-x/", status=404)


@pytest.mark.parametrize("number", ["0", "9" * 30])
def test_a_number_that_nothing_has_is_not_found(visit, number):
    visit(f"{OFFERS}{number}-x/", status=404)


def test_reading_is_all_that_can_be_done_there(client):
    offer = make.offer()
    for address in (OFFERS, offer.get_absolute_url()):
        assert client.post(address, {"q": "x"}).status_code == 405


def test_the_pages_speak_english_too(visit):
    offer = make.offer()
    for address in (OFFERS, offer.get_absolute_url()):
        assert 'lang="fr"' in visit(address, language="en").main


def test_applying_leads_a_visitor_to_sign_in_and_then_to_the_form(client, visit):
    offer = make.offer()
    form = reverse("admin:internships_application_apply", args=[offer.pk])
    assert f'href="{form}" rel="nofollow"' in visit(offer.get_absolute_url()).main
    response = client.get(form)
    assert response.status_code == 302 and response["Location"].endswith(f"?next={form}")
    client.force_login(make.student().user)
    assert offer.get_absolute_url() in client.get(form).content.decode()


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "/\\example.org"])
def test_nobody_is_sent_elsewhere_from_there(client, elsewhere):
    """Where one goes after having applied is never taken from the address or the form."""
    offer = make.offer()
    client.force_login(make.student().user)
    form = reverse("admin:internships_application_apply", args=[offer.pk])
    values = {"letter": "Bonjour.", "next": elsewhere}
    response = client.post(f"{form}?next={elsewhere}", values)
    assert response.status_code == 302 and response["Location"].startswith("/console/internships/")


# What search engines read


def test_a_job_posting_says_what_the_page_says(visit, settings):
    settings.SITE_URL = "https://pratik.example"
    activity = make.activity(section=make.section(code="F", label="Construction"))
    company = make.company(name="Menuiserie du Larivot", activity=activity, partner=True)
    offer = make.offer(
        company=company,
        title="Stage en menuiserie",
        description="Première ligne.\n\nSeconde <b>ligne</b>.",
        commune=make.commune("Matoury"),
        skills=["Ponçage", "Plans"],
        apply_until=datetime.date(2097, 12, 1),
        start_on=datetime.date(2098, 1, 5),
        places=3,
        stipend_hourly=Decimal("4.50"),
    )
    data = posting_of(visit(offer.get_absolute_url()))
    assert (data["@context"], data["@type"]) == ("https://schema.org", "JobPosting")
    assert data["title"] == "Stage en menuiserie"
    assert data["description"] == "<p>Première ligne.</p>\n\n<p>Seconde &lt;b&gt;ligne&lt;/b&gt;.</p>"
    assert data["url"] == f"https://pratik.example{offer.get_absolute_url()}"
    assert data["employmentType"] == "INTERN"
    assert data["datePosted"] == today().isoformat()
    assert data["validThrough"] == "2097-12-01T23:59:59-03:00"
    assert data["jobStartDate"] == "2098-01-05" and data["totalJobOpenings"] == 3
    assert data["hiringOrganization"] == {
        "@type": "Organization",
        "name": "Menuiserie du Larivot",
        "sameAs": f"https://pratik.example{company.get_absolute_url()}",
    }
    assert data["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Matoury",
        "addressRegion": "Guyane",
        "addressCountry": "GF",
    }
    assert data["baseSalary"] == {
        "@type": "MonetaryAmount",
        "currency": "EUR",
        "value": {"@type": "QuantitativeValue", "value": 4.5, "unitText": "HOUR"},
    }
    assert (data["industry"], data["skills"]) == ("Construction", "Ponçage, Plans")


def test_a_job_posting_leaves_out_what_is_not_known(visit):
    offer = make.offer(stipend_hourly=None, company=make.company(activity=None))
    data = posting_of(visit(offer.get_absolute_url()))
    assert not data.keys() & {"baseSalary", "skills", "industry", "jobLocationType"}
    assert "sameAs" not in data["hiringOrganization"], "who is no public partner has no page"


def test_an_internship_all_at_a_distance_says_so(visit):
    data = posting_of(visit(make.offer(remote_share=100).get_absolute_url()))
    assert data["jobLocationType"] == "TELECOMMUTE"


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]> & \" ' \\ \u2028 fin",
        "{{ 7*7 }} {% now %}",
    ],
)
def test_no_text_of_an_offer_ends_the_script_or_changes_the_page(visit, text):
    offer = make.offer(title=f"Stage {text}", description=text, skills=[text])
    page = visit(offer.get_absolute_url())
    assert page.html.count("<script") == 1 and page.html.count("</script>") == 1
    data = posting_of(page)
    assert data["title"] == offer.title
    body = page.html.partition("<body")[2]
    assert "<script" not in body and "<!--" not in body


def test_a_script_holds_what_was_put_into_it():
    data = {"a": "</script>", "b": ["<!--", "é", "\u2029"], "c": 4.5}
    text = as_script(data)
    assert json.loads(text.partition(">")[2].rpartition("</script>")[0]) == data
    assert text.count("<") == 2


# Queries


def fill(number):
    cayenne, activity = make.commune(), make.activity()
    for _number in range(number):
        offer = make.offer(commune=cayenne, company=make.company(activity=activity))
        make.application(offer=offer)
    return offer


def test_the_list_and_a_page_take_the_same_queries_whatever_their_length(
    visit, django_assert_max_num_queries
):
    offer = fill(30)
    for query in ({}, {"page": "2"}, {"niveau": "4"}, {"tri": "gratification"}):
        with django_assert_max_num_queries(7):
            visit(OFFERS, **query)
    with django_assert_max_num_queries(3):
        visit(offer.get_absolute_url())
