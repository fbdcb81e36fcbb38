"""An erasure leaves nothing that tells who it was, anywhere, and nothing else changes."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django_q.models import Task

from pratik.accounts.enums import Role
from pratik.accounts.models import StudentProfile, User
from pratik.accounts.services import system_actor
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import publish_calendars
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.models import Operation, Upload
from pratik.core.operations import operation
from pratik.core.services import save_row
from pratik.core.text import fold
from pratik.core.undo import revert_row, undo_operation
from pratik.core.writes import update_rows
from pratik.internships.models import Application, Placement, PlacementPaper
from pratik.internships.reports import papers as paper_reports
from pratik.internships.services import (
    open_cv,
    open_paper,
    open_scan,
    refuse_applications,
    sign_cv,
    sign_scan,
)
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft
from pratik.notifications.models import Notice, NoticePreference, QuietHours
from pratik.partners.models import CompanyMembership
from pratik.privacy import reports, rules
from pratik.privacy.models import ErasureRequest
from pratik.privacy.services import complete_requests, erase_account, erase_contact
from pratik.reference.levels import Diploma
from pratik.schools.models import ProgramManager
from pratik.security.models import AccessEvent, KnownDevice
from pratik.verification.models import VerificationDocument
from tests import factories as make
from tests.kit.queue import run_queue
from tests.privacy.conftest import MARK, edit, fill, marked, places_of

pytestmark = pytest.mark.django_db


def test_the_mark_stands_in_every_table_of_the_ledger(marked_person):
    """Else its absence afterwards would prove nothing."""
    tables = {place.split(".")[0] for place in places_of(MARK, fold(MARK))}
    expected = {
        apps.get_model(label)._meta.db_table
        for label in (
            "accounts.user",
            "accounts.historicaluser",
            "accounts.studentprofile",
            "accounts.historicalstudentprofile",
            "accounts.landlordprofile",
            "accounts.historicallandlordprofile",
            "accounts.driverprofile",
            "accounts.historicaldriverprofile",
            "schools.programmanager",
            "schools.historicalprogrammanager",
            "notifications.notice",
            "joining.signup",
            "joining.joinrequest",
            "joining.historicaljoinrequest",
            "joining.organisationdraft",
            "joining.historicalorganisationdraft",
            "joining.invitation",
            "joining.historicalinvitation",
            "core.operation",
            "core.upload",
            "core.importrun",
            "core.importrow",
            "core.undorun",
            "account.emailaddress",
            "mfa.authenticator",
            "usersessions.usersession",
            "security.accessevent",
            "security.knowndevice",
            "security.impersonation",
            "verification.verificationdocument",
            "verification.historicalverificationdocument",
            "living.housingoffer",
            "living.historicalhousingoffer",
            "living.carpooloffer",
            "living.historicalcarpooloffer",
            "living.housingrequest",
            "living.historicalhousingrequest",
            "living.carpoolrequest",
            "living.historicalcarpoolrequest",
            "internships.application",
            "internships.historicalapplication",
            "internships.hosttutor",
            "internships.historicalhosttutor",
            "internships.referentteacher",
            "internships.historicalreferentteacher",
            "internships.placement",
            "internships.historicalplacement",
            "internships.placementbreak",
            "internships.historicalplacementbreak",
            "internships.ruleoverride",
            "internships.historicalruleoverride",
            "internships.placementpaper",
            "internships.historicalplacementpaper",
            "schools.studentenrolment",
            "schools.historicalstudentenrolment",
            "recommendations.internrecommendation",
            "recommendations.historicalinternrecommendation",
            "tracking.follow",
            "tracking.historicalfollow",
            "tracking.profilechange",
            "privacy.erasurerequest",
            "privacy.historicalerasurerequest",
            "partners.historicalcompanyprofile",
        )
    }
    assert expected <= tables


def test_after_an_erasure_no_table_holds_anything_of_the_person(marked_person, administrator):
    avatar = marked_person.avatar
    storage, file = avatar.storage, avatar.name
    upload = Upload.objects.get(owner=marked_person)
    paper = VerificationDocument.objects.get(owner=marked_person).file
    application = Application.objects.get(student__user=marked_person)
    signed = PlacementPaper.objects.exclude(file="").get()
    files = [(application.cv.storage, application.cv.name), (signed.file.storage, signed.file.name)]
    assert all(storage.exists(name) for storage, name in files)
    erase_account(actor=administrator, user=marked_person)
    run_queue()
    traces = ("203.0.113.9", "203 0 113 9", "694112233", "0694 11 22 33")
    assert places_of(MARK, fold(MARK), *traces) == []
    assert not any(storage.exists(name) for storage, name in files)
    assert not storage.exists(file)
    assert not upload.file.storage.exists(upload.file.name)
    assert not paper.storage.exists(paper.name)
    document = VerificationDocument.objects.get(owner=marked_person)
    assert (document.state, document.rejection_reason) == ("rejected", "unreadable"), "the decision stays"
    for model in (Authenticator, UserSession, KnownDevice, NoticePreference, QuietHours):
        assert not model.objects.exists(), model
    assert not Session.objects.exists()
    assert not Task.objects.filter(pk=MARK[:32]).exists()
    user = User.objects.get(pk=marked_person.pk)
    assert str(user) == f"Compte effacé n°\u00a0{user.pk}"
    assert user.email.endswith("@efface.pratik.invalid")
    assert not user.is_active and not user.has_usable_password()
    assert StudentProfile.objects.get(user=marked_person).born_on is None
    assert JoinRequest.objects.get().state == OrganisationDraft.objects.get().state == "withdrawn"
    assert Invitation.objects.get().state == "revoked"
    assert not CompanyMembership.objects.get(user=marked_person).is_active


def test_others_keep_what_is_theirs(marked_person, administrator):
    """What an erasure touches of somebody else is the name of the person who is gone."""
    other = make.user(Role.STUDENT, **marked("zqxautre"))
    fill(other, "zqxautre", administrator)
    before = places_of("zqxautre")
    erase_account(actor=administrator, user=marked_person)
    assert places_of("zqxautre") == before
    assert places_of("198.51.100.7"), "the address of an administrator in the journal is not the person's"


def test_files_go_only_once_the_erasure_is_certain(administrator):
    user = make.user(Role.STUDENT)
    names = []
    for name in ("portrait.png", "autre.png"):
        with operation(kind=OperationKind.EDIT, actor=user):
            user.avatar.save(name, ContentFile(b"portrait"), save=False)
            update_rows([user], {"avatar"})
        names.append(user.avatar.name)
    storage = user.avatar.storage
    with transaction.atomic():
        erase_account(actor=administrator, user=user)
        transaction.set_rollback(True)
    assert run_queue() == [] and all(map(storage.exists, names))
    erase_account(actor=administrator, user=User.objects.get(pk=user.pk))
    run_queue()
    assert not any(map(storage.exists, names)), "the former portrait goes too"


def totals():
    """What is counted on the platform, without anybody's name."""
    calendars = InternshipCalendar.objects.values_list("school", "state", "number_of_students")
    return {
        "calendars": sorted(calendars),
        "accounts": User.objects.count(),
        "types": sorted(User.objects.values_list("account_type", "staff_role")),
        "members": CompanyMembership.objects.count(),
        "operations": sorted(
            Operation.objects.exclude(kind=OperationKind.ERASURE).values_list(
                "pk", "kind", "verb", "subject", "started_at", "source_sha256"
            )
        ),
        "history": InternshipCalendar.history.count(),
    }


