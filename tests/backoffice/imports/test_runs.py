"""Long files: read by the cluster, shown, confirmed, written once; given up, left and taken up again."""

import datetime
import io
import queue
from contextlib import contextmanager

import openpyxl
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import Failure, OrmQ
from django_q.monitor import monitor

from backoffice.base.imports import engine, runs, shown, uploads
from backoffice.base.imports.plan import PlannedRow
from backoffice.base.imports.reading import Row, UnreadableFile
from backoffice.kinds import KINDS
from pratik.accounts.enums import Role
from pratik.calendars.models import InternshipCalendar
from pratik.core.enums import RunState
from pratik.core.history import tracked_models
from pratik.core.models import ImportRow, ImportRun, Operation, Upload
from pratik.core.origin import current_origin
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.core.uploads import forget_abandoned_uploads
from pratik.notifications.models import Notice
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.backoffice.living.conftest import acting_for
from tests.kit.files import CASES, EBOUE, csv_bytes, make_ready, xlsx_bytes
from tests.kit.queue import run_queue
from tests.kit.world import undone, url

pytestmark = pytest.mark.django_db

CASE = CASES["calendars"]
LONG = 12


@pytest.fixture(autouse=True)
def soon_long(settings, monkeypatch):
    """Four rows are a long file, which goes through the engine in batches of five."""
    settings.IMPORT_ROWS_AT_ONCE = 3
    monkeypatch.setattr(engine, "BATCH", 5)


@pytest.fixture
def ready(db):
    make_ready("calendars")


@pytest.fixture
def client(client_for, editor, ready):
    return client_for(editor)


def rows_of(number=LONG, **changes):
    """The cells of so many calendars of one school; `changes` are {row: {title: cell}}, rows from 0."""
    rows = []
    for place in range(number):
        row = CASE.rows[0] | {"Filière": f"BTS MCO {place:03}"} | changes.get(f"row{place}", {})
        rows.append(tuple(row.values()))
    return rows


def long_file(number=LONG, **changes):
    return csv_bytes(CASE.headers, rows_of(number, **changes))


