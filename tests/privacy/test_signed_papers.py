"""Signed agreements prove what was agreed: no erasure touches them before five years are over."""

import datetime

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import CAYENNE, months_after
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import update_rows
from pratik.internships.models import PlacementPaper
from pratik.internships.reports import papers as paper_reports
from pratik.internships.services import draw_paper, open_paper, open_scan, sign_scan
from pratik.privacy import reports
from pratik.privacy.services import apply_retention, complete_requests, erase_account, exception_for
from tests import factories as make
from tests.kit.queue import run_queue
from tests.privacy.conftest import places_of, set_past

pytestmark = pytest.mark.django_db

SCAN = b"copie signee de Camille Sinnamary"
LAST_DAY = datetime.date(2024, 6, 14)
UNSIGNED = ("drafted", "host_agreed", "school_agreed", "cancelled")


class Parties:
    """An internship with the accounts of all who have a part in it, and its three papers."""

    def __init__(self, **fields):
        self.student = make.user(Role.STUDENT, first_name="Camille", last_name="Sinnamary")
        self.company, self.school = make.company(), make.school()
        self.tutor = make.company_user(self.company, first_name="Rosalie", last_name="Kouyouli")
        self.host = make.company_user(self.company, first_name="Josette", last_name="Regina")
        self.teacher = make.school_user(self.school, first_name="Marius", last_name="Cacao")
        self.head = make.school_user(self.school, first_name="Aimée", last_name="Tonate")
        enrolment = make.enrolment(student=make.student(user=self.student), school=self.school)
        self.placement = make.placement(
            company=self.company,
            enrolment=enrolment,
            tutor=self._looking_after(make.host_tutor, self.tutor, company=self.company),
            teacher=self._looking_after(make.referent_teacher, self.teacher, school=self.school),
            **fields,
        )
        values = {
            "student_name": "Camille Sinnamary",
            "student_email": self.student.email,
            "host_name": self.company.name,
            "host_representative": "Josette Regina",
            "school_representative": "Aimée Tonate",
            "tutor_name": "Rosalie Kouyouli",
            "tutor_email": self.tutor.email,
            "tutor_phone": "0694 00 11 22",
            "teacher_name": "Marius Cacao",
        }
        self.agreement = self._paper(values=values)
        self.amendment = self._paper(
            values=values,
            kind="amendment",
            amends=self.agreement,
            **({} if fields.get("state") in UNSIGNED else {"state": "signed", "signed_on": LAST_DAY}),
            changes=[
                ["Tuteur", "Josette Regina", "Rosalie Kouyouli"],
                ["Stagiaire", "–", "Camille Sinnamary"],
            ],
            void_reason="Dit par Marius Cacao et Aimée Tonate",
        )
        self.certificate = self._paper(values=values, kind="certificate")

    @staticmethod
    def _looking_after(made, account, **of):
        named = {"first_name": account.first_name, "last_name": account.last_name, "email": account.email}
        return made(user=account, phone="+594694001122", **named, **of)

    def _paper(self, **fields):
        paper = make.placement_paper(placement=self.placement, file_name="Camille Sinnamary.pdf", **fields)
        paper.file.save("signee.pdf", ContentFile(SCAN), save=False)
        with operation(kind=OperationKind.EDIT, actor=self.head, reason="Relu avec Camille Sinnamary"):
            update_rows([paper], ["file"])
        return paper

    @property
    def papers(self):
        return [self.agreement, self.amendment]


def as_it_is(paper):
    """All that is kept of a paper: its columns, its history, its signed copy, and the PDF that is drawn."""
    run_queue()
    row = PlacementPaper.objects.filter(pk=paper.pk)
    fresh = row.get()
    with fresh.file.open() as file:
        scan = file.read()
    history = list(models.QuerySet(PlacementPaper.history.model).filter(id=paper.pk).values())
    return row.values().get(), history, scan, draw_paper(fresh)


def is_gone(paper):
    """Whether nothing of a paper is left but its number, its history and its files included."""
    run_queue()
    fresh = PlacementPaper.objects.get(pk=paper.pk)
    kept = (fresh.values, fresh.changes, fresh.void_reason, fresh.file.name, fresh.file_name, fresh.sha256)
    lines = set(
        paper.history.values_list("void_reason", "file", "file_name", "sha256", "history_change_reason")
    )
    return (
        kept == ({}, [], "", "", "", "")
        and lines == {("", "", "", "", "")}
        and not paper.file.storage.exists(paper.file.name)
        and fresh.number == paper.number
    )


@pytest.mark.parametrize("state", ["signed", "running", "completed", "interrupted"])
def test_a_signed_agreement_stays_byte_for_byte_whoever_is_erased(administrator, state):
    parties = Parties(state=state)
    before = [as_it_is(paper) for paper in parties.papers]
    for account in (parties.student, parties.tutor, parties.teacher, parties.host, parties.head):
        erase_account(actor=administrator, user=account)
        assert [as_it_is(paper) for paper in parties.papers] == before, account
    assert before[0][2] == SCAN and before[0][3].startswith(b"%PDF")


