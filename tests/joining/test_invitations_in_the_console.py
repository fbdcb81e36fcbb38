"""Invitations as the console shows, sends and filters them."""

import datetime
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import AccountType, MembershipRole, Role
from pratik.accounts.models import User
from pratik.core.undo import undo_operation
from pratik.joining import services
from pratik.joining.models import Invitation
from pratik.partners.models import CompanyProfile
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.core.test_races import at_once
from tests.joining.conftest import PASSWORD, text_of
from tests.kit.queue import run_queue
from tests.kit.world import url

pytestmark = pytest.mark.django_db

ANSWER = {"first_name": "Ana", "last_name": "Lo", "password": PASSWORD}


def link(invitation):
    return reverse("access:invitation", args=[invitation.token])


def moved(invitation, **columns):
    """The invitation as if it had been written so."""
    models.QuerySet(Invitation).filter(pk=invitation.pk).update(**columns)
    invitation.refresh_from_db()
    return invitation


def expired(invitation):
    return moved(invitation, expires_at=timezone.now())


@pytest.fixture
def company():
    return make.company(name="Menuiserie du Larivot")


@pytest.fixture
def manager(company):
    return make.member(company, role=MembershipRole.MANAGER).user


def new(company, **fields):
    return Invitation(account_type=AccountType.COMPANY, company=company, email="ana.lo@example.org", **fields)


# Sending


def test_a_member_invites_a_colleague_by_e_mail(manager, company):
    row = services.invite(actor=manager, invitation=new(company, message="Viens <b>vite</b>."))
    assert row.expires_at - row.sent_at == datetime.timedelta(days=7)
    assert AccessEvent.objects.filter(kind=AccessKind.INVITATION_SENT, actor=manager).count() == 1
    run_queue()
    [message] = mail.outbox
    assert message.to == ["ana.lo@example.org"]
    assert str(manager) in message.subject and company.name in message.subject
    [(html, _kind)] = message.alternatives
    assert link(row) in message.body and link(row) in html
    assert "Viens <b>vite</b>." in message.body and "Viens &lt;b&gt;vite&lt;/b&gt;." in html
    assert "7 jours" in message.body


def test_many_are_sent_again_at_once_each_with_a_link_of_its_own(company, manager):
    rows = [make.invitation(company) for _ in range(3)]
    services.resend_invitations(actor=manager, pks=[row.pk for row in rows])
    for row in rows:
        row.refresh_from_db()
    assert len({row.token for row in rows}) == 3
    assert {row.times_sent for row in rows} == {2}


def test_the_team_is_told_of_an_account_and_members_are_not(manager, editor, company):
    make.user(Role.STUDENT, email="ana.lo@example.org")
    with pytest.raises(ValidationError) as refused:
        services.invite(actor=editor, invitation=new(company))
    assert "Étudiant" in " ".join(refused.value.messages)
    assert services.invite(actor=manager, invitation=new(company)).pk


def test_a_member_is_not_invited_again(manager, company):
    make.member(company, make.user(Role.COMPANY, email="ana.lo@example.org"))
    with pytest.raises(ValidationError) as refused:
        services.invite(actor=manager, invitation=new(company))
    assert refused.value.messages == ["Cette personne est déjà membre."]


# Answering


@pytest.fixture
def for_known(company, known):
    return make.invitation(company, email=known.email)


def test_who_was_invited_also_accepts_in_the_console(client_for, known, for_known, company):
    client = client_for(known)
    address = url(Invitation, "accept", for_known.pk)
    assert client.get(address).status_code == 200
    client.post(address, {"confirmed": "yes"})
    assert company.memberships.get().user == known
    for_known.refresh_from_db()
    assert for_known.accepted_by == known


def test_an_account_of_another_type_is_told_what_to_do(client_for, company):
    student = make.student().user
    row = make.invitation(company, email=student.email)
    client = client_for(student)
    assert "du type « Étudiant »" in text_of(client.get(link(row))).replace("\u00a0", " ")
    assert client.post(link(row)).status_code == 422
    assert not company.memberships.exists()


# Who sees what


def test_members_see_the_invitations_of_their_organisations_alone(client_for, company, manager):
    own, foreign = make.invitation(company), make.invitation()
    assert set(Invitation.objects.visible_to(manager)) == {own}
    client = client_for(manager)
    assert foreign.email not in text_of(client.get(url(Invitation, "changelist")))
    for view in ("change", "revoke", "resend"):
        assert client.get(url(Invitation, view, foreign.pk)).status_code == 404
    for act in (services.revoke_invitations, services.resend_invitations):
        assert not act(actor=manager, pks=[foreign.pk]).changed
    left = company.memberships.get(user=manager)
    models.QuerySet(type(left)).filter(pk=left.pk).update(is_active=False)
    assert not Invitation.objects.visible_to(manager).exists()


