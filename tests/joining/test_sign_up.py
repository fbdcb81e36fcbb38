"""Opening one's own account: the address is proved first, and nobody learns whose address is known."""

import datetime

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail
from django_q.models import OrmQ

from pratik.accounts.models import User
from pratik.joining.models import JoinRequest, OrganisationDraft, SignUp
from tests import factories as make
from tests.joining.conftest import (
    PASSWORD,
    ask,
    code_in,
    send_code,
    signed_up,
    text_of,
    under_way,
)
from tests.kit.queue import run_queue
from tests.kit.world import everything

pytestmark = pytest.mark.django_db


def later(row, **shift):
    """Has the sign-up's last code have left so much earlier."""
    row.code_sent_at -= datetime.timedelta(**shift)
    row.save(update_fields=["code_sent_at"])


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_company_does_not_join_an_agency_of_the_same_number(visitor):
    """Each type of account looks among its own kind of organisation."""
    agency = make.recruiter()
    signed_up(visitor(), "company", identifier=agency.siret)
    assert not JoinRequest.objects.exists()
    assert OrganisationDraft.objects.get().siret == agency.siret


def test_the_session_gets_a_new_key(visitor):
    client = visitor()
    ask(client)
    before = client.session.session_key
    run_queue()
    send_code(client, code_in(mail.outbox[-1]))
    assert client.session.session_key != before


@pytest.mark.parametrize("written", ["ana.lo@example.org", "ANA.Lo@Example.ORG"])
def test_the_owner_of_a_known_address_is_told_by_e_mail(visitor, known, written):
    ask(visitor(), email=written)
    run_queue()
    [message] = mail.outbox
    assert message.to == [known.email]
    assert "déjà un" in message.body and "/connexion/" in message.body
    assert SignUp.objects.get().code not in message.body + message.subject


def test_the_queue_never_holds_a_code_or_a_password(visitor):
    ask(visitor())
    task = OrmQ.objects.get().task
    assert task["args"] == (under_way().pk,)


@pytest.mark.parametrize("written", ["{} {}", " {}-{} ", "{}\u00a0{}"])
def test_a_code_is_read_as_people_paste_it(visitor, written):
    client = visitor()
    ask(client)
    code = under_way().code
    assert send_code(client, written.format(code[:3], code[3:])).status_code == 302


def test_a_code_is_of_the_browser_that_asked_for_it(visitor):
    """Somebody who began a sign-up with another's address gets nothing when its owner types a code."""
    attacker, owner = visitor("192.0.2.66"), visitor()
    ask(attacker, password="mot-de-passe-du-voleur")
    stolen = under_way().code
    ask(owner)
    answer = send_code(owner, stolen)
    assert "Ce code n’est pas le bon" in text_of(answer)
    send_code(owner, SignUp.objects.latest("pk").code)
    assert check_password(PASSWORD, User.objects.get(email="ana.lo@example.org").password)


def test_five_codes_an_hour_leave_for_an_address_however_they_are_asked_for(visitor):
    client = visitor()
    ask(client)
    for _ in range(3):
        later(under_way(), seconds=61)
        client.post("/inscription/code/renvoyer/")
    assert under_way().codes_sent == 4
    assert ask(visitor("192.0.2.2")).status_code == 302
    refused = ask(visitor("192.0.2.3"))
    assert refused.status_code == 422 and "Trop de codes" in text_of(refused)
    later(SignUp.objects.earliest("pk"), seconds=61)
    assert "Trop de codes" in text_of(client.post("/inscription/code/renvoyer/", follow=True))
    for row in SignUp.objects.all():
        later(row, hours=1)
    assert ask(visitor("192.0.2.3")).status_code == 302


def test_the_e_mail_is_in_the_language_of_the_page(visitor):
    client = visitor()
    client.cookies["django_language"] = "en"
    ask(client)
    assert under_way().language == "en"
    run_queue()
    [message] = mail.outbox
    assert under_way().code in message.body
    [(html, kind)] = message.alternatives
    assert kind == "text/html" and under_way().code in html and '<html lang="en">' in html


def test_who_comes_back_finds_what_they_typed_but_not_the_password(visitor):
    client = visitor()
    ask(client, "company")
    page = text_of(client.get("/inscription/entreprise/"))
    assert 'value="ana.lo@example.org"' in page and "Menuiserie du Larivot" in page
    assert PASSWORD not in page
    assert "ana.lo" not in text_of(visitor().get("/inscription/entreprise/"))


def test_a_sign_up_changes_nothing_but_itself(visitor):
    before = everything()
    ask(visitor(), "company")
    assert everything() == before
