"""Papers: made when nothing that the law wants is missing, drawn the same for ever, signed, void."""

import datetime
import io
from decimal import Decimal

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from pratik.core.calendar import today
from pratik.core.services import remove_rows, save_row
from pratik.internships import services
from pratik.internships.enums import EndedBy, PaperState, PlacementState
from pratik.internships.models import Placement, PlacementPaper
from pratik.internships.reports.papers import schedule_table, unusual_hours
from pratik.law.rules import WeekSchedule
from pratik.papers.enums import PaperKind
from pratik.papers.models import PaperTemplate
from pratik.papers.reports import certified, written_code
from pratik.papers.services import retire_templates
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.documents import pdf as a_pdf
from tests.internships.conftest import agreement, signed, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("papers")]

DAY = datetime.timedelta(days=1)
MONDAY = datetime.date(2027, 2, 1)


@pytest.fixture
def agreed(host, school):
    """A placement to which host and school have agreed."""
    return make.placement(company=host, school=school, state=PlacementState.SCHOOL_AGREED)


def over(host, school, teacher, **fields):
    """A signed placement that is over."""
    row = signed(host, school, teacher, start_on=today() - 60 * DAY, **fields)
    services.start_and_complete()
    row.refresh_from_db()
    assert row.state == PlacementState.COMPLETED
    return row


def number_of_pages(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def test_an_agreement_has_a_number_a_code_and_the_values_of_its_day(host, school, teacher, agreed):
    paper = agreement(teacher, agreed)
    assert paper.number == f"C-{today().year}-000001" == paper.values["paper_number"]
    assert paper.values["host_name"] == host.name and paper.values["school_name"] == school.name
    assert paper.values["hours"].replace("\u00a0", " ") == "140 h"
    assert paper.values["activities"] == ["Poser des chemins de câbles", "Lire un schéma"]
    assert services.draw_paper(paper).startswith(b"%PDF")


def test_the_same_bytes_come_back_whatever_has_changed_since(host, school, teacher, agreed):
    paper = agreement(teacher, agreed)
    before = services.draw_paper(paper)
    host.name = "Un autre nom"
    save_row(actor=make.user(), row=host)
    again = PlacementPaper.objects.get(pk=paper.pk)
    assert services.draw_paper(again) == before


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("activities", "activités"),
        ("supervision", "encadrement"),
        ("social_protection", "protection sociale"),
        ("leave_rules", "absence"),
        ("validation_rules", "interruption"),
        ("program_hours", "volume horaire"),
    ],
)
def test_a_missing_mention_stands_in_the_way_by_its_name(field, named, host, school, teacher):
    row = make.placement(company=host, school=school, state=PlacementState.SCHOOL_AGREED, **{field: ""})
    ((_row, why),) = services.make_agreements(actor=teacher, pks=[row.pk]).refused
    assert named in why and "D124-4" in why
    assert not PlacementPaper.objects.exists()


def test_an_agreement_is_made_once_and_after_both_agreed(host, school, teacher, agreed):
    agreement(teacher, agreed)
    early = make.placement(company=host, school=school)
    outcome = services.make_agreements(actor=teacher, pks=[agreed.pk, early.pk])
    assert not outcome.changed
    assert "déjà établie" in {row.pk: why for row, why in outcome.refused}[agreed.pk]


def test_without_a_template_in_force_it_says_so(host, school, teacher, agreed, editor):
    template = PaperTemplate.objects.get(kind=PaperKind.AGREEMENT, state="active", audience="")
    retire_templates(actor=editor, pks=[template.pk], reason="Nouveau modèle")
    ((_row, why),) = services.make_agreements(actor=teacher, pks=[agreed.pk]).refused
    assert "modèle" in why


def test_a_letter_that_no_font_has_refuses_one_paper_and_not_the_class(host, school, teacher, agreed):
    odd = make.placement(
        company=host, school=school, state=PlacementState.SCHOOL_AGREED, supervision="Suivi \U0001f984"
    )
    outcome = services.make_agreements(actor=teacher, pks=[agreed.pk, odd.pk])
    assert [paper.placement for paper in outcome.changed] == [agreed]
    assert [row for row, _why in outcome.refused] == [odd]
    assert outcome.changed[0].number.endswith("000001")


