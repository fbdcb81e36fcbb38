"""What is kept no longer goes, by itself, after a warning where one is due; nothing else does."""

import datetime

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone
from django_q.models import Task

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import CAYENNE
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.uploads import keep_upload
from pratik.core.writes import create_rows, update_rows
from pratik.internships import services as internships
from pratik.internships.models import Placement, PlacementBreak, RuleOverride
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft, SignUp
from pratik.notifications.enums import MailState, NoticeKind
from pratik.notifications.models import Notice
from pratik.privacy import reports
from pratik.privacy.models import RetentionRun
from pratik.privacy.services import apply_retention, retention
from pratik.security import services as security
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent, KnownDevice
from tests import factories as make
from tests.kit.queue import run_queue
from tests.kit.world import notice
from tests.privacy.conftest import places_of, set_past

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2029, 6, 15, 12, tzinfo=CAYENNE)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """`now(moment)`: it is this moment; noon in Cayenne on the 15th of June 2029 to begin with."""

    def become(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    become(NOW)
    return become


def idle(last_login, **fields):
    """An account that was last used then."""
    created = datetime.datetime(2019, 1, 1, tzinfo=CAYENNE)
    fields = {"role": Role.STUDENT} | fields
    return set_past(make.user(**fields), last_login=last_login, created_at=created, updated_at=created)


def moment(year, month, day, hour=9):
    return datetime.datetime(year, month, day, hour, tzinfo=CAYENNE)


def passage():
    """A run of the task, whose warnings are written now; their own clock is the machine's."""
    known = set(Notice.objects.values_list("pk", flat=True))
    run = apply_retention()
    Notice.objects.exclude(pk__in=known).update(created_at=timezone.now())
    return run


def is_erased(user):
    return User.objects.get(pk=user.pk).is_erased


# Accounts that nobody uses


def test_an_unused_account_is_warned_thirty_days_before_then_erased(now, mailoutbox):
    user = idle(moment(2026, 7, 20), wants_email=False)
    assert passage().warned == 0
    now(moment(2029, 6, 21))
    assert passage().warned == 1
    warning = Notice.objects.get(kind=NoticeKind.ACCOUNT_EXPIRING)
    assert (warning.recipient, warning.mail_state) == (user, MailState.WAITING)
    assert "21/07/2029" in warning.body and user.email in warning.body
    run_queue()
    assert [mail.to for mail in mailoutbox] == [[user.email]]
    now(moment(2029, 7, 20))
    assert passage().treated == 0 and not is_erased(user)
    now(moment(2029, 7, 21, 10))
    assert passage().treated == 1 and is_erased(user)


def test_who_signs_in_after_the_warning_keeps_the_account(now):
    user = idle(moment(2026, 6, 20))
    passage()
    run_queue()
    set_past(user, last_login=moment(2029, 6, 16))
    now(moment(2029, 8, 1))
    passage()
    assert not is_erased(user)


def test_a_warning_of_an_earlier_time_does_not_count(now):
    """Warned once, then back for a day, then gone for three years more: a new warning is due."""
    user = idle(moment(2026, 6, 20))
    passage()
    run_queue()
    set_past(user, last_login=moment(2029, 6, 16))
    now(moment(2032, 7, 1))
    run = passage()
    assert run.warned == 1 and not is_erased(user)
    run_queue()
    now(moment(2032, 8, 2))
    passage()
    assert is_erased(user)


def test_nobody_is_erased_whose_warning_has_not_left(now):
    """The queue stood still for months: the thirty days are the person's all the same."""
    user = idle(moment(2026, 6, 1))
    passage()
    now(moment(2030, 1, 1))
    passage()
    assert not is_erased(user)
    run_queue()
    passage()
    assert is_erased(user)


def test_a_late_first_run_warns_before_it_erases(now):
    user = idle(moment(2021, 1, 1))
    run = passage()
    assert (run.warned, run.treated) == (1, 0)
    assert "15/07/2029" in Notice.objects.get().body
    run_queue()
    now(moment(2029, 7, 14))
    assert passage().treated == 0
    now(moment(2029, 7, 15, 13))
    passage()
    assert is_erased(user)


def test_who_never_signed_in_counts_from_the_opening_of_the_account():
    user = idle(None)
    line, rule = reports.rule_named("idle_accounts")
    assert list(reports.overdue(line, rule, NOW)) == [user]
    set_past(user, created_at=moment(2028, 1, 1))
    assert not reports.overdue(line, rule, NOW).exists()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER, Role.AUDITOR], ids=str)
