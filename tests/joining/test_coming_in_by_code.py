"""Signing up: an account exists once its address is proved, and no answer tells who has one already."""

import datetime

import pytest
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from pratik.accounts.enums import AccountType, Role
from pratik.accounts.models import User
from pratik.joining import services
from pratik.joining.models import JoinRequest, OrganisationDraft, SignUp
from pratik.notifications.models import Notice
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.core.test_races import at_once
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

PASSWORD = "carbet-du-matin-2026"
TYPES = [kind for kind in AccountType if kind != AccountType.STAFF]
ORGANISATIONS = {
    AccountType.SCHOOL: make.school,
    AccountType.TRAINING_CENTER: make.training_center,
    AccountType.COMPANY: make.company,
    AccountType.RECRUITER: make.recruiter,
    AccountType.PARTNER: make.institution,
}
PROFILES = {
    AccountType.STUDENT: "studentprofile",
    AccountType.LANDLORD: "landlordprofile",
    AccountType.DRIVER: "driverprofile",
}


def ask(account_type=AccountType.STUDENT, email="lea@example.org", **fields):
    values = {"first_name": "Léa", "last_name": "Horth", "password": PASSWORD}
    if account_type in ORGANISATIONS:
        number = make.uai() if account_type == AccountType.SCHOOL else make.siret()
        values |= {"identifier": number, "organisation_name": "Menuiserie du fleuve"}
    return services.ask_to_sign_up(account_type=account_type, email=email, **values | fields)


def wrong(row):
    row.refresh_from_db()
    return f"{(int(row.code) + 1) % 1_000_000:06d}"


def refused(function, *args, **kwargs):
    with pytest.raises(ValidationError) as caught:
        function(*args, **kwargs)
    return caught.value


def later(row, seconds):
    """Puts the sign-up so many seconds into the past."""
    SignUp.objects.filter(pk=row.pk).update(
        code_sent_at=row.code_sent_at - datetime.timedelta(seconds=seconds)
    )


@pytest.mark.parametrize("account_type", TYPES, ids=str)
def test_each_type_of_account_opens_once_the_code_is_right(account_type, mailoutbox):
    row = ask(account_type, email=" Lea@Example.ORG ")
    assert not User.objects.filter(email="lea@example.org").exists()
    run_queue()
    (mail,) = mailoutbox
    assert mail.to == ["lea@example.org"]
    assert row.code in mail.body
    assert row.code in mail.alternatives[0].content
    user = services.confirm_sign_up(pk=row.pk, code=row.code)
    user.refresh_from_db()
    assert (user.account_type, user.email, user.first_name) == (account_type, "lea@example.org", "Léa")
    assert check_password(PASSWORD, user.password)
    assert not user.is_verified
    if account_type in PROFILES:
        assert getattr(user, PROFILES[account_type]).history.count() == 1
    else:
        draft = OrganisationDraft.objects.get(applicant=user)
        assert draft.account_type == account_type
    assert "sign_up" in AccessEvent.objects.filter(actor=user).values_list("kind", flat=True)


@pytest.mark.parametrize("account_type", ORGANISATIONS, ids=str)
def test_a_known_organisation_gets_a_request_and_its_people_hear(account_type, administrator, verifier):
    organisation = ORGANISATIONS[account_type]()
    colleague = make.member(organisation).user
    stranger = make.member(ORGANISATIONS[account_type]()).user
    number = organisation.uai if account_type == AccountType.SCHOOL else organisation.siret
    typed = f" {number[:3]} {number[3:]} ".lower()
    row = ask(account_type, identifier=typed)
    user = services.confirm_sign_up(pk=row.pk, code=row.code)
    request = JoinRequest.objects.get(user=user)
    assert request.organisation == organisation
    assert not OrganisationDraft.objects.exists()
    assert not organisation.memberships.filter(user=user).exists()
    run_queue()
    told = set(Notice.objects.values_list("recipient", flat=True))
    assert {colleague.pk, administrator.pk} <= told
    assert stranger.pk not in told and user.pk not in told


