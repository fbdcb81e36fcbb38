"""Saying which organisation one acts for: by an invitation that names none, and after a refusal."""

import pytest
from django.urls import reverse

from pratik.accounts.enums import AccountType, Role
from pratik.accounts.models import User
from pratik.joining import services
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft
from pratik.notifications.models import Notice
from tests import factories as make
from tests.joining.conftest import PASSWORD, signed_up, text_of
from tests.kit.queue import run_queue
from tests.kit.world import url

pytestmark = pytest.mark.django_db

PERSON = {"first_name": "Ana", "last_name": "Lo", "password": PASSWORD}
CLAIM = "/compte/rattachement/"


def claimed(**fields):
    values = {"organisation_name": "Menuiserie du Larivot", "identifier": make.siret()}
    return values | {"message": "J’y suis tutrice."} | fields


def link(invitation):
    return reverse("access:invitation", args=[invitation.token])


@pytest.fixture
def invited():
    """An invitation for a company's account that names no company."""
    return make.invitation(account_type=AccountType.COMPANY)


def test_who_is_invited_without_an_organisation_names_it(client, invited):
    assert 'name="identifier"' in text_of(client.get(link(invited)))
    answer = client.post(link(invited), PERSON | claimed(), follow=True)
    draft = OrganisationDraft.objects.get()
    assert (draft.applicant.email, draft.message) == (invited.email, "J’y suis tutrice.")
    assert draft.name in text_of(answer)


def test_a_known_number_makes_a_request(client, invited):
    company = make.company()
    client.post(link(invited), PERSON | claimed(identifier=company.siret))
    assert JoinRequest.objects.get().company == company
    assert not company.memberships.exists()


def test_without_a_right_number_nothing_is_opened_and_all_errors_are_said_at_once(client, invited):
    sent = PERSON | claimed(identifier="73282932000075", password="abc-court", last_name="")
    answer = client.post(link(invited), sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"identifier", "password", "last_name"}
    assert not User.objects.filter(email=invited.email).exists()


def test_an_invitation_into_an_organisation_asks_for_none(client):
    assert 'name="identifier"' not in text_of(client.get(link(make.invitation())))


def test_after_a_refusal_the_home_says_why_and_leads_on(client, editor):
    draft = make.organisation_draft()
    services.refuse_drafts(actor=editor, pks=[draft.pk], reason="Ce SIRET est fermé")
    client.force_login(draft.applicant)
    home = text_of(client.get("/console/"))
    assert "Ce SIRET est fermé" in home and CLAIM in home and "s’en charge" not in home
    assert "Ce SIRET est fermé" in text_of(client.get(CLAIM))
    assert client.post(CLAIM, claimed())["Location"] == "/console/"
    assert OrganisationDraft.objects.open().get().applicant == draft.applicant
    assert CLAIM not in text_of(client.get("/console/"))
    again = client.post(CLAIM, claimed())
    assert again.status_code == 422 and "attend une réponse" in text_of(again)


def test_a_refused_request_is_named_by_its_organisation(client, editor):
    row = make.join_request()
    services.refuse_requests(actor=editor, pks=[row.pk], reason="Inconnue ici")
    client.force_login(row.user)
    assert row.company.name in text_of(client.get(CLAIM))


def test_members_and_accounts_of_persons_claim_nothing(client, client_for):
    member = make.member(make.company()).user
    company = member.companymemberships.get().organisation
    answer = client_for(member).post(CLAIM, claimed(identifier=company.siret))
    assert answer.status_code == 422 and "déjà membre" in text_of(answer)
    assert client_for(make.user(Role.STUDENT)).get(CLAIM)["Location"] == "/console/"
    assert client.get(CLAIM).status_code == 302
    assert not JoinRequest.objects.exists()


def test_the_applicant_is_led_to_the_organisation(editor):
    draft = make.organisation_draft()
    services.accept_drafts(actor=editor, pks=[draft.pk])
    run_queue()
    company = draft.kind.known_by([draft.siret]).get()
    told = Notice.objects.get(recipient=draft.applicant, kind="draft_answered")
    assert told.path == url(type(company), "change", company.pk)


def test_the_form_of_an_invitation_opens_on_no_choice_and_says_that_it_sends(client_for):
    client = client_for(make.user())
    page = client.get(url(Invitation, "add"))
    choices = [value for value, _label in page.context["adminform"].form.fields["account_type"].choices]
    assert (choices[0], choices[-1]) == ("", "staff")
    text = text_of(page)
    assert "Envoyer l’invitation" in text
    assert "_addanother" not in text and "_continue" not in text and 'name="_reason"' not in text
    sent = {"email": "ana@example.org", "language": "fr", "account_type": "student", "role": "member"}
    answer = client.post(url(Invitation, "add"), sent, follow=True)
    assert "Invitation envoyée à ana@example.org. Le lien sert jusqu’au" in text_of(answer)


def test_who_sent_an_invitation_is_not_offered_to_accept_it(client_for):
    sender = make.member(make.company(), role="manager").user
    row = make.invitation(sender.companymemberships.get().organisation, invited_by=sender)
    page = text_of(client_for(sender).get(url(Invitation, "change", row.pk)))
    assert url(Invitation, "accept", row.pk) not in page and url(Invitation, "resend", row.pk) in page


def test_a_word_of_the_sign_up_reaches_those_who_answer(visitor):
    company = make.company()
    signed_up(visitor(), "company", identifier=company.siret, message=" J’y suis tutrice. ")
    assert JoinRequest.objects.get().message == "J’y suis tutrice."


def test_a_school_that_waits_is_not_told_that_nothing_is_published(client):
    row = make.join_request(make.school())
    client.force_login(row.user)
    home = text_of(client.get("/console/"))
    assert row.school.name in home and "Aucun stage à venir" not in home
