"""For each page of the console, a row of the person who looks and a row of somebody else."""

import datetime
from contextlib import contextmanager

from django.contrib import admin
from django.db import connection, models, transaction
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, Schedule

from backoffice.roles import verbs_of
from pratik.accounts.enums import AccountType, Role, VerificationState
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User
from pratik.calendars.models import InternshipCalendar
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.history import tracked_models
from pratik.core.models import Operation, Upload
from pratik.core.operations import operation
from pratik.core.writes import create_rows
from pratik.internships.enums import OfferState as InternshipOfferState
from pratik.internships.enums import PaperState, PlacementState
from pratik.internships.models import (
    Application,
    HostTutor,
    InternshipOffer,
    Placement,
    PlacementPaper,
    ReferentTeacher,
)
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft
from pratik.law.models import LegalParameter
from pratik.living.enums import OfferState
from pratik.living.models import CarpoolOffer, CarpoolRequest, CostCeiling, HousingOffer, HousingRequest
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice, OutgoingMail
from pratik.papers.models import PaperTemplate
from pratik.partners.models import (
    CompanyMembership,
    CompanyProfile,
    PartnerMembership,
    PartnerProfile,
    RecruiterMembership,
    RecruiterProfile,
)
from pratik.privacy.models import ErasureRequest, RetentionRun
from pratik.recommendations.enums import RecommendationState
from pratik.recommendations.models import InternRecommendation, RecommendedStudent
from pratik.recommendations.querysets import READERS
from pratik.reference.models import (
    Activity,
    ActivitySection,
    Commune,
    Postcode,
    PublicHoliday,
    SchoolHoliday,
)
from pratik.schools.models import (
    ProgramManager,
    SchoolMembership,
    SchoolProfile,
    StudentEnrolment,
    TrainingCenterMembership,
    TrainingCenterProfile,
)
from pratik.security.models import AccessEvent, Impersonation
from pratik.tracking.models import Follow
from pratik.verification.enums import DocumentType
from pratik.verification.models import Requirement, VerificationDocument
from tests import factories as make

PAGES = dict(sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label_lower))


def _section():
    known = set(ActivitySection.objects.values_list("code", flat=True))
    return make.section(code=next(letter for letter in "ABCDEFGHIJKLMNOQRSTUP" if letter not in known))


def notice(recipient=None, **fields):
    """Something that was said to somebody."""
    recipient = recipient or make.user(Role.STUDENT)
    number = Notice.objects.count()
    values = {
        "recipient": recipient,
        "kind": NoticeKind.CALENDAR_PUBLISHED,
        "key": f"essai:{recipient.pk}:{number}",
        "subject": f"Avis {number}",
        "body": "Un calendrier est publié.",
        "path": "/calendriers/",
    }
    return Notice.objects.create(**values | fields)


def as_mail(row):
    """A notice as it stands in the outbox."""
    return OutgoingMail.objects.get(pk=row.pk)


def operation_of(actor=None):
    """An operation that somebody did."""
    with operation(kind=OperationKind.EDIT, actor=actor or make.user(), subject=Commune) as running:
        create_rows([Commune(name="Cayenne", insee_code=make.insee_code())])
    return running.written


def schedule():
    return Schedule.objects.create(
        name="tâche", func="pratik.core.tasks.forget_abandoned_uploads", schedule_type="C", cron="0 3 * * *"
    )


def failure():
    now = timezone.now()
    number = Failure.objects.count()
    return Failure.objects.create(
        id=f"{number:032d}", name="tâche", func="x", started=now, stopped=now, success=False
    )


def requirement():
    """A way to prove something that is not asked for yet; there are as many as types of account × papers."""
    known = set(Requirement.objects.values_list("account_type", "document_type"))
    kinds = [kind for kind in AccountType if kind != AccountType.STAFF]
    free = ((kind, paper) for paper in DocumentType for kind in kinds if (kind, paper) not in known)
    kind, paper = next(free)
    return make.requirement(account_type=kind, document_type=paper, note="Recto et verso.")