def sent(client, content, name="stages.csv", model=InternshipCalendar):
    """Sends a file. Returns the address where it is shown."""
    response = client.post(url(model, "import"), {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302, response.context_data["error"]
    return response["Location"]


def read(client, content, **options):
    """Sends a long file and has it read. Returns its address and its preview."""
    address = sent(client, content, **options)
    run_queue()
    return address, client.get(address)


def confirmed(client, address, page, mode="accepted"):
    return client.post(address, {"digest": page.context_data["digest"], "mode": mode})


def imported(client, content, **options):
    """Sends a long file, confirms it and has it written. Returns its address."""
    address, page = read(client, content, **options)
    confirmed(client, address, page)
    run_queue()
    return address


def the_run():
    return ImportRun.objects.select_related("upload").get()


def told(client, address):
    return client.get(f"{address}progress.json").json()


def words(response):
    return response.content.decode().replace("\u00a0", " ")


def nothing_is_written():
    return not (
        InternshipCalendar.objects.exists()
        or InternshipCalendar.history.exists()
        or Operation.objects.filter(kind="import").exists()
    )


@contextmanager
def between_batches(monkeypatch, act, *, at=10):
    """Does something in the midst of a file, once so many rows are done."""
    tell = runs.Pulse.at

    def told_at(pulse, number):
        if number == at:
            act()
        tell(pulse, number)

    with monkeypatch.context() as patch:
        patch.setattr(runs.Pulse, "at", told_at)
        yield


# The story


@pytest.mark.parametrize(("number", "is_long"), [(3, False), (4, True)])
def test_file_is_long_above_the_limit(client, number, is_long):
    address = sent(client, long_file(number))
    assert ImportRun.objects.exists() is is_long
    assert OrmQ.objects.exists() is is_long
    assert ("counts" in client.get(address).context_data) is not is_long


def test_two_thousand_rows_are_the_limit_of_the_house():
    from pratik.settings import base

    assert base.IMPORT_ROWS_AT_ONCE == 2_000


def test_long_file_is_read_shown_confirmed_and_written(client, editor):
    address = sent(client, long_file())
    page = client.get(address)
    assert "Le fichier attend d’être lu." in words(page)
    assert "Vous pouvez fermer cette page" in words(page)

    assert run_queue() == [runs.READ]
    page = client.get(address)
    assert page.context_data["counts"] == {"created": LONG, "updated": 0, "unchanged": 0, "refused": 0}
    assert "BTS MCO 011" in words(page)
    assert nothing_is_written()

    assert confirmed(client, address, page)["Location"] == address
    assert "L’écriture va commencer." in words(client.get(address))
    assert run_queue() == [runs.WRITE]
    page = client.get(address)
    assert "Ce fichier est importé." in words(page)
    assert page.context_data["done"]["created"] == LONG
    operation = Operation.objects.get(kind="import")
    upload = Upload.objects.get()
    assert (operation.actor, operation.source_name, operation.source_sha256, operation.counts) == (
        editor,
        "stages.csv",
        upload.sha256,
        {"created": LONG, "unchanged": 0, "refused": 0},
    )
    assert upload.operation == operation
    assert operation.finished_at is not None
    assert InternshipCalendar.objects.count() == LONG
    lines = InternshipCalendar.history.all()
    assert {(line.operation_id, line.history_type, line.history_user_id) for line in lines} == {
        (operation.pk, "+", editor.pk)
    }


def test_long_import_is_taken_back_whole(client, editor):
    imported(client, long_file())
    report = undo_operation(actor=editor, operation=Operation.objects.get(kind="import"))
    assert (report.removed, report.left) == (LONG, [])
    assert not InternshipCalendar.objects.exists()


def test_preview_of_a_long_file_shows_what_that_of_a_short_one_does(client, settings, editor, monkeypatch):
    """Created, changed, refused, and what is to be known of a row: the same words from either way."""
    monkeypatch.setattr(
        KINDS["calendars"], "warnings", lambda self, rows: {row.number: ["À savoir."] for row in rows}
    )
    CASE.write(editor, csv_bytes(CASE.headers, rows_of(2)))
    content = long_file(
        row0={"Effectif": 99}, row5={"Effectif": "beaucoup"}, row7={"Fin": datetime.date(2031, 1, 1)}
    )
    _address, by_cluster = read(client, content)
    settings.IMPORT_ROWS_AT_ONCE = 2_000
    at_once = client.get(sent(client, content))
    names = shown.of_plan(CASE.plan(editor, content), warns=True).keys()
    assert {"counts", "digest", "warned", "updated", "created", "refused", "notes"} <= names
    for name in names:
        assert by_cluster.context_data[name] == at_once.context_data[name], name
    assert by_cluster.context_data["counts"] == {"created": 8, "updated": 1, "unchanged": 1, "refused": 2}
    assert len(by_cluster.context_data["warned"]) == 9


def test_only_what_people_look_at_is_kept(client, monkeypatch):
    monkeypatch.setattr(shown, "SHOWN", 3)
    read(client, long_file(row5={"Effectif": "beaucoup"}, row11={"Effectif": "trop"}))
    kept = ImportRow.objects.values_list("kind", "number")
    assert sorted(kept) == [("created", 2), ("created", 3), ("created", 4), ("refused", 7), ("refused", 13)]


def test_warnings_are_looked_for_in_the_first_rows_to_write(client, monkeypatch):
    monkeypatch.setattr(shown, "LOOKED_AT", 7)
    monkeypatch.setattr(
        KINDS["calendars"], "warnings", lambda self, rows: {row.number: ["À savoir."] for row in rows}
    )
    _address, page = read(client, long_file())
    assert [row["number"] for row in page.context_data["warned"]] == [2, 3, 4, 5, 6, 7, 8]
    assert page.context_data["warned_number"] == 7
    assert page.context_data["not_all_looked_at"]


def test_workbook_of_many_sheets_and_types_comes_in(client):
    imported(client, xlsx_bytes(CASE.headers, rows_of()), name="stages.xlsx")
    row = InternshipCalendar.objects.get(program_name="BTS MCO 000")
    assert (row.start_on, row.number_of_students) == (CASE.rows[0]["Début"], 24)


# How far it is


def test_page_says_how_far_the_cluster_is(client, monkeypatch):
    address = sent(client, long_file())
    assert told(client, address) == {
        "state": "waiting",
        "over": False,
        "share": None,
        "now": "Le fichier attend d’être lu.",
        "rows": "",
        "rate": "",
        "warning": "",
        "may_resume": False,
        "may_cancel": True,
    }
    heard = []
    with between_batches(monkeypatch, lambda: heard.append(told(client, address))):
        run_queue()
    assert heard[0]["state"] == "reading"
    assert heard[0]["now"] == "Lecture et vérification des lignes…"
    assert heard[0]["rows"].endswith("lignes sur 13 environ")
    assert 0 <= heard[0]["share"] < 100
    assert told(client, address)["over"] is True


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_total_is_guessed_before_the_file_is_read(client, suffix):
    content = long_file() if suffix == "csv" else xlsx_bytes(CASE.headers, rows_of())
    sent(client, content, name=f"stages.{suffix}")
    assert abs(the_run().rows_total - LONG) <= 1
    run_queue()
    assert (the_run().rows_total, the_run().is_estimated) == (LONG, False)


def test_who_comes_back_finds_the_file_among_the_recent_imports(client, client_for, administrator):
    address = sent(client, long_file())
    page = client.get(url(InternshipCalendar, "import"))
    assert address in words(page) and "en attente" in words(page)
    run_queue()
    assert "à confirmer" in words(client.get(url(InternshipCalendar, "import")))
    assert address not in words(client_for(administrator).get(url(InternshipCalendar, "import")))


def test_cluster_that_does_not_run_is_said(client):
    address = sent(client, long_file())
    assert "ne tourne pas" not in words(client.get(address))
    moment = timezone.now() - datetime.timedelta(seconds=31)
    ImportRun.objects.update(asked_at=moment, queued_at=moment)
    assert "Le traitement en arrière-plan ne tourne pas" in words(client.get(address))
    assert "ne tourne pas" in told(client, address)["warning"]


def test_page_reads_without_javascript(client):
    page = client.get(sent(client, long_file()))
    assert '<noscript><meta http-equiv="refresh"' in page.content.decode()


# Files of no use, rows refused


@contextmanager
def broken_after(number, monkeypatch):
    """A file whose first rows are sound and that breaks further down."""
    really = runs.open_file

    @contextmanager
    def opened(**options):
        with really(**options) as table:

            def rows():
                for row, place in zip(table.rows, range(number), strict=False):
                    assert isinstance(row, Row), place
                    yield row
                raise UnreadableFile("Ligne 9 : le fichier est coupé.", "cut")

            yield type(table)(**{**vars(table), "rows": rows()})

    with monkeypatch.context() as patch:
        patch.setattr(runs, "open_file", opened)
        yield


def test_file_that_breaks_far_down_is_refused_with_its_sentence(client, monkeypatch):
    address = sent(client, long_file())
    with broken_after(8, monkeypatch):
        run_queue()
    page = client.get(address)
    assert the_run().state == RunState.REFUSED
    assert "Ligne 9 : le fichier est coupé." in words(page)
    assert "Confirmer l’import" not in words(page)
    assert not ImportRow.objects.exists()
    assert nothing_is_written()


def test_file_without_a_needed_column_is_refused_with_the_column(client):
    _address, page = read(client, long_file().replace(b"Fili\xc3\xa8re", b"Truc", 1))
    assert the_run().state == RunState.REFUSED
    assert "« Filière »" in words(page)
    assert "Confirmer l’import" not in words(page)


def test_file_that_is_gone_is_asked_for_again(client):
    address = sent(client, long_file())
    upload = Upload.objects.get()
    upload.file.storage.delete(upload.file.name)
    run_queue()
    assert "Ce fichier n’est plus là" in words(client.get(address))


def refused_of(client, address):
    response = client.get(f"{address}refused.xlsx")
    assert response.status_code == 200
    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.values)
    return rows[0], rows[1:]


def test_refused_rows_come_back_as_they_were(client):
    """A day stays a day, a number a number, before and after the others are written."""
    rows = rows_of(row3={"Effectif": "beaucoup"}, row8={"Niveau": "Bac por"})
    address, page = read(client, xlsx_bytes(CASE.headers, rows), name="stages.xlsx")
    first = refused_of(client, address)
    confirmed(client, address, page)
    run_queue()
    for headers, refused in (first, refused_of(client, address)):
        assert headers == (*CASE.headers, "Erreur")
        assert [row[CASE.headers.index("Effectif")] for row in refused] == ["beaucoup", 24]
        cells = dict(zip(headers, refused[0], strict=True))
        assert cells["Début"].date() == CASE.rows[0]["Début"]
        assert cells["Erreur"].startswith("Effectif : ")
    assert InternshipCalendar.objects.count() == LONG - 2


def test_character_that_no_database_keeps_stops_nothing(client):
    """A workbook can hold it, and hides it from whoever opens it."""
    rows = rows_of(row3={"Effectif": "beau_x0000_coup"})
    address, _page = read(client, xlsx_bytes(CASE.headers, rows), name="stages.xlsx")
    _headers, [row] = refused_of(client, address)
    assert row[CASE.headers.index("Effectif")] == "beaucoup"


REFUSED_SIX = {f"row{n}": {"Effectif": "x"} for n in range(6)}


@pytest.mark.parametrize("most", [2_000, 3])
@pytest.mark.parametrize("what", ["its cells", "its text"])
def test_workbook_of_refused_rows_has_an_end(client, settings, monkeypatch, most, what):
    """Of a file that the cluster reads as of one that is read at once, and the page says where it ends."""
    settings.IMPORT_ROWS_AT_ONCE = most
    if what == "its cells":
        monkeypatch.setattr(shown, "CELL_WEIGHT", 1_000_000)
        monkeypatch.setattr(shown, "REFUSED_WEIGHT", int(2.5 * len(CASE.headers) * 1_000_000))
        changes = REFUSED_SIX
    else:
        monkeypatch.setattr(shown, "REFUSED_WEIGHT", 30_000)
        changes = {name: {"Effectif": "x" * 5_000} for name in REFUSED_SIX}
    address = sent(client, long_file(**changes))
    run_queue()
    page = client.get(address)
    assert len(refused_of(client, address)[1]) == 2
    assert page.context_data["counts"]["refused"] == 6
    assert "Le classeur contient les 2 premières." in words(page)


def test_ordinary_refused_rows_all_come_back(client):
    assert shown.REFUSED_WEIGHT // (len(CASE.headers) * (shown.CELL_WEIGHT + 20)) > 10_000
    address, page = read(client, long_file(**REFUSED_SIX))
    assert len(refused_of(client, address)[1]) == 6
    assert "Le classeur contient" not in words(page)


def test_refused_row_with_a_duration_comes_back_with_it(client):
    """35:30 is no time of a day; a workbook holds it as a span."""
    span = datetime.timedelta(hours=35, minutes=30)
    rows = [(*row, span) for row in rows_of(row3={"Effectif": "beaucoup"})]
    content = xlsx_bytes((*CASE.headers, "Durée"), rows)
    address, page = read(client, content, name="stages.xlsx")
    assert page.context_data["counts"]["refused"] == 1
    _headers, [row] = refused_of(client, address)
    assert span in row


@pytest.mark.parametrize(
    ("cell", "comes_back"),
    [
        (datetime.timedelta(hours=35.5), datetime.timedelta(hours=35.5)),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (2j, "2j"),
        ("beau\0coup\ud800", "beaucoup"),
        (None, None),
        (True, True),
        (1.5, 1.5),
    ],
)
def test_any_cell_of_a_refused_row_is_kept(client, cell, comes_back):
    """Whatever kinds of cells a file may come to hold one day."""
    row = PlannedRow(2, (cell,))
    sent(client, long_file())
    ImportRow.objects.create(run=the_run(), kind="refused", number=2, said=shown.storable(shown.refused(row)))
    said = ImportRow.objects.get().said
    assert shown.refused_cells(said) == (comes_back, "")


def test_all_or_nothing_writes_nothing_while_a_row_is_refused(client):
    address, page = read(client, long_file(row11={"Effectif": "beaucoup"}))
    response = client.post(address, {"digest": page.context_data["digest"], "mode": "all"}, follow=True)
    assert "Rien n’a été écrit." in words(response)
    assert run_queue() == []
    assert the_run().state == RunState.READY
    assert nothing_is_written()


def test_all_or_nothing_writes_all_where_no_row_is_refused(client):
    address, page = read(client, long_file())
    confirmed(client, address, page, mode="all")
    run_queue()
    assert InternshipCalendar.objects.count() == LONG


def test_file_that_changes_nothing_is_not_written(client, editor):
    imported(client, long_file())
    address, page = read(client, long_file())
    assert page.context_data["counts"]["unchanged"] == LONG
    confirmed(client, address, page)
    assert run_queue() == []
    assert Operation.objects.filter(kind="import").count() == 1


# Once, and as it was shown


def test_confirming_twice_writes_once(client):
    address, page = read(client, long_file())
    for _ in range(2):
        assert confirmed(client, address, page).status_code == 302
    assert run_queue() == [runs.WRITE]
    confirmed(client, address, page)
    assert run_queue() == []
    assert InternshipCalendar.history.count() == LONG


def test_task_that_is_delivered_twice_writes_once(client):
    address, page = read(client, long_file())
    confirmed(client, address, page)
    run = the_run()
    for _ in range(2):
        runs.write(run.pk)
        runs.read(run.pk)
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.history.count() == LONG
    assert Operation.objects.filter(kind="import").count() == 1


def test_task_whose_run_is_being_done_leaves_it_alone(client, monkeypatch):
    """The queue delivers a task again that takes long."""
    address, page = read(client, long_file())
    confirmed(client, address, page)
    pk = the_run().pk
    with between_batches(monkeypatch, lambda: runs.write(pk)):
        run_queue()
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.history.count() == LONG


def test_data_that_changed_since_the_preview_are_shown_again(client):
    address, page = read(client, long_file())
    make.calendar(
        school=SchoolProfile.objects.get(uai=EBOUE),
        program_name="BTS MCO 007",
        start_on=CASE.rows[0]["Début"],
        end_on=CASE.rows[0]["Fin"],
    )
    before = InternshipCalendar.objects.count(), InternshipCalendar.history.count()
    confirmed(client, address, page)
    assert run_queue() == [runs.WRITE, runs.READ]
    assert (InternshipCalendar.objects.count(), InternshipCalendar.history.count()) == before
    again = client.get(address)
    assert "Les données ont changé depuis l’aperçu" in words(again)
    assert again.context_data["counts"] == {"created": LONG - 1, "updated": 1, "unchanged": 0, "refused": 0}
    # What was shown first is not what one confirms any more.
    confirmed(client, address, page)
    assert run_queue() == []
    confirmed(client, address, again)
    run_queue()
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.objects.count() == LONG


def test_right_that_is_lost_before_the_writing_writes_nothing(client_for, administrator, ready):
    account = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    client = client_for(account)
    address, page = read(client, long_file())
    assert page.context_data["counts"]["created"] == LONG
    membership = account.schoolmemberships.get()
    membership.is_active = False
    save_row(actor=administrator, row=membership)
    confirmed(client, address, page)
    run_queue()
    assert client.get(address).context_data["counts"]["refused"] == LONG
    assert nothing_is_written()


def test_account_that_is_closed_before_the_writing_writes_nothing(client, editor):
    address, page = read(client, long_file())
    confirmed(client, address, page)
    type(editor)._base_manager.filter(pk=editor.pk).update(is_active=False)
    run_queue()
    assert the_run().state == RunState.FAILED
    assert "plus le droit" in the_run().error
    assert nothing_is_written()


def close(account):
    type(account)._base_manager.filter(pk=account.pk).update(is_active=False)


def test_account_that_is_closed_while_the_rows_are_written_writes_nothing(client, editor, monkeypatch):
    address, page = read(client, long_file())
    confirmed(client, address, page)
    with between_batches(monkeypatch, lambda: close(editor), at=5):
        run_queue()
    assert the_run().state == RunState.FAILED
    assert "plus le droit" in the_run().error
    assert nothing_is_written()


def test_account_whose_role_changes_while_the_rows_are_written_sees_them_anew(client, editor, monkeypatch):
    """What was written as an editor is not what somebody else may write."""
    address, page = read(client, long_file())
    confirmed(client, address, page)

    def change():
        type(editor)._base_manager.filter(pk=editor.pk).update(staff_role=Role.ADMINISTRATOR)

    with between_batches(monkeypatch, change, at=5):
        assert run_queue() == [runs.WRITE, runs.READ]
    assert (the_run().state, the_run().has_changed) == (RunState.READY, True)
    assert nothing_is_written()


def test_account_that_is_closed_before_the_reading_has_nothing_read(client, editor):
    sent(client, long_file())
    close(editor)
    run_queue()
    assert the_run().state == RunState.FAILED
    assert "plus le droit" in the_run().error
    assert not ImportRow.objects.exists()


@pytest.mark.parametrize("when", ["before the writing", "during the writing"])
def test_who_confirmed_in_anothers_name_and_is_closed_writes_nothing(
    client_for, administrator, ready, monkeypatch, when
):
    account = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    client = acting_for(client_for(administrator), account)
    address, page = read(client, long_file())
    confirmed(client, address, page)
    if when == "before the writing":
        close(administrator)
        run_queue()
    else:
        with between_batches(monkeypatch, lambda: close(administrator), at=5):
            run_queue()
    assert the_run().state == RunState.FAILED
    assert "a confirmé cet import en votre nom" in the_run().error
    assert nothing_is_written()


def test_import_knows_where_it_was_confirmed_and_forgets_it_once_written(client, monkeypatch):
    """As an import that is written at once: the journal tells of it under this address and device."""
    address, page = read(client, long_file())
    client.post(
        address,
        {"digest": page.context_data["digest"]},
        headers={"user-agent": "Navigateur de Cayenne"},
        REMOTE_ADDR="203.0.113.7",
    )
    heard = []
    with between_batches(monkeypatch, lambda: heard.append(current_origin())):
        run_queue()
    assert (heard[0].address, heard[0].impersonator) == ("203.0.113.7", None)
    assert heard[0].device
    assert (the_run().address, the_run().device) == (None, "")


def moved(account, school, actor):
    """The account is of this school alone from now on."""
    membership = account.schoolmemberships.get()
    membership.is_active = False
    save_row(actor=actor, row=membership)
    make.member(school, account)


def test_who_changes_school_sees_no_row_of_the_former_one(client_for, administrator, editor, ready):
    """The file is read again, and then is as one that was sent today."""
    CASE.write(editor, csv_bytes(CASE.headers, rows_of(4)))
    account = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    client = client_for(account)
    changes = {f"row{n}": {"Effectif": 61} for n in range(3)}
    address, page = read(client, long_file(**changes, row3={"Effectif": "trop"}))
    assert page.context_data["counts"] == {"created": 8, "updated": 3, "unchanged": 0, "refused": 1}
    moved(account, make.school(), administrator)
    page = client.get(address)
    assert "Avant" not in words(page) and "BTS MCO" not in words(page)
    assert "Les données ont changé depuis l’aperçu" in words(page)
    assert client.get(f"{address}refused.xlsx").status_code == 404
    run_queue()
    page = client.get(address)
    assert page.context_data["counts"] == {"created": 0, "updated": 0, "unchanged": 0, "refused": LONG}
    assert the_run().state == RunState.READY


def test_record_that_goes_to_another_school_is_shown_no_more(client_for, editor, ready):
    CASE.write(editor, csv_bytes(CASE.headers, rows_of(4)))
    client = client_for(make.school_user(SchoolProfile.objects.get(uai=EBOUE)))
    address, _page = read(client, long_file(row0={"Effectif": 61}))
    row = InternshipCalendar.objects.get(program_name="BTS MCO 000")
    row.school, row.program_manager = make.school(), None
    save_row(actor=editor, row=row)
    assert "Les données ont changé" in words(client.get(address))
    run_queue()
    assert client.get(address).context_data["updated"] == []


def test_refused_rows_of_an_imported_file_are_shown_as_long_as_their_records_are_ones_own(
    client_for, administrator, editor, ready
):
    CASE.write(editor, csv_bytes(CASE.headers, rows_of(1)))
    account = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    client = client_for(account)
    address = imported(client, long_file(row0={"Effectif": "trop"}, row1={"Effectif": "x"}))
    assert [row["number"] for row in client.get(address).context_data["refused"]] == [2, 3]
    moved(account, make.school(), administrator)
    assert [row["number"] for row in client.get(address).context_data["refused"]] == [3]
    assert len(refused_of(client, address)[1]) == 1


def test_what_is_done_in_anothers_name_says_so(client_for, administrator, ready):
    account = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    client = acting_for(client_for(administrator), account)
    imported(client, long_file())
    operation = Operation.objects.get(kind="import")
    assert (operation.actor, operation.impersonator) == (account, administrator)


def test_file_is_read_in_the_language_of_its_sender(client):
    client.cookies["django_language"] = "en"
    _address, page = read(client, long_file(row2={"Effectif": "beaucoup"}))
    assert the_run().language == "en"
    assert "n’est pas" not in page.context_data["refused"][0]["problems"][0]["message"]


# Given up


def test_file_that_waits_is_given_up_at_once_and_may_be_read_after_all(client):
    address = sent(client, long_file())
    assert client.post(f"{address}cancel/")["Location"] == address
    assert "L’import est annulé : rien n’est écrit." in words(client.get(address))
    run_queue()
    assert the_run().state == RunState.CANCELLED
    client.post(f"{address}resume/")
    run_queue()
    assert client.get(address).context_data["counts"]["created"] == LONG


def test_reading_stops_when_it_is_given_up(client, monkeypatch):
    address = sent(client, long_file(row1={"Effectif": "x"}))
    asked = []

    def give_up():
        asked.append(client.post(f"{address}cancel/").status_code)
        asked.append(told(client, address)["now"])

    with between_batches(monkeypatch, give_up):
        run_queue()
    assert asked[0] == 302 and asked[1].startswith("Annulation demandée")
    assert the_run().state == RunState.CANCELLED
    assert not ImportRow.objects.exists()


def test_written_file_is_given_up_no_more(client):
    address = imported(client, long_file())
    response = client.post(f"{address}cancel/", follow=True)
    assert "ne peut plus être annulé" in words(response)
    assert the_run().state == RunState.DONE


@pytest.mark.skipif(connection.vendor != "sqlite", reason="one writer at a time is SQLite's")
def test_on_sqlite_rows_that_are_being_written_are_not_given_up_and_nothing_breaks(client, monkeypatch):
    address, page = read(client, long_file())
    confirmed(client, address, page)
    heard = []

    def ask():
        heard.append(words(client.post(f"{address}cancel/", follow=True)))
        heard.append(told(client, address))

    with between_batches(monkeypatch, ask):
        run_queue()
    assert "ne peut plus être annulé" in heard[0]
    assert (heard[1]["share"], heard[1]["rows"], heard[1]["may_cancel"]) == (None, "", False)
    assert "ne peut plus être annulée ici" in heard[1]["now"]
    assert InternshipCalendar.objects.count() == LONG


@pytest.mark.skipif(connection.vendor != "sqlite", reason="one writer at a time is SQLite's")
def test_on_sqlite_giving_up_while_the_database_is_written_is_told(client, monkeypatch):
    """Between the page and the click, the writing has begun."""
    address = sent(client, long_file())

    def locked(run):
        raise OperationalError("database is locked")

    monkeypatch.setattr(runs, "_locked", locked)
    response = client.post(f"{address}cancel/", follow=True)
    assert response.status_code == 200
    assert "ne peut plus être annulé" in words(response)


@pytest.mark.parametrize("state", [RunState.READING, RunState.WRITING])
def test_who_gives_up_at_the_very_end_is_heard(client, monkeypatch, state):
    """Between the last row and the end: who was told that it is given up finds nothing written or shown."""
    address = sent(client, long_file())
    if state == RunState.WRITING:
        run_queue()
        confirmed(client, address, client.get(address))
    stop = runs.Pulse.stop

    def given_up(pulse):
        stop(pulse)
        ImportRun.objects.filter(cancel_asked_at=None).update(cancel_asked_at=timezone.now())

    with monkeypatch.context() as patch:
        patch.setattr(runs.Pulse, "stop", given_up)
        run_queue()
    assert the_run().state == RunState.CANCELLED
    assert nothing_is_written()


def test_rows_that_were_shown_go_in_the_moment_in_which_a_file_is_given_up(client, monkeypatch):
    """None is left when the worker dies there."""
    address = sent(client, long_file(row1={"Effectif": "x"}))
    left = []
    really = runs.tell_end

    def told_end(run, state):
        left.append((connection.in_atomic_block, ImportRow.objects.count()))
        really(run, state)

    monkeypatch.setattr(runs, "tell_end", told_end)
    with between_batches(monkeypatch, lambda: client.post(f"{address}cancel/")):
        run_queue()
    assert left == [(True, 0)]


# One after the other


def another_at_work(client, monkeypatch, act):
    """A file is being read while `act` is done; the queue then has all others done."""
    sent(client, long_file(), name="premier.csv")
    acts = [act]
    with between_batches(monkeypatch, lambda: acts and acts.pop()()):
        return run_queue()


def test_one_file_is_worked_on_at_a_time_and_the_next_follows_it(client, monkeypatch):
    """The other worker of the cluster is there for the e-mails, and the page says that a file waits."""
    heard = []

    def second():
        address = sent(client, long_file(row1={"Effectif": "x"}), name="second.csv")
        # The other worker has it.
        OrmQ.objects.all().delete()
        runs.read(ImportRun.objects.get(upload__name="second.csv").pk)
        ImportRun.objects.filter(upload__name="second.csv").update(
            asked_at=timezone.now() - datetime.timedelta(minutes=20)
        )
        heard.append(OrmQ.objects.count())
        heard.append(told(client, address))
        assert runs.take_up() == 0
        client.post(f"{address}resume/")
        heard.append(OrmQ.objects.count())

    done = another_at_work(client, monkeypatch, second)
    assert heard[0] == heard[2] == 0
    assert "attend son tour" in heard[1]["now"]
    assert heard[1]["warning"] == ""
    assert [task for task in done if task in (runs.READ, runs.WRITE)] == [runs.READ] * 2
    assert set(ImportRun.objects.values_list("state", "tries")) == {(RunState.READY, 0)}


def test_confirmed_file_waits_for_its_turn_too_and_who_waited_longest_comes_first(client, monkeypatch):
    address, page = read(client, long_file(4))
    confirmed(client, address, page)
    OrmQ.objects.all().delete()
    ImportRun.objects.update(queued_at=None)
    heard = []

    def third():
        other = sent(client, long_file(5), name="dernier.csv")
        OrmQ.objects.all().delete()
        ImportRun.objects.update(queued_at=None)
        heard.extend(told(client, shown_at)["now"] for shown_at in (address, other))

    done = another_at_work(client, monkeypatch, third)
    assert len(set(heard)) == 1 and "attend son tour" in heard[0]
    assert done == [runs.READ, runs.WRITE, runs.READ]


def test_file_that_waits_behind_one_that_was_given_up_is_taken_up(client):
    """A task that finds nothing to do leads to the next all the same."""
    first = sent(client, long_file(), name="premier.csv")
    sent(client, long_file(5), name="second.csv")
    OrmQ.objects.order_by("pk").last().delete()
    ImportRun.objects.filter(upload__name="second.csv").update(queued_at=None)
    client.post(f"{first}cancel/")
    assert run_queue() == [runs.READ] * 2
    assert ImportRun.objects.get(upload__name="second.csv").state == RunState.READY


def test_worker_that_is_gone_is_nobodys_turn(client):
    sent(client, long_file(), name="premier.csv")
    leave(RunState.READING)
    _address, page = read(client, long_file(5), name="second.csv")
    assert page.context_data["counts"]["created"] == 5


def test_task_is_asked_for_once_however_often_one_asks(client):
    """By hand, and by the schedule while the cluster is busy or away."""
    address = sent(client, long_file())
    ImportRun.objects.update(asked_at=timezone.now() - datetime.timedelta(minutes=20))
    for _ in range(5):
        client.post(f"{address}resume/")
        runs.take_up()
    assert OrmQ.objects.count() == 1
    leave(RunState.READING)
    for _ in range(5):
        client.post(f"{address}resume/")
        runs.take_up()
    assert OrmQ.objects.count() == 1


def test_task_that_was_lost_is_asked_for_again(client):
    sent(client, long_file())
    OrmQ.objects.all().delete()
    assert runs.take_up() == 0
    ImportRun.objects.update(queued_at=timezone.now() - runs.LOST)
    assert runs.take_up() == 1
    assert run_queue() == [runs.READ]


ENOUGH = "Vous avez déjà 3 longs fichiers en cours de traitement."


def files_kept():
    return len(storages["private"].listdir("uploads")[1])


@pytest.mark.parametrize("who", ["a school", "the team"])
def test_one_person_has_so_many_files_under_way(client_for, editor, administrator, ready, who):
    account = editor if who == "the team" else make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    client = client_for(account)
    addresses = [sent(client, long_file(), name=f"{n}.csv") for n in range(runs.RUNS_EACH)]
    before = files_kept()
    page = client.post(
        url(InternshipCalendar, "import"), {"file": SimpleUploadedFile("trop.csv", long_file())}
    )
    assert page.status_code == 422 and ENOUGH in words(page)
    assert Upload.objects.count() == OrmQ.objects.count() == runs.RUNS_EACH
    assert files_kept() == before, "nothing is left of it"
    sent(client, long_file(2), name="court.csv")
    sent(client_for(administrator), long_file(), name="autre.csv")

    client.post(f"{addresses[0]}cancel/")
    sent(client, long_file(), name="encore.csv")
    again = client.post(f"{addresses[0]}resume/", follow=True)
    assert ENOUGH in words(again)
    assert ImportRun.objects.get(upload__name="0.csv").state == RunState.CANCELLED


def test_file_that_was_read_is_confirmed_once_there_is_room(client):
    address, page = read(client, long_file())
    for number in range(runs.RUNS_EACH):
        sent(client, long_file(), name=f"{number}.csv")
    again = client.post(address, {"digest": page.context_data["digest"]}, follow=True)
    assert ENOUGH in words(again)
    run_queue()
    confirmed(client, address, page)
    run_queue()
    assert InternshipCalendar.objects.count() == LONG


def test_files_of_one_person_that_are_not_confirmed_weigh_so_much_at_most(client, monkeypatch):
    content = long_file(2)
    monkeypatch.setattr(uploads, "UNCONFIRMED_BYTES", int(2.5 * len(content)))
    for _ in range(2):
        sent(client, content)
    before = files_kept()
    page = client.post(url(InternshipCalendar, "import"), {"file": SimpleUploadedFile("trop.csv", content)})
    assert page.status_code == 422
    assert "occupent toute la place prévue" in words(page)
    assert (Upload.objects.count(), files_kept()) == (2, before)


def test_file_of_which_nothing_becomes_is_not_left_behind(client, monkeypatch):
    before = files_kept()

    def breaks(*_args, **_options):
        raise IntegrityError("rows_total")

    monkeypatch.setattr(runs.ImportRun.objects, "create", breaks)
    with pytest.raises(IntegrityError):
        sent(client, long_file())
    assert files_kept() == before
    assert not Upload.objects.exists()


# Left by a worker


def leave(state, *, minutes=3):
    """The run as a worker left it that was killed so many minutes ago."""
    ImportRun.objects.update(
        state=state,
        worker="killed",
        tries=1,
        rows_done=7,
        queued_at=None,
        started_at=timezone.now() - datetime.timedelta(minutes=minutes + 1),
        alive_at=timezone.now() - datetime.timedelta(minutes=minutes),
    )
    OrmQ.objects.all().delete()


@pytest.mark.parametrize("how", ["the schedule", "the owner", "the queue"])
def test_reading_that_was_left_begins_anew(client, how):
    address = sent(client, long_file(row1={"Effectif": "x"}))
    run = the_run()
    leave(RunState.READING)
    ImportRow.objects.create(
        run=run, kind="refused", number=2, said={"number": 2, "problems": [], "cells": []}
    )
    assert "Le traitement s’est interrompu" in words(client.get(address))
    assert told(client, address)["may_resume"]
    if how == "the schedule":
        assert runs.take_up() == 1
        run_queue()
    elif how == "the owner":
        client.post(f"{address}resume/")
        run_queue()
    else:
        runs.read(run.pk)
    assert client.get(address).context_data["counts"]["refused"] == 1
    assert ImportRow.objects.filter(kind="refused").count() == 1


def test_writing_that_was_left_begins_anew_and_doubles_nothing(client):
    address, page = read(client, long_file())
    confirmed(client, address, page)
    leave(RunState.WRITING, minutes=40)
    assert "Le traitement s’est interrompu" in words(client.get(address))
    assert runs.take_up() == 1
    run_queue()
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.history.count() == LONG
    assert runs.take_up() == 0


def test_worker_that_lives_is_left_alone(client):
    address = sent(client, long_file())
    leave(RunState.READING, minutes=1)
    assert "interrompu" not in words(client.get(address))
    assert runs.take_up() == 0
    client.post(f"{address}resume/")
    runs.read(the_run().pk)
    assert OrmQ.objects.count() == 0
    assert the_run().worker == "killed"


@pytest.mark.parametrize("state", [RunState.READING, RunState.WRITING])
def test_worker_that_comes_back_too_late_leaves_nothing(client, monkeypatch, state):
    """It was held up for minutes, and another one has taken its file."""
    address = sent(client, long_file())
    if state == RunState.WRITING:
        run_queue()
        confirmed(client, address, client.get(address))

    def overtaken():
        ImportRun.objects.update(worker="another")

    with between_batches(monkeypatch, overtaken):
        run_queue()
    assert the_run().state == state
    assert the_run().worker
    assert nothing_is_written()


def test_run_that_stops_each_time_is_given_up_by_the_cluster(client):
    address = sent(client, long_file())
    for _ in range(runs.TRIES):
        leave(RunState.READING)
        ImportRun.objects.update(tries=runs.TRIES)
        runs.take_up()
        run_queue()
    assert the_run().state == RunState.FAILED
    assert "s’est arrêté plusieurs fois" in words(client.get(address))
    client.post(f"{address}resume/")
    run_queue()
    assert the_run().state == RunState.READY


def failing(error, times):
    left = [error] * times

    def write_rows(plan, rows, really=engine.write_rows):
        if left:
            raise left.pop()
        really(plan, rows)

    return write_rows


def test_lost_connection_is_tried_again_at_once(client, monkeypatch):
    address, page = read(client, long_file())
    confirmed(client, address, page)
    monkeypatch.setattr(engine, "write_rows", failing(OperationalError("deadlock detected"), 2))
    assert run_queue() == [runs.WRITE] * 3
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.history.count() == LONG


def heard_by_queue(task, monkeypatch):
    """A task that came to its end, as the queue's own process hears of it."""
    monkeypatch.setattr("django_q.monitor.close_old_django_connections", lambda: None)
    moment = timezone.now()
    results = queue.Queue()
    results.put({**task, "success": True, "result": None, "started": moment, "stopped": moment})
    results.put("STOP")
    monitor(results, get_broker())


def test_row_that_breaks_a_rule_which_the_preview_does_not_know_is_tried_again(client, monkeypatch):
    """An address that somebody else's row took meanwhile: the next try finds another."""
    address, page = read(client, long_file())
    confirmed(client, address, page)
    monkeypatch.setattr(engine, "write_rows", failing(IntegrityError("unique slug"), 2))
    assert run_queue() == [runs.WRITE] * 3
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.history.count() == LONG


def test_row_that_breaks_a_rule_each_time_is_a_failure(client, monkeypatch):
    address, page = read(client, long_file())
    confirmed(client, address, page)
    monkeypatch.setattr(engine, "write_rows", failing(IntegrityError("unique slug"), 9))
    assert run_queue() == [runs.WRITE] * runs.TRIES
    assert the_run().state == RunState.FAILED
    assert "unique slug" in Failure.objects.get().result
    assert nothing_is_written()


def test_unexpected_error_is_said_and_stands_among_the_failures_of_the_queue(client, monkeypatch):
    """It stands there for good, though the queue delivers the task again and finds it done."""
    address, page = read(client, long_file())
    confirmed(client, address, page)
    monkeypatch.setattr(engine, "write_rows", failing(ZeroDivisionError("of zero"), 1))
    task = OrmQ.objects.get().task
    for _delivery in range(2):
        runs.write(the_run().pk)
        heard_by_queue(task, monkeypatch)
    OrmQ.objects.all().delete()
    assert "Une erreur inattendue" in words(client.get(address))
    assert nothing_is_written()
    failure = Failure.objects.get()
    assert (failure.func, failure.args) == (runs.WRITE, (the_run().pk,))
    assert "ZeroDivisionError: of zero" in failure.result
    client.post(f"{address}resume/")
    run_queue()
    assert client.get(address).context_data["counts"]["created"] == LONG


# What is told to who went away


def waited(minutes):
    """As if the file had been asked for so long ago."""
    asked = timezone.now() - datetime.timedelta(minutes=minutes)
    ImportRun.objects.update(asked_at=asked)


def noticed(owner):
    return list(Notice.objects.filter(recipient=owner).order_by("pk").values_list("kind", "subject", "path"))


def test_who_waited_long_is_told_where_the_file_is_and_once(client, editor):
    address = sent(client, long_file())
    waited(minutes=5)
    run_queue()
    confirmed(client, address, client.get(address))
    waited(minutes=5)
    run_queue()
    assert noticed(editor) == [
        ("import_read", "Votre fichier « stages.csv » est lu", address),
        ("import_ended", "Votre fichier « stages.csv » est importé", address),
    ]


def test_who_still_looks_on_is_told_nothing(client, editor):
    imported(client, long_file())
    assert noticed(editor) == []


def test_who_gave_a_file_up_is_told_nothing_and_who_lost_one_is(client, editor):
    address = sent(client, long_file())
    waited(minutes=5)
    client.post(f"{address}cancel/")
    run_queue()
    assert noticed(editor) == []
    client.post(f"{address}resume/")
    ImportRun.objects.update(tries=runs.TRIES)
    waited(minutes=5)
    run_queue()
    assert noticed(editor) == [("import_ended", "Votre fichier « stages.csv » n’est pas importé", address)]


# Whose it is, and until when


@pytest.mark.parametrize("view", ["", "progress.json", "refused.xlsx", "cancel/", "resume/"])
def test_file_of_somebody_else_does_not_exist(client, client_for, administrator, view):
    address, page = read(client, long_file(row1={"Effectif": "x"}))
    other = client_for(administrator)
    assert other.get(address + view).status_code == 404
    assert other.post(address + view, {"digest": page.context_data["digest"]}).status_code == 404
    assert the_run().state == RunState.READY


def test_nothing_is_done_by_looking(client):
    address = sent(client, long_file())
    assert client.get(f"{address}cancel/").status_code == 405
    assert client.get(f"{address}resume/").status_code == 405
    leave(RunState.READING)
    before = ImportRun.objects.values().get()
    for view in ("", "progress.json"):
        assert client.get(address + view).status_code == 200
    assert ImportRun.objects.values().get() == before
    assert not OrmQ.objects.exists()


def test_short_file_has_no_progress(client):
    address = sent(client, long_file(2))
    assert client.get(f"{address}progress.json").status_code == 404
    assert client.post(f"{address}cancel/").status_code == 404


def later(**span):
    return timezone.now() + datetime.timedelta(**span)


def test_rows_go_with_their_file_after_two_days(client):
    read(client, long_file(row1={"Effectif": "x"}))
    assert forget_abandoned_uploads(now=later(days=1)) == 0
    assert ImportRow.objects.exists()
    assert forget_abandoned_uploads(now=later(days=2, minutes=1)) == 1
    assert not (Upload.objects.exists() or ImportRun.objects.exists() or ImportRow.objects.exists())


@pytest.mark.parametrize("is_taken", [False, True])
def test_confirmed_file_is_not_swept_away_before_it_is_written(client, is_taken):
    """Nor one that waits to be read, however long the cluster was away."""
    address, page = read(client, long_file())
    confirmed(client, address, page)
    if is_taken:
        ImportRun.objects.update(worker="at it", alive_at=timezone.now())
    Upload.objects.update(created_at=later(days=-5))
    assert forget_abandoned_uploads() == 0
    ImportRun.objects.update(worker="", alive_at=None)
    run_queue()
    assert InternshipCalendar.objects.count() == LONG


def test_file_that_waits_to_be_read_is_kept_and_one_that_was_given_up_goes(client):
    address = sent(client, long_file())
    Upload.objects.update(created_at=later(days=-5))
    assert forget_abandoned_uploads() == 0
    client.post(f"{address}cancel/")
    assert forget_abandoned_uploads() == 1


def test_rows_of_a_written_file_go_after_two_days_and_its_page_stays(client):
    address = imported(client, long_file(row1={"Effectif": "x"}))
    forget_abandoned_uploads(now=later(days=2, minutes=1))
    assert not ImportRow.objects.exists()
    page = client.get(address)
    assert page.context_data["done"]["refused"] == 1
    assert f"{address}refused.xlsx" not in page.content.decode()
    assert client.get(f"{address}refused.xlsx").status_code == 404


# The same rows by the cluster, at once, and by hand


def everything_held():
    """All rows and all lines of history, apart from keys, moments and the operation they belong to."""
    apart = {"id", "created_at", "updated_at", "history_id", "history_date", "operation_id"}
    held = {}
    for model in (*tracked_models().values(), Notice):
        for table in (model, model.history.model) if hasattr(model, "history") else (model,):
            names = [field.attname for field in table._meta.concrete_fields if field.attname not in apart]
            rows = table._base_manager.values_list(*names)
            held[table._meta.label] = sorted(map(repr, (dict(zip(names, row, strict=True)) for row in rows)))
    return held


def mixed_file(case):
    """A row that is there and changes, a new one, and one that is refused."""
    title, value, *_rest = case.change
    return csv_bytes(
        case.headers, [*case.cells({title: value}), tuple((dict(case.rows[1]) | case.wrong).values())]
    )


@pytest.mark.parametrize("kind", sorted(CASES))
def test_rows_by_the_cluster_are_those_written_at_once_and_by_hand(
    client_for, editor, settings, monkeypatch, kind
):
    """Same rows, same history, same states, same notices; each row of the file in a batch of its own.

    On PostgreSQL the rows of a file are copied, one by one as they are here.
    """
    monkeypatch.setattr(engine, "BATCH", 1)
    make_ready(kind)
    case = CASES[kind]
    client = client_for(editor)
    case.write(editor, csv_bytes(case.headers, case.cells()[:1]))
    before = everything_held()
    content = mixed_file(case)

    def by_cluster():
        settings.IMPORT_ROWS_AT_ONCE = 1
        address, page = read(client, content, model=case.model)
        assert page.context_data["counts"] == {"created": 1, "updated": 1, "unchanged": 0, "refused": 1}
        confirmed(client, address, page)
        run_queue()
        return page.context_data["refused"]

    def at_once():
        settings.IMPORT_ROWS_AT_ONCE = 2_000
        address = sent(client, content, model=case.model)
        page = client.get(address)
        confirmed(client, address, page)
        return page.context_data["refused"]

    def by_hand():
        plan = case.plan(editor, content)
        for row in shown.written(plan.rows):
            typed = row.instance
            if row.fields:
                typed = case.model.objects.get(pk=typed.pk)
                for name in plan.resource.model_fields(row.fields):
                    setattr(typed, name, getattr(row.instance, name))
            save_row(actor=editor, row=typed)
        run_queue()
        return [shown.refused(row) for row in plan.of(runs.RowStatus.REFUSED)]

    found, copies = [], []
    for way in (by_cluster, at_once, by_hand):
        with undone():
            with CaptureQueriesContext(connection) as queries:
                refused = way()
            found.append((refused, everything_held()))
        copies.append(sum(query["sql"].startswith("COPY") for query in queries))
    assert found[0] == found[1] == found[2]
    # What is new, and what changed; on other databases nothing is.
    assert copies == ([2, 2, 0] if connection.vendor == "postgresql" else [0, 0, 0])
    assert found[0][1] != before


def test_scope_refuses_the_same_rows_by_the_cluster_as_by_hand(client_for, ready):
    """A school's own rows, and one of another school's."""
    school = SchoolProfile.objects.get(uai=EBOUE)
    account = make.school_user(school)
    client = client_for(account)
    content = long_file(row6={"UAI": "9730003R"})
    address, page = read(client, content)
    refused = page.context_data["refused"]
    assert [row["number"] for row in refused] == [8]
    assert refused == [shown.refused(row) for row in CASE.plan(account, content).of(runs.RowStatus.REFUSED)]
    confirmed(client, address, page)
    run_queue()
    assert InternshipCalendar.objects.count() == LONG - 1
    assert set(InternshipCalendar.objects.values_list("school", flat=True)) == {school.pk}