def test_everything_else_about_the_internship_goes(administrator):
    """Names stand on the signed papers alone: neither on the placement nor on the certificate."""
    parties = Parties(state="completed", supervision="Chaque lundi avec Rosalie Kouyouli")
    papers = {f"{table}.{column}" for table, column in PAPER_COLUMNS}
    for account, name in ((parties.tutor, "Rosalie Kouyouli"), (parties.student, "Camille Sinnamary")):
        erase_account(actor=administrator, user=account)
        run_queue()
        assert set(places_of(name)) <= papers, name
        assert PlacementPaper.objects.filter(values__icontains=name).count() == 2
    assert is_gone(parties.certificate)


PAPER_COLUMNS = [
    ("internships_placementpaper", column) for column in ("values", "changes", "void_reason", "file_name")
] + [
    ("internships_historicalplacementpaper", column)
    for column in ("changes", "void_reason", "file_name", "history_change_reason")
]


def test_a_certificate_goes_with_its_student_and_forgets_the_others(administrator):
    parties = Parties(state="completed")
    erase_account(actor=administrator, user=parties.tutor)
    parties.certificate.refresh_from_db()
    assert parties.certificate.values["tutor_name"] == f"Compte effacé n°\u00a0{parties.tutor.pk}"
    assert parties.certificate.values["student_name"] == "Camille Sinnamary"
    erase_account(actor=administrator, user=parties.student)
    assert is_gone(parties.certificate)


def test_copies_that_were_replaced_go_with_the_others(administrator):
    parties = Parties(state="completed")
    paper = parties.certificate
    before = paper.file.name
    paper.file.save("autre.pdf", ContentFile(SCAN), save=False)
    with operation(kind=OperationKind.EDIT, actor=parties.head):
        update_rows([paper], ["file"])
    storage = paper.file.storage
    assert storage.exists(before) and paper.file.name != before
    erase_account(actor=administrator, user=parties.student)
    run_queue()
    assert not storage.exists(before) and not storage.exists(paper.file.name)


@pytest.mark.parametrize("state", UNSIGNED)
def test_what_was_never_signed_goes(administrator, state):
    parties = Parties(state=state)
    erase_account(actor=administrator, user=parties.student)
    assert is_gone(parties.agreement) and is_gone(parties.amendment)


def test_an_amendment_that_nobody_signed_goes_though_its_agreement_stays(administrator):
    parties = Parties(state="running")
    set_past(parties.amendment, state="made", signed_on=None)
    erase_account(actor=administrator, user=parties.student)
    assert is_gone(parties.amendment) and not is_gone(parties.agreement)


def test_a_signature_is_enough_wherever_it_is_noted(administrator):
    """The copy came back signed before anybody noted it on the internship; the internship was called off."""
    noted, called_off = Parties(state="school_agreed"), Parties(state="signed")
    set_past(noted.agreement, signed_on=datetime.date(2026, 1, 8), state="signed")
    set_past(called_off.placement, state="cancelled")
    for parties in (noted, called_off):
        erase_account(actor=administrator, user=parties.student)
        parties.agreement.refresh_from_db()
        assert parties.agreement.values["student_name"] == "Camille Sinnamary"
    assert is_gone(noted.amendment), "nobody had signed this one"


# Until when


@pytest.mark.parametrize("state", ["completed", "interrupted"])
def test_signed_papers_go_when_five_years_are_over(administrator, monkeypatch, state):
    """An erasure meanwhile changes nothing to the day: it counts from the last day of the internship."""
    parties = Parties(state=state)
    last = {"ended_on": LAST_DAY} if state == "interrupted" else {"end_on": LAST_DAY}
    first = LAST_DAY - datetime.timedelta(days=20)
    set_past(parties.placement, **{"start_on": first, "end_on": LAST_DAY + datetime.timedelta(days=9)} | last)
    erase_account(actor=administrator, user=parties.student)
    erase_account(actor=administrator, user=parties.tutor)
    before = [as_it_is(paper) for paper in parties.papers]
    line, rule = reports.rule_named("old_agreements")

    def run_on(day):
        moment = datetime.datetime.combine(day, datetime.time(23, 59), tzinfo=CAYENNE)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        assert reports.overdue(line, rule, moment).count() in (0, 2)
        apply_retention(now=moment)

    run_on(datetime.date(2029, 6, 14))
    assert [as_it_is(paper) for paper in parties.papers] == before
    run_on(datetime.date(2029, 6, 15))
    assert is_gone(parties.agreement) and is_gone(parties.amendment)
    assert places_of("Sinnamary", "Kouyouli") == []


def test_the_papers_of_an_account_that_stays_go_with_the_internship_too(monkeypatch):
    parties = Parties(state="completed")
    set_past(parties.placement, start_on=LAST_DAY, end_on=LAST_DAY)
    moment = datetime.datetime(2029, 6, 15, 2, tzinfo=CAYENNE)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    apply_retention(now=moment)
    assert is_gone(parties.agreement) and is_gone(parties.amendment)
    assert not is_gone(parties.certificate), "it is the student's, as long as they have an account"


