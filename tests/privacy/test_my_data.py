"""My data: all of it, nobody else's, in words and as files; consents; asking to be erased."""

import json

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import StudentProfile, User
from pratik.accounts.services import create_account
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.origin import Origin, coming_from
from pratik.core.services import save_row
from pratik.notifications.enums import MailState, NoticeKind
from pratik.notifications.models import Notice
from pratik.notifications.services import Draft, tell
from pratik.privacy import reports, services
from pratik.privacy.enums import RequestState
from pratik.privacy.ledger import LINES
from pratik.privacy.models import ErasureRequest
from pratik.privacy.services.downloads import DOWNLOADS_AN_HOUR
from pratik.security import services as security
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.conftest import person
from tests.kit.world import notice
from tests.privacy.conftest import MARK, fill, marked, set_past

pytestmark = pytest.mark.django_db

PAGES = ["my_data", "my_data_download", "my_data_erasure", "my_data_erasure_withdraw"]


@pytest.fixture
def freshly(client_for):
    """`freshly(user)`: a client whose person has given their password a moment ago."""

    def signed_in(user):
        client = client_for(user)
        request = RequestFactory().get("/")
        request.session, request.user = client.session, user
        record_authentication(request, user, method="password", email=user.email)
        request.session.save()
        return client

    return signed_in


def take(client, file_format="json"):
    return client.post(reverse("access:my_data_download"), {"format": file_format})


# In words


AGENT = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"


def test_people_read_words_and_programs_read_all(freshly, administrator):
    user = make.user(Role.STUDENT)
    with coming_from(Origin(device=AGENT)):
        line = security.record(kind=AccessKind.SIGN_IN, actor=user, subject=user)
        security.record(kind=AccessKind.EXPORT, actor=user, subject=User)
    with operation(kind=OperationKind.EDIT, actor=user, subject=User, verb="verify"):
        save_row(actor=user, row=user)
    client = freshly(user)
    for page in (client.get(reverse("access:my_data")), take(client, "html")):
        shown = page.content.decode()
        assert "Firefox sous Windows" in shown and "Compte" in shown
        for said in (AGENT, "accounts.user", "<dt>ID</dt>", "Numéro de l’objet", "User agent"):
            assert said not in shown, said
    groups = json.loads(take(client).content)["groups"]
    [told] = [
        row["values"]
        for group in groups
        if group["model"] == "security.accessevent"
        for row in group["rows"]
        if row["id"] == line.pk
    ]
    assert told | {"id": line.pk, "device": AGENT, "subject": "accounts.user"} == told
    assert told["object_pk"] == str(user.pk), "a file for programs keeps what they need"


# All of it


def test_the_file_holds_every_mark_of_the_person_and_none_of_anybody_else(marked_person, client_for):
    other = make.user(Role.STUDENT, **marked("zqxautre"))
    fill(other, "zqxautre", make.user(Role.ADMINISTRATOR, **marked("zqxtiers")))
    answer = take(client_for(marked_person))
    data = json.loads(answer.content.decode())
    told = {group["model"]: json.dumps(group, ensure_ascii=False) for group in data["groups"]}
    expected = {line.model for line in LINES if line.people or line.addresses}
    assert set(told) == expected, "every line of the ledger has something to say of this person"
    unmarked = {label for label, text in told.items() if MARK not in text.lower()}
    assert unmarked == {
        "schools.schoolmembership",
        "schools.trainingcentermembership",
        "partners.companymembership",
        "partners.recruitermembership",
        "partners.partnermembership",
        "mfa.authenticator",
        "verification.reviewclaim",
        "notifications.noticepreference",
        "notifications.quiethours",
    }, "a membership has no words of the person's, a second factor shows no secret"
    whole = answer.content.decode().lower()
    for foreign in (
        "zqxautre",
        "zqxtiers",
        "zqxcollegue",
        "198.51.100.7",
        "agent d’ailleurs",
        "nom ailleurs",
    ):
        assert foreign not in whole, foreign
    assert f"secret-{MARK}" not in whole and marked_person.password.lower() not in whole