def test_an_erasure_changes_no_total(administrator):
    editor = make.user(Role.EDITOR)
    calendars = make.calendars(5)
    publish_calendars(actor=editor, pks=[row.pk for row in calendars[:3]])
    make.member(make.company(), make.user(Role.COMPANY))
    before = totals()
    erase_account(actor=administrator, user=editor)
    after = totals()
    assert after == before
    published = Operation.objects.get(verb="publish")
    assert published.actor_label == f"Compte effacé n°\u00a0{editor.pk}"
    assert fold(str(editor)) not in published.search_text


def test_reason_of_an_act_for_the_business_stays_without_the_name(administrator):
    editor = make.user(Role.EDITOR, first_name="Rosalie", last_name="Kouyouli")
    company = make.company()
    company.description = "Nouvelle"
    save_row(actor=editor, row=company, reason="Corrigé par Rosalie Kouyouli à leur demande")
    erase_account(actor=administrator, user=editor)
    line = company.history.latest("history_id")
    told = f"Corrigé par Compte effacé n°\u00a0{editor.pk} à leur demande"
    assert (line.history_change_reason, line.operation.reason) == (told, told)


def test_a_homonym_keeps_their_name(administrator):
    """Two people of the same name: what is said of the other stays."""
    name = {"first_name": "Marie", "last_name": "Joseph"}
    gone, other = make.user(Role.STUDENT, **name), make.user(Role.EDITOR, **name)
    edit(administrator, other, language="en")
    company = make.company(description="")
    company.description = "x"
    save_row(actor=other, row=company, reason="Vu avec Marie Joseph")
    erase_account(actor=administrator, user=gone)
    other.refresh_from_db()
    assert str(other) == "Marie Joseph"
    assert company.history.latest("history_id").operation.reason == "Vu avec Marie Joseph"
    assert Operation.objects.filter(actor=other).latest("pk").actor_label == "Marie Joseph"


