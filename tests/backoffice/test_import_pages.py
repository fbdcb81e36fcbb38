"""Importing in the console: send or paste, look, confirm once, correct what was refused."""

import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from backoffice.base.imports.reading import limits
from pratik.calendars.models import InternshipCalendar
from pratik.core.models import Operation, Upload
from pratik.core.services import save_row
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.core.test_races import at_once
from tests.kit.files import CASES, EBOUE, MELKIOR, csv_bytes, make_ready, xlsx_bytes
from tests.kit.world import everything, url

pytestmark = pytest.mark.django_db

CASE = CASES["calendars"]


@pytest.fixture
def ready(db):
    make_ready("calendars")


@pytest.fixture
def client(client_for, editor, ready):
    return client_for(editor)


def sent(client, content, name="stages.csv", **options):
    """Sends a file."""
    file = SimpleUploadedFile(name, content)
    return client.post(url(InternshipCalendar, "import"), {"file": file}, **options)


def pasted(client, text, **options):
    return client.post(url(InternshipCalendar, "import"), {"pasted": text}, **options)


def previewed(client, content, name="stages.csv"):
    """Sends a file and looks at its preview. Returns the address of the preview, and its page."""
    response = sent(client, content, name)
    assert response.status_code == 302, response.context_data["error"]
    return response["Location"], client.get(response["Location"])


def confirmed(client, address, page, **values):
    return client.post(address, {"digest": page.context_data["digest"], "mode": "accepted", **values})


def messages_of(client, address="/console/"):
    return [str(message) for message in client.get(address).context["messages"]]


# The preview