def test_an_open_account_of_the_team_is_never_erased_by_the_calendar(now, role):
    user = idle(moment(2019, 1, 1), role=role)
    passage()
    run_queue()
    now(moment(2034, 1, 1))
    passage()
    assert not is_erased(user) and not Notice.objects.filter(recipient=user).exists()


@pytest.mark.parametrize("role", [Role.STUDENT, Role.EDITOR], ids=str)
def test_a_closed_account_is_erased_after_a_year(now, role):
    user = idle(moment(2028, 1, 1), role=role, is_active=False)
    set_past(user, updated_at=moment(2028, 6, 16))
    passage()
    assert not is_erased(user)
    now(moment(2029, 6, 17))
    passage()
    assert is_erased(user)


def test_the_tasks_account_and_erased_accounts_are_left():
    passage()
    system = User.objects.system_actor()
    set_past(system, created_at=moment(2019, 1, 1), updated_at=moment(2019, 1, 1))
    user = idle(moment(2019, 1, 1), is_active=False)
    assert passage().treated == 1
    assert passage().treated == 0
    assert is_erased(user) and not is_erased(system)


def test_an_account_that_can_not_be_erased_does_not_stop_the_others(monkeypatch):
    """Rules that forbid it say so in the log; the run goes on, and says how many it left."""
    left, erased = (idle(moment(2019, 1, 1), is_active=False) for _ in range(2))
    monkeypatch.setattr(
        "pratik.privacy.services.erasure.rules.erasure_refusal",
        lambda user, **known: "Non." if user.pk == left.pk else None,
    )
    run = passage()
    assert run.results["closed_accounts"] == {"warned": 0, "treated": 1, "left": 1}
    assert is_erased(erased) and not is_erased(left)


# Everything else


def rows_of_each_rule():
    """For each rule without a warning: a row whose time is over, and one whose is not."""
    reader = make.user(Role.STUDENT)
    over = {}

    def both(code, make_row, old, recent):
        over[code] = (set_past(make_row(), **old), set_past(make_row(), **recent))

    both(
        "old_sessions",
        lambda: user_session(reader),
        {"last_seen_at": moment(2029, 5, 15)},
        {"last_seen_at": moment(2029, 5, 17)},
    )
    both(
        "expired_sessions",
        session,
        {"expire_date": moment(2029, 6, 15, 11)},
        {"expire_date": moment(2029, 6, 15, 13)},
    )
    both("old_tasks", task, {"stopped": moment(2029, 5, 15)}, {"stopped": moment(2029, 5, 17)})
    both(
        "failed_accesses",
        failed,
        {"happened_at": moment(2028, 12, 14)},
        {"happened_at": moment(2028, 12, 16)},
    )
    both(
        "unused_devices",
        lambda: device(reader),
        {"last_seen_at": moment(2028, 5, 10)},
        {"last_seen_at": moment(2028, 5, 13)},
    )
    both(
        "old_impersonations",
        lambda: impersonation(reader),
        {"started_at": moment(2026, 6, 14)},
        {"started_at": moment(2026, 6, 16)},
    )
    both(
        "former_contacts",
        lambda: make.manager(is_active=False),
        {"updated_at": moment(2027, 6, 14)},
        {"updated_at": moment(2027, 6, 15)},
    )
    both(
        "old_sign_ups", sign_up, {"code_sent_at": moment(2029, 6, 12)}, {"code_sent_at": moment(2029, 6, 14)}
    )
    both(
        "expired_invitations",
        invitation,
        {"expires_at": moment(2029, 3, 14)},
        {"expires_at": moment(2029, 3, 16)},
    )
    both(
        "old_join_requests",
        join_request,
        {"decided_at": moment(2027, 6, 14)},
        {"decided_at": moment(2027, 6, 16)},
    )
    both("old_claims", make.claim, {"until": moment(2029, 6, 13)}, {"until": moment(2029, 6, 14)})
    for code, offered in (("old_lodgings", make.lodging), ("old_trips", make.trip)):
        both(
            code,
            lambda offered=offered: offered(state="archived"),
            {"updated_at": moment(2027, 6, 14)},
            {"updated_at": moment(2027, 6, 16)},
        )
    for code, asked in (
        ("old_lodging_requests", make.lodging_request),
        ("old_trip_requests", make.trip_request),
    ):
        both(
            code,
            lambda asked=asked: asked(state="declined", message="Bonjour", answer="Non"),
            {"decided_at": moment(2027, 6, 14)},
            {"decided_at": moment(2027, 6, 16)},
        )
    both(
        "old_follows",
        lambda: make.follow(state="ended"),
        {"closed_at": moment(2027, 6, 14)},
        {"closed_at": moment(2027, 6, 16)},
    )
    both(
        "old_profile_changes",
        make.profile_change,
        {"at": moment(2026, 6, 14)},
        {"at": moment(2026, 6, 16)},
    )
    for code, made in (
        ("old_enrolments", lambda: make.enrolment(state="ended", refusal="Pas de notre classe")),
        ("former_tutors", lambda: make.host_tutor(is_active=False)),
        ("former_teachers", lambda: make.referent_teacher(is_active=False)),
        ("old_recommendations", lambda: make.recommendation(state="declined")),
    ):
        both(code, made, {"updated_at": moment(2027, 6, 14)}, {"updated_at": moment(2027, 6, 16)})
    both("old_placements", lambda: make.placement(state="completed"), ended(14), ended(15))
    over["old_agreements"] = tuple(
        make.placement_paper(placement=set_past(make.placement(state="drafted"), **ended(day)))
        for day in (14, 15)
    )
    both("old_drafts", draft, {"decided_at": moment(2027, 6, 14)}, {"decided_at": moment(2027, 6, 16)})
    both(
        "old_requests",
        lambda: make.erasure_request(state="refused", reason="Je pars", answer="Non"),
        {"decided_at": moment(2024, 6, 14)},
        {"decided_at": moment(2024, 6, 15)},
    )
    return over


