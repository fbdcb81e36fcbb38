"""The public pages of sign-up and invitation: no typing is lost, nothing is told, a GET changes nothing."""

import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from pratik.access.views.joining import SLUGS
from pratik.accounts.enums import AccountType, Role
from pratik.accounts.models import User
from pratik.core.services import save_row
from pratik.joining import services
from pratik.joining.models import Invitation, SignUp
from tests import factories as make
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

PASSWORD = "carbet-du-matin-2026"
CODE = "/inscription/code/"
PERSON = {"first_name": "Léa", "last_name": "Horth", "email": "lea@example.org", "password": PASSWORD}


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No test inherits what another one asked."""
    cache.clear()
    yield
    cache.clear()


def form_of(slug, **fields):
    values = PERSON | fields
    if SLUGS[slug] == AccountType.SCHOOL:
        values = {"identifier": make.uai(), "organisation_name": "Lycée du fleuve"} | values
    elif SLUGS[slug] not in (AccountType.STUDENT, AccountType.LANDLORD, AccountType.DRIVER):
        values = {"identifier": make.siret(), "organisation_name": "Menuiserie du fleuve"} | values
    return values


def begin(client, slug="etudiant", **fields):
    answer = client.post(f"/inscription/{slug}/", form_of(slug, **fields))
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    return SignUp.objects.latest("pk")


def text_of(response):
    """What a page says, without what differs each time it is made."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def is_in(client):
    return client.get("/compte/sessions/").status_code == 200


# Signing up


@pytest.mark.parametrize("slug", SLUGS)
def test_each_type_signs_up_from_the_first_page_to_the_console(client, slug, mailoutbox):
    assert f'href="/inscription/{slug}/"' in client.get("/inscription/").content.decode()
    assert client.get(f"/inscription/{slug}/").status_code == 200
    row = begin(client, slug)
    run_queue()
    page = client.get(CODE).content.decode()
    assert 'autocomplete="one-time-code"' in page and 'inputmode="numeric"' in page
    code = re.search(r"^\s*(\d{6})$", mailoutbox[0].body, re.MULTILINE)[1]
    before = client.session.session_key
    answer = client.post(CODE, {"code": f" {code[:3]} {code[3:]} "})
    assert answer.status_code == 302
    assert client.get(answer["Location"], follow=True).status_code == 200
    assert is_in(client)
    assert client.session.session_key != before
    assert User.objects.get(email=row.email).account_type == SLUGS[slug]
    assert client.get("/console/").status_code == 200


def test_an_unknown_type_has_no_page(client):
    for slug in ("equipe", "staff", "x"):
        assert client.get(f"/inscription/{slug}/").status_code == 404
        assert client.post(f"/inscription/{slug}/", PERSON).status_code == 404


def test_who_is_signed_in_opens_no_second_account(client, student_user):
    client.force_login(student_user)
    for address in ("/inscription/", "/inscription/etudiant/", CODE):
        assert client.get(address)["Location"] == "/console/"
    client.post("/inscription/etudiant/", PERSON)
    assert not SignUp.objects.exists()


@pytest.mark.parametrize(
    ("slug", "wrong", "said"),
    [
        ("entreprise", {"identifier": "73282932000075"}, "clé de contrôle"),
        ("entreprise", {"identifier": ""}, "Remplissez ce champ"),
        ("etablissement-scolaire", {"identifier": "9730001A"}, "lettre attendue"),
        ("etudiant", {"email": "lea"}, "adresse complète"),
        ("etudiant", {"password": "abc-court"}, "12"),
        ("etudiant", {"first_name": ""}, "Remplissez ce champ"),
        ("etudiant", {"last_name": "x" * 101}, "100"),
        ("etudiant", {"email": "a\x00@example.org"}, "adresse complète"),
    ],
)
def test_errors_are_said_and_what_was_typed_stays(client, slug, wrong, said):
    answer = client.post(f"/inscription/{slug}/", form_of(slug, **wrong))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    for name, value in (PERSON | wrong).items():
        if name != "password" and "\x00" not in value:
            assert f'value="{value}"' in page or not value
    assert (PERSON | wrong)["password"] not in page
    assert not SignUp.objects.exists()


def test_a_siret_is_read_as_people_write_it(client):
    company = make.company()
    number = company.siret
    row = begin(client, "entreprise", identifier=f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}")
    assert row.identifier == number


