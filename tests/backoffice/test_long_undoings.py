"""An operation that wrote too much to be waited for is taken back by the cluster, and a page says how far."""

import datetime
import json

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone
from django_q.models import OrmQ, Task

from backoffice.core import notices, undoing
from pratik.accounts.enums import Role, StaffRole
from pratik.calendars.models import InternshipCalendar
from pratik.core import undo as core_undo
from pratik.core.models import Operation, UndoRun
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.notifications.models import Notice
from pratik.schedule import SCHEDULE
from pratik.schools.models import SchoolProfile
from pratik.settings import base
from tests import factories as make
from tests.backoffice.living.conftest import acting_for
from tests.backoffice.test_operations_pages import messages_of, page_of, undo_url
from tests.kit.files import CASES, EBOUE, csv_bytes, make_ready
from tests.kit.queue import run_queue
from tests.kit.world import everything, url

pytestmark = pytest.mark.django_db

CASE = CASES["calendars"]
LONG = 12


@pytest.fixture(autouse=True)
def soon_long(settings, monkeypatch):
    """Six rows are a long operation, which is taken back in batches of five."""
    settings.UNDO_ROWS_AT_ONCE = 5
    monkeypatch.setattr("pratik.core.writes.BATCH", 5)


@pytest.fixture
def client(client_for, editor):
    return client_for(editor)


def rows_of(number=LONG, **changes):
    rows = (CASE.rows[0] | {"Filière": f"BTS MCO {place:03}"} | changes for place in range(number))
    return csv_bytes(CASE.headers, [tuple(row.values()) for row in rows])


@pytest.fixture
def imported(editor):
    """The operation of a file that created twelve calendars."""
    make_ready("calendars")
    return CASE.write(editor, rows_of())[1]


def progress_url(operation, view="progress/"):
    return f"{undo_url(operation)}{view}"


def asked(client, operation, **values):
    """Asks for an operation to be taken back. Returns the run."""
    response = client.post(undo_url(operation), values)
    assert response["Location"] == progress_url(operation)
    return UndoRun.objects.get()


def told(client, operation):
    answer = client.get(progress_url(operation, "progress.json")).json()
    return {name: value.replace("\u00a0", " ") if name == "now" else value for name, value in answer.items()}


def words(response):
    return response.content.decode().replace("\u00a0", " ")


def between_batches(monkeypatch, act, at=10):
    """Does something in the midst of the taking back, once so many rows are dealt with."""
    tell = undoing.Pulse.at

    def told_at(pulse, done, total):
        if done == at:
            act()
        tell(pulse, done, total)

    monkeypatch.setattr(undoing.Pulse, "at", told_at)


# The story


def test_only_a_long_operation_is_left_to_the_cluster(client, editor, settings, imported):
    settings.UNDO_ROWS_AT_ONCE = LONG
    assert not client.get(undo_url(imported)).context_data["is_long"]
    client.post(undo_url(imported))
    assert not InternshipCalendar.objects.exists() and not UndoRun.objects.exists()


def test_as_installed_five_thousand_rows_are_waited_for():
    assert base.UNDO_ROWS_AT_ONCE == 5_000


def test_what_is_to_come_is_told_before_it_is_asked_for(client, imported, django_assert_max_num_queries):
    before = everything()
    with django_assert_max_num_queries(25):
        page = client.get(undo_url(imported))
    report = page.context_data["report"]
    assert (report.removed, report.restored, report.recreated) == (LONG, 0, 0)
    assert "sera annulée en arrière-plan" in words(page)
    assert everything() == before


def test_long_import_is_taken_back_by_the_cluster(client, editor, imported):
    asked(client, imported, reason="Mauvais fichier")
    assert InternshipCalendar.objects.count() == LONG
    assert "Cette opération est en cours d’annulation." in words(client.get(page_of(imported)))
    page = client.get(progress_url(imported))
    assert "L’annulation va commencer." in words(page)
    assert told(client, imported) == {
        "over": False,
        "now": "L’annulation va commencer.",
        "share": None,
        "rows": "",
        "rate": "",
        "warning": "",
        "may_resume": False,
        "may_cancel": True,
    }

    assert undoing.TASK in run_queue()

    back = Operation.objects.get(kind="undo")
    assert (back.undoes, back.actor, back.reason) == (imported, editor, "Mauvais fichier")
    assert back.counts == {"deleted": LONG, "left": 0}
    assert not InternshipCalendar.objects.exists()
    assert told(client, imported)["over"]
    page = client.get(progress_url(imported))
    assert page.context_data["undoing_url"] == page_of(back)
    assert "12</b> lignes remises en état" in words(page)
    assert "L’annulation de cette opération est terminée." in words(client.get(page_of(imported)))