def test_the_list_shows_and_filters_what_has_expired(client_for, administrator, company):
    sent, late = make.invitation(company), expired(make.invitation(company))
    client = client_for(administrator)
    address = url(Invitation, "changelist")
    for state, there, not_there in (("expired", late, sent), ("sent", sent, late)):
        page = text_of(client.get(f"{address}?shown_state={state}"))
        assert there.email in page and not_there.email not in page
    assert "Expirée" in text_of(client.get(address))


def test_the_token_is_on_no_page_of_the_console(client_for, administrator, company):
    row = make.invitation(company)
    client = client_for(administrator)
    for view in ("change", "history"):
        page = text_of(client.get(url(Invitation, view, row.pk)))
        assert row.nonce not in page and row.token not in page


# In the console


def sent(client, **fields):
    return client.post(url(Invitation, "add"), {"language": "fr", "role": "member", "message": ""} | fields)


def test_a_member_needs_only_an_address(client_for, company, manager):
    client = client_for(manager)
    page = text_of(client.get(url(Invitation, "add")))
    assert company.name in page and 'name="account_type"' not in page
    answer = sent(client, email="Ana.Lo@example.org", company=company.pk)
    assert answer.status_code == 302, answer.context_data["adminform"].form.errors
    row = Invitation.objects.get()
    assert (row.email, row.company, row.invited_by) == ("ana.lo@example.org", company, manager)


def test_a_member_can_neither_choose_another_organisation_nor_another_type(client_for, company, manager):
    client = client_for(manager)
    other, school = make.company(name="Zanzibar"), make.school()
    assert sent(client, email="a@example.org", company=other.pk).status_code == 200
    sent(
        client,
        email="b@example.org",
        company=company.pk,
        school=school.pk,
        account_type="staff",
        staff_role="administrator",
    )
    assert [row.account_type for row in Invitation.objects.all()] == ["company"]
    assert Invitation.objects.get().staff_role == ""


def test_what_does_not_go_with_the_type_is_left_out(client_for, editor, company):
    answer = sent(
        client_for(editor), email="a@example.org", account_type="landlord", company=company.pk, school="",
        training_center="", recruiter="", partner="",
    )  # fmt: skip
    assert answer.status_code == 302
    assert Invitation.objects.get().organisation is None


def test_the_page_of_an_organisation_leads_to_inviting_into_it(client_for, company, manager, editor):
    for who in (manager, editor):
        client = client_for(who)
        page = text_of(client.get(url(type(company), "change", company.pk)))
        address = f"{url(Invitation, 'add')}?account_type=company&amp;company={company.pk}"
        assert address in page
        assert company.name in text_of(client.get(address.replace("&amp;", "&")))


@pytest.mark.parametrize(
    "query",
    [
        "company=abc",
        "company=999999",
        "company=",
        "account_type=zzz&school=-1",
        f"company={'9' * 40}",
        f"school={'9' * 19}",
        "company=²",
    ],
)
def test_a_made_up_address_of_the_form_does_no_harm(client_for, editor, manager, query):
    for who in (editor, manager):
        assert client_for(who).get(f"{url(Invitation, 'add')}?{query}").status_code == 200


def test_an_organisation_that_the_person_does_not_see_is_not_chosen(client_for, editor, manager, company):
    """Another company's draft page, of which the address tells no more than its number."""
    other = make.company(name="Zanzibar")
    page = f"{url(Invitation, 'add')}?account_type=company&company={other.pk}"
    chosen = client_for(manager).get(page).context["adminform"].form.initial["company"]
    assert chosen == company.pk
    assert client_for(editor).get(page).context["adminform"].form.initial["company"] == other.pk


# A mailbox that is not for everybody's letters


def test_thirty_invitations_a_day_are_the_most_that_a_member_sends(client_for, company, manager):
    client = client_for(manager)
    for number in range(30):
        assert sent(client, email=f"p{number}@example.org", company=company.pk).status_code == 302
    answer = sent(client, email="de-trop@example.org", company=company.pk)
    assert answer.status_code == 200
    assert "déjà envoyé 30 invitations en 24 heures" in text_of(answer)
    assert 'value="de-trop@example.org"' in text_of(answer)
    assert Invitation.objects.count() == 30


def lines_of(*rows, **values):
    """Moves what history says of rows, as if it had been written at another moment or by somebody else."""
    models.QuerySet(Invitation.history.model).filter(id__in=[row.pk for row in rows]).update(**values)


def invited(actor, organisation, number=1):
    rows = [
        Invitation(email=f"i{actor.pk}-{index}@example.org", account_type="company", company=organisation)
        for index in range(number)
    ]
    return [services.invite(actor=actor, invitation=row) for row in rows]