def test_an_address_that_became_another_accounts_is_theirs(administrator):
    former = make.user(Role.STUDENT, email="bureau@example.org")
    edit(administrator, former, email="moi@example.org")
    present = make.user(Role.STUDENT, email="bureau@example.org")
    contact = make.manager(user=present, email="bureau@example.org")
    erase_account(actor=administrator, user=former)
    contact.refresh_from_db()
    assert contact.email == "bureau@example.org"


@pytest.mark.parametrize(("others", "kept"), [(10, False), (11, True)])
def test_level_and_commune_stay_only_where_enough_others_share_them(administrator, others, kept):
    commune = make.commune("Cayenne")
    shared = {"level": 5, "diploma": Diploma.BTS, "commune": commune}
    for _ in range(others):
        make.student(**shared)
    student = make.student(**shared, year_in_cycle=2)
    edit(student.user, student, domain="Commerce")
    erase_account(actor=administrator, user=student.user)
    student.refresh_from_db()
    expected = (5, commune.pk) if kept else (None, None)
    assert (student.level, student.commune_id) == expected
    assert set(student.history.values_list("level", "commune")) == {expected}
    assert (student.domain, student.year_in_cycle) == ("", None)


# Who may, whom


def test_only_administrators_erase(everyone, administrator):
    user = make.user(Role.STUDENT)
    if everyone.is_anonymous or everyone.is_administrator:
        return
    with pytest.raises(PermissionDenied):
        erase_account(actor=everyone, user=user)
    assert not User.objects.get(pk=user.pk).is_erased


def test_nobody_erases_themselves_the_tasks_account_or_the_last_administrator(administrator):
    colleague = make.user(Role.ADMINISTRATOR)
    for user in (administrator, system_actor()):
        with pytest.raises(ValidationError):
            erase_account(actor=administrator, user=user)
    erase_account(actor=administrator, user=colleague)
    with pytest.raises(ValidationError, match="dernier administrateur"):
        erase_account(actor=system_actor(), user=administrator)
    assert User.objects.get(pk=administrator.pk).is_active


def test_erasing_twice_changes_nothing(administrator):
    user = make.user(Role.STUDENT)
    erase_account(actor=administrator, user=user)
    before = User.objects.filter(pk=user.pk).values().get()
    lines = Operation.objects.count()
    erase_account(actor=administrator, user=user)
    assert User.objects.filter(pk=user.pk).values().get() == before
    assert Operation.objects.count() == lines


# There is no way back


def test_an_erasure_is_never_undone(administrator, client_for):
    user = make.user(Role.STUDENT)
    erase_account(actor=administrator, user=user)
    erasure = Operation.objects.get(kind=OperationKind.ERASURE)
    with pytest.raises(ValidationError, match="ne s’annule pas"):
        undo_operation(actor=administrator, operation=erasure)
    assert not Operation.objects.editable_by(administrator).filter(pk=erasure.pk).exists()
    answer = client_for(administrator).post(f"/console/core/operation/{erasure.pk}/undo/")
    assert answer.status_code == 403