def ended(day):
    """The columns of an internship of a week that ended on this day of June 2024."""
    last = datetime.date(2024, 6, day)
    return {"start_on": last - datetime.timedelta(days=6), "end_on": last}


def user_session(reader):
    key = f"{UserSession.objects.count():040d}"
    return UserSession.objects.create(user=reader, ip="203.0.113.9", session_key=key, user_agent="x")


def sign_up():
    values = {"account_type": Role.STUDENT, "first_name": "Ana", "last_name": "Silva"}
    return SignUp.objects.create(email="ana@example.org", password="!", **values)


def written(row):
    """A row of the joining area, with its history."""
    row.derive()
    with operation(kind=OperationKind.SETUP, actor=User.objects.system_actor()):
        create_rows([row])
    return row


def invitation():
    number = Invitation.objects.count()
    inviter = make.user(Role.EDITOR)
    return written(
        Invitation(
            email=f"invite{number}@example.org",
            account_type=Role.STUDENT,
            message="Venez",
            invited_by=inviter,
        )
    )


def join_request():
    return written(
        JoinRequest(
            user=make.user(Role.SCHOOL), school=make.school(), state="refused", message="Je suis prof"
        )
    )


def draft():
    return written(
        OrganisationDraft(
            applicant=make.user(Role.COMPANY),
            account_type=Role.COMPANY,
            name="Menuiserie",
            siret=make.siret(),
            state="refused",
            message="Bonjour",
        )
    )


def session():
    return Session.objects.create(session_key=f"{Session.objects.count():032d}", expire_date=NOW)


def task():
    key = f"{Task.objects.count():032d}"
    return Task.objects.create(id=key, name="x", func="x", started=NOW, stopped=NOW, success=False)


def failed():
    return security.record(kind=AccessKind.SIGN_IN_FAILED, detail="qui@example.org")


def device(reader):
    return KnownDevice.objects.create(user=reader, token_hash=str(KnownDevice.objects.count()))


def impersonation(reader):
    return security.start_impersonation(
        actor=make.user(Role.ADMINISTRATOR), target=reader, reason="Aider à la connexion"
    )


