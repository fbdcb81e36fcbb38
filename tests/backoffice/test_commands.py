"""The command line: the same imports and undoings, with exit statuses and JSON that programs can rely on."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django_q.models import Schedule

from backoffice.base.imports import engine
from pratik.accounts.managers import SYSTEM_EMAIL
from pratik.accounts.services import system_actor
from pratik.calendars.models import InternshipCalendar
from pratik.core.models import Operation
from pratik.core.services import save_row
from pratik.schedule import SCHEDULE
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.backoffice.test_import_pages import USELESS
from tests.kit.files import CASES, EBOUE, MELKIOR, make_ready
from tests.kit.world import everything

pytestmark = pytest.mark.django_db

CASE = CASES["calendars"]


class Ended:
    """How a command ended: its exit status and what it wrote."""

    def __init__(self, *args, **options):
        out, err = io.StringIO(), io.StringIO()
        self.status, self.message = 0, ""
        try:
            call_command(*args, stdout=out, stderr=err, **options)
        except SystemExit as end:
            self.status = end.code
        except CommandError as error:
            self.status, self.message = error.returncode, str(error)
        self.out, self.err = out.getvalue(), err.getvalue()

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def file(tmp_path):
    """Writes a file of calendars. Returns its path."""
    make_ready("calendars")

    def written(*changes, name="stages.csv", content=None):
        path = tmp_path / name
        path.write_bytes(CASE.csv(*changes) if content is None else content)
        return path

    return written


def import_file(path, actor, *options, kind="calendars"):
    return Ended("import_file", kind, str(path), "--actor", getattr(actor, "email", actor), *options)


# import_file


def test_file_that_is_right_ends_with_0(file, editor):
    ended = import_file(file(), editor, "--json")
    assert ended.status == 0
    operation = Operation.objects.get(kind="import")
    assert ended.json == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "refused": [],
        "operation": operation.pk,
    }
    assert (operation.actor, operation.source_name) == (editor, "stages.csv")
    assert len(operation.source_sha256) == 64


def test_same_file_again_changes_nothing_and_ends_with_0(file, editor):
    import_file(file(), editor)
    ended = import_file(file(), editor, "--json")
    assert ended.status == 0
    assert ended.json == {"created": 0, "updated": 0, "unchanged": 2, "refused": [], "operation": None}


def test_refused_rows_end_with_1_and_are_told_by_row_and_column(file, editor):
    ended = import_file(file({"Effectif": "beaucoup"}), editor, "--json")
    assert ended.status == 1
    assert ended.json == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "refused": [{"row": 2, "column": "Effectif", "message": "« beaucoup » n’est pas un nombre entier."}],
        "operation": Operation.objects.get(kind="import").pk,
    }
    assert [row.school.uai for row in InternshipCalendar.objects.all()] == [MELKIOR]


def test_dry_run_writes_nothing(file, editor):
    path = file({"Effectif": "beaucoup"})
    before = everything()
    ended = import_file(path, editor, "--dry-run", "--json")
    assert ended.status == 1
    assert (ended.json["created"], ended.json["operation"]) == (1, None)
    assert everything() == before


def test_all_or_nothing_writes_nothing_while_a_row_is_refused(file, editor):
    ended = import_file(file({"Effectif": "beaucoup"}), editor, "--all-or-nothing", "--json")
    assert (ended.status, ended.json["operation"]) == (1, None)
    assert not InternshipCalendar.objects.exists()


@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_a_long_file_is_written_as_it_is_read(file, editor, monkeypatch, all_or_nothing):
    """The first batch is written before the second, which holds a mistake, is read."""
    monkeypatch.setattr(engine, "BATCH", 1)
    path = file({}, {"Effectif": "beaucoup"})
    ended = import_file(path, editor, "--json", *(["--all-or-nothing"] if all_or_nothing else []))
    assert ended.status == 1 and ended.json["refused"][0]["row"] == 3
    assert InternshipCalendar.objects.count() == (0 if all_or_nothing else 1)
    assert Operation.objects.filter(kind="import").count() == (0 if all_or_nothing else 1)


def test_result_is_told_in_words_without_json(file, editor):
    ended = import_file(file({"Effectif": "beaucoup"}), editor)
    assert "created 1, updated 0, unchanged 0, refused 1" in ended.out
    assert "2: Effectif: « beaucoup » n’est pas un nombre entier." in ended.err


@pytest.mark.parametrize("useless", USELESS)
def test_file_that_cannot_be_read_ends_with_2_and_says_why(file, editor, useless):
    content, name = USELESS[useless]
    path = file(name=name, content=content)
    before = everything()
    ended = import_file(path, editor, "--json")
    assert ended.status == 2
    assert ended.json == {"error": ended.message}
    assert ended.message.endswith(".")
    assert everything() == before


def test_file_that_is_not_there_ends_with_2(editor, tmp_path):
    ended = import_file(tmp_path / "absent.csv", editor)
    assert ended.status == 2
    assert "absent.csv" in ended.message


def test_file_with_a_wrong_column_ends_with_2(file, editor):
    path = file(content=CASE.csv().replace(b"Effectif", b"Effectiff"))
    ended = import_file(path, editor)
    assert ended.status == 2
    assert "«\u00a0Effectif\u00a0»" in ended.message


def test_unknown_closed_and_unentitled_actors_end_with_2(file, editor, administrator, company_user):
    path = file()
    closed = make.user("editor")
    closed.is_active = False
    save_row(actor=administrator, row=closed)
    system_actor()
    for actor in ("personne@nulle.part", closed, company_user, make.user("auditor"), SYSTEM_EMAIL):
        ended = import_file(path, actor, "--json")
        assert (ended.status, bool(ended.message)) == (2, True), actor
    school = import_file(path, make.school_user(), "--json", kind="schools")
    assert school.status == 2
    assert not InternshipCalendar.objects.exists()


def test_actor_of_a_school_writes_the_own_rows_alone(file, db):
    path = file()
    member = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    ended = import_file(path, member, "--json")
    assert ended.status == 1
    assert [row.school.uai for row in InternshipCalendar.objects.all()] == [EBOUE]
    assert [refusal["row"] for refusal in ended.json["refused"]] == [3]


def test_address_of_the_actor_may_be_in_capitals(file, editor):
    assert import_file(file(), editor.email.upper()).status == 0


def test_rows_that_somebody_wrote_meanwhile_end_with_2_and_a_sentence(file, editor, monkeypatch):
    path = file()

    def written_meanwhile(rows):
        raise IntegrityError("duplicate key")

    monkeypatch.setattr(engine, "create_rows", written_meanwhile)
    ended = import_file(path, editor)
    assert ended.status == 2
    assert "run it again" in ended.message


@pytest.mark.parametrize("kind", sorted(CASES))
def test_every_kind_comes_in_by_its_name(editor, tmp_path, kind):
    make_ready(kind)
    path = tmp_path / "fichier.csv"
    path.write_bytes(CASES[kind].csv())
    assert import_file(path, editor, "--json", kind=kind).json["created"] == 2


# undo_operation


def undo(operation, actor, *options):
    return Ended("undo_operation", str(operation), "--actor", getattr(actor, "email", actor), *options)


def test_import_is_taken_back(file, editor):
    done = import_file(file(), editor, "--json").json["operation"]
    ended = undo(done, editor, "--json", "--reason", "Mauvais fichier")
    assert ended.status == 0
    undoing = Operation.objects.get(kind="undo")
    assert ended.json == {
        "removed": 2,
        "restored": 0,
        "recreated": 0,
        "left": [],
        "operation": undoing.pk,
    }
    assert undoing.reason == "Mauvais fichier"
    assert not InternshipCalendar.objects.exists()


def test_rows_that_are_left_end_with_1_and_say_why(file, editor, administrator):
    done = import_file(file(), editor, "--json").json["operation"]
    calendar = InternshipCalendar.objects.get(school__uai=EBOUE)
    calendar.number_of_students = 30
    save_row(actor=administrator, row=calendar)
    ended = undo(done, editor, "--json")
    assert ended.status == 1
    [left] = ended.json["left"]
    assert (left["model"], left["id"]) == ("calendars.internshipcalendar", calendar.pk)
    assert str(administrator) in left["message"]
    assert ended.json["removed"] == 1


def test_undoing_can_be_rehearsed(file, editor):
    done = import_file(file(), editor, "--json").json["operation"]
    before = everything()
    ended = undo(done, editor, "--json", "--dry-run")
    assert (ended.status, ended.json["removed"], ended.json["operation"]) == (0, 2, None)
    assert everything() == before


def test_what_cannot_be_undone_ends_with_2(file, editor, school_user):
    done = import_file(file(), editor, "--json").json["operation"]
    assert undo(done, school_user).status == 2
    assert undo(done, "personne@nulle.part").status == 2
    assert undo(999_999, editor).status == 2
    undo(done, editor)
    again = undo(done, editor)
    assert again.status == 2
    assert "déjà annulée" in again.message


# sync_schedule


def test_schedule_is_brought_to_the_table_and_stays_there(db):
    Schedule.objects.create(name="ancienne", func="x.y", schedule_type="C", cron="0 0 * * *")
    for _again in range(2):
        call_command("sync_schedule", stdout=io.StringIO())
        assert {row.name: (row.func, row.cron) for row in Schedule.objects.all()} == {
            name: (entry.task, entry.cron) for name, entry in SCHEDULE.items()
        }


def test_changed_hour_moves_the_next_run(db):
    call_command("sync_schedule", stdout=io.StringIO())
    row = Schedule.objects.get(name="forget_abandoned_uploads")
    due = row.next_run
    Schedule.objects.filter(pk=row.pk).update(cron="0 0 1 1 *", next_run=due.replace(year=due.year + 1))
    call_command("sync_schedule", stdout=io.StringIO())
    assert Schedule.objects.get(pk=row.pk).next_run == due
