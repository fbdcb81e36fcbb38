"""What the site says to who has an account, to who may open one, and to whom they write."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse

from pratik.access.middleware import ACTING_FOR
from pratik.privacy.ledger import LINES
from pratik.security.services import start_impersonation
from tests import factories as make

pytestmark = pytest.mark.django_db


def header_of(page):
    return page.content.decode().partition("<header")[2].partition("</header>")[0]


def test_an_account_is_opened_from_every_public_page(client):
    for path in ("/", "/calendriers/", "/partenaires/", "/a-propos/"):
        page = client.get(path).content.decode()
        for part in (page.partition("<header")[2].partition("</header>")[0], page.partition("<footer")[2]):
            assert f'href="{reverse("access:sign_up")}"' in part, path


def test_a_public_page_is_the_same_for_who_is_signed_in(client_for, administrator, client):
    """Anybody may keep it: it looks at no session."""
    of_visitor, of_member = client.get("/partenaires/"), client_for(administrator).get("/partenaires/")
    assert "Se connecter" in header_of(of_visitor) and "Se connecter" in header_of(of_member)


@pytest.mark.parametrize(("path", "status"), [("/nulle-part/", 404), ("/console/security/accessevent/", 403)])
def test_errors_lead_who_is_signed_in_to_the_console(client_for, client, student_user, path, status):
    page = client_for(student_user).get(path)
    assert page.status_code == status
    assert "Console" in header_of(page) and "Se connecter" not in header_of(page)
    assert "Cookie" in page["Vary"]
    if status == 404:
        assert "Se connecter" in header_of(client.get(path))


def test_the_site_knows_who_acts_in_anothers_name(client_for, administrator, student_user):
    client = client_for(administrator)
    begun = start_impersonation(actor=administrator, target=student_user, reason="Appel du lycée")
    session = client.session
    session[ACTING_FOR] = begun.pk
    session.save()
    page = client.get("/partenaires/")
    assert "Console" in header_of(page) and "Se connecter" not in header_of(page)
    assert "Cookie" in page["Vary"], "nobody else is shown this page"


def test_who_is_refused_reads_where_to_write(client_for, student_user):
    page = client_for(student_user).get(reverse("admin:privacy_register"))
    assert page.status_code == 403
    assert f"mailto:{settings.CONTACT_EMAIL}" in page.content.decode()


def test_the_page_about_says_what_is_kept_of_an_account(client):
    page = unescape(client.get("/a-propos/").content.decode())
    models = {"accounts.user", "security.accessevent", "joining.signup"}
    told = [line for line in LINES if line.model in models]
    assert len(told) == 3
    for line in told:
        for said in (line.title, line.purpose, line.kept, line.basis.label):
            assert str(said) in page
    for said in (f"mailto:{settings.CONTACT_EMAIL}", reverse("access:my_data"), "cnil.fr"):
        assert said in page


def test_the_cookies_are_those_of_the_place(client, settings):
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    page = client.get("/a-propos/").content.decode()
    names = re.findall(r"<code>([^<]+)</code>", page)
    assert names == ["__Host-csrftoken", "django_language", "__Host-sessionid", "pratik_device", "messages"]
    assert "400 jours" in page and "14 jours" in page


def test_each_form_that_opens_an_account_says_what_is_kept(client):
    sent = make.invitation(account_type="student")
    for path in (reverse("access:sign_up_as", args=["etudiant"]), sent.get_absolute_url()):
        page = client.get(path).content.decode()
        assert f'href="{reverse("public:about")}#compte"' in page, path
