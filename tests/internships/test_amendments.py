"""Amendments: proposed by the school, agreed to by the host, in force once all parties signed."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, models, transaction

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.services import remove_rows, save_row
from pratik.internships import services
from pratik.internships.enums import EndedBy, PaperState, PlacementState
from pratik.internships.models import HostTutor, Placement, PlacementPaper, RuleOverride
from pratik.law.enums import RuleCode
from pratik.papers.enums import PaperKind
from pratik.papers.reports import certified
from tests import factories as make
from tests.documents import pdf as a_pdf
from tests.internships.conftest import signed, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("papers")]

DAY = datetime.timedelta(days=1)


@pytest.fixture
def row(host, recruiter, school, teacher):
    """A signed placement at a host that has an account."""
    return signed(host, school, teacher)


def proposed(teacher, row, reason="Les parties en sont convenues", **given):
    return services.make_amendment(actor=teacher, placement=row, reason=reason, **{"changes": {}} | given)


def agreed(recruiter, paper):
    outcome = services.agree_to_amendments(actor=recruiter, pks=[paper.pk])
    assert outcome.changed, outcome.refused
    return paper


def amended(teacher, recruiter, row, **given):
    """An amendment from its proposal to its signature."""
    paper = agreed(recruiter, proposed(teacher, row, **given))
    return services.sign_amendment(actor=teacher, paper=paper, signed_on=today())


def as_kept(row):
    """All that is kept of a placement, its days off and the rules that are set aside."""
    return (
        Placement.objects.filter(pk=row.pk).values().get(),
        list(row.breaks.order_by("pk").values()),
        list(RuleOverride.objects.values()),
    )


def test_nothing_changes_before_all_parties_signed(teacher, recruiter, row):
    before, later = as_kept(row), row.end_on + 7 * DAY
    paper = proposed(teacher, row, changes={"end_on": later, "post": "Monteur"}, reason="Prolongation")
    assert (paper.state, paper.amends.kind) == (PaperState.MADE, PaperKind.AGREEMENT)
    assert paper.number.startswith("AV-") and paper.values["change_reason"] == "Prolongation"
    told = {label: (was, will) for label, was, will in paper.changes}
    assert ("140 h", "175 h") in {
        tuple(text.replace("\u00a0", " ") for text in pair) for pair in told.values()
    }
    assert services.draw_paper(paper).startswith(b"%PDF")
    assert as_kept(row) == before
    agreed(recruiter, paper)
    paper.refresh_from_db()
    assert (paper.state, paper.agreed_by) == (PaperState.AGREED, recruiter)
    assert as_kept(row) == before
    services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    row.refresh_from_db()
    assert (row.end_on, row.post, row.hours, row.state) == (later, "Monteur", Decimal(175), "signed")
    paper.refresh_from_db()
    assert (paper.state, paper.signed_on) == (PaperState.SIGNED, today())


def test_every_field_comes_back_as_it_was_typed(teacher, recruiter, host, school, row):
    """What waits is kept as text, and is written as what it was."""
    changes = {
        "tutor": make.host_tutor(company=host),
        "teacher": make.referent_teacher(school=school),
        "start_on": row.start_on + DAY,
        "end_on": row.end_on + DAY,
        "stipend_hourly": Decimal("4.50"),
        "stipend_payment": "Chaque mois",
        "remote_share": 20,
        "skills": ["Souder", "Lire un plan"],
        "schedule": {"0": [["08:00", "12:00"]], "2": [["08:00", "12:00"]]},
        "activities": "Souder",
    }
    amended(teacher, recruiter, row, changes=changes)
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in changes} == changes
    assert row.hours and row.stipend_total == row.hours * Decimal("4.50")


def test_a_copy_may_be_filed_with_the_signature(teacher, recruiter, row):
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    file = SimpleUploadedFile("avenant.pdf", a_pdf())
    with pytest.raises(ValidationError, match="pas encore signé"):
        services.attach_signed_scan(
            actor=recruiter, paper=paper, upload=file, name=file.name, signed_on=today()
        )
    agreed(recruiter, paper)
    with pytest.raises(ValidationError) as refusal:
        services.sign_amendment(
            actor=teacher,
            paper=paper,
            signed_on=today(),
            upload=SimpleUploadedFile("avenant.pdf", b"pas un PDF"),
            name="avenant.pdf",
        )
    assert set(refusal.value.message_dict) == {"file"}
    assert state(paper) == PaperState.AGREED
    file.seek(0)
    kept = services.sign_amendment(actor=teacher, paper=paper, signed_on=today(), upload=file, name=file.name)
    assert (kept.has_file, kept.filed_by, kept.state) == (True, teacher, PaperState.SIGNED)


@pytest.mark.parametrize("days", [-1, 1])
def test_it_is_signed_on_a_day_that_has_come_and_not_before_it_was_made(days, teacher, recruiter, row):
    paper = agreed(recruiter, proposed(teacher, row, changes={"post": "Monteur"}))
    with pytest.raises(ValidationError) as refusal:
        services.sign_amendment(actor=teacher, paper=paper, signed_on=today() + days * DAY)
    assert set(refusal.value.message_dict) == {"signed_on"}
    assert state(paper) == PaperState.AGREED and Placement.objects.get().post == row.post


def test_nobody_signs_what_the_host_has_not_agreed_to(teacher, recruiter, row):
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    with pytest.raises(ValidationError):
        services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    with pytest.raises(PermissionDenied):
        services.sign_amendment(actor=recruiter, paper=agreed(recruiter, paper), signed_on=today())
    with pytest.raises(PermissionDenied):
        services.sign_amendment(actor=make.school_user(), paper=paper, signed_on=today())
    services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    with pytest.raises(ValidationError):
        services.sign_amendment(actor=teacher, paper=paper, signed_on=today())


def test_each_party_answers_for_itself(teacher, recruiter, row):
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    with pytest.raises(PermissionDenied):
        services.agree_to_amendments(actor=teacher, pks=[paper.pk])
    assert not services.agree_to_amendments(actor=make.company_user(), pks=[paper.pk]).changed
    outcome = services.record_amendment_agreement(actor=teacher, pks=[paper.pk], reason="Par téléphone")
    assert "compte" in outcome.refused[0][1] and state(paper) == PaperState.MADE
    agreement = row.papers.get(kind=PaperKind.AGREEMENT)
    assert services.agree_to_amendments(actor=recruiter, pks=[agreement.pk]).refused


def test_a_school_notes_the_agreement_of_a_host_without_an_account(school, teacher):
    row = signed(make.company(), school, teacher)
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    with pytest.raises(ValidationError):
        services.record_amendment_agreement(actor=teacher, pks=[paper.pk], reason=" ")
    assert services.record_amendment_agreement(
        actor=teacher, pks=[paper.pk], reason="M. Robert, par téléphone"
    ).changed
    services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    assert "noté par l’établissement" in certified(paper.code).note


def test_one_that_is_not_signed_is_refused_or_cancelled(teacher, recruiter, row):
    before = as_kept(row)
    refused = proposed(teacher, row, changes={"post": "Monteur"})
    with pytest.raises(ValidationError):
        services.decline_amendments(actor=recruiter, pks=[refused.pk], reason="")
    assert services.decline_amendments(actor=recruiter, pks=[refused.pk], reason="Pas de poste").changed
    cancelled = agreed(recruiter, proposed(teacher, row, changes={"post": "Monteur"}))
    assert services.void_papers(actor=teacher, pks=[cancelled.pk], reason="Erreur").changed
    for paper in (refused, cancelled):
        assert state(paper) == PaperState.VOID
        with pytest.raises(ValidationError):
            services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    assert as_kept(row) == before
    kept = amended(teacher, recruiter, row, changes={"post": "Monteur"})
    ((_paper, why),) = services.void_papers(actor=teacher, pks=[kept.pk], reason="Erreur").refused
    assert "suit cet avenant" in why


def test_one_waits_at_a_time(teacher, recruiter, row):
    first = proposed(teacher, row, changes={"post": "Monteur"})
    with pytest.raises(ValidationError, match=first.number):
        proposed(teacher, row, changes={"post": "Soudeur"})
    with pytest.raises(IntegrityError), transaction.atomic():
        make.placement_paper(placement=row, kind=PaperKind.AMENDMENT, amends=row.papers.first())
    services.sign_amendment(actor=teacher, paper=agreed(recruiter, first), signed_on=today())
    second = proposed(teacher, row, changes={"post": "Soudeur"})
    assert ["Monteur", "Soudeur"] in [change[1:] for change in second.changes]


def test_it_obeys_the_rules_and_changes_something(host, school, teacher, recruiter, row):
    before = as_kept(row)
    for changes, reason in (
        ({}, "Rien"),
        ({"post": row.post}, "Rien"),
        ({"end_on": row.end_on + 60 * DAY}, "Trop long sans gratification"),
        ({"end_on": row.start_on - DAY}, "À l’envers"),
        ({"tutor": make.host_tutor()}, "Tuteur d’ailleurs"),
        ({"post": "Monteur"}, "  "),
    ):
        with pytest.raises(ValidationError):
            proposed(teacher, row, changes=changes, reason=reason)
    assert as_kept(row) == before
    assert not PlacementPaper.objects.filter(kind=PaperKind.AMENDMENT).exists()
    with pytest.raises(ValueError, match="student"):
        proposed(teacher, row, changes={"student": make.student()})
    with pytest.raises(PermissionDenied):
        proposed(recruiter, row, changes={"post": "x"})
    early = make.placement(company=host, school=school, state=PlacementState.SCHOOL_AGREED)
    with pytest.raises(ValidationError):
        proposed(teacher, early, changes={"post": "x"})


def test_what_ended_meanwhile_is_amended_no_more(host, recruiter, school, teacher):
    row = signed(host, school, teacher, start_on=today() - 10 * DAY)
    services.start_and_complete()
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    services.interrupt_placements(
        actor=teacher, pks=[row.pk], ended_on=today(), ended_by=EndedBy.HOST, reason="Fermeture"
    )
    ((_paper, why),) = services.agree_to_amendments(actor=recruiter, pks=[paper.pk]).refused
    assert "jusqu’à la fin du stage" in why
    models.QuerySet(PlacementPaper).filter(pk=paper.pk).update(state=PaperState.AGREED)
    with pytest.raises(ValidationError, match="jusqu’à la fin du stage"):
        services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    assert services.void_papers(actor=teacher, pks=[paper.pk], reason="Stage fini").changed


def test_one_that_is_called_off_takes_its_amendment_along(teacher, recruiter, row):
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    assert services.cancel_placements(actor=teacher, pks=[row.pk], reason="Désistement").changed
    assert state(paper) == PaperState.VOID


def test_the_first_day_of_what_has_begun_stays(host, recruiter, school, teacher):
    row = signed(host, school, teacher, start_on=today() - 10 * DAY)
    services.start_and_complete()
    with pytest.raises(ValidationError) as refusal:
        proposed(teacher, row, changes={"start_on": row.start_on + DAY})
    assert set(refusal.value.message_dict) == {"start_on"}


def test_whom_it_names_may_be_gone_by_then(teacher, recruiter, host, row):
    tutor = make.host_tutor(company=host)
    paper = agreed(recruiter, proposed(teacher, row, changes={"tutor": tutor}))
    assert remove_rows(actor=recruiter, model=HostTutor, pks=[tutor.pk]).changed
    with pytest.raises(ValidationError, match="n’est plus là"):
        services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    assert state(paper) == PaperState.AGREED


def test_nobody_signs_for_an_intern_whose_account_is_closed(teacher, recruiter, row):
    paper = agreed(recruiter, proposed(teacher, row, changes={"post": "Monteur"}))
    models.QuerySet(User).filter(pk=row.student.user_id).update(is_active=False)
    with pytest.raises(ValidationError, match="compte de cette personne est fermé"):
        services.sign_amendment(actor=teacher, paper=paper, signed_on=today())


# The law


@pytest.fixture
def busy(host, row):
    """A tutor of the host who has three interns on the days of the placement."""
    host.headcount = 200
    save_row(actor=make.user(Role.ADMINISTRATOR), row=host)
    tutor = make.host_tutor(company=host)
    for _each in range(3):
        make.placement(
            company=host, tutor=tutor, state=PlacementState.SIGNED, start_on=row.start_on, end_on=row.end_on
        )
    return tutor


def test_what_the_law_forbids_is_set_aside_with_a_reason(teacher, recruiter, busy, row):
    """The tutor leaves, the only other one has three interns already: the school decides, and says why. It
    counts for the placement from the signature on.
    """
    with pytest.raises(services.Unlawful) as error:
        proposed(teacher, row, changes={"tutor": busy})
    assert [found.code for found in error.value.findings] == [RuleCode.TUTOR]
    with pytest.raises(ValidationError, match="motif"):
        proposed(teacher, row, changes={"tutor": busy}, overrides={RuleCode.TUTOR: " "})
    # A reason for what does not stand in the way is kept for nothing.
    aside = {RuleCode.TUTOR: "Aucun autre tuteur", RuleCode.DURATION: "Sans objet, cela va"}
    paper = proposed(teacher, row, changes={"tutor": busy}, overrides=aside)
    assert not RuleOverride.objects.exists()
    findings, aside_before = services.law_of_amendment(actor=recruiter, paper=paper)
    assert not aside_before and RuleCode.TUTOR in [found.code for found in findings if found.blocks]
    other = make.school_user(row.school)
    services.sign_amendment(actor=other, paper=agreed(recruiter, paper), signed_on=today())
    override = RuleOverride.objects.get()
    assert (override.rule, override.reason, override.made_by) == ("tutor", "Aucun autre tuteur", teacher)
    assert "4 stagiaires" in override.finding
    row.refresh_from_db()
    assert row.tutor == busy


def test_what_was_set_aside_before_stands_where_nothing_touches_it(teacher, recruiter, row):
    """Where the post changes, an earlier decision is asked again; where the workplace does, it is not."""
    make.saved(
        RuleOverride(
            placement=row, rule=str(RuleCode.DURATION), finding="Trop long", reason="Accord", made_by=teacher
        )
    )
    kept = proposed(teacher, row, changes={"workplace": "Macouria"})
    assert set(services.law_of_amendment(actor=recruiter, paper=kept)[1]) == {str(RuleCode.DURATION)}
    services.void_papers(actor=teacher, pks=[kept.pk], reason="Erreur")
    asked = proposed(teacher, row, changes={"post": "Monteur"})
    assert services.law_of_amendment(actor=recruiter, paper=asked)[1] == {}
    assert RuleOverride.objects.standing().count() == 1, "it was only looked at"


def test_the_law_is_asked_again_when_it_is_signed(teacher, recruiter, host, row):
    """Between proposal and signature the tutor took three others."""
    tutor = make.host_tutor(company=host)
    host.headcount = 200
    save_row(actor=make.user(Role.ADMINISTRATOR), row=host)
    paper = agreed(recruiter, proposed(teacher, row, changes={"tutor": tutor}))
    for _each in range(3):
        make.placement(
            company=host, tutor=tutor, state=PlacementState.SIGNED, start_on=row.start_on, end_on=row.end_on
        )
    before = as_kept(row)
    with pytest.raises(services.Unlawful):
        services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    assert as_kept(row) == before and state(paper) == PaperState.AGREED
    services.sign_amendment(
        actor=teacher, paper=paper, signed_on=today(), overrides={RuleCode.TUTOR: "Aucun autre tuteur"}
    )
    assert RuleOverride.objects.get().made_by == teacher


# Days off


def test_days_off_change_with_the_signature(teacher, recruiter, row):
    first = row.start_on + (7 - row.start_on.weekday()) * DAY
    paper = agreed(recruiter, proposed(teacher, row, breaks=[(first, first + 4 * DAY, "Congés")]))
    assert not row.breaks.exists() and Placement.objects.get().hours == row.hours
    services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    row.refresh_from_db()
    assert row.hours == Decimal(105) and row.breaks.get().from_on == first


def test_one_that_shortens_takes_its_days_off_along(teacher, recruiter, row):
    first = row.start_on + (14 - row.start_on.weekday()) * DAY
    off = [(first, first + 1 * DAY, "Congés"), (first + 4 * DAY, first + 4 * DAY, "Pont")]
    amended(teacher, recruiter, row, breaks=off)
    paper = amended(teacher, recruiter, row, changes={"end_on": first})
    row.refresh_from_db()
    assert [(each.from_on, each.until_on) for each in row.breaks.all()] == [(first, first)]
    assert row.end_on == first and paper.changes


# What is said of it


def test_codes_tell_how_far_it_is(client, teacher, recruiter, row):
    agreement = row.papers.get()
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    assert "proposé" in certified(paper.code).note and certified(agreement.code).note == ""
    assert "authentique" not in client.get(f"/verifier/{paper.code}/").content.decode()
    agreed(recruiter, paper)
    assert "pas encore signé" in certified(paper.code).note and certified(agreement.code).note == ""
    services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    found = certified(paper.code)
    assert found.note == found.warning == ""
    assert dict(found.lines)["Signature"] == f"par toutes les parties, le {today():%d/%m/%Y}"
    assert f"Modifié par l’avenant {paper.number}" in certified(agreement.code).note


def test_each_party_hears_what_is_asked_of_it(teacher, recruiter, row, told_of_papers):
    colleague, student = make.school_user(row.school), row.student.user
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    assert "Avenant à accepter" in told_of_papers(recruiter)[-1][0]
    assert "Rien ne change avant la signature" in told_of_papers(recruiter)[-1][1]
    for person in (student, colleague):
        assert "Avenant proposé" in told_of_papers(person)[-1][0]
    agreed(recruiter, paper)
    assert "Avenant à faire signer" in told_of_papers(teacher)[-1][0]
    assert "Avenant à signer" in told_of_papers(student)[-1][0]
    services.sign_amendment(actor=teacher, paper=paper, signed_on=today())
    for person in (recruiter, student, colleague):
        assert "Avenant signé" in told_of_papers(person)[-1][0]


def test_what_was_taken_back_at_once_is_asked_of_nobody(teacher, recruiter, row, told_of_papers):
    told_of_papers(recruiter)
    paper = proposed(teacher, row, changes={"post": "Monteur"})
    services.void_papers(actor=teacher, pks=[paper.pk], reason="Erreur de saisie")
    subjects = [subject for subject, _body in told_of_papers(recruiter)]
    assert not [subject for subject in subjects if "à accepter" in subject]
    assert "Avenant annulé" in subjects[-1]