def test_file_is_shown_before_anything_is_written(client):
    before = everything()
    _address, page = previewed(client, CASE.csv({"Effectif": "beaucoup"}))
    assert page.context_data["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    text = page.content.decode()
    assert "« beaucoup » n’est pas un nombre entier." in text
    assert "Bac pro Commerce" in text
    after = everything()
    assert after.pop(Upload) == before.pop(Upload) + 1
    assert after == before


def test_preview_shows_old_and_new_value(client, editor):
    CASE.write(editor, CASE.csv())
    _address, page = previewed(client, CASE.csv({"Effectif": 30}))
    text = page.content.decode()
    assert '<del class="pratik-old">24</del>' in text
    assert '<ins class="pratik-new">30</ins>' in text


def test_pasted_cells_are_a_file(client):
    text = CASE.csv(delimiter="\t").decode()
    page = pasted(client, text, follow=True)
    assert page.context_data["counts"]["created"] == 2


@pytest.mark.parametrize(
    "name", ["stages.csv", "stages.xlsx", "stages", "../../etc/passwd", "é" * 300 + ".csv"]
)
def test_name_of_a_file_decides_nothing(client, name):
    _address, page = previewed(client, xlsx_bytes(CASE.headers, CASE.cells()), name)
    assert page.context_data["counts"]["created"] == 2
    upload = Upload.objects.get()
    assert "passwd" not in upload.file.name
    assert upload.file.name.startswith("uploads/")


def test_what_is_typed_in_a_cell_is_never_code_of_the_page(client):
    _address, page = previewed(client, CASE.csv({"Filière": "<script>alert(1)</script>", "Effectif": "<b>"}))
    assert "<script>alert(1)</script>" not in page.content.decode()
    assert "&lt;b&gt;" in page.content.decode()


# A file of no use


def bomb():
    """A small archive that unpacks to more than any workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/workbook.xml", b" " * (limits.MAX_OTHER_BYTES + 1))
    return out.getvalue()


USELESS = {
    "program called csv": (
        b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200),
        "x.csv",
    ),
    "empty": (b"", "vide.csv"),
    "titles only": (CASE.csv().split(b"\r\n")[0], "titres.csv"),
    "archive bomb": (bomb(), "bombe.xlsx"),
    "cut workbook": (xlsx_bytes(CASE.headers, CASE.cells())[:500], "coupe.xlsx"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "photo.csv"),
    "pdf": (b"%PDF-1.7\n" + bytes(100), "stages.csv"),
}


@pytest.mark.parametrize("useless", USELESS)
def test_file_of_no_use_is_refused_with_a_sentence_and_nothing_is_kept(client, useless):
    content, name = USELESS[useless]
    before = everything()
    response = sent(client, content, name)
    assert response.status_code == 422
    told = response.context_data["error"] or response.context_data["form"].errors["file"][0]
    assert told.endswith(".")
    assert "Traceback" not in response.content.decode()
    assert everything() == before


def test_refused_paste_stays_in_its_box(client):
    """What a person typed is not lost with the refusal."""
    text = "UAI;Filière\n9730001N;« jamais fini"
    for refused in (f'"{text}', "UAI;Filière"):
        response = pasted(client, refused)
        assert response.status_code == 422
        assert response.context_data["form"]["pasted"].value() == refused


def test_nothing_sent_and_both_sent_are_asked_again(client):
    response = client.post(url(InternshipCalendar, "import"), {"pasted": "   "})
    assert response.status_code == 422
    assert "Choisissez un fichier" in response.content.decode()
    both = {"pasted": CASE.csv().decode(), "file": SimpleUploadedFile("stages.csv", CASE.csv())}
    response = client.post(url(InternshipCalendar, "import"), both)
    assert response.status_code == 422
    assert "pas les deux" in response.content.decode()
    assert response.context_data["form"]["pasted"].value() == both["pasted"]


def test_file_with_a_wrong_column_is_shown_with_the_right_one_and_cannot_be_confirmed(client):
    content = CASE.csv().replace(b"Effectif", b"Effectiff")
    address, page = previewed(client, content)
    assert "«\u00a0Effectif\u00a0»" in page.content.decode()
    assert "Confirmer l’import" not in page.content.decode()
    before = everything()
    confirmed(client, address, page)
    assert everything() == before


# Confirming


def test_confirming_writes_the_accepted_rows_and_says_where_to_take_them_back(client, editor):
    address, page = previewed(client, CASE.csv({"Effectif": "beaucoup"}))
    response = confirmed(client, address, page)
    assert response.status_code == 302
    assert [row.school.uai for row in InternshipCalendar.objects.all()] == [MELKIOR]
    operation = Operation.objects.get(kind="import")
    assert (operation.actor, operation.source_name) == (editor, "stages.csv")
    assert operation.source_sha256 == Upload.objects.get().sha256
    [message] = messages_of(client, response["Location"])
    assert "1 ligne créée" in message
    assert f"/console/core/operation/{operation.pk}/change/" in message


def test_confirming_all_or_nothing_writes_nothing_while_a_row_is_refused(client):
    address, page = previewed(client, CASE.csv({"Effectif": "beaucoup"}))
    response = confirmed(client, address, page, mode="all")
    assert response.status_code == 200
    assert "Rien n’a été écrit." in [str(m) for m in response.context["messages"]]
    assert not InternshipCalendar.objects.exists()
    assert not Operation.objects.filter(kind="import").exists()


def test_confirming_twice_writes_once(client):
    address, page = previewed(client, CASE.csv())
    confirmed(client, address, page)
    after_once = everything()
    response = confirmed(client, address, page)
    assert response.status_code == 200
    assert "Ce fichier est importé." in response.content.decode()
    assert everything() == after_once


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_confirming_twice_at_the_same_moment_writes_once(client_for, editor, ready):
    """Two tabs, or one impatient hand."""
    first, second = client_for(editor), client_for(editor)
    address, page = previewed(first, CASE.csv())
    answers = at_once(
        lambda: confirmed(first, address, page).status_code,
        lambda: confirmed(second, address, page).status_code,
    )
    assert set(answers) <= {200, 302}
    assert InternshipCalendar.objects.count() == 2
    assert InternshipCalendar.history.count() == 2
    assert Operation.objects.filter(kind="import").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_people_who_send_the_same_file_at_once_double_no_row(client_for, editor, administrator, ready):
    first, second = client_for(editor), client_for(administrator)
    (one, its_page), (other, others_page) = previewed(first, CASE.csv()), previewed(second, CASE.csv())
    answers = at_once(
        lambda: confirmed(first, one, its_page).status_code,
        lambda: confirmed(second, other, others_page).status_code,
    )
    assert InternshipCalendar.objects.count() == 2
    assert InternshipCalendar.history.count() == 2
    assert all(answer in (200, 302) for answer in answers), answers


def test_data_that_changed_since_the_preview_are_shown_again_and_nothing_is_written(client, administrator):
    address, page = previewed(client, CASE.csv())
    make.calendar(
        school=SchoolProfile.objects.get(uai=EBOUE),
        program_name="BTS MCO 2e année",
        start_on=CASE.rows[0]["Début"],
        end_on=CASE.rows[0]["Fin"],
    )
    before = everything()
    response = confirmed(client, address, page)
    assert response.status_code == 200
    assert response.context_data["counts"]["updated"] == 1
    assert "Les données ont changé" in response.content.decode()
    assert everything() == before
    assert confirmed(client, address, response).status_code == 302
    assert InternshipCalendar.objects.count() == 2


def test_confirming_without_the_mark_of_the_preview_writes_nothing(client):
    address, _page = previewed(client, CASE.csv())
    for digest in ("", "x", "0" * 64):
        assert client.post(address, {"digest": digest}).status_code == 200
    assert not InternshipCalendar.objects.exists()


def test_upload_of_somebody_else_does_not_exist(client, client_for, administrator):
    """Not even for an administrator: a file is its sender's until it is an operation."""
    address, page = previewed(client, CASE.csv({"Effectif": "beaucoup"}))
    other = client_for(administrator)
    assert other.get(address).status_code == 404
    assert other.get(f"{address}refused.xlsx").status_code == 404
    assert confirmed(other, address, page).status_code == 404
    assert not InternshipCalendar.objects.exists()


def test_upload_is_confirmed_only_where_it_was_sent(client):
    """A file of calendars is none of managers."""
    address, page = previewed(client, CASE.csv())
    elsewhere = address.replace("calendars/internshipcalendar", "schools/programmanager")
    assert elsewhere != address
    assert client.get(elsewhere).status_code == 404
    assert confirmed(client, elsewhere, page).status_code == 404


def test_file_that_is_gone_is_asked_for_again(client):
    address, page = previewed(client, CASE.csv())
    upload = Upload.objects.get()
    upload.file.storage.delete(upload.file.name)
    for response in (client.get(address), confirmed(client, address, page)):
        assert response.status_code == 302
        assert response["Location"] == url(InternshipCalendar, "import")
    assert not InternshipCalendar.objects.exists()


def test_right_lost_between_preview_and_confirmation_writes_nothing(client_for, administrator, ready):
    account = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    client = client_for(account)
    content = csv_bytes(CASE.headers, CASE.cells()[:1])
    address, page = previewed(client, content)
    assert page.context_data["counts"]["created"] == 1
    membership = account.schoolmemberships.get()
    membership.is_active = False
    save_row(actor=administrator, row=membership)
    response = confirmed(client, address, page)
    assert response.status_code == 200
    assert response.context_data["counts"]["refused"] == 1
    assert not InternshipCalendar.objects.exists()


# What was refused


def workbook_of(response):
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="lignes-refusees.xlsx"'
    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.values)
    return rows[0], rows[1:]