def test_a_class_is_made_in_as_many_queries_as_two_and_drawn_in_one_pdf(host, school, teacher, agreed):
    def make_class(number):
        pks = [
            make.placement(company=make.company(), school=school, state=PlacementState.SCHOOL_AGREED).pk
            for _each in range(number)
        ]
        with CaptureQueriesContext(connection) as caught:
            outcome = services.make_agreements(actor=teacher, pks=pks)
        assert len(outcome.changed) == number, outcome.refused
        return pks, len(caught)

    _few, queries = make_class(2)
    many, same = make_class(12)
    assert same == queries
    numbers = list(PlacementPaper.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, 15))
    one = number_of_pages(services.draw_class(actor=teacher, pks=many[:1]))
    assert number_of_pages(services.draw_class(actor=teacher, pks=many)) == 12 * one
    assert services.draw_class(actor=make.school_user(), pks=many) is None
    assert AccessEvent.objects.filter(subject=PlacementPaper._meta.label_lower).count() == 13


def test_who_has_no_part_makes_no_paper_and_opens_none(host, recruiter, school, teacher, agreed):
    with pytest.raises(PermissionDenied):
        services.make_agreements(actor=recruiter, pks=[agreed.pk])
    stranger = make.school_user()
    assert not services.make_agreements(actor=stranger, pks=[agreed.pk]).changed
    paper = agreement(teacher, agreed)
    for person in (stranger, make.company_user(), make.student().user):
        with pytest.raises(PlacementPaper.DoesNotExist):
            services.open_paper(actor=person, pk=paper.pk)
    for person in (teacher, recruiter, agreed.student.user):
        opened, pdf = services.open_paper(actor=person, pk=paper.pk)
        assert opened == paper and pdf.startswith(b"%PDF")


# Certificates


def test_a_certificate_tells_the_effective_duration_and_the_stipend_paid(host, school, teacher, recruiter):
    row = over(host, school, teacher, stipend_hourly=Decimal("4.50"), stipend_payment="Chaque mois")
    hours = row.hours
    paper = services.make_certificate(
        actor=recruiter, placement=row, absence_hours=Decimal("7.5"), stipend_paid=Decimal("596.25")
    )
    assert paper.number.startswith("AT-")
    told = {
        name: str(value).replace("\u00a0", " ").replace("\u202f", " ") for name, value in paper.values.items()
    }
    assert told["effective_hours"] == f"{int(hours - 8)} h 30"
    assert told["absences"] == "7 h 30" and told["stipend_paid"] == "596,25 €"
    assert told["agreement_number"].startswith("C-")
    row.refresh_from_db()
    assert (row.absence_hours, row.stipend_paid) == (Decimal("7.50"), Decimal("596.25"))
    assert services.draw_paper(paper).startswith(b"%PDF")
    with pytest.raises(ValidationError, match=paper.number):
        services.make_certificate(actor=recruiter, placement=row)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"absence_hours": Decimal(-1)}, "absence_hours"),
        ({"absence_hours": Decimal(1000)}, "absence_hours"),
        ({"stipend_paid": Decimal(-1)}, "stipend_paid"),
    ],
)
def test_figures_that_cannot_be_are_refused_at_their_box(given, field, host, school, teacher):
    row = over(host, school, teacher)
    with pytest.raises(ValidationError) as refusal:
        services.make_certificate(actor=teacher, placement=row, **given)
    assert set(refusal.value.message_dict) == {field}
    assert not PlacementPaper.objects.filter(kind=PaperKind.CERTIFICATE).exists()


def test_a_certificate_waits_for_the_end_and_another_follows_a_void_one(host, school, teacher):
    with pytest.raises(ValidationError):
        services.make_certificate(actor=teacher, placement=signed(host, school, teacher))
    row = over(host, school, teacher)
    assert list(Placement.objects.without_certificate()) == [row]
    first = services.make_certificate(actor=teacher, placement=row)
    assert not Placement.objects.without_certificate().exists()
    services.void_papers(actor=teacher, pks=[first.pk], reason="Absences oubliées")
    assert list(Placement.objects.without_certificate()) == [row]
    second = services.make_certificate(actor=teacher, placement=row, absence_hours=Decimal(7))
    assert second.number != first.number