def test_undoing_what_was_done_before_brings_nothing_back(administrator):
    user = make.user(Role.STUDENT, **marked(MARK))
    edit(administrator, user, first_name=f"Autre{MARK}")
    edited = Operation.objects.latest("pk")
    erase_account(actor=administrator, user=user)
    report = undo_operation(actor=administrator, operation=edited)
    assert report.done == 0 and len(report.left) == 1
    assert places_of(MARK) == []


def test_no_return_to_a_version_before_the_erasure(administrator):
    user = make.user(Role.STUDENT)
    line = user.history.latest("history_id")
    erase_account(actor=administrator, user=user)
    with pytest.raises(ValidationError, match="effacées"):
        revert_row(actor=administrator, row=user, line=line)


def test_a_version_after_the_erasure_can_be_returned_to(administrator):
    user = make.user(Role.STUDENT)
    erase_account(actor=administrator, user=user)
    user.refresh_from_db()
    line = user.history.latest("history_id")
    edit(administrator, user, language="en")
    assert revert_row(actor=administrator, row=user, line=line).language == "fr"


# A school's contact without an account


def test_a_contact_without_account_is_erased_and_calendars_stay(editor):
    contact = make.manager(**marked(MARK), phone="+594694112233")
    elsewhere = make.manager(**marked(MARK))
    calendar = make.calendar(school=contact.school, program_manager=contact)
    edit(editor, contact, office_hours=f"Lundi {MARK}")
    erase_contact(actor=editor, contact=contact, reason="À sa demande")
    assert places_of(MARK, "694112233") == []
    contact.refresh_from_db()
    assert str(contact) == f"Contact effacé n°\u00a0{contact.pk}"
    assert not contact.is_active
    assert not ProgramManager.objects.get(pk=elsewhere.pk).is_active, "the same person, in another school"
    assert InternshipCalendar.objects.get(pk=calendar.pk).program_manager_id == contact.pk


def test_a_contact_with_an_account_goes_with_the_account(administrator):
    account = make.user(Role.SCHOOL)
    contact = make.manager(user=account, **marked(MARK))
    with pytest.raises(ValidationError, match="compte"):
        erase_contact(actor=administrator, contact=contact)
    erase_account(actor=administrator, user=account)
    assert places_of(MARK) == []


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.AUDITOR, Role.SCHOOL], ids=str)
def test_who_keeps_no_data_erases_no_contact(role):
    with pytest.raises(PermissionDenied):
        erase_contact(actor=make.user(role), contact=make.manager())


def test_a_contacts_request_goes_with_them(administrator, mailoutbox):
    contact = make.manager(**marked(MARK))
    request = make.erasure_request(contact=contact, reason=f"Lettre de {MARK}")
    outcome = complete_requests(actor=administrator, pks=[request.pk], reason=f"Lettre de {MARK}@example.org")
    assert outcome.changed == [request]
    assert places_of(MARK) == []
    assert [mail.to for mail in mailoutbox] == [[f"{MARK}@example.org"]]
    assert "vous identifie a été effacé" in ErasureRequest.objects.get().answer


def test_the_pseudonym_is_the_same_in_every_language():
    user = make.user(Role.STUDENT, language="en")
    assert reports.person_of(user).pseudonym == f"Compte effacé n°\u00a0{user.pk}"


def test_a_row_found_by_the_address_of_another_account_is_left(administrator):
    """A contact of somebody else's account who has the person's address is not theirs to erase."""
    gone, other = make.user(Role.STUDENT, email="partage@example.org"), make.user(Role.SCHOOL)
    contact = make.manager(user=other, email="partage@example.org")
    erase_account(actor=administrator, user=gone)
    contact.refresh_from_db()
    assert contact.is_active and contact.last_name.startswith("Responsable")


def test_notices_of_the_person_go_and_those_of_others_stay(marked_person, administrator):
    others = Notice.objects.exclude(recipient=marked_person).count()
    erase_account(actor=administrator, user=marked_person)
    assert Notice.objects.count() == others > 0
    [told] = Notice.objects.filter(subject__contains="a retiré un calendrier")
    assert told.subject.startswith("Compte effacé n°")


