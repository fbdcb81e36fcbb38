"""Somebody about whom the platform holds something in every table, with a mark in each personal column."""

import datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.db import connection, models
from django.utils import timezone
from django_q.models import Task

from pratik.accounts.enums import Role
from pratik.core.enums import OperationKind
from pratik.core.links import console_page
from pratik.core.models import ImportRow, ImportRun, Operation, UndoRun
from pratik.core.operations import operation
from pratik.core.origin import Origin, coming_from
from pratik.core.services import save_row
from pratik.core.uploads import keep_upload
from pratik.core.writes import create_rows, update_rows
from pratik.internships import services as internships
from pratik.internships.models import PlacementBreak, RuleOverride
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft, SignUp
from pratik.notifications.enums import MailChoice, NoticeKind, Topic
from pratik.notifications.models import NoticePreference, QuietHours
from pratik.notifications.services import Draft, tell
from pratik.partners.models import CompanyMembership
from pratik.privacy import services
from pratik.recommendations.models import shown_name
from pratik.security import services as security
from pratik.security.enums import AccessKind
from tests import factories as make

MARK = "zqxmarque"
TYPES = {
    Role.SCHOOL: make.school,
    Role.TRAINING_CENTER: make.training_center,
    Role.COMPANY: make.company,
    Role.RECRUITER: make.recruiter,
    Role.PARTNER: make.institution,
}


def marked(mark, number=""):
    """A person's columns, each with the mark in it."""
    return {
        "email": f"{mark}{number}@example.org",
        "first_name": f"Prénom{mark}{number}",
        "last_name": f"Nom{mark}{number}",
    }


def fill(account, mark, colleague):
    """Has every table hold something about this account, with the mark in all that identifies."""
    commune = make.commune("Saül")
    make.student(user=account, bio=f"Bio {mark}", skills=[f"Savoir {mark}"], domain=f"Étude {mark}",
                 commune=commune, born_on=datetime.date(2004, 5, 6), level=5, is_public=True)  # fmt: skip
    make.landlord(user=account, address=f"1 rue {mark}", description=f"Logis {mark}")
    make.driver(user=account, vehicle=f"Auto {mark}", registration_number=mark[:15], licence_number=mark[:20])
    for organisation in TYPES.values():
        make.member(organisation(), account)
    make.manager(user=account, **marked(mark, 3), office_hours=f"Lundi {mark}")
    earlier = account.email
    with operation(kind=OperationKind.EDIT, actor=colleague, reason=f"Vu avec Prénom{mark} Nom{mark}"):
        account.email, account.phone = f"{mark}.nouveau@example.org", "+594694112233"
        account.avatar.save("portrait.png", ContentFile(b"portrait"), save=False)
        update_rows([account], {"email", "phone", "avatar"})
    with operation(kind=OperationKind.EDIT, actor=account, reason=f"Écrit par {earlier}"):
        row = make.company(name="Menuiserie du Larivot")
        row.description = "Changée"
        update_rows([row], {"description"})
    said = {"kind": NoticeKind.CALENDAR_PUBLISHED, "path": "/"}
    tell(drafts=[Draft(account, about=mark, subject=f"Avis {mark}", body=f"Pour {mark}", **said)])
    named = f"Prénom{mark} Nom{mark} a retiré un calendrier"
    tell(drafts=[Draft(colleague, about=str(account.pk), subject=named, body=f"{named}. {earlier}", **said)])
    upload = keep_upload(owner=account, purpose="essai", name=f"{mark}.csv", content=b"x")
    run = ImportRun.objects.create(upload=upload, notes=[f"La feuille de {mark} a été lue."])
    ImportRow.objects.create(run=run, kind="created", number=2, said={"number": 2, "read": [mark]})
    UndoRun.objects.create(
        operation=Operation.objects.filter(actor=account).latest("pk"),
        owner=account,
        language="fr",
        address="203.0.113.9",
        device=f"Agent {mark}",
        reason=f"Erreur de {mark}",
        error=f"Demandé par {mark}",
        report={"why": [[f"Modifiée depuis par {mark}", 1]]},
        rows_total=7,
        finished_at=timezone.now(),
    )
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    Authenticator.objects.create(user=account, type="totp", data={"secret": f"secret-{mark}"})
    session = SessionStore()
    session["_auth_user_id"] = str(account.pk)
    session.save()
    UserSession.objects.create(
        user=account, ip="203.0.113.9", session_key=session.session_key, user_agent=f"Agent {mark}"
    )
    Task.objects.create(id=mark[:32], name="x", func="x", started=timezone.now(), stopped=timezone.now(),
                        args=(account.email,), success=True)  # fmt: skip
    with coming_from(Origin(address="203.0.113.9", device=f"Agent {mark}")):
        security.record(kind=AccessKind.SIGN_IN, actor=account, detail=f"De {mark}.nouveau@example.org")
        security.record(kind=AccessKind.SIGN_IN_FAILED, detail=earlier.upper())
        security.recognise_device(user=account, token="")
    administrator = make.user(Role.ADMINISTRATOR, last_name="Ailleurs")
    with coming_from(Origin(address="198.51.100.7", device="Agent d’ailleurs")):
        security.record(kind=AccessKind.ROLE_CHANGED, actor=administrator, subject=account, detail=earlier)
        security.start_impersonation(
            actor=administrator, target=account, reason=f"Aider Prénom{mark} Nom{mark} à se connecter"
        )
    _joining(account, mark, earlier)
    _verification(account, mark)
    _living(account, mark)
    _tracking(account, mark)
    _placements(account, mark)
    _preferences(account)
    services.receive_request(actor=account, user=account, reason=f"Parce que {mark}")