def test_each_rule_takes_what_is_over_and_leaves_the_rest():
    rows = rows_of_each_rule()
    own = {rule.code for _line, rule in reports.all_rules() if not rule.task and not rule.warned_days}
    assert set(rows) == own - {"closed_accounts"}, "a new rule joins this test"
    for code, (old, recent) in rows.items():
        line, rule = reports.rule_named(code)
        overdue = set(reports.overdue(line, rule, NOW).values_list("pk", flat=True))
        assert (old.pk in overdue, recent.pk in overdue) == (True, False), code
    apply_retention()
    for code, (old, recent) in rows.items():
        line, rule = reports.rule_named(code)
        there = models.QuerySet(type(old)).filter(pk=old.pk).exists()
        assert there == (rule.fate == "anonymised"), code
        assert models.QuerySet(type(recent)).filter(pk=recent.pk).exists(), code
        assert not reports.overdue(line, rule, NOW).exists(), code


def test_what_is_emptied_loses_its_words_and_its_history(now):
    rows = rows_of_each_rule()
    contact, _recent = rows["former_contacts"]
    request, _recent = rows["old_requests"]
    address = contact.email
    apply_retention()
    contact.refresh_from_db()
    request.refresh_from_db()
    assert (contact.first_name, contact.phone) == ("", "")
    assert contact.email.endswith("@efface.pratik.invalid")
    assert address not in set(contact.history.values_list("email", flat=True))
    assert (request.reason, request.answer) == ("", "")
    assert set(request.history.values_list("reason", "answer")) == {("", "")}


def test_a_second_run_finds_nothing_to_do():
    rows = rows_of_each_rule()
    idle(moment(2019, 1, 1), is_active=False)
    first = apply_retention()
    assert first.treated == len(rows) + 1 and first.finished_at
    second = apply_retention()
    assert (second.warned, second.treated) == (0, 0)


@pytest.mark.parametrize(
    "code",
    [
        "old_enrolments",
        "former_tutors",
        "former_teachers",
        "old_recommendations",
        "old_placements",
        "old_agreements",
    ],
)
def test_what_was_emptied_is_never_emptied_again(now, code):
    """Being emptied is a change too: its time begins anew, and there is nothing left to take."""
    emptied, _recent = rows_of_each_rule()[code]
    apply_retention()
    lines = type(emptied).history.filter(id=emptied.pk).count()
    now(moment(2036, 1, 1))
    apply_retention()
    assert type(emptied).history.filter(id=emptied.pk).count() == lines


def ended_placement(**fields):
    """An internship that ended more than five years ago, with all that was written of it."""
    placement = make.placement(
        state="interrupted",
        ended_on=datetime.date(2023, 3, 1),
        start_on=datetime.date(2023, 2, 1),
        ended_by="intern",
        **fields,
    )
    first = placement.start_on
    written(PlacementBreak(placement=placement, from_on=first, until_on=first, reason="Soins zqxtrace"))
    override = RuleOverride(
        placement=placement,
        rule="stipend",
        finding="309 h pour zqxtrace",
        reason="Accord zqxtrace",
        made_by=make.user(Role.SCHOOL),
    )
    written(override)
    agreement = make.placement_paper(
        placement=placement, values={"student_name": "zqxtrace"}, void_reason="À la demande de zqxtrace"
    )
    agreement.file.save("signee.pdf", ContentFile(b"copie"), save=False)
    agreement.file_name = "zqxtrace.pdf"
    with operation(kind=OperationKind.EDIT, actor=User.objects.system_actor()):
        update_rows([agreement], ["file", "file_name"])
    certificate = make.placement_paper(placement=placement, kind="certificate", values={"student_name": "A"})
    return placement, agreement, certificate


def test_five_years_after_its_end_nothing_is_left_to_read_of_an_internship():
    """Its papers, its days off and the rules set aside go with it; the certificate is the student's."""
    placement, agreement, certificate = ended_placement(
        end_reason="zqxtrace est malade", student_address="1 rue zqxtrace"
    )
    figures = Placement.objects.filter(pk=placement.pk).values(
        "student", "company", "school", "start_on", "end_on", "ended_on", "hours", "days", "state"
    )
    before, storage, name = figures.get(), agreement.file.storage, agreement.file.name
    assert storage.exists(name)
    run = apply_retention()
    run_queue()
    assert run.results["old_placements"]["treated"] == run.results["old_agreements"]["treated"] == 1
    assert places_of("zqxtrace") == []
    assert not storage.exists(name)
    assert figures.get() == before
    agreement.refresh_from_db()
    assert (agreement.values, agreement.file.name, agreement.state) == ({}, "", "made")
    certificate.refresh_from_db()
    assert certificate.values == {"student_name": "A"}


