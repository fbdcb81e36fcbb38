"""Writing templates in the console: the preview beside the text, the PDF, the copy, the buttons."""

import base64

import pytest
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.papers.models import PaperTemplate
from tests import factories as make
from tests.papers.conftest import text_of

pytestmark = pytest.mark.django_db

PREVIEW = "/console/papers/papertemplate/apercu/"
ADD = "/console/papers/papertemplate/add/"
BODY = "# Titre\n\n{{ student_name }}"


@pytest.fixture
def editor(client_for):
    return client_for(make.user(Role.EDITOR))


def preview(client, **typed):
    return client.post(PREVIEW, {"kind": "recommendation", "body": BODY} | typed)


def words(response):
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def test_pages_are_drawn_while_one_writes_and_nothing_is_kept(editor):
    answer = preview(editor, **{"as": "pictures"}).json()
    assert answer["number"] == 1
    assert base64.b64decode(answer["pages"][0]).startswith(b"\x89PNG")
    assert answer["missing"] == []
    assert not PaperTemplate.objects.exists()


def test_mentions_that_are_missing_are_named(editor):
    answer = preview(editor, kind="agreement", **{"as": "pictures"}).json()
    assert "program" in answer["missing"]
    assert "parties" in answer["missing"]


def test_the_pdf_has_the_examples_of_the_fields(editor):
    response = preview(editor)
    assert response["Content-Type"] == "application/pdf"
    assert "Maëlys Apatou" in text_of(response.content)
    assert "Aperçu sans valeur" in text_of(response.content)


HOSTILE = {
    "unknown": ("{{ nobody }}", 1),
    "open": ("a\n{% if student_name %}", 2),
    "emoji": ("a\n\n🎉", 3),
    "blank": (" ", 0),
    "too_long": ("a" * 100_001, 0),
    "layout": ('a\n#read("/etc/passwd")', 2),
}


@pytest.mark.parametrize(("body", "line"), HOSTILE.values(), ids=HOSTILE)
def test_what_cannot_be_drawn_is_told_by_line(editor, body, line):
    answer = preview(editor, body=body, **{"as": "pictures"}).json()
    assert answer["faults"][0]["line"] == line
    assert answer["faults"][0]["text"]
    refused = preview(editor, body=body)
    assert refused.status_code == 422
    assert answer["faults"][0]["text"].replace("\u00a0", " ")[:40] in refused.content.decode().replace(
        "\u00a0", " "
    ).replace("&quot;", '"')


@pytest.mark.parametrize("kind", ["", "nonsense", "🎉"])
def test_a_kind_that_does_not_exist_is_told(editor, kind):
    answer = preview(editor, kind=kind, **{"as": "pictures"}).json()
    assert answer["faults"] == [{"line": 0, "text": "Choisissez d’abord le document."}]


def test_the_preview_is_for_those_who_write(client_for):
    for role in (Role.VERIFIER, Role.AUDITOR, Role.SCHOOL):
        assert preview(client_for(make.user(role))).status_code == 403


def test_a_template_is_written_and_read_again(editor):
    page = words(editor.get(ADD))
    assert "{{ student_name }}" in page
    assert "D124-4, 1°" in page
    typed = {
        "kind": "recommendation",
        "audience": "",
        "name": "Mienne",
        "valid_from": "2026-01-01",
        "body": BODY,
    }
    assert editor.post(ADD, typed | {"body": BODY}).status_code == 302
    row = PaperTemplate.objects.get(name="Mienne")
    page = words(editor.get(reverse("admin:papers_papertemplate_change", args=[row.pk])))
    assert "Mettre en vigueur" in page
    assert "Faire une copie" in page


def test_what_was_typed_stays_when_it_is_refused(editor):
    typed = {
        "kind": "recommendation",
        "name": "Mienne",
        "valid_from": "2026-01-01",
        "body": "{{ nobody }} restera",
    }
    response = editor.post(ADD, typed)
    assert response.status_code == 200
    page = words(response)
    assert "Ligne 1 : le champ « nobody » n’existe pas pour ce document." in page
    assert "{{ nobody }} restera" in page


def test_one_in_force_is_read_copied_and_not_changed(editor):
    row = make.paper_template()
    url = reverse("admin:papers_papertemplate_activate", args=[row.pk])
    assert "celui qu’il remplace sera retiré" in words(editor.get(url))
    editor.post(url, {"confirmed": "yes"})
    row.refresh_from_db()
    assert row.state == "active"
    page = words(editor.get(reverse("admin:papers_papertemplate_change", args=[row.pk])))
    assert "faites une copie de ce modèle" in page
    assert 'name="body"' not in page
    copy_url = reverse("admin:papers_papertemplate_copy", args=[row.pk])
    assert editor.get(copy_url).status_code == 200
    assert PaperTemplate.objects.count() == 1
    response = editor.post(copy_url)
    copy = PaperTemplate.objects.exclude(pk=row.pk).get()
    assert response.url == reverse("admin:papers_papertemplate_change", args=[copy.pk])
    assert copy.state == "draft"


def test_the_team_reads_the_pdf_of_a_template(client_for):
    row = make.paper_template()
    for role in (Role.VERIFIER, Role.AUDITOR):
        response = client_for(make.user(role)).get(reverse("admin:papers_papertemplate_pdf", args=[row.pk]))
        assert response["Content-Type"] == "application/pdf"
    assert (
        client_for(make.user(Role.VERIFIER))
        .post(reverse("admin:papers_papertemplate_copy", args=[row.pk]))
        .status_code
        == 403
    )


def test_a_template_in_force_is_read_with_its_lines(editor):
    row = make.paper_template(body="# Titre\n\nUne ligne & <une> autre", state="active")
    page = editor.get(f"/console/papers/papertemplate/{row.pk}/change/").content.decode()
    assert "# Titre<br><br>Une ligne &amp; &lt;une&gt; autre" in page