def test_what_was_left_is_told_with_its_reasons(client, administrator, imported):
    changed = InternshipCalendar.objects.order_by("pk").first()
    changed.number_of_students = 30
    save_row(actor=administrator, row=changed)
    asked(client, imported)
    run_queue()
    assert InternshipCalendar.objects.get() == changed
    page = client.get(progress_url(imported))
    [(name, why)] = page.context_data["named"]
    assert name == str(changed) and str(administrator) in why
    assert UndoRun.objects.get().report["done"] == LONG - 1


def test_rows_that_were_left_are_named_to_who_may_see_them(client_for, administrator, editor):
    make_ready("calendars")
    member = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    own = CASE.write(member, rows_of())[1]
    changed = InternshipCalendar.objects.order_by("pk").first()
    changed.number_of_students = 30
    save_row(actor=administrator, row=changed)
    client = client_for(member)
    asked(client, own)
    run_queue()
    assert client.get(progress_url(own)).context_data["named"]
    membership = member.schoolmemberships.get()
    membership.is_active = False
    save_row(actor=administrator, row=membership)
    page = client.get(progress_url(own))
    assert not page.context_data["named"] and not page.context_data["named_more"]
    assert str(changed) not in words(page) and str(administrator) not in words(page)
    assert "1</b> laissée telle quelle" in words(page)


def test_long_undoing_equals_the_one_that_is_waited_for(client, editor, administrator, settings, imported):
    """The same rows, changed by one file, taken back at once and by the cluster."""

    def values():
        return list(InternshipCalendar.objects.order_by("pk").values("pk", "number_of_students", "state"))

    before = values()
    _plan, changed = CASE.write(editor, rows_of(Effectif=30))
    report = undo_operation(actor=editor, operation=changed)
    assert (report.restored, values()) == (LONG, before)
    _plan, again = CASE.write(editor, rows_of(Effectif=31))
    asked(client, again)
    run_queue()
    assert values() == before
    by_hand, by_cluster = (row.counts for row in Operation.objects.filter(kind="undo").order_by("pk"))
    assert by_hand == by_cluster


def test_operation_already_taken_back_says_so(client, imported):
    asked(client, imported)
    run_queue()
    before = everything()
    for answer in (client.get, client.post):
        response = answer(undo_url(imported))
        assert response["Location"] == page_of(imported)
        assert messages_of(response, client)[-1] == "Cette opération est déjà annulée."
    run_queue()
    assert everything() == before


def test_undoing_by_the_cluster_can_be_taken_back_and_asked_for_again(client, imported):
    asked(client, imported)
    run_queue()
    back = Operation.objects.get(kind="undo")
    client.post(undo_url(back))
    run_queue()
    assert InternshipCalendar.objects.count() == LONG
    assert "annulation de cette opération est terminée" not in words(client.get(page_of(imported)))
    client.post(undo_url(imported))
    run_queue()
    assert not InternshipCalendar.objects.exists()


def undone_and_redone_but_one(client, administrator, operation):
    """An import is undone, and that undone but for a row made meanwhile. Returns the first undoing."""
    asked(client, operation)
    run_queue()
    back = Operation.objects.get(kind="undo")
    CASE.write(administrator, rows_of(1))
    client.post(undo_url(back))
    run_queue()
    return back


def test_what_was_redone_in_part_can_be_undone_again(client, administrator, imported):
    back = undone_and_redone_but_one(client, administrator, imported)
    assert UndoRun.objects.get(operation=back).report["left"] == 1
    assert InternshipCalendar.objects.count() == LONG
    assert client.get(undo_url(imported)).context_data["report"].removed == LONG
    client.post(undo_url(imported))
    run_queue()
    assert InternshipCalendar.objects.count() == 1