def test_former_values_are_in_the_file_with_who_changed_them_by_role_alone(marked_person):
    data = reports.as_json(marked_person, now=timezone.now())
    [account] = next(group for group in data["groups"] if group["model"] == "accounts.user")["rows"]
    assert account["values"]["email"] == f"{MARK}.nouveau@example.org"
    assert account["history"][0]["values"]["email"] == f"{MARK}@example.org"
    assert [version["by"] for version in account["history"]] == ["platform", "administrator"]
    assert set(account["history"][1]["values"]) >= {"email", "phone", "avatar"}
    assert "first_name" not in account["history"][1]["values"], "only what changed"


def test_somebody_elses_file_says_nothing_of_the_person(marked_person, client_for):
    other = make.user(Role.EDITOR)
    assert MARK not in take(client_for(other)).content.decode().lower()
    assert MARK not in take(client_for(other), "html").content.decode().lower()


def test_what_staff_did_to_others_names_nobody_in_their_own_file(administrator, client_for):
    """Who opens an account is told that they did, not whose it was."""
    create_account(actor=administrator, email="tierce@example.org", account_type=Role.STUDENT)
    security.record(kind=AccessKind.EXPORT, actor=administrator, subject=User, detail="comptes.xlsx")
    text = take(client_for(administrator)).content.decode()
    assert "account_opened" in text and "comptes.xlsx" in text
    assert "tierce@example.org" not in text


def test_the_readable_file_stands_alone_and_says_why_and_until_when(marked_person, client_for):
    answer = take(client_for(marked_person), "html")
    text = answer.content.decode()
    assert answer["Content-Disposition"].endswith('.html"')
    assert text.startswith("<!doctype html>") and "src=" not in text and "href=" not in text
    for line in LINES:
        if line.people or line.addresses:
            assert str(line.purpose) in text and str(line.basis.label) in text
    assert text.lower().count(MARK) > 20


def test_the_portable_file_has_stable_keys(student_user):
    data = reports.as_json(student_user, now=timezone.now())
    assert list(data) == ["format", "made_at", "account", "groups", "consents"]
    assert data["format"] == "pratik.my-data/1"
    for group in data["groups"]:
        assert list(group) == [
            "model",
            "title",
            "purpose",
            "legal_basis",
            "legal_basis_label",
            "kept",
            "source",
            "rows",
        ]
        for row in group["rows"]:
            assert list(row) == ["id", "values", "history"]
    assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ANONYMOUS], ids=str)
def test_every_role_has_its_page_and_its_files(role, client_for):
    user = person(role)
    client = client_for(user)
    page = client.get(reverse("access:my_data"))
    assert page.status_code == 200 and user.email in page.content.decode()
    for file_format in ("json", "html"):
        answer = take(client, file_format)
        assert answer.status_code == 200 and user.email in answer.content.decode()


def test_what_is_held_is_told_in_both_languages(marked_person, client_for):
    client = client_for(marked_person)
    for language in ("fr", "en"):
        client.cookies["django_language"] = language
        assert client.get(reverse("access:my_data")).status_code == 200


def test_the_page_takes_as_many_queries_however_much_there_is(client_for):
    user = make.user(Role.EDITOR)
    client = client_for(user)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("access:my_data")).status_code == 200
        return len(queries)

    def live(times):
        for _ in range(times):
            notice(user)
            company = make.company()
            company.description = "x"
            save_row(actor=user, row=company)
            user.phone = "+594694112233" if not user.phone else ""
            save_row(actor=user, row=user)

    live(3)
    asked()
    few = asked()
    live(30)
    assert asked() == few


def test_a_group_that_is_long_is_shown_in_part_and_whole_in_the_file(client_for):
    user = make.user(Role.STUDENT)
    for _ in range(reports.SHOWN + 5):
        notice(user)
    page = client_for(user).get(reverse("access:my_data"))
    [group] = [group for group in page.context["groups"] if group.line.model == "notifications.notice"]
    assert (len(group.records), group.more) == (reports.SHOWN, 5)
    [group] = [group for group in reports.held_about(user) if group.line.model == "notifications.notice"]
    assert len(group.records) == reports.SHOWN + 5


# Who, how, how often


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_is_sent_to_the_sign_in_page(client_for, name):
    client = client_for(AnonymousUser())
    for answer in (client.get(reverse(f"access:{name}")), client.post(reverse(f"access:{name}"))):
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer["Location"].startswith(reverse("account_login"))