def test_the_register_counts_from_the_last_day_of_the_internship():
    parties = Parties(state="completed")
    set_past(parties.placement, start_on=LAST_DAY, end_on=LAST_DAY)
    figures = {
        figure.rule.code: figure
        for figure in reports.register(datetime.datetime(2029, 6, 15, 0, 1, tzinfo=CAYENNE))
        if figure.rule
    }
    for code, number in (("old_placements", 1), ("old_agreements", 2)):
        figure = figures[code]
        assert (figure.number, figure.overdue) == (number, number)
        assert timezone.localdate(figure.oldest, CAYENNE) == LAST_DAY


# What is said of it


def test_the_person_is_told_which_papers_stay_and_until_when(administrator, mailoutbox):
    parties = Parties(state="completed")
    until = months_after(parties.placement.end_on, 60)
    for account in (parties.student, parties.tutor):
        request = make.erasure_request(user=account)
        complete_requests(actor=administrator, pks=[request.pk])
        request.refresh_from_db()
        for paper in parties.papers:
            said = f"{paper} (jusqu’au {until:%d/%m/%Y})"
            assert said in request.answer and said in mailoutbox[-1].body
            assert said in mailoutbox[-1].alternatives[0].content
        assert "article 2224" in request.answer and "Sinnamary" not in request.answer
        assert parties.certificate.number not in request.answer


def test_who_has_signed_nothing_is_told_of_no_exception(administrator, mailoutbox):
    Parties(state="completed")
    parties = Parties(state="school_agreed")
    request = make.erasure_request(user=parties.student)
    complete_requests(actor=administrator, pks=[request.pk])
    assert "exception" not in mailoutbox[-1].body


def test_a_member_is_told_of_the_papers_that_name_them_alone():
    parties = Parties(state="running")
    assert str(parties.agreement) in exception_for(parties.head)
    assert exception_for(make.school_user(parties.school)) == ""


def test_one_paper_is_said_in_the_singular_and_many_are_counted():
    placement = make.placement(state="running")
    student = placement.student.user
    papers = [make.placement_paper(placement=placement)]
    assert exception_for(student).startswith("Fait exception un document signé")
    papers += [
        make.placement_paper(
            placement=placement, kind="amendment", amends=papers[0], state="signed", signed_on=LAST_DAY
        )
        for _ in range(reports.SHOWN + 4)
    ]
    told = exception_for(student)
    assert told.startswith("Font exception des documents signés") and "et 5 autres" in told
    assert told.count("jusqu’au") == reports.SHOWN


def test_whoever_asks_to_be_erased_reads_it_before(client_for):
    parties = Parties(state="running")
    client = client_for(parties.student)
    request = RequestFactory().get("/")
    request.session, request.user = client.session, parties.student
    record_authentication(request, parties.student, method="password", email=parties.student.email)
    request.session.save()
    page = client.get(reverse("access:my_data_erasure"))
    assert exception_for(parties.student) in page.content.decode()
    held = client.get(reverse("access:my_data")).content.decode()
    assert "même si un compte est effacé" in held


# Who sees them afterwards


def test_host_school_and_team_alone_see_the_papers_of_somebody_who_is_gone(administrator, client_for):
    parties = Parties(state="completed")
    strangers = [make.company_user(), make.school_user(), make.student().user]
    client = client_for(parties.student)
    address = reverse("admin:internships_placementpaper_change", args=[parties.agreement.pk])
    assert client.get(address).status_code == 200
    erase_account(actor=administrator, user=parties.student)
    for paper in parties.papers:
        for reader in (parties.host, parties.head, administrator):
            assert open_paper(actor=reader, pk=paper.pk)[1].startswith(b"%PDF")
            assert open_scan(actor=reader, token=sign_scan(actor=reader, pk=paper.pk)).pk == paper.pk
        for reader in strangers:
            with pytest.raises(PlacementPaper.DoesNotExist):
                open_paper(actor=reader, pk=paper.pk)
    assert client.get(address).status_code == 302, "they are signed out, and nobody signs in again"
    assert not User.objects.get(pk=parties.student.pk).is_active


def test_the_code_of_such_a_paper_tells_no_more_than_that_there_was_one(administrator):
    parties = Parties(state="completed")
    told = paper_reports.certified(parties.agreement.code)
    assert ("Organisme d’accueil", parties.company.name) in told.lines
    erase_account(actor=administrator, user=parties.student)
    told = paper_reports.certified(parties.agreement.code)
    assert [name for name, _value in told.lines] == ["Numéro", "Contenu"]
    assert parties.company.name not in str(told) and "Camille" not in str(told)
    assert "ne vaut plus" not in told.warning


def test_an_emptied_paper_is_opened_by_nobody(administrator):
    parties = Parties(state="school_agreed")
    erase_account(actor=administrator, user=parties.student)
    with pytest.raises(ValidationError, match="n’est plus conservé"):
        open_paper(actor=parties.host, pk=parties.agreement.pk)