def test_the_journal_of_accesses_keeps_what_happened(marked_person, administrator):
    before = list(AccessEvent.objects.order_by("pk").values_list("pk", "kind", "happened_at"))
    erase_account(actor=administrator, user=marked_person)
    after = list(AccessEvent.objects.order_by("pk").values_list("pk", "kind", "happened_at"))
    assert after[: len(before)] == before
    assert json.dumps(list(AccessEvent.objects.values("search_text"))).count("ailleurs")


def test_due_days_of_an_erased_persons_request_stay(marked_person, administrator):
    request = ErasureRequest.objects.get()
    complete_requests(actor=administrator, pks=[request.pk])
    request.refresh_from_db()
    assert (request.received_on, request.due_on) == (today(), rules.answer_due_on(today()))
    assert places_of(MARK) == []


# What internships brought


@pytest.mark.parametrize("linked", [True, False], ids=["account", "address"])
def test_papers_of_somebody_elses_internship_name_the_person_no_more(administrator, linked):
    """The tutor goes, known by their account or by its address; what it says of its own intern stays. These
    papers nobody has signed: for the others, see `test_signed_papers`.
    """
    account = make.user(Role.COMPANY, first_name="Rosalie", last_name="Kouyouli")
    company = make.company()
    if linked:
        make.member(company, account)
    tutor = make.host_tutor(
        company=company,
        user=account if linked else None,
        first_name="Rosalie-Ève",
        last_name="Kouyouli",
        email="rosalie.pro@example.org" if linked else account.email,
        phone="+594694001122",
    )
    placement = make.placement(
        company=company,
        tutor=tutor,
        state="school_agreed",
        host_representative="Rosalie Kouyouli",
        supervision="Chaque vendredi avec Rosalie-Ève Kouyouli (0694 00 11 22)",
    )
    values = {
        "student_name": "Maëlys Apatou",
        "tutor_name": str(tutor),
        "tutor_phone": tutor.phone.as_national,
        "tutor_email": tutor.email,
        "schedule": [["Lundi", "avec Rosalie-Ève Kouyouli"]],
    }
    paper = make.placement_paper(placement=placement, values=values, file_name="scan.pdf")
    hosted = make.placement(company=company, tutor=tutor, state="completed")
    praise = make.recommendation(placement=hosted, author_name="Rosalie Kouyouli" if linked else "L’équipe")
    erase_account(actor=administrator, user=account)
    for row in (paper, placement, praise):
        row.refresh_from_db()
    gone = f"Compte effacé n°\u00a0{account.pk}"
    assert paper.values == {
        "student_name": "Maëlys Apatou",
        "tutor_name": gone,
        "tutor_phone": "",
        "tutor_email": "" if linked else gone,
        "schedule": [["Lundi", f"avec {gone}"]],
    }
    assert placement.host_representative == gone
    assert praise.author_name == (gone if linked else "L’équipe")
    assert placement.supervision == f"Chaque vendredi avec {gone} ()"
    assert set(placement.history.values_list("host_representative", flat=True)) == {gone}
    assert paper.file_name == "scan.pdf" and placement.tutor_id == tutor.pk, "what is the intern's stays"
    for words in ("Kouyouli", "rosalie.pro", "0694 00 11 22", "694001122"):
        assert places_of(words) == [], words


def test_a_homonym_on_the_papers_of_others_keeps_their_name(administrator):
    account = make.user(Role.COMPANY, first_name="Marie", last_name="Joseph")
    make.member(make.company(), account)
    paper = make.placement_paper(values={"tutor_name": "Marie Joseph", "host_name": "Ailleurs"})
    erase_account(actor=administrator, user=account)
    paper.refresh_from_db()
    assert paper.values["tutor_name"] == "Marie Joseph"