def test_row_that_could_not_come_back_is_named_by_its_key(client, administrator, imported):
    back = undone_and_redone_but_one(client, administrator, imported)
    page = client.get(progress_url(back))
    [(name, why)] = page.context_data["named"]
    assert name.startswith("n°") and why == "Une autre ligne a pris sa place entre-temps."


def test_where_nothing_could_be_undone_it_says_so(client, administrator, imported, monkeypatch):
    monkeypatch.setattr(notices, "LOOKS_ON", datetime.timedelta(0))
    _plan, _changed = CASE.write(administrator, rows_of(Effectif=30))
    asked(client, imported)
    run_queue(leaving=("pratik.notifications.tasks.send_mails",))
    assert "Rien n’a pu être annulé : Import" in words(client.get(progress_url(imported)))
    assert Notice.objects.get(kind="undo_ended").subject == "Rien n’a pu être annulé"
    page = client.get(page_of(imported))
    assert "Rien n’a pu être annulé." in words(page) and "Voir pourquoi" in words(page)


def test_who_asks_while_it_is_being_given_up_is_told_to_ask_again(client, imported):
    asked(client, imported)
    UndoRun.objects.update(cancel_asked_at=timezone.now())
    response = client.post(undo_url(imported))
    assert "demandez-la de nouveau" in messages_of(response, client)[0]


def test_who_clicks_twice_asks_once(client, imported):
    asked(client, imported)
    client.post(undo_url(imported))
    assert UndoRun.objects.count() == OrmQ.objects.count() == 1
    assert client.get(undo_url(imported))["Location"] == progress_url(imported)


def test_how_far_it_is_is_shown(client, imported, monkeypatch):
    run = asked(client, imported)
    UndoRun.objects.update(
        started_at=timezone.now() - datetime.timedelta(seconds=10), rows_done=6, rows_total=LONG
    )
    monkeypatch.setattr(undoing, "is_at_work", lambda run: True)
    monkeypatch.setattr(undoing, "is_locked", lambda run: False)
    answer = told(client, imported)
    assert (answer["share"], answer["rows"]) == (50, "6 lignes sur 12")
    assert answer["now"] == "Remise en état des lignes…"
    assert undoing.cancel(run)
    assert "s’arrête à la fin du lot" in told(client, imported)["now"]


def test_who_has_gone_elsewhere_is_told(client, editor, imported, monkeypatch):
    monkeypatch.setattr(notices, "LOOKS_ON", datetime.timedelta(0))
    asked(client, imported)
    run_queue(leaving=("pratik.notifications.tasks.send_mails",))
    notice = Notice.objects.get(kind="undo_ended")
    assert (notice.recipient, notice.path) == (editor, progress_url(imported))
    assert notice.subject == "Votre annulation est terminée"


def test_who_still_looks_is_not_told(client, imported):
    asked(client, imported)
    run_queue()
    assert not Notice.objects.filter(kind="undo_ended").exists()


# Given up


def test_what_nobody_has_begun_is_given_up_at_once(client, imported):
    asked(client, imported)
    for _click in range(2):
        response = client.post(progress_url(imported, "cancel/"))
        assert response["Location"] == page_of(imported)
        assert messages_of(response, client)[-1] == "L’annulation est abandonnée\u00a0: rien n’a changé."
    assert client.get(progress_url(imported))["Location"] == page_of(imported)
    run_queue()
    assert InternshipCalendar.objects.count() == LONG and not UndoRun.objects.exists()


def test_what_was_given_up_and_left_goes_at_once(client, imported):
    """Its worker died before it heard."""
    asked(client, imported)
    long_ago = timezone.now() - undoing.SILENCE_WHILE_LOCKED
    UndoRun.objects.update(started_at=long_ago, queued_at=None, cancel_asked_at=long_ago)
    answer = told(client, imported)
    assert (answer["may_resume"], answer["may_cancel"], answer["warning"]) == (False, True, "")
    client.post(progress_url(imported, "cancel/"))
    assert not UndoRun.objects.exists()


def test_what_is_given_up_on_the_way_leaves_nothing(client, imported, monkeypatch):
    asked(client, imported)
    before = everything()
    between_batches(monkeypatch, lambda: UndoRun.objects.update(cancel_asked_at=timezone.now()))
    run_queue()
    assert everything() == before and not UndoRun.objects.exists()