def ceiling():
    """A ceiling of the sharing of costs, from a day on that no other one has."""
    day = datetime.date(1950, 1, 1) + datetime.timedelta(days=CostCeiling.objects.count())
    return make.cost_ceiling(from_on=day, source="Barème d’essai")


def legal_parameter():
    """A number of the law, from a day on that no other one has."""
    day = datetime.date(1950, 1, 1) + datetime.timedelta(days=LegalParameter.objects.count())
    return make.legal_parameter(valid_from=day)


def unwilling_student():
    """A student whom a company recommends and who has not agreed that others read it."""
    row = make.recommendation(state=RecommendationState.PROPOSED)
    return RecommendedStudent._base_manager.get(pk=row.student_id)


NEW = {
    User: lambda: make.user(Role.STUDENT),
    StudentProfile: make.student,
    LandlordProfile: make.landlord,
    DriverProfile: make.driver,
    Commune: make.commune,
    Postcode: make.postcode,
    ActivitySection: _section,
    Activity: make.activity,
    PublicHoliday: make.public_holiday,
    SchoolHoliday: make.school_holiday,
    SchoolProfile: make.school,
    TrainingCenterProfile: make.training_center,
    CompanyProfile: make.company,
    RecruiterProfile: make.recruiter,
    PartnerProfile: make.institution,
    SchoolMembership: lambda: make.member(make.school()),
    TrainingCenterMembership: lambda: make.member(make.training_center()),
    CompanyMembership: lambda: make.member(make.company()),
    RecruiterMembership: lambda: make.member(make.recruiter()),
    PartnerMembership: lambda: make.member(make.institution()),
    ProgramManager: make.manager,
    StudentEnrolment: make.enrolment,
    HostTutor: make.host_tutor,
    ReferentTeacher: make.referent_teacher,
    InternshipCalendar: make.calendar,
    Notice: notice,
    OutgoingMail: lambda: as_mail(notice()),
    Operation: operation_of,
    AccessEvent: make.access_event,
    Impersonation: make.impersonation,
    JoinRequest: make.join_request,
    OrganisationDraft: make.organisation_draft,
    Invitation: make.invitation,
    ErasureRequest: make.erasure_request,
    RetentionRun: RetentionRun.objects.create,
    VerificationDocument: make.document,
    Requirement: requirement,
    # What nobody but its owner and the team sees yet.
    HousingOffer: lambda: make.lodging(state=OfferState.DRAFT, description="Au calme."),
    CarpoolOffer: lambda: make.trip(state=OfferState.DRAFT, description="Sans détour."),
    HousingRequest: make.lodging_request,
    CarpoolRequest: make.trip_request,
    CostCeiling: ceiling,
    LegalParameter: legal_parameter,
    PaperTemplate: make.paper_template,
    Follow: make.follow,
    InternshipOffer: lambda: make.offer(state=InternshipOfferState.DRAFT),
    Application: make.application,
    Placement: make.placement,
    PlacementPaper: make.placement_paper,
    # A draft is its company’s alone.
    InternRecommendation: lambda: make.recommendation(state=RecommendationState.PROPOSED),
    # Who has not agreed is recommended to nobody.
    RecommendedStudent: unwilling_student,
    Schedule: schedule,
    Failure: failure,
}

# What verbs ask besides a reason, for all the verbs of a model.
ASKED = {
    Application: {"interview_at": "2099-01-01T10:00", "why": "dates"},
    Follow: {"kinds": ["level"]},
    Placement: {"signed_on": f"{today()}", "ended_on": f"{today()}", "ended_by": "host"},
}

ORGANISATIONS = {
    SchoolProfile: "schoolmemberships",
    TrainingCenterProfile: "trainingcentermemberships",
    CompanyProfile: "companymemberships",
    RecruiterProfile: "recruitermemberships",
    PartnerProfile: "partnermemberships",
}


def _joining_row(model, user):
    """A request for the person's organisation, a draft of theirs, an invitation that they received."""
    for organisation, memberships in ORGANISATIONS.items():
        membership = getattr(user, memberships).first()
        if membership is None:
            continue
        if model is JoinRequest:
            return make.join_request(membership.organisation)
        if model is OrganisationDraft:
            return make.organisation_draft(applicant=user, account_type=user.account_type)
        return make.invitation(NEW[organisation](), email=user.email)
    return None