def _living(account, mark):
    """What the person lets and drives, and the places that they asked for."""
    with operation(kind=OperationKind.SETUP, actor=account):
        create_rows(
            [
                make.lodging_row(
                    landlord=account,
                    title=f"Studio {mark}",
                    neighbourhood=f"Près de {mark}",
                    address=f"1 rue {mark}",
                    description=f"Chez {mark}",
                )
            ]
        )
        create_rows([make.trip_row(driver=account, meeting_point=f"Chez {mark}", description=f"Avec {mark}")])
    for ask in (make.lodging_request, make.trip_request):
        ask(student=account, message=f"Je suis {mark}", answer=f"Non, {mark}")


def _placements(account, mark):
    """The person's internship with its papers, and the interns whom they look after themselves."""
    phone = "+594694112233"
    company = CompanyMembership.objects.get(user=account).organisation
    tutor = make.host_tutor(user=account, company=company, phone=phone, **marked(mark, 6))
    teacher = make.referent_teacher(user=account, phone=phone, **marked(mark, 7))
    _looked_after(account, mark, tutor, teacher)
    enrolment = make.enrolment(
        student=account.studentprofile, email=f"{mark}8@example.org", refusal=f"À {mark}"
    )
    placement = make.placement(
        enrolment=enrolment,
        state="school_agreed",
        student_address=f"1 rue {mark}",
        student_policy=f"Contrat {mark}",
        supervision=f"Suivi de {mark}",
        representative_last_name=f"Parent {mark}",
        school_agreed_by=make.user(Role.SCHOOL),
    )
    with operation(kind=OperationKind.SETUP, actor=account):
        first = placement.start_on
        create_rows(
            [PlacementBreak(placement=placement, from_on=first, until_on=first, reason=f"Soin {mark}")]
        )
        create_rows(
            [
                RuleOverride(
                    placement=placement,
                    rule="stipend",
                    finding=f"Pour {mark}",
                    reason=f"Car {mark}",
                    made_by=make.user(Role.SCHOOL),
                )
            ]
        )
    values = {"host_name": "Scierie", "student_name": f"Prénom{mark} Nom{mark}"}
    paper = make.placement_paper(placement=placement, values=values, file_name=f"{mark}.pdf")
    paper.file.save("signee.pdf", ContentFile(b"copie signee"), save=False)
    with operation(kind=OperationKind.EDIT, actor=account):
        update_rows([paper], ["file"])
    _application(account, mark)
    _recommendation(account, mark)


def _looked_after(account, mark, tutor, teacher):
    """Somebody else's internship, of which the papers name the person: as tutor, as teacher, as a member.
    Nobody has signed them.
    """
    placement = make.placement(
        company=tutor.company,
        school=teacher.school,
        tutor=tutor,
        teacher=teacher,
        state="school_agreed",
        host_representative=f"Prénom{mark} Nom{mark}",
        supervision=f"Un point le vendredi avec Prénom{mark}6 Nom{mark}6, {mark}6@example.org",
    )
    values = {
        "student_name": "Maëlys Apatou",
        "host_name": "Scierie",
        "host_representative": f"Prénom{mark} Nom{mark}",
        "tutor_name": str(tutor),
        "tutor_phone": tutor.phone.as_national,
        "tutor_email": tutor.email,
        "teacher_name": str(teacher),
        "people": [["Tuteur", str(tutor)], ["Enseignante", teacher.email]],
    }
    changes = [["tuteur", "–", str(tutor)]]
    make.placement_paper(placement=placement, values=values, changes=changes)
    hosted = make.placement(company=tutor.company, tutor=tutor, state="completed")
    make.recommendation(
        placement=hosted, author_name=f"Prénom{mark} Nom{mark}", comment="Vous pouvez la prendre."
    )
    offer = make.offer(company=tutor.company)
    make.application(offer=offer, interview_place=f"Demander Prénom{mark} Nom{mark}")