@pytest.mark.parametrize(
    "column", ["host_representative", "supervision", "social_protection", "representative_email"]
)
def test_one_word_left_is_enough_for_an_old_internship_to_be_emptied(column):
    blank = dict.fromkeys(rule_columns("old_placements"), "")
    placement = make.placement(state="cancelled", **{**blank, column: "a@example.org"})
    set_past(placement, **ended(14))
    assert apply_retention().results["old_placements"]["treated"] == 1
    placement.refresh_from_db()
    assert getattr(placement, column) == ""


def rule_columns(code):
    """The columns by which a rule knows what it has emptied already."""
    return tuple(reports.rule_named(code)[1].never)


def test_the_reason_for_which_an_internship_ended_leaves_the_journal_too():
    placement = make.placement(state="running")
    school = make.user(Role.SCHOOL)
    make.member(placement.school, school)
    internships.interrupt_placements(
        actor=school,
        pks=[placement.pk],
        ended_on=placement.start_on,
        ended_by="intern",
        reason="Hospitalisation de longue durée",
    )
    act = Operation.objects.get(verb="interrupt")
    assert "hospitalisation" in act.search_text
    set_past(placement, **ended(20), ended_on=datetime.date(2024, 6, 14))
    Notice.objects.all().delete()
    apply_retention()
    assert places_of("hospitalisation") == []
    act.refresh_from_db()
    assert act.actor == school


def test_unsuccessful_applications_go_whole():
    """The row, its history, its CV and what the company wrote in its refusal."""
    application = make.application(letter="Lettre zqxtrace", cv_name="zqxtrace.pdf")
    application.cv.save("cv.pdf", ContentFile(b"cv"), save=False)
    with operation(kind=OperationKind.EDIT, actor=User.objects.system_actor()):
        update_rows([application], ["cv"])
    storage, name = application.cv.storage, application.cv.name
    member = make.user(Role.COMPANY)
    make.member(application.offer.company, member)
    internships.refuse_applications(
        actor=member, pks=[application.pk], why="other_profile", reason="Non, zqxtrace"
    )
    run_queue()
    Notice.objects.all().delete()
    set_past(application, decided_at=moment(2027, 6, 14))
    line, rule = reports.rule_named("unsuccessful_applications")
    assert reports.overdue(line, rule, NOW).count() == 1
    assert internships.forget_unsuccessful() == 1
    run_queue()
    assert places_of("zqxtrace") == []
    assert not storage.exists(name)
    assert not reports.overdue(line, rule, NOW).exists()
    assert internships.forget_unsuccessful() == 0


def test_recommendations_that_were_declined_lose_their_words_and_keep_their_note():
    row = make.recommendation(
        state="withdrawn",
        comment="Bravo zqxtrace",
        author_name="Zqxtrace",
        skills_validated=["Zqxtrace"],
        withdrawal_reason="zqxtrace",
    )
    set_past(row, updated_at=moment(2027, 1, 1))
    apply_retention()
    assert places_of("zqxtrace") == []
    row.refresh_from_db()
    assert (row.state, row.rating) == ("withdrawn", 4)


@pytest.mark.parametrize("made", [make.host_tutor, make.referent_teacher], ids=["tutor", "teacher"])
def test_who_looks_after_interns_stays_named_while_they_do(made):
    active = set_past(made(), updated_at=moment(2019, 1, 1))
    former = set_past(made(is_active=False, last_name="Zqxtrace"), updated_at=moment(2027, 1, 1))
    apply_retention()
    active.refresh_from_db()
    former.refresh_from_db()
    assert active.last_name and "@efface" not in active.email
    assert former.email.endswith("@efface.pratik.invalid") and places_of("zqxtrace") == []


def test_a_run_that_was_killed_is_finished_by_the_next(monkeypatch):
    """After the first batch the worker is gone; nothing is half done, and the rest is done next time."""
    readers = [make.user(Role.STUDENT) for _ in range(3)]
    for reader in readers:
        for _ in range(2):
            set_past(user_session(reader), last_seen_at=moment(2026, 1, 1))
    monkeypatch.setattr(retention, "BATCH", 2)
    remove, batches = retention.remove, []

    def killed_at_second(rows):
        if batches:
            raise KeyboardInterrupt
        batches.append(rows)
        return remove(rows)

    monkeypatch.setattr(retention, "remove", killed_at_second)
    with pytest.raises(KeyboardInterrupt):
        apply_retention()
    assert UserSession.objects.count() == 4
    assert RetentionRun.objects.get().finished_at is None
    monkeypatch.setattr(retention, "remove", remove)
    assert apply_retention().treated == 4
    assert not UserSession.objects.exists()