@pytest.mark.parametrize("view", ["cancel/", "resume/"])
def test_steering_takes_a_post(client, imported, view):
    assert client.post(progress_url(imported, view))["Location"] == page_of(imported)
    asked(client, imported)
    assert client.get(progress_url(imported, view)).status_code == 405


# Left, and failing


def test_what_a_worker_left_is_said_and_goes_on(client, imported):
    asked(client, imported)
    OrmQ.objects.all().delete()
    long_ago = timezone.now() - undoing.SILENCE_WHILE_LOCKED
    UndoRun.objects.update(started_at=long_ago, queued_at=None, tries=1)
    answer = told(client, imported)
    assert answer["may_resume"] and "s’est interrompu" in answer["warning"]
    client.post(progress_url(imported, "resume/"))
    assert not told(client, imported)["may_resume"]
    response = client.post(progress_url(imported, "resume/"))
    assert not list(client.get(response["Location"]).context["messages"]), "clicking twice is no mistake"
    assert OrmQ.objects.count() == 1, "one task was asked for"
    run_queue()
    assert not InternshipCalendar.objects.exists()


def test_schedule_goes_on_with_what_a_worker_left(client, imported):
    assert SCHEDULE["take_up_undoings"].task == "backoffice.core.tasks.take_up_undoings"
    asked(client, imported)
    assert undoing.take_up() == 0, "a task is on its way"
    OrmQ.objects.all().delete()
    UndoRun.objects.update(queued_at=timezone.now() - undoing.LOST)
    assert undoing.take_up() == 1
    run_queue()
    assert not InternshipCalendar.objects.exists()


def test_without_a_cluster_the_page_says_so(client, imported):
    asked(client, imported)
    long_ago = timezone.now() - undoing.WAITS_LONG - datetime.timedelta(seconds=1)
    UndoRun.objects.update(asked_at=long_ago, queued_at=long_ago)
    assert "ne tourne pas" in told(client, imported)["warning"]


def test_one_at_a_time(client, editor, imported, monkeypatch):
    """What waits for its turn says so, and is done when the other is over."""
    _plan, other = CASE.write(editor, rows_of(Effectif=30))
    asked(client, other)
    client.post(undo_url(imported))
    first, second = UndoRun.objects.order_by("pk")
    seen = []

    def meanwhile():
        undoing.undo(second.pk)
        seen.append(told(client, imported)["now"])

    with monkeypatch.context() as patch:
        patch.setattr(undoing, "is_alive", lambda name: None)
        between_batches(patch, meanwhile, at=5)
        undoing.undo(first.pk)
    assert seen == ["L’annulation attend son tour : une autre est en cours."]
    assert set(UndoRun.objects.values_list("error", flat=True)) == {""}
    OrmQ.objects.filter(pk=OrmQ.objects.order_by("pk").first().pk).delete()
    run_queue()
    assert Operation.objects.filter(kind="undo").count() == 2
    assert not InternshipCalendar.objects.exists()


def test_what_stopped_three_times_is_given_up(client, editor, imported, monkeypatch):
    def stops(*_args, **_options):
        raise OperationalError("the connection was lost")

    asked(client, imported, reason="Mauvais fichier")
    before = everything()
    with monkeypatch.context() as patch:
        patch.setattr(undoing, "undo_operation", stops)
        run_queue()
    run = UndoRun.objects.get()
    assert (run.tries, run.finished_at is None) == (3, False)
    assert everything() == before
    page = client.get(progress_url(imported))
    assert "s’est arrêtée plusieurs fois" in words(page)
    assert "a échoué" in words(client.get(page_of(imported)))
    assert "Mauvais fichier" in words(client.get(undo_url(imported))), "what was typed is not lost"
    asked(client, imported)
    run_queue()
    assert not InternshipCalendar.objects.exists()


def test_row_that_is_pointed_at_meanwhile_has_it_tried_again(client, imported, monkeypatch):
    """Foreign keys are looked at as the transaction ends: somebody may have removed what a row points at."""
    ends = undoing._finish

    def fails_once(run, **values):
        monkeypatch.setattr(undoing, "_finish", ends)
        raise IntegrityError("a school is gone")

    asked(client, imported)
    monkeypatch.setattr(undoing, "_finish", fails_once)
    run_queue()
    run = UndoRun.objects.get()
    assert (run.tries, run.error, run.report["done"]) == (2, "", LONG)