def test_colleagues_share_what_their_organisation_may_send(company, manager, editor):
    colleague = make.company_user(company)
    invited(editor, company, 3)
    rows = invited(manager, company, 29)
    invited(colleague, company)
    with pytest.raises(ValidationError, match="Votre organisation a déjà envoyé 30"):
        services.invite(
            actor=colleague,
            invitation=Invitation(email="x@example.org", account_type="company", company=company),
        )
    invited(make.company_user(make.company()), CompanyProfile.objects.exclude(pk=company.pk).get())
    lines_of(rows[0], history_date=timezone.now() - datetime.timedelta(hours=24, seconds=1))
    services.invite(
        actor=colleague,
        invitation=Invitation(email="x@example.org", account_type="company", company=company),
    )


def test_what_was_undone_was_sent_all_the_same(company, manager):
    for row in invited(manager, company, 30):
        operation = row.history.latest("history_id").operation
        undo_operation(actor=manager, operation=operation)
    assert not Invitation.objects.exists()
    with pytest.raises(ValidationError, match="30 invitations"):
        invited(manager, company)


def test_sending_again_counts_and_stops_at_the_same_number(company, manager):
    rows = invited(manager, company, 28)
    hour_ago = timezone.now() - datetime.timedelta(hours=1)
    models.QuerySet(Invitation).update(sent_at=hour_ago)
    pks = [row.pk for row in rows[:5]]
    assert len(services.assess_invitations(actor=manager, verb="resend", pks=pks).changed) == 2
    outcome = services.resend_invitations(actor=manager, pks=pks)
    assert len(outcome.changed) == 2
    assert {why.split(" en 24")[0] for _row, why in outcome.refused} == {
        "Vous avez déjà envoyé 30 invitations"
    }
    with pytest.raises(ValidationError, match="30 invitations"):
        services.invite(
            actor=manager,
            invitation=Invitation(email="x@example.org", account_type="company", company=company),
        )


def test_the_team_sends_as_many_as_it_needs(company, editor):
    assert len(invited(editor, company, 32)) == 32


@pytest.mark.parametrize(
    "message",
    [
        "Cliquez https://evil.example/",
        "HTTP:evil",
        "Voyez www.evil.example",
        "sur evil.example/gagner",
        "ｗｗｗ．evil.example",
        "ftp://evil.example",
    ],
)
def test_a_member_sends_no_link(client_for, company, manager, editor, message):
    client = client_for(manager)
    answer = sent(client, email="a@example.org", company=company.pk, message=message)
    assert answer.status_code == 200 and "sans lien ni adresse de site" in text_of(answer)
    assert not Invitation.objects.exists()
    row = Invitation(email="a@example.org", account_type="company", company=company, message=message)
    services.invite(actor=editor, invitation=row)


@pytest.mark.parametrize(
    "message",
    ["", "Rendez-vous à 8 h 30 et/ou à 14 h. M. Clet t’attend.", "Salaire : 12.50 €/h, SARL Ex.Gf."],
)
def test_ordinary_words_are_no_link(company, manager, message):
    row = Invitation(email="a@example.org", account_type="company", company=company, message=message)
    services.invite(actor=manager, invitation=row)


def test_neither_a_name_nor_an_organisation_is_a_link(company, manager):
    [row] = invited(manager, company)
    models.QuerySet(Invitation).update(sent_at=timezone.now() - datetime.timedelta(hours=1))
    manager.last_name = "sur www.evil.example"
    assert services.resend_invitations(actor=manager, pks=[row.pk]).changed == []
    with pytest.raises(ValidationError, match="Votre nom contient"):
        invited(manager, company)
    manager.last_name, company.name = "Clet", "Gagnez sur http://evil.example"
    with pytest.raises(ValidationError, match="Le nom de l’organisation contient"):
        invited(manager, company)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_sendings_at_once_all_count(company, manager):
    invited(manager, company, 28)
    colleagues = [manager, *(make.company_user(company) for _ in range(3))]

    def send(actor, number):
        row = Invitation(email=f"x{number}@example.org", account_type="company", company=company)
        return services.invite(actor=actor, invitation=row)

    results = at_once(*[partial(send, actor, number) for number, actor in enumerate(colleagues)])
    assert sum(isinstance(result, ValidationError) for result in results) == 2, results
    assert Invitation.objects.count() == 30


def test_inviting_replaces_opening_an_account(client_for, administrator):
    client = client_for(administrator)
    assert client.get(url(User, "add")).status_code == 403
    page = text_of(client.get(url(User, "changelist")))
    assert reverse("admin:accounts_user_invite") in page
    assert client.get(reverse("admin:accounts_user_invite"))["Location"] == url(Invitation, "add")