# Void, signed, verified


def test_a_signed_agreement_is_not_void_on_the_side(host, school, teacher, agreed, recruiter):
    paper = agreement(teacher, agreed)
    with pytest.raises(PermissionDenied):
        services.void_papers(actor=recruiter, pks=[paper.pk], reason="Non")
    assert services.void_papers(actor=teacher, pks=[paper.pk], reason="Erreur").changed
    row = signed(host, school, teacher)
    kept = row.papers.get()
    ((_row, why),) = services.void_papers(actor=teacher, pks=[kept.pk], reason="Erreur").refused
    assert "avenant" in why
    assert remove_rows(actor=teacher, model=PlacementPaper, pks=[kept.pk]).refused


def test_a_signed_copy_is_kept_with_its_paper_and_opened_by_the_parties(
    host, school, teacher, agreed, recruiter
):
    paper = agreement(teacher, agreed)

    def attach(actor=teacher, content=None, signed_on=None):
        return services.attach_signed_scan(
            actor=actor,
            paper=paper,
            upload=SimpleUploadedFile("convention.pdf", content or a_pdf()),
            name="convention.pdf",
            signed_on=signed_on or today(),
        )

    with pytest.raises(ValidationError) as refusal:
        attach(signed_on=today() + DAY)
    assert set(refusal.value.message_dict) == {"signed_on"}
    with pytest.raises(ValidationError) as refusal:
        attach(content=b"pas un PDF")
    assert set(refusal.value.message_dict) == {"file"}
    for person in (make.school_user(), agreed.student.user):
        with pytest.raises(PermissionDenied):
            attach(actor=person)
    row = attach()
    assert (row.state, row.signed_on, len(row.sha256)) == (PaperState.SIGNED, today(), 64)
    assert row.filed_by == teacher
    token = services.sign_scan(actor=agreed.student.user, pk=paper.pk)
    assert services.open_scan(actor=agreed.student.user, token=token).pk == paper.pk
    with pytest.raises(ValidationError):
        services.open_scan(actor=teacher, token=token)
    with pytest.raises(PlacementPaper.DoesNotExist):
        services.sign_scan(actor=make.company_user(), pk=paper.pk)
    assert state(agreed) == PlacementState.SCHOOL_AGREED, "the copy alone is no signature"


def filed(who, paper):
    """Has this person file a signed copy of a paper."""
    return services.attach_signed_scan(
        actor=who,
        paper=paper,
        upload=SimpleUploadedFile("convention.pdf", a_pdf()),
        name="convention.pdf",
        signed_on=today(),
    )


def test_a_host_does_not_replace_what_the_school_filed(teacher, agreed, recruiter, told_of_papers):
    """The school replaces either side's copy; no file that was signed is removed, and the others are told."""
    paper = agreement(teacher, agreed)
    first = filed(recruiter, paper)
    assert filed(recruiter, paper).file.name != first.file.name, "its own"
    second = filed(teacher, paper)
    with pytest.raises(ValidationError, match="L’établissement a versé"):
        filed(recruiter, paper)
    kept = PlacementPaper.objects.get()
    assert (kept.file.name, kept.filed_by) == (second.file.name, teacher)
    subject, body = told_of_papers(recruiter)[-1]
    assert "remplacée" in subject and str(teacher) in body
    assert all(kept.file.storage.exists(name) for name in (first.file.name, second.file.name))
    assert first.file.name in kept.history.values_list("file", flat=True)


def test_no_copy_is_replaced_once_the_internship_is_over(host, school, teacher):
    row = over(host, school, teacher)
    paper = row.papers.get()
    filed(teacher, paper)
    with pytest.raises(ValidationError, match="terminé"):
        filed(teacher, paper)
    certificate = services.make_certificate(actor=teacher, placement=row)
    assert filed(teacher, certificate) and filed(teacher, certificate), "made after the end, like its copies"