def _own_listing(model, user, **fields):
    """A lodging of a landlord, a trip of a driver; None for anybody else."""
    if user.role != model.owner_role:
        return None
    build = make.lodging if model is HousingOffer else make.trip
    return build(**{model.owner_field: user}, **fields)


def _own_follow(user):
    """A company that asks to follow a student who is old enough to agree alone, or a request of a company."""
    if user.role == Role.STUDENT:
        make.consent_age()
        born = {"born_on": datetime.date(2004, 5, 6)}
        models.QuerySet(StudentProfile).filter(user=user).update(**born)
        return make.follow(student=user.studentprofile)
    membership = user.companymemberships.first()
    return make.follow(company=membership.organisation) if membership else None


def _own_internship_row(model, user):
    """An offer of a company, an application of a student or to a company; None for anybody else."""
    if user.role == Role.STUDENT and model is Application:
        return make.application(student=user.studentprofile)
    membership = user.companymemberships.first()
    if membership is None:
        return None
    if model is InternshipOffer:
        # Nobody proposes one without the law being asked.
        make.legal_parameters()
        return make.offer(company=membership.organisation, state=InternshipOfferState.DRAFT)
    return make.application(offer=make.offer(company=membership.organisation))


def _own_of_internships(model, user):
    """An enrolment of a student or at a school, a tutor of a company, a teacher of a school."""
    if user.role == Role.STUDENT:
        return make.enrolment(student=user.studentprofile) if model is StudentEnrolment else None
    if membership := user.schoolmemberships.first():
        school = membership.organisation
        if model is StudentEnrolment:
            return make.enrolment(school=school)
        if model is HostTutor:
            return make.host_tutor(entered_by=school)
        return make.referent_teacher(school=school)
    membership = user.companymemberships.first()
    if membership and model is HostTutor:
        return make.host_tutor(company=membership.organisation)
    return None


def _own_placement(model, user):
    """An internship of a student, at a host or of a school; or its agreement, signed and kept."""
    fields = {}
    if user.role == Role.STUDENT:
        fields["student"] = user.studentprofile
    elif membership := user.schoolmemberships.first():
        fields["school"] = membership.organisation
    elif membership := user.companymemberships.first():
        fields["company"] = membership.organisation
    else:
        return None
    # Nobody agrees to one without the law being asked.
    make.legal_parameters()
    if model is Placement:
        return make.placement(**fields)
    return make.placement_paper(
        placement=make.placement(state=PlacementState.SCHOOL_AGREED, **fields),
        state=PaperState.SIGNED,
        signed_on=today(),
        filed_by=user,
        file="signed/0123456789abcdef01234567.pdf",
        file_name="convention.pdf",
        content_type="application/pdf",
        size=1_000,
        sha256="0" * 64,
    )


def _own_recommendation(user):
    """A draft of the person's company, or what waits for a student's answer."""
    make.consent_age()
    if user.role == Role.STUDENT:
        profile = user.studentprofile
        models.QuerySet(StudentProfile).filter(pk=profile.pk).update(born_on=datetime.date(2000, 1, 1))
        placement = make.placement(student=profile, state=PlacementState.COMPLETED)
        return make.recommendation(placement=placement, state=RecommendationState.PROPOSED)
    membership = user.companymemberships.first()
    if membership is None:
        return None
    placement = make.placement(company=membership.organisation, state=PlacementState.COMPLETED)
    return make.recommendation(placement=placement)


def _recommended_student(user):
    """Somebody who agreed that companies read what is said of them."""
    if user.role not in READERS:
        return None
    row = make.recommendation(state=RecommendationState.ACCEPTED)
    return RecommendedStudent.objects.visible_to(user).get(pk=row.student_id)