def test_a_download_is_a_post_and_is_recorded(student_user, client_for):
    client = client_for(student_user)
    assert client.get(reverse("access:my_data_download")).status_code == 405
    assert not AccessEvent.objects.filter(kind=AccessKind.DATA_DOWNLOADED).exists()
    assert take(client).status_code == 200
    event = AccessEvent.objects.get(kind=AccessKind.DATA_DOWNLOADED)
    assert (event.actor, event.detail) == (student_user, "json")


@pytest.mark.parametrize("file_format", ["", "pdf", "../etc/passwd", None])
def test_an_unknown_format_is_a_404(student_user, client_for, file_format):
    data = {} if file_format is None else {"format": file_format}
    assert client_for(student_user).post(reverse("access:my_data_download"), data).status_code == 404
    assert not AccessEvent.objects.filter(kind=AccessKind.DATA_DOWNLOADED).exists()


def test_downloads_are_counted_by_the_hour_for_each_person(student_user, client_for):
    client = client_for(student_user)
    for _ in range(DOWNLOADS_AN_HOUR):
        services.record_download(actor=student_user, file_format="json")
    answer = client.post(reverse("access:my_data_download"), {"format": "json"}, follow=True)
    assert answer.redirect_chain and "Revenez dans une heure" in answer.content.decode()
    assert take(client_for(make.user(Role.STUDENT)))["Content-Type"].startswith("application/json")


def test_a_file_is_kept_by_no_cache(student_user, client_for):
    assert "no-store" in take(client_for(student_user))["Cache-Control"]


def test_nobody_takes_the_data_of_somebody_in_whose_name_they_act(student_user, client_for, monkeypatch):
    monkeypatch.setattr("pratik.access.guards.is_impersonated", lambda request: True)
    client = client_for(student_user)
    for name in PAGES:
        for answer in (client.get(reverse(f"access:{name}")), client.post(reverse(f"access:{name}"))):
            assert answer.status_code in (403, 405)
    consent = reverse("access:my_data_consent", args=["e-mails"])
    assert client.post(consent, {"answer": "withdraw"}).status_code == 403
    assert not ErasureRequest.objects.exists()
    assert User.objects.get(pk=student_user.pk).wants_email


# Consents


def answer_consent(client, code, answer):
    return client.post(reverse("access:my_data_consent", args=[code]), {"answer": answer})


def given(user, code):
    return next(found for found in reports.consents_of(user) if found.consent.code == code)


def test_a_consent_is_given_and_withdrawn_at_once_with_its_history(student_user, client_for):
    client = client_for(student_user)
    assert not given(student_user, "profil-public").is_given, "nothing is shown by default"
    before = timezone.now()
    assert answer_consent(client, "profil-public", "give").status_code == 302
    assert StudentProfile.objects.get().is_public
    assert given(student_user, "profil-public").since >= before
    answer_consent(client, "profil-public", "withdraw")
    assert not StudentProfile.objects.get().is_public
    answers = StudentProfile.history.order_by("history_id").values_list("is_public", flat=True)
    assert list(answers) == [False, True, False]
    assert Operation.objects.latest("pk").actor == student_user
    assert AccessEvent.objects.get(kind=AccessKind.CONSENT_WITHDRAWN).actor == student_user
    answer_consent(client, "profil-public", "give")
    assert StudentProfile.objects.get().is_public


def test_the_same_answer_twice_is_one_answer(student_user):
    assert services.give_consent(actor=student_user, code="profil-public")
    lines = StudentProfile.history.count()
    assert not services.give_consent(actor=student_user, code="profil-public")
    assert StudentProfile.history.count() == lines


def test_a_consent_is_withdrawn_whatever_else_the_row_says(student_user):
    """A row that breaks a rule of today does not hold a withdrawal up."""
    profile = StudentProfile.objects.get()
    services.give_consent(actor=student_user, code="profil-public")
    set_past(profile, diploma="inconnu")
    services.withdraw_consent(actor=student_user, code="profil-public")
    assert not StudentProfile.objects.get().is_public