def test_the_answers_are_the_same_for_a_known_address(mailoutbox):
    """The answer, its headers, the page of the code, wrong codes and new codes: nothing tells."""
    make.user(Role.STUDENT, email="connue@example.org")

    def heard(email):
        client = Client()
        said = []
        first = client.post("/inscription/etudiant/", PERSON | {"email": email})
        row = SignUp.objects.latest("pk")
        bad = f"{(int(row.code) + 1) % 1_000_000:06d}"
        answers = [first, client.get(CODE)]
        answers += [client.post(CODE, {"code": bad}) for _ in range(4)]
        answers += [client.post("/inscription/code/renvoyer/"), client.get(CODE)]
        for answer in answers:
            headers = {name: answer.get(name) for name in ("Location", "Content-Type", "Cache-Control")}
            text = re.sub(r"\d+ seconde|\d\d:\d\d|datetime=\"[^\"]+\"", "", text_of(answer))
            said.append((answer.status_code, headers, text.replace(email, "…").replace(bad, "…")))
        run_queue()
        return said

    assert heard("connue@example.org") == heard("inconnue@example.org")
    assert len(mailoutbox) == 2


def test_a_known_address_never_gets_in_even_with_the_right_code(client):
    make.user(Role.STUDENT, email="connue@example.org")
    row = begin(client, email="connue@example.org")
    assert "n’est pas le bon" in client.post(CODE, {"code": row.code}).content.decode()
    assert not is_in(client)


def test_an_address_that_is_not_confirmed_does_not_sign_in(client):
    begin(client)
    answer = client.post("/connexion/", {"login": PERSON["email"], "password": PASSWORD})
    assert "ne vont pas ensemble" in answer.content.decode()
    assert not is_in(client)


def test_another_browser_has_no_page_for_the_code(client):
    row = begin(client)
    other = Client()
    assert other.get(CODE)["Location"] == "/inscription/"
    other.post(CODE, {"code": row.code})
    assert not User.objects.filter(email=row.email).exists()


def test_what_is_no_code_is_no_try(client):
    row = begin(client)
    for typed in ("", "12345", "abcdef", "1234567", "١٢٣٤٥", "0" * 5000):
        assert client.post(CODE, {"code": typed}).status_code == 422
    row.refresh_from_db()
    assert row.attempts == 0


def test_the_fourth_guess_is_not_heard(client):
    row = begin(client)
    bad = f"{(int(row.code) + 1) % 1_000_000:06d}"
    for _ in range(3):
        client.post(CODE, {"code": bad})
    client.post(CODE, {"code": row.code})
    assert not User.objects.filter(email=row.email).exists()
    assert "ne sert plus" in client.get(CODE).content.decode()


def test_confirming_twice_is_no_error(client):
    row = begin(client)
    twin = Client()
    twin.cookies.load(client.cookies)
    assert client.post(CODE, {"code": row.code}).status_code == 302
    assert twin.post(CODE, {"code": row.code}, follow=True).status_code == 200
    assert User.objects.filter(email=row.email).count() == 1


def test_a_code_is_sent_again_by_post_alone_and_after_a_pause(client):
    row = begin(client)
    assert client.get("/inscription/code/renvoyer/").status_code == 405
    assert "Attendez encore" in client.post("/inscription/code/renvoyer/", follow=True).content.decode()
    SignUp.objects.filter(pk=row.pk).update(code_sent_at=timezone.now() - timezone.timedelta(seconds=61))
    assert "nouveau code" in client.post("/inscription/code/renvoyer/", follow=True).content.decode()
    again = SignUp.objects.get(pk=row.pk)
    assert (again.code != row.code, again.codes_sent) == (True, 2)