def _application(account, mark):
    """What the person wrote to a company, with their CV, and what it answered."""
    row = make.application_row(
        student=account.studentprofile,
        letter=f"Lettre de {mark}",
        answers=[["Pourquoi ?", f"Parce que {mark}"]],
        interview_place=f"Avec {mark}",
        cv_name=f"{mark}.pdf",
    )
    row.cv.save("cv.pdf", ContentFile(b"cv"), save=False)
    make.saved(row)
    company = make.user(Role.COMPANY)
    make.member(row.offer.company, company)
    internships.refuse_applications(
        actor=company, pks=[row.pk], why="other_profile", reason=f"Trop tard, {mark}"
    )
    security.record_opening(actor=company, row=row, detail="CV")


def _recommendation(account, mark):
    """What a company wrote of the person, as they let everybody read it."""
    make.recommendation(
        placement=make.placement(
            enrolment=make.enrolment(student=account.studentprofile, school=make.school()),
            state="completed",
        ),
        state="accepted",
        visibility="public",
        shows_full_name=True,
        is_featured=True,
        comment=f"Bravo à {mark}",
        skills_validated=[f"Savoir {mark}"],
        recommended_domains=[f"Étude {mark}"],
        author_role=f"Tuteur de {mark}",
    )


def _preferences(account):
    """How the person wants to be written to."""
    NoticePreference.objects.create(user=account, topic=Topic.values[0], mail=MailChoice.DIGEST)
    QuietHours.objects.create(user=account, starts_at=datetime.time(20), ends_at=datetime.time(7))


def _tracking(account, mark):
    """A company that follows the person, and what changed for them meanwhile."""
    follow = make.follow(student=account.studentprofile, state="active", message=f"Bonjour {mark}")
    member = make.user(Role.COMPANY)
    make.member(follow.company, member)
    said = {"kind": NoticeKind.FOLLOW_ANSWERED, "path": console_page(follow)}
    short = shown_name(account, full=False)
    tell(
        drafts=[
            Draft(member, about=str(account.pk), subject=f"{short} accepte", body=f"{short} accepte.", **said)
        ]
    )
    make.profile_change(student=account.studentprofile, field="domain", before=f"Étude {mark}")


def _joining(account, mark, earlier):
    """What the person asked to join, what they were invited to, and a sign-up with their former address."""
    SignUp.objects.create(account_type=Role.STUDENT, password="!", **marked(mark, 5) | {"email": earlier})
    with operation(kind=OperationKind.SETUP, actor=account):
        create_rows([JoinRequest(user=account, school=make.school(), message=f"Je suis {mark}")])
        draft = {"account_type": Role.COMPANY, "name": "Menuiserie", "siret": make.siret()}
        create_rows([OrganisationDraft(applicant=account, message=f"De {mark}", **draft)])
        invited = {"account_type": Role.STUDENT, "invited_by": make.user(Role.EDITOR)}
        create_rows([Invitation(email=earlier, message=f"Pour {mark}", **invited)])


def _verification(account, mark):
    """A document that was refused to the person, with its file, and one that they look at themselves."""
    row = make.document_row(
        owner=account,
        state="rejected",
        reference=f"Nº {mark}",
        rejection_text=f"Au nom de {mark}",
        file_name=f"{mark}.pdf",
    )
    row.file.save("piece.pdf", ContentFile(b"piece"), save=False)
    make.saved(row)
    make.claim(reviewer=account)


@pytest.fixture
def marked_person(db):
    """Somebody of whom every table says something; `MARK` stands wherever they are told apart."""
    account = make.user(Role.STUDENT, **marked(MARK))
    fill(account, MARK, make.user(Role.ADMINISTRATOR, **marked("zqxcollegue")))
    account.refresh_from_db()
    return account


def places_of(*words):
    """Every column of every table, as `table.column`, whose text holds one of these words."""
    found = []
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == "django_migrations":
                continue
            for column in connection.introspection.get_table_description(cursor, table):
                text = f"LOWER(CAST({quote(column.name)} AS TEXT))"
                for word in words:
                    cursor.execute(
                        f"SELECT COUNT(*) FROM {quote(table)} WHERE {text} LIKE %s", [f"%{word.lower()}%"]
                    )
                    if cursor.fetchone()[0]:
                        found.append(f"{table}.{column.name}")
    return found


def set_past(row, **columns):
    """Gives a row moments of the past, without a line of history."""
    models.QuerySet(type(row)).filter(pk=row.pk).update(**columns)
    row.refresh_from_db()
    return row


def edit(actor, row, **values):
    """A change that somebody makes to a row."""
    for name, value in values.items():
        setattr(row, name, value)
    return save_row(actor=actor, row=row)