# What was typed wrong


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "lea"}, "email"),
        ({"password": "court"}, "password"),
        ({"password": "123456789012345"}, "password"),
        ({"first_name": " "}, "first_name"),
        ({"account_type": AccountType.STAFF}, "account_type"),
        ({"account_type": AccountType.COMPANY, "identifier": "73282932000075"}, "identifier"),
        ({"account_type": AccountType.COMPANY, "identifier": ""}, "identifier"),
        ({"account_type": AccountType.SCHOOL, "identifier": "9730001A"}, "identifier"),
        ({"account_type": AccountType.COMPANY, "organisation_name": "…"}, "organisation_name"),
        ({"email": "\x00@example.org"}, "email"),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field_and_nothing_is_kept(fields, field):
    error = refused(ask, **fields)
    assert field in error.message_dict
    assert not SignUp.objects.exists()
    assert not OrmQ.objects.exists()


# Nobody learns who has an account


def work_of(function):
    """What the database was asked, without the values."""
    with CaptureQueriesContext(connection) as queries:
        function()
    asked = [query["sql"].split("(")[0] for query in queries if "SAVEPOINT" not in query["sql"]]
    return [" ".join(sql.split()[:3]) for sql in asked]


def test_a_known_address_is_answered_by_the_same_work(monkeypatch, mailoutbox):
    make.user(Role.STUDENT, email="connue@example.org")
    from pratik.joining.services import sign_up as module

    hashes = []
    real = module.make_password
    monkeypatch.setattr(module, "make_password", lambda value: hashes.append(value) or real(value))
    known = work_of(lambda: ask(email="connue@example.org"))
    unknown = work_of(lambda: ask(email="inconnue@example.org"))
    assert known == unknown
    assert len(hashes) == 2
    assert SignUp.objects.count() == 2
    assert [task.task["func"] for task in OrmQ.objects.all()] == ["pratik.joining.tasks.send_code"] * 2


def test_the_owner_of_a_known_address_is_told_and_gets_no_code(mailoutbox):
    user = make.user(Role.STUDENT, email="connue@example.org")
    row = ask(email="Connue@example.org")
    run_queue()
    (mail,) = mailoutbox
    assert mail.to == [user.email]
    assert row.code not in mail.body + mail.subject + mail.alternatives[0].content
    assert "/connexion/" in mail.body


def test_no_code_is_ever_right_for_a_known_address():
    make.user(Role.STUDENT, email="connue@example.org")
    known, unknown = ask(email="connue@example.org"), ask(email="inconnue@example.org")
    for _tries in range(3):
        ours = refused(services.confirm_sign_up, pk=known.pk, code=known.code)
        theirs = refused(services.confirm_sign_up, pk=unknown.pk, code=wrong(unknown))
        assert (ours.code, ours.messages) == (theirs.code, theirs.messages)
    assert User.objects.filter(email="connue@example.org").count() == 1


def test_an_address_taken_since_the_code_left_opens_nothing():
    row, other = ask(), ask()
    services.confirm_sign_up(pk=row.pk, code=row.code)
    assert refused(services.confirm_sign_up, pk=other.pk, code=other.code).code == "wrong"
    assert User.objects.filter(email="lea@example.org").count() == 1


# The code


def test_the_database_alone_does_not_tell_the_code(settings):
    row = ask()
    columns = {str(getattr(row, field.attname)) for field in SignUp._meta.concrete_fields}
    assert not [value for value in columns if row.code in value]
    before = row.code
    settings.SECRET_KEY = "une-autre"
    assert row.code != before


def test_codes_have_six_digits_and_differ():
    row = ask()
    codes = set()
    for number in range(500):
        row.nonce = f"{number:032x}"
        assert len(row.code) == 6 and row.code.isdigit()
        codes.add(row.code)
    assert len(codes) > 480


def test_a_fourth_try_is_not_heard_even_when_right():
    row = ask()
    for left in ("2 essais", "1 essai", "dernier"):
        error = refused(services.confirm_sign_up, pk=row.pk, code=wrong(row))
        assert left in error.messages[0]
    error = refused(services.confirm_sign_up, pk=row.pk, code=row.code)
    assert error.code == "dead"
    assert not User.objects.filter(email=row.email).exists()