def test_what_nobody_foresaw_is_among_the_failures(client, imported, monkeypatch):
    def breaks(*_args, **_options):
        raise RuntimeError("nobody foresaw this")

    asked(client, imported)
    monkeypatch.setattr(core_undo, "delete_rows", breaks)
    run_queue()
    assert InternshipCalendar.objects.count() == LONG
    assert "erreur inattendue" in words(client.get(progress_url(imported)))
    [failure] = Task.objects.filter(success=False)
    assert failure.func == undoing.TASK and "nobody foresaw this" in failure.result


def test_what_is_over_is_forgotten_after_two_days(client, imported):
    asked(client, imported)
    run_queue()
    later = timezone.now() + datetime.timedelta(days=1)
    assert undoing.forget_over(now=later) == 0
    assert undoing.forget_over(now=later + datetime.timedelta(days=1, minutes=1)) == 1
    assert client.get(progress_url(imported))["Location"] == page_of(imported)


# Rights


def test_right_is_asked_when_it_is_done(client_for, administrator, editor, imported):
    """Who becomes a reader between asking and doing takes nothing back of others."""
    asker = make.user(Role.EDITOR)
    asked(client_for(asker), imported)
    asker.staff_role = StaffRole.AUDITOR
    save_row(actor=administrator, row=asker)
    run_queue()
    assert InternshipCalendar.objects.count() == LONG
    assert UndoRun.objects.get().error.startswith(f"{asker} n’a plus le droit")


def test_closed_account_takes_nothing_back(client, administrator, editor, imported):
    asked(client, imported)
    editor.is_active = False
    save_row(actor=administrator, row=editor)
    run_queue()
    assert InternshipCalendar.objects.count() == LONG
    assert "n’a plus le droit" in UndoRun.objects.get().error


def test_right_is_asked_again_at_the_end(client_for, administrator, imported, monkeypatch):
    asker = make.user(Role.EDITOR)
    asked(client_for(asker), imported)

    def demote():
        type(asker)._base_manager.filter(pk=asker.pk).update(staff_role=StaffRole.AUDITOR)

    between_batches(monkeypatch, demote)
    run_queue()
    assert InternshipCalendar.objects.count() == LONG
    assert "n’a plus le droit" in UndoRun.objects.get().error


def test_in_anothers_name_the_operation_tells_of_both(client_for, administrator, imported):
    member = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    own = CASE.write(member, rows_of(Effectif=30))[1]
    client = acting_for(client_for(administrator), member)
    asked(client, own)
    run_queue()
    back = Operation.objects.get(kind="undo")
    assert (back.actor, back.impersonator) == (member, administrator)
    assert not InternshipCalendar.objects.filter(number_of_students=30).exists()


def test_who_may_act_in_nobodys_name_any_more_takes_nothing_back(client_for, administrator, imported):
    member = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    own = CASE.write(member, rows_of(Effectif=30))[1]
    asked(acting_for(client_for(administrator), member), own)
    administrator.staff_role = StaffRole.EDITOR
    save_row(actor=make.user(Role.ADMINISTRATOR), row=administrator)
    run_queue()
    assert InternshipCalendar.objects.filter(number_of_students=30).count() == LONG
    assert f"{administrator}, qui l’a demandée au nom de {member}, n’en a plus le droit" in (
        UndoRun.objects.get().error
    )


def test_readers_and_strangers_steer_nothing(client_for, client, auditor, imported):
    asked(client, imported)
    member = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    for person, refusal in ((auditor, 403), (member, 404)):
        other = client_for(person)
        for view in ("progress/", "progress.json"):
            assert other.get(progress_url(imported, view)).status_code == refusal
        for view in ("cancel/", "resume/"):
            assert other.post(progress_url(imported, view)).status_code == refusal
    assert UndoRun.objects.get().cancel_asked_at is None
    assert "en cours d’annulation" not in words(client_for(auditor).get(page_of(imported)))


def test_where_it_was_asked_from_is_forgotten_in_the_end(client, imported):
    run = asked(client, imported)
    assert run.address
    run_queue()
    run.refresh_from_db()
    assert (run.address, run.device) == (None, "")
    assert json.dumps(run.report)


def test_list_of_operations_opens_while_one_is_taken_back(client, imported):
    asked(client, imported)
    assert client.get(url(Operation, "changelist")).status_code == 200