def test_nothing_is_signed_before_it_was_made(host, school, teacher, agreed):
    paper = agreement(teacher, agreed)
    outcome = services.sign_placements(actor=teacher, pks=[agreed.pk], signed_on=today() - DAY)
    ((_row, why),) = outcome.refused
    assert "n’a pas été signée avant" in why and state(agreed) == PlacementState.SCHOOL_AGREED
    with pytest.raises(ValidationError) as error:
        services.attach_signed_scan(
            actor=teacher,
            paper=paper,
            upload=SimpleUploadedFile("copie.pdf", a_pdf()),
            name="copie.pdf",
            signed_on=today() - DAY,
        )
    assert list(error.value.message_dict) == ["signed_on"]
    assert services.sign_placements(actor=teacher, pks=[agreed.pk]).changed


def test_a_void_paper_takes_no_signed_copy(host, school, teacher, agreed):
    paper = agreement(teacher, agreed)
    services.void_papers(actor=teacher, pks=[paper.pk], reason="Erreur")
    with pytest.raises(ValidationError):
        services.attach_signed_scan(
            actor=teacher,
            paper=paper,
            upload=SimpleUploadedFile("convention.pdf", a_pdf()),
            name="convention.pdf",
            signed_on=today(),
        )
    paper.refresh_from_db()
    assert not paper.has_file


def test_a_code_certifies_what_is_printed_and_says_when_it_is_void(host, school, teacher, agreed):
    user = agreed.student.user
    paper = agreement(teacher, agreed)
    found = certified(written_code(paper.code).lower())
    told = [value for _what, value in found.lines]
    assert paper.number in told and host.name in told and not found.warning
    assert user.last_name not in " ".join(told) and user.first_name in " ".join(told)
    services.void_papers(actor=teacher, pks=[paper.pk], reason="Erreur")
    assert "annulé" in certified(paper.code).warning
    assert certified("ABCD") is None


# The week in words


def test_a_code_tells_that_an_internship_was_broken_off(host, school, teacher):
    row = signed(host, school, teacher, start_on=today() - DAY)
    paper = row.papers.get()
    assert certified(paper.code).warning == ""
    services.start_and_complete()
    services.interrupt_placements(
        actor=teacher, pks=[row.pk], ended_on=today(), ended_by=EndedBy.HOST, reason="Fermeture"
    )
    found = certified(paper.code)
    assert found.warning == "", "it counts until the day it was broken off"
    assert f"interrompu le {today():%d/%m/%Y}" in found.note


def test_what_nobody_signed_is_not_called_genuine(client, host, school, teacher, agreed):
    """The page says of an agreement whether all parties signed, and whether the host said so itself."""
    paper = agreement(teacher, agreed)
    page = client.get(f"/verifier/{paper.code}/").content.decode()
    assert "Document authentique" not in page and "Pas encore signé par toutes les parties" in page
    row = signed(host, school, teacher)
    told = certified(row.papers.get().code)
    assert told.note == told.warning == ""
    assert f"par toutes les parties, le {row.signed_on:%d/%m/%Y}" in dict(told.lines)["Signature"]
    page = client.get(f"/verifier/{row.papers.get().code}/").content.decode()
    assert "Document authentique" in page
    models.QuerySet(Placement).filter(pk=row.pk).update(host_agreed_by=teacher)
    assert "noté par l’établissement" in certified(row.papers.get().code).note
    models.QuerySet(Placement).filter(pk=row.pk).update(state=PlacementState.CANCELLED)
    assert "annulé" in certified(row.papers.get().code).warning


def test_the_week_is_a_table_and_what_is_unusual_is_said():
    week = WeekSchedule.read({"0": [["08:00", "12:00"]], "6": [["20:00", "23:00"]]})
    table = schedule_table(week)
    assert len(table) == 3 and table[1][0] == "Lundi"
    assert "nuit" in unusual_hours(week) and "dimanche" in unusual_hours(week)
    assert schedule_table(WeekSchedule()) == [] and unusual_hours(WeekSchedule()) == ""
    assert unusual_hours(WeekSchedule.even(35)) == ""