@pytest.mark.parametrize(("seconds", "holds"), [(299, True), (301, False)])
def test_a_code_holds_five_minutes(seconds, holds):
    row = ask()
    later(row, seconds)
    if holds:
        assert services.confirm_sign_up(pk=row.pk, code=row.code)
    else:
        assert refused(services.confirm_sign_up, pk=row.pk, code=row.code).code == "dead"


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "١٢٣٤٥٦", "é" * 6, "0" * 5000])
def test_any_text_in_place_of_a_code_is_a_wrong_one(typed):
    row = ask()
    assert refused(services.confirm_sign_up, pk=row.pk, code=typed).code == "wrong"


def test_a_code_serves_once():
    row = ask()
    services.confirm_sign_up(pk=row.pk, code=row.code)
    assert refused(services.confirm_sign_up, pk=row.pk, code=row.code).code == "gone"


def test_another_code_kills_the_one_before_and_gives_three_tries(mailoutbox):
    row = ask()
    old = row.code
    for _ in range(3):
        refused(services.confirm_sign_up, pk=row.pk, code=wrong(row))
    later(row, 61)
    row = services.resend_code(pk=row.pk)
    assert row.code != old
    assert refused(services.confirm_sign_up, pk=row.pk, code=old).code == "wrong"
    run_queue()
    assert row.code in mailoutbox[-1].body
    assert services.confirm_sign_up(pk=row.pk, code=row.code)


def test_another_code_is_not_sent_within_a_minute():
    row = ask()
    later(row, 50)
    error = refused(services.resend_code, pk=row.pk)
    assert error.code == "too_soon"
    assert "seconde" in error.messages[0]


def test_five_codes_in_an_hour_are_enough():
    row = ask()
    for _ in range(4):
        row.refresh_from_db()
        later(row, 61)
        services.resend_code(pk=row.pk)
    row.refresh_from_db()
    later(row, 61)
    assert refused(services.resend_code, pk=row.pk).code == "too_many_codes"
    assert refused(ask).code == "too_many_codes"
    assert ask(email="autre@example.org")


def test_one_email_leaves_for_each_code_however_often_the_task_runs(mailoutbox):
    row = ask()
    for _ in range(3):
        services.send_code(pk=row.pk)
    assert len(mailoutbox) == 1


def test_a_code_that_is_dead_by_now_does_not_leave(mailoutbox):
    row = ask()
    later(row, 400)
    run_queue()
    assert mailoutbox == []


def test_sign_ups_of_yesterday_are_forgotten():
    old, young = ask(), ask(email="autre@example.org")
    later(old, 24 * 3600 + 1)
    later(young, 23 * 3600)
    services.forget_old_sign_ups()
    assert list(SignUp.objects.all()) == [young]


def test_nobody_sees_sign_ups(administrator):
    ask()
    assert not SignUp.objects.visible_to(administrator).exists()
    assert not SignUp.objects.editable_by(administrator).exists()


# At once


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_open_one_account():
    row = ask(AccountType.COMPANY)
    results = at_once(*[lambda: services.confirm_sign_up(pk=row.pk, code=row.code)] * 4)
    assert sum(isinstance(result, User) for result in results) == 1, results
    assert {error.code for error in results if isinstance(error, ValidationError)} == {"gone"}
    assert OrganisationDraft.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_sign_ups_of_one_address_confirmed_at_once_open_one_account():
    rows = [ask() for _ in range(3)]
    results = at_once(*[lambda row=row: services.confirm_sign_up(pk=row.pk, code=row.code) for row in rows])
    assert sum(isinstance(result, User) for result in results) == 1, results
    assert {error.code for error in results if isinstance(error, ValidationError)} == {"wrong"}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_no_more_than_three():
    row = ask()
    bad = wrong(row)
    results = at_once(*[lambda: services.confirm_sign_up(pk=row.pk, code=bad)] * 8)
    assert sorted(error.code for error in results) == ["dead"] * 5 + ["wrong"] * 3