def test_an_internship_keeps_its_figures_without_its_intern(administrator):
    """Hours, days, dates and numbers are what others count on."""
    placement = make.placement(state="completed")
    paper = make.placement_paper(placement=placement, kind="certificate")
    kept = ("company", "school", "start_on", "end_on", "hours", "days", "stipend_total", "state", "kind")
    before = Placement.objects.filter(pk=placement.pk).values(*kept).get()
    hosted = placement.company.placements.count()
    erase_account(actor=administrator, user=placement.student.user)
    assert Placement.objects.filter(pk=placement.pk).values(*kept).get() == before
    assert placement.company.placements.count() == hosted
    emptied = PlacementPaper.objects.get(pk=paper.pk)
    assert (emptied.number, emptied.values, emptied.changes) == (paper.number, {}, [])


def test_an_emptied_paper_says_so_wherever_it_is_asked_for(administrator, client_for):
    paper = make.placement_paper()
    erase_account(actor=administrator, user=paper.placement.student.user)
    told = paper_reports.certified(paper.code)
    assert "n’est plus conservé" in told.warning and len(told.lines) == 1
    with pytest.raises(ValidationError, match="n’est plus conservé"):
        open_paper(actor=administrator, pk=paper.pk)
    page = client_for(administrator).get(f"/console/internships/placementpaper/{paper.pk}/pdf/", follow=True)
    assert page.status_code == 200 and "plus conservé" in page.content.decode()


def test_what_was_said_in_a_refusal_leaves_the_journal_too(administrator):
    application = make.application()
    member = make.user(Role.COMPANY)
    make.member(application.offer.company, member)
    refuse_applications(
        actor=member, pks=[application.pk], why="other_profile", reason="Votre maladie nous inquiète"
    )
    run_queue()
    act = Operation.objects.get(verb="refuse")
    assert "maladie" in act.search_text
    erase_account(actor=administrator, user=application.student.user)
    assert places_of("maladie") == []
    act.refresh_from_db()
    assert (act.actor, act.counts) == (member, {"updated": 1, "refused": 0}), "who did what stays"


def test_nothing_binds_an_erased_student_to_a_school(administrator):
    student = make.student()
    active = make.enrolment(student=student)
    proposed = make.enrolment(state="proposed", email=student.user.email)
    other = make.enrolment(state="proposed")
    erase_account(actor=administrator, user=student.user)
    for row in (active, proposed):
        row.refresh_from_db()
        assert row.state == "ended" and row.email.endswith("@efface.pratik.invalid")
    other.refresh_from_db()
    assert other.state == "proposed"


def test_the_journal_of_openings_names_no_file(administrator):
    """The name of a CV is often its author's."""
    application = make.application(cv_name="CV Marie Joseph.pdf", cv_type="application/pdf")
    application.cv.save("cv.pdf", ContentFile(b"cv"), save=False)
    with operation(kind=OperationKind.EDIT, actor=administrator):
        update_rows([application], ["cv"])
    paper = make.placement_paper(file_name="Convention Marie Joseph.pdf")
    paper.file.save("c.pdf", ContentFile(b"c"), save=False)
    with operation(kind=OperationKind.EDIT, actor=administrator):
        update_rows([paper], ["file"])
    member = make.user(Role.COMPANY)
    make.member(application.offer.company, member)
    open_cv(actor=member, token=sign_cv(actor=member, pk=application.pk))
    open_scan(actor=administrator, token=sign_scan(actor=administrator, pk=paper.pk))
    details = set(AccessEvent.objects.filter(kind="file_opened").values_list("detail", flat=True))
    assert details == {f"CV de la candidature n° {application.pk}", paper.number}


def test_undoing_brings_back_nothing_of_internships(marked_person, administrator):
    """Nor does returning to an earlier version: each row that was emptied says that it was."""
    acts = list(Operation.objects.exclude(kind=OperationKind.ERASURE).order_by("-pk"))
    erase_account(actor=administrator, user=marked_person)
    for act in acts:
        try:
            undo_operation(actor=administrator, operation=act)
        except (PermissionDenied, ValidationError):
            continue
    assert places_of(MARK, fold(MARK)) == []
    paper = PlacementPaper.objects.filter(placement__student__user=marked_person).get()
    for row in (paper, paper.placement, Application.objects.get(student__user=marked_person)):
        with pytest.raises((PermissionDenied, ValidationError)):
            revert_row(actor=administrator, row=row, line=row.history.earliest("history_id"))
