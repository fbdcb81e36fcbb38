"""For each page of the console, a row of the person who looks and a row of somebody else."""

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, Schedule

from backoffice.roles import verbs_of
from pratik.accounts.enums import Role
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User
from pratik.calendars.models import InternshipCalendar
from pratik.core.enums import OperationKind
from pratik.core.history import tracked_models
from pratik.core.models import Operation, Upload
from pratik.core.operations import operation
from pratik.core.writes import create_rows
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from pratik.partners.models import (
    CompanyMembership,
    CompanyProfile,
    PartnerMembership,
    PartnerProfile,
    RecruiterMembership,
    RecruiterProfile,
)
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
    TrainingCenterMembership,
    TrainingCenterProfile,
)
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


def operation_of(actor=None):
    """An operation that somebody did."""
    with operation(kind=OperationKind.EDIT, actor=actor or make.user(), subject=Commune) as running:
        create_rows([Commune(name="Cayenne", insee_code=f"{Commune.objects.count() + 50_000:05d}")])
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
    InternshipCalendar: make.calendar,
    Notice: notice,
    Operation: operation_of,
    Schedule: schedule,
    Failure: failure,
}

ORGANISATIONS = {
    SchoolProfile: "schoolmemberships",
    TrainingCenterProfile: "trainingcentermemberships",
    CompanyProfile: "companymemberships",
    RecruiterProfile: "recruitermemberships",
    PartnerProfile: "partnermemberships",
}


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
    if model in (StudentProfile, LandlordProfile, DriverProfile):
        return getattr(user, model._meta.model_name, None)
    for organisation, memberships in ORGANISATIONS.items():
        membership = getattr(user, memberships).first()
        if membership and model is organisation:
            return membership.organisation
        if membership and model is type(membership):
            return membership
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
    """All that PRATIK holds: the values of every row, of every line of history, and what waits to be sent."""
    held = {}
    for model in tracked_models().values():
        held[model] = list(model._base_manager.order_by("pk").values())
        held[model.history.model] = model.history.count()
    # The moment of a sign-in is no change of the account.
    for row in held[User]:
        row.pop("last_login")
    held[Operation] = list(Operation.objects.order_by("pk").values())
    held[Notice] = list(Notice.objects.order_by("pk").values())
    held[Upload] = Upload.objects.count()
    return held


def rights(account, model):
    """The verbs that the table of rights gives this person on a model."""
    return verbs_of(account.role, model._meta.label_lower)


def seen_by(account, row):
    """Whether the row exists for this person; what the queue keeps has no scope but the right itself."""
    rows = type(row)._default_manager
    if not hasattr(rows, "visible_to"):
        return True
    return rows.visible_to(account).filter(pk=row.pk).exists()


def rows_of(model, account):
    """A row of the person, where their role has one, and somebody else's."""
    return [row for row in (own_row(model, account), NEW[model]()) if row is not None]


def expected_of_row(account, row, verb="view"):
    """404 for a row that does not exist for the person, 403 without the right, else the page.

    Without either, the answer may be 403 or 404: it is the same for a row that nobody ever made.
    """
    right, seen = verb in rights(account, type(row)), seen_by(account, row)
    if seen:
        return {200} if right else {403}
    return {404} if right else {403, 404}


def expect(client, address, *statuses):
    """Opens an address; the answer's status must be one of these."""
    response = client.get(address)
    assert response.status_code in statuses, f"{address} answered {response.status_code}, not {statuses}"
    return response