@pytest.mark.parametrize(
    ("code", "renewed"),
    [
        ("old_sessions", {"last_seen_at": NOW}),
        ("unused_devices", {"last_seen_at": NOW}),
        ("old_join_requests", {"decided_at": NOW}),
        ("former_contacts", {"updated_at": NOW}),
    ],
)
def test_what_is_renewed_once_it_was_found_stays(monkeypatch, code, renewed):
    """Somebody comes back between the list of what is overdue and its removal."""
    over, _kept = rows_of_each_rule()[code]
    line, rule = reports.rule_named(code)
    before = models.QuerySet(type(over)).filter(pk=over.pk).values()
    find = retention._next

    def found_then_renewed(*args):
        pks = find(*args)
        if over.pk in pks:
            set_past(over, **renewed)
        return pks

    expected = before.get() | renewed
    monkeypatch.setattr(retention, "_next", found_then_renewed)
    assert retention._treat(line, rule, NOW) == (0, 1)
    assert before.get() == expected


def test_one_account_that_breaks_leaves_nothing_half_erased(monkeypatch):
    """An erasure that fails in the middle is rolled back whole."""
    user = idle(moment(2019, 1, 1), is_active=False)
    notice(user)
    before = User.objects.filter(pk=user.pk).values().get()

    def broken(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("pratik.privacy.services.erasure._relabel", broken)
    with pytest.raises(KeyboardInterrupt):
        apply_retention()
    assert User.objects.filter(pk=user.pk).values().get() == before
    assert Notice.objects.filter(recipient=user).exists()


def test_unread_notices_and_other_accesses_stay():
    reader = make.user(Role.STUDENT)
    kept = set_past(notice(reader), created_at=moment(2019, 1, 1))
    signed_in = set_past(
        security.record(kind=AccessKind.SIGN_IN, actor=reader), happened_at=moment(2028, 7, 1)
    )
    apply_retention()
    assert Notice.objects.filter(pk=kept.pk).exists()
    assert AccessEvent.objects.filter(pk=signed_in.pk).exists()


def test_rules_of_other_tasks_are_only_counted():
    """Abandoned uploads have a task of their own; the register shows them all the same."""
    upload = keep_upload(owner=make.user(), purpose="essai", name="a.csv", content=b"x")
    set_past(upload, created_at=moment(2029, 6, 1))
    figures = {figure.rule.code: figure for figure in reports.register(NOW) if figure.rule}
    assert figures["abandoned_uploads"].overdue == 1
    apply_retention()
    assert type(upload).objects.filter(pk=upload.pk).exists()


# The register


def test_the_register_counts_rows_and_what_is_overdue(django_assert_num_queries):
    rows_of_each_rule()
    with django_assert_num_queries(1):
        figures = reports.register(NOW)
    by_code = {figure.rule.code: figure for figure in figures if figure.rule}
    assert (by_code["old_sessions"].number, by_code["old_sessions"].overdue) == (2, 1)
    assert by_code["old_sessions"].oldest == moment(2029, 5, 15)
    assert by_code["old_sessions"].percent == 50
    assert len({figure.line.model for figure in figures}) == len(reports.LINES)


def test_the_register_takes_one_query_however_much_there_is(django_assert_num_queries):
    for _ in range(30):
        idle(moment(2019, 1, 1))
    with django_assert_num_queries(1):
        figures = {figure.rule.code: figure for figure in reports.register(NOW) if figure.rule}
    assert figures["idle_accounts"].overdue == 30
    assert figures["idle_accounts"].percent == 100


def test_a_part_too_small_to_draw_is_drawn_all_the_same():
    assert reports.Figure(None, None, 100_000, 1, None).percent == 1
    assert reports.Figure(None, None, 100_000, 0, None).percent == 0


def test_a_person_reads_from_when_their_account_is_erased():
    user = idle(moment(2028, 2, 29))
    assert reports.expires_on(user) == datetime.date(2031, 3, 1)
    assert reports.expires_on(make.user(Role.EDITOR)) is None