def test_an_address_of_the_network_asks_for_a_limited_number(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_up": "2/h/ip"}
    for number in range(2):
        begin(client, email=f"personne{number}@example.org")
    answer = client.post("/inscription/etudiant/", PERSON)
    assert answer.status_code == 429
    assert 'value="Léa"' in answer.content.decode()
    assert SignUp.objects.count() == 2


# Invitations


@pytest.fixture
def company(company_user):
    return company_user.companymemberships.get().organisation


@pytest.fixture
def sent(company_user, company):
    return services.invite(
        actor=company_user,
        invitation=Invitation(email="eva@example.org", account_type=AccountType.COMPANY, company=company),
    )


def link_of(row):
    return f"/invitation/{Invitation.objects.get(pk=row.pk).token}/"


NEW = {"first_name": "Éva", "last_name": "Sophie", "password": PASSWORD}


def test_the_link_says_who_and_where_and_opens_the_account(client, sent, company, mailoutbox):
    run_queue()
    [link] = set(re.findall(rf"{re.escape(settings.SITE_URL)}(/invitation/\S+)", mailoutbox[0].body))
    page = client.get(link).content.decode()
    assert str(sent.invited_by) in page and company.name in page
    assert client.head(link).status_code == 200
    assert Invitation.objects.get(pk=sent.pk).state == "sent"
    answer = client.post(link, NEW)
    assert answer.status_code == 302
    assert is_in(client)
    assert company.memberships.filter(user__email="eva@example.org").exists()


def test_errors_of_an_answer_keep_what_was_typed_and_the_link(client, sent):
    answer = client.post(link_of(sent), NEW | {"password": "court"})
    assert answer.status_code == 422
    assert 'value="Éva"' in answer.content.decode()
    assert client.post(link_of(sent), NEW).status_code == 302


def dead(client, link):
    """Whether a link leads to the page that says that it serves no more, and opens nothing."""
    before = User.objects.count()
    answers = [client.get(link), client.post(link, NEW)]
    return [answer.status_code for answer in answers] == [410, 410] and User.objects.count() == before


def test_links_that_serve_no_more_lead_to_one_clear_page(client, sent, company_user, company):
    link = link_of(sent)
    assert dead(client, "/invitation/rien:du:tout/")
    assert dead(client, f"{link[:-2]}x/")
    QuerySet(Invitation).filter(pk=sent.pk).update(expires_at=timezone.now())
    assert dead(client, link)
    QuerySet(Invitation).filter(pk=sent.pk).update(
        expires_at=timezone.now() + timezone.timedelta(days=1),
        sent_at=timezone.now() - timezone.timedelta(hours=1),
    )
    services.resend_invitations(actor=company_user, pks=[sent.pk])
    assert dead(client, link)
    services.revoke_invitations(actor=company_user, pks=[sent.pk])
    assert dead(client, link_of(sent))


def test_a_link_that_was_used_is_dead(client, sent):
    assert client.post(link_of(sent), NEW).status_code == 302
    assert dead(Client(), link_of(sent))


def test_a_link_of_somebody_who_left_is_dead(client, sent, administrator):
    place = sent.invited_by.companymemberships.get()
    place.is_active = False
    save_row(actor=administrator, row=place)
    assert dead(client, link_of(sent))


def test_who_has_an_account_signs_in_and_accepts_by_post(client, sent, company):
    user = make.user(Role.COMPANY, email=sent.email)
    page = client.get(link_of(sent)).content.decode()
    assert "next=/invitation/" in page or "next=%2Finvitation%2F" in page
    client.post(link_of(sent), NEW)
    assert User.objects.filter(email=sent.email).count() == 1
    client.force_login(user)
    client.get(link_of(sent))
    assert not company.memberships.filter(user=user).exists()
    client.post(link_of(sent))
    assert company.memberships.get(user=user).is_active


def test_another_account_is_told_so_and_nothing_happens(client, sent, company):
    other = make.user(Role.COMPANY)
    client.force_login(other)
    for answer in (client.get(link_of(sent)), client.post(link_of(sent))):
        assert other.email in answer.content.decode() and sent.email in answer.content.decode()
    assert not company.memberships.filter(user=other).exists()
    assert Invitation.objects.get(pk=sent.pk).state == "sent"


def test_an_administrator_in_somebodys_name_answers_no_invitation(client, sent, company, administrator):
    """Consent to join is the person's own."""
    user = make.user(Role.COMPANY, email=sent.email)
    client.force_login(administrator)
    client.post(f"/compte/agir/{user.pk}/", {"reason": "Aide demandée par téléphone"})
    answer = client.post(link_of(sent))
    assert answer.status_code == 403
    assert not company.memberships.filter(user=user).exists()


def test_the_console_is_closed_to_whoever_has_no_organisation_but_says_what_they_wait_for(client):
    company = make.company()
    row = begin(client, "entreprise", identifier=company.siret)
    client.post(CODE, {"code": row.code})
    home = client.get("/console/").content.decode()
    assert company.name in home
    assert client.get(f"/console/partners/companyprofile/{company.pk}/change/").status_code == 404