def own_row(model, user):
    """The row of this model that is the person's own, or None where their role has none."""
    if not user.is_authenticated:
        return None
    if model is User:
        return user
    if model is Notice:
        return notice(user)
    if model is Operation:
        return operation_of(user)
    if model is AccessEvent:
        return make.access_event(actor=user)
    if model is Impersonation:
        return make.impersonation(actor=user) if user.is_administrator else None
    if model is VerificationDocument:
        # The team sends no papers.
        return None if user.is_staff else make.document(owner=user)
    if model is ErasureRequest:
        # Nobody answers their own request, so that the team has none of its own here.
        return None if user.is_staff else make.erasure_request(user=user)
    if model in (HousingOffer, CarpoolOffer):
        return _own_listing(model, user, state=OfferState.DRAFT)
    if model in (HousingRequest, CarpoolRequest):
        build = make.lodging_request if model is HousingRequest else make.trip_request
        if user.role == Role.STUDENT:
            return build(student=user)
        # Only who has the badge may say yes to anybody.
        models.QuerySet(User).filter(pk=user.pk).update(verification=VerificationState.VERIFIED)
        offer = _own_listing(model._meta.get_field("offer").related_model, user)
        return build(offer=offer) if offer else None
    if model in (StudentEnrolment, HostTutor, ReferentTeacher):
        return _own_of_internships(model, user)
    if model in (Placement, PlacementPaper):
        return _own_placement(model, user)
    if model is InternRecommendation:
        return _own_recommendation(user)
    if model is RecommendedStudent:
        return _recommended_student(user)
    if model is Follow:
        return _own_follow(user)
    if model in (StudentProfile, LandlordProfile, DriverProfile):
        return getattr(user, model._meta.model_name, None)
    if model in (JoinRequest, OrganisationDraft, Invitation) and (own := _joining_row(model, user)):
        return own
    for organisation, memberships in ORGANISATIONS.items():
        membership = getattr(user, memberships).first()
        if membership and model is organisation:
            return membership.organisation
        if membership and model is type(membership):
            return membership
    if model in (InternshipOffer, Application):
        return _own_internship_row(model, user)
    membership = user.schoolmemberships.first()
    if membership and model is ProgramManager:
        return make.manager(school=membership.organisation)
    if membership and model is InternshipCalendar:
        return make.calendar(school=membership.organisation)
    return None


def url(model, view, *args):
    """The address of one page of a model's room."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def everything():
    """All that PRATIK holds: the values of every row, of every line of history, and what waits to be sent.

    Asked hundreds of times, hence in plain SQL: one question for each table, one for all counts.
    """
    tracked = tracked_models().values()
    counted = [*(model.history.model for model in tracked), Upload]
    with connection.cursor() as cursor:
        held = {model: _held(cursor, model) for model in (*tracked, Operation, Notice)}
        counts = ", ".join(f"(SELECT COUNT(*) FROM {_table(model)})" for model in counted)
        cursor.execute(f"SELECT {counts}")
        return held | dict(zip(counted, cursor.fetchone(), strict=True))


def changes_since(before):
    """The models and counts that are other than `everything` told before."""
    return [what for what, held in everything().items() if held != before[what]]


@contextmanager
def undone():
    """What is written inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _held(cursor, model):
    # The moment of a sign-in is no change of the account.
    names = [field.column for field in model._meta.concrete_fields if field.column != "last_login"]
    columns = ", ".join(map(connection.ops.quote_name, names))
    key = connection.ops.quote_name(model._meta.pk.column)
    cursor.execute(f"SELECT {columns} FROM {_table(model)} ORDER BY {key}")
    return cursor.fetchall()


def _table(model):
    return connection.ops.quote_name(model._meta.db_table)


def rights(account, model):
    """The verbs that the table of rights gives this person on a model."""
    return verbs_of(account.role, model._meta.label_lower)


def seen_by(account, row):
    """Whether the row exists for this person; what the queue keeps has no scope but the right itself."""
    rows = type(row)._default_manager
    if not hasattr(rows, "visible_to"):
        return True
    return rows.visible_to(account).filter(pk=row.pk).exists()


def expected_of_row(account, row, verb="view"):
    """404 for a row that does not exist for the person, 403 without the right, else the page.

    Without either, the answer may be 403 or 404: it is the same for a row that nobody ever made.
    """
    right, seen = verb in rights(account, type(row)), seen_by(account, row)
    if seen:
        return {200} if right else {403}
    return {404} if right else {403, 404}