@pytest.mark.parametrize("kind", sorted(CASES))
def test_refused_rows_come_back_as_they_were_with_the_reason(client_for, editor, kind):
    make_ready(kind)
    case = CASES[kind]
    client = client_for(editor)
    file = SimpleUploadedFile("x.csv", case.csv({}, case.wrong))
    address = client.post(url(case.model, "import"), {"file": file})["Location"]
    headers, rows = workbook_of(client.get(f"{address}refused.xlsx"))
    assert headers == (*case.headers, "Erreur")
    [row] = rows
    cells = dict(zip(case.headers, row, strict=False))
    for header, typed in case.wrong.items():
        assert cells[header] == typed
        assert f"{header} : " in row[-1]


def test_corrected_workbook_of_refused_rows_comes_in(client):
    address, page = previewed(client, CASE.csv({"Effectif": "beaucoup"}))
    confirmed(client, address, page)
    headers, rows = workbook_of(client.get(f"{address}refused.xlsx"))
    at = headers.index("Effectif")
    corrected = [(*row[:at], 24, *row[at + 1 :]) for row in rows]
    again, preview = previewed(client, xlsx_bytes(headers, corrected), "lignes-refusees.xlsx")
    assert preview.context_data["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 0}
    confirmed(client, again, preview)
    assert InternshipCalendar.objects.count() == 2


def test_workbook_of_refused_rows_runs_no_formula(client):
    address, _page = previewed(client, CASE.csv({"Description": "=1+1", "Effectif": "=cmd|' /C calc'!A0"}))
    response = client.get(f"{address}refused.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_workbook_of_refused_rows_leaves_out_what_no_workbook_can_hold(client):
    """A CSV file can hold it, in a title as in a cell."""
    cells = CASE.cells({"Effectif": "beau\x01coup"})[0]
    address, _page = previewed(client, csv_bytes([*CASE.headers, "Re\x01marque"], [(*cells, "")]))
    read_headers, rows = workbook_of(client.get(f"{address}refused.xlsx"))
    assert "Remarque" in read_headers
    assert rows[0][read_headers.index("Effectif")] == "beaucoup"


def test_refused_rows_can_still_be_had_after_the_others_are_written(client):
    address, page = previewed(client, CASE.csv({"Effectif": "beaucoup"}))
    response = confirmed(client, address, page)
    assert response["Location"] == address
    shown = client.get(address)
    assert shown.context_data["counts"] == {"created": 0, "updated": 0, "unchanged": 1, "refused": 1}
    assert f"{address}refused.xlsx" in shown.content.decode()


# Templates


@pytest.mark.parametrize("kind", sorted(CASES))
@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_template_is_a_file_of_the_kind(client_for, editor, kind, suffix):
    make_ready(kind)
    case = CASES[kind]
    response = client_for(editor).get(url(case.model, "import_template", suffix))
    assert response["Content-Disposition"] == f'attachment; filename="modele-{kind}.{suffix}"'
    with translation.override("fr"):
        plan = case.plan(editor, response.content, f"modele.{suffix}")
    assert (plan.problems, len(plan.rows)) == ([], 1)


def test_example_of_the_template_is_right(client_for, editor):
    """What the template shows is what the import takes."""
    for kind in ("schools", "companies"):
        make_ready_once(kind)
        template = CASES[kind].resource(actor=editor).template()
        plan = CASES[kind].plan(editor, csv_bytes(template.headers, template))
        assert plan.refused == []


def make_ready_once(kind):
    if not SchoolProfile._meta.get_field("commune").related_model.objects.exists():
        make_ready(kind)


def test_template_of_another_sort_does_not_exist(client):
    assert client.get("/console/calendars/internshipcalendar/import/template.exe").status_code == 404