def test_withdrawn_e_mails_stay_in_the_console_but_for_what_the_law_wants_told(student_user):
    tell(drafts=[Draft(student_user, NoticeKind.CALENDAR_PUBLISHED, "1", "Un stage", "Bientôt")])
    tell(drafts=[Draft(student_user, NoticeKind.ACCOUNT_EXPIRING, "1", "Votre compte", "Bientôt")])
    services.withdraw_consent(actor=student_user, code="e-mails")
    states = dict(Notice.objects.values_list("kind", "mail_state"))
    assert states == {
        NoticeKind.CALENDAR_PUBLISHED: MailState.NOT_WANTED,
        NoticeKind.ACCOUNT_EXPIRING: MailState.WAITING,
    }


def test_since_when_is_the_last_change_of_the_answer(student_user):
    since = given(student_user, "e-mails").since
    student_user.phone = "+594694112233"
    save_row(actor=student_user, row=student_user)
    assert given(student_user, "e-mails").since == since


@pytest.mark.parametrize(
    ("code", "answer"),
    [("inconnu", "give"), ("e-mails", ""), ("e-mails", "maybe"), ("profil-public", "give")],
)
def test_what_can_not_be_agreed_to_is_a_404(client_for, code, answer):
    """A landlord has no student's profile to show."""
    landlord = make.landlord().user
    assert answer_consent(client_for(landlord), code, answer).status_code == 404
    assert User.objects.get(pk=landlord.pk).wants_email


def test_a_consent_is_no_link(student_user, client_for):
    answer = client_for(student_user).get(reverse("access:my_data_consent", args=["e-mails"]))
    assert answer.status_code == 405


# Asking to be erased


def test_asking_needs_the_password_once_more(client_for):
    user = make.user(Role.STUDENT)
    user.set_password("Manioc-Wassai-2026")
    set_past(user, password=user.password)
    client = client_for(user)
    for answer in (
        client.get(reverse("access:my_data_erasure")),
        client.post(reverse("access:my_data_erasure"), {"is_sure": "on"}),
    ):
        assert answer.status_code == 302 and reverse("account_reauthenticate") in answer["Location"]
    assert not ErasureRequest.objects.exists()


def test_a_person_asks_to_be_erased_and_takes_it_back(freshly, student_user):
    client = freshly(student_user)
    address = reverse("access:my_data_erasure")
    assert client.get(address).status_code == 200
    answer = client.post(address, {"reason": "Je quitte la Guyane", "is_sure": "on"}, follow=True)
    assert "Votre demande est enregistrée" in answer.content.decode()
    request = ErasureRequest.objects.get()
    assert (request.user, request.reason, request.state) == (
        student_user,
        "Je quitte la Guyane",
        RequestState.RECEIVED,
    )
    page = client.get(reverse("access:my_data")).content.decode()
    assert "Retirer ma demande" in page
    client.post(reverse("access:my_data_erasure_withdraw"))
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN


@pytest.mark.parametrize("data", [{}, {"is_sure": ""}, {"is_sure": "on", "reason": "x" * 2001}])
def test_an_incomplete_form_is_shown_again_with_what_was_typed(freshly, student_user, data):
    answer = freshly(student_user).post(reverse("access:my_data_erasure"), {"reason": "Motif écrit"} | data)
    assert answer.status_code == 422
    assert (data.get("reason") or "Motif écrit") in answer.content.decode()
    assert not ErasureRequest.objects.exists()


def test_a_second_request_is_refused_in_a_sentence(freshly, student_user):
    client = freshly(student_user)
    make.erasure_request(user=student_user)
    answer = client.post(reverse("access:my_data_erasure"), {"is_sure": "on"})
    assert answer.status_code == 422 and "déjà en cours" in " ".join(
        answer.context["form"].non_field_errors()
    )
    assert ErasureRequest.objects.count() == 1


def test_taking_back_what_was_never_asked_changes_nothing(client_for, student_user):
    other = make.erasure_request()
    answer = client_for(student_user).post(reverse("access:my_data_erasure_withdraw"), follow=True)
    assert "Aucune demande" in answer.content.decode()
    other.refresh_from_db()
    assert other.is_open


def test_an_answer_is_read_on_the_page(client_for, administrator, student_user):
    request = make.erasure_request(user=student_user)
    services.refuse_requests(actor=administrator, pks=[request.pk], reason="Litige en cours")
    page = client_for(student_user).get(reverse("access:my_data")).content.decode()
    assert "Litige en cours" in page
    assert Operation.objects.filter(kind=OperationKind.TRANSITION, verb="refuse").exists()
