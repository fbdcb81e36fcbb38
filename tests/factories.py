"""Rows for tests, valid and with history, one function for each kind: `make.calendar(state="published")`.

    from tests import factories as make

Each function takes the fields that matter to the test; the rest is filled in. Rows go the way that the
services' own rows go: inside an operation (of the system's account unless one is open), by `create_rows`.
"""

import datetime
from decimal import Decimal
from itertools import count

from django.conf import settings
from django.utils import timezone
from stdnum import luhn

from pratik.accounts.enums import STAFF_ROLES, AccountType, Role
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User
from pratik.accounts.services import system_actor
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.core.calendar import today
from pratik.core.constraints import violations
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import create_rows
from pratik.internships.enums import (
    HOSTED_STATES,
    UNDECIDED_APPLICATIONS,
    ApplicationState,
    EndedBy,
    InternshipKind,
    PlacementState,
    RefusalReason,
)
from pratik.internships.enums import OfferState as InternshipOfferState
from pratik.internships.models import (
    Application,
    HostTutor,
    InternshipOffer,
    Placement,
    PlacementBreak,
    PlacementPaper,
    ReferentTeacher,
)
from pratik.joining.enums import RequestState
from pratik.joining.models import INVITATION_LIFE, Invitation, JoinRequest, OrganisationDraft, SignUp
from pratik.law.enums import LegalCode
from pratik.law.models import LegalParameter
from pratik.law.services import load_parameters
from pratik.living.enums import OfferState
from pratik.living.enums import RequestState as PlaceState
from pratik.living.models import (
    CarpoolOffer,
    CarpoolRequest,
    CostCeiling,
    HousingOffer,
    HousingPhoto,
    HousingRequest,
)
from pratik.papers.enums import PaperKind
from pratik.papers.models import PaperTemplate
from pratik.papers.services import load_templates, new_code
from pratik.partners.enums import Partnership
from pratik.partners.models import (
    CompanyMembership,
    CompanyProfile,
    PartnerMembership,
    PartnerProfile,
    RecruiterMembership,
    RecruiterProfile,
)
from pratik.privacy.enums import OPEN_STATES
from pratik.privacy.models import ErasureRequest
from pratik.privacy.rules import answer_due_on
from pratik.recommendations.enums import RecommendationState, Visibility
from pratik.recommendations.models import InternRecommendation
from pratik.reference.levels import Diploma
from pratik.reference.models import (
    Activity,
    ActivitySection,
    Commune,
    Postcode,
    PublicHoliday,
    SchoolHoliday,
)
from pratik.reference.school_years import school_year_of
from pratik.schools.enums import EnrolmentState
from pratik.schools.models import (
    ProgramManager,
    SchoolMembership,
    SchoolProfile,
    StudentEnrolment,
    TrainingCenterMembership,
    TrainingCenterProfile,
)
from pratik.security.enums import AccessKind
from pratik.security.services import record, start_impersonation
from pratik.tracking.enums import FollowState, Ground
from pratik.tracking.models import Follow, ProfileChange
from pratik.verification.enums import WITHOUT_FILE, DocumentState, DocumentType, Need, RejectionReason
from pratik.verification.models import Requirement, ReviewClaim, VerificationDocument
from pratik.verification.services import load_requirements

UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

_number = count(1).__next__
# Numbers of their own, so that narrow codes come round again as late as they can.
_commune_number = count().__next__
_postcode_number = count().__next__


def saved(*rows):
    """Writes rows of one model with history, after a check that they obey their own rules. Returns them."""
    for row in rows:
        row.derive()
        row.clean_fields(exclude=[field.name for field in row._meta.fields if field.is_relation] + ["slug"])
        row.clean()
        assert not violations(row), violations(row)
    with operation(kind=OperationKind.SETUP, actor=system_actor(), subject=type(rows[0])):
        return create_rows(rows)


def _one(model, **fields):
    (row,) = saved(model(**fields))
    return row


def _default(fields, name, make):
    if fields.get(name) is None:
        fields[name] = make()


def siret(number=None):
    """A SIRET with a right SIREN and a right check digit; the same number gives the same SIRET."""
    siren = f"{80_000_000 + (number or _number())}"
    siren += luhn.calc_check_digit(siren)
    body = f"{siren}0001"
    return body + luhn.calc_check_digit(body)


def uai(number=None):
    """A UAI of French Guiana with its right letter; the same number gives the same UAI."""
    digits = 9730000 + (number or _number()) % 200_000
    return f"{digits}{UAI_LETTERS[digits % 23]}"


# People


def user(role=Role.ADMINISTRATOR, **fields):
    """An account of a role: a staff role makes a member of the team."""
    number = _number()
    if role in STAFF_ROLES:
        fields = {"account_type": AccountType.STAFF, "staff_role": role} | fields
    else:
        fields = {"account_type": role} | fields
    values = {
        "email": f"personne{number}@example.org",
        "first_name": "Camille",
        "last_name": f"Personne {number}",
        "password": "!",
    }
    return _one(User, **values | fields)


def student(**fields):
    """A student's profile, with their account unless `user` is given."""
    return _profile(StudentProfile, Role.STUDENT, fields)


def landlord(**fields):
    """A landlord's profile, with their account unless `user` is given."""
    return _profile(LandlordProfile, Role.LANDLORD, fields)


def driver(**fields):
    """A driver's profile, with their account unless `user` is given."""
    return _profile(DriverProfile, Role.DRIVER, fields)


def _profile(model, role, fields):
    _default(fields, "user", lambda: user(role))
    return _one(model, **fields)


# Nomenclatures


def insee_code():
    """The code of another commune at each call, none of French Guiana's."""
    return f"{10_000 + _commune_number() % 80_000}"


def commune(name="Cayenne", **fields):
    """A commune; each call makes another one unless `insee_code` says which."""
    return _one(Commune, **{"name": name, "insee_code": insee_code()} | fields)


def postcode(**fields):
    """A postcode, of a commune of its own unless given."""
    _default(fields, "commune", commune)
    return _one(Postcode, **{"code": f"{10_000 + _postcode_number() % 80_000}"} | fields)


def section(**fields):
    """A section of the NAF, with one of its 21 letters."""
    return _one(ActivitySection, **{"code": "P", "label": "Enseignement"} | fields)


def activity(**fields):
    """A class of the NAF, of a section of its own unless given."""
    _default(fields, "section", lambda: ActivitySection.objects.filter(code="P").first() or section())
    code = f"{_number() % 100_000:05d}Z"
    return _one(Activity, **{"code": code, "label": "Enseignement secondaire"} | fields)


def public_holiday(**fields):
    """A public holiday; each call takes another day."""
    day = datetime.date(2000, 1, 1) + datetime.timedelta(days=_number())
    return _one(PublicHoliday, **{"day": day, "name": f"Fête {day:%d/%m/%Y}"} | fields)


def school_holiday(**fields):
    """School holidays of two weeks, in the autumn of 2026 unless said otherwise."""
    values = {
        "school_year": 2026,
        "name": f"Vacances {_number()}",
        "start_on": datetime.date(2026, 10, 17),
        "end_on": datetime.date(2026, 11, 2),
    }
    return _one(SchoolHoliday, **values | fields)


# Organisations and their members


def school(**fields):
    """A school, shown to visitors."""
    return _one(SchoolProfile, **_organisation("Lycée") | {"uai": uai(), "kind": "lycee"} | fields)


def training_center(**fields):
    """A training centre."""
    return _one(TrainingCenterProfile, **_organisation("Centre") | {"siret": siret()} | fields)


def company(*, partner=False, **fields):
    """A company; with `partner`, one that has joined PRATIK and is shown on the partners' page."""
    if partner:
        fields = {"partnership": Partnership.PARTNER, "partner_since": datetime.date(2026, 1, 5)} | fields
    return _one(CompanyProfile, **_organisation("Entreprise") | {"siret": siret()} | fields)


def recruiter(**fields):
    """A recruitment agency."""
    return _one(RecruiterProfile, **_organisation("Cabinet") | {"siret": siret()} | fields)


def institution(**fields):
    """An institutional partner."""
    return _one(PartnerProfile, **_organisation("Institution") | {"siret": siret()} | fields)


def _organisation(kind):
    number = _number()
    return {"name": f"{kind} {number}", "email": f"contact{number}@example.org"}


def member(organisation, account=None, **fields):
    """A membership in an organisation of any kind, with a new account of its type unless one is given."""
    memberships = {
        SchoolProfile: SchoolMembership,
        TrainingCenterProfile: TrainingCenterMembership,
        CompanyProfile: CompanyMembership,
        RecruiterProfile: RecruiterMembership,
        PartnerProfile: PartnerMembership,
    }
    account = account or user(Role(organisation.account_type))
    return _one(memberships[type(organisation)], organisation=organisation, user=account, **fields)


def school_user(of=None, **fields):
    """An account that looks after a school: `of` this one, else a new one."""
    return member(of or school(), user(Role.SCHOOL, **fields)).user


def company_user(of=None, **fields):
    """An account that looks after a company: `of` this one, else a new one."""
    return member(of or company(), user(Role.COMPANY, **fields)).user


# Calendars


def manager(**fields):
    """A programme manager, of a school of its own unless given."""
    _default(fields, "school", school)
    number = _number()
    values = {
        "first_name": "Dominique",
        "last_name": f"Responsable {number}",
        "email": f"responsable{number}@example.org",
    }
    return _one(ProgramManager, **values | fields)


def calendar(**fields):
    """An internship calendar: a draft, six weeks from next month on, of a school of its own unless given."""
    return saved(calendar_row(**fields))[0]


def calendars(number, **fields):
    """Several calendars of one school, written at once."""
    _default(fields, "school", school)
    return saved(*(calendar_row(**fields) for _ in range(number)))


def calendar_row(**fields):
    """A calendar that is not written yet."""
    _default(fields, "school", school)
    start = fields.pop("start_on", None) or today() + datetime.timedelta(days=30)
    values = {
        "program_name": f"Bac pro Commerce {_number()}",
        "level": 4,
        "diploma": Diploma.BAC_PRO,
        "start_on": start,
        "end_on": start + datetime.timedelta(days=41),
        "number_of_students": 24,
        "state": CalendarState.DRAFT,
    }
    return InternshipCalendar(**values | fields)


def enrolment(**fields):
    """A student belongs to a school for this school year, as both have confirmed unless said otherwise.

    One that a school proposes is known by an address alone.
    """
    _default(fields, "school", school)
    state = fields.setdefault("state", EnrolmentState.ACTIVE)
    if state == EnrolmentState.PROPOSED:
        fields.setdefault("email", f"eleve{_number()}@lycee.example")
    else:
        _default(fields, "student", student)
        fields.setdefault("email", fields["student"].user.email)
    values = {
        "program_name": "Bac pro MELEC",
        "class_group": "1re MELEC 2",
        "school_year": school_year_of(today()),
    }
    return _one(StudentEnrolment, **values | fields)


# Documents


def paper_template(**fields):
    """A draft of a recommendation that names whom it is about."""
    number = _number()
    values = {
        "kind": PaperKind.RECOMMENDATION,
        "name": f"Recommandation {number}",
        "body": "# Recommandation\n\n{{ company_name }} recommande **{{ student_name }}**.",
        "valid_from": today(),
    }
    return _one(PaperTemplate, **values | fields)


def paper_templates():
    """The templates of documents as a release brings them along."""
    return load_templates(actor=system_actor(), folder=settings.BASE_DIR / "fixtures" / "reference")


# Security


def access_event(**fields):
    """A line of the journal of accesses: a sign-in of a new account unless said otherwise."""
    _default(fields, "actor", lambda: user(Role.STUDENT))
    return record(**{"kind": AccessKind.SIGN_IN} | fields)


def impersonation(**fields):
    """An administrator who acts in the name of a student."""
    _default(fields, "actor", user)
    _default(fields, "target", lambda: user(Role.STUDENT))
    return start_impersonation(**{"reason": "Appel de la personne"} | fields)


# Living


def verified(role, **fields):
    """A landlord or driver who has the badge, as documents that do not end give it."""
    return user(role, verification="verified", **fields)


def legal_parameter(**fields):
    """A number of the law: the host tutor's three interns, since 2010, unless said otherwise."""
    values = {"code": LegalCode.TUTOR_MAX, "value": 3, "valid_from": datetime.date(2010, 9, 1)}
    return _one(LegalParameter, **values | {"source": "Code de l’éducation, article R124-13"} | fields)


def legal_parameters():
    """The numbers of the law as a release brings them along."""
    path = settings.BASE_DIR / "fixtures" / "reference" / "legal_parameters.csv"
    return load_parameters(actor=system_actor(), path=path)


def cost_ceiling(**fields):
    """What a kilometre costs, for as long as there are fixtures: 0,60 € unless said otherwise."""
    return _one(CostCeiling, **{"from_on": datetime.date(2020, 1, 1), "per_km": Decimal("0.600")} | fields)


def lodging(**fields):
    """A lodging with one place on the site, free for two years from today on, of a verified landlord."""
    return saved(lodging_row(**fields))[0]


def lodging_row(**fields):
    """A lodging that is not written yet."""
    _default(fields, "landlord", lambda: verified(Role.LANDLORD))
    _default(fields, "commune", commune)
    values = {
        "title": f"Studio {_number()}",
        "kind": "studio",
        "neighbourhood": "Près du marché",
        "address": "12 rue des Palmistes",
        "rent": Decimal("450"),
        "charges": Decimal("50"),
        "deposit": Decimal("450"),
        "surface": 20,
        "available_from": today(),
        "available_until": today() + datetime.timedelta(days=730),
        **_offered(fields),
    }
    return HousingOffer(**values | fields)


def trip(**fields):
    """A trip with one seat on the site, each Monday to Friday for two years, of a verified driver."""
    return saved(trip_row(**fields))[0]


def trip_row(**fields):
    """A trip that is not written yet; single `days` make it no regular one."""
    _default(fields, "driver", lambda: verified(Role.DRIVER))
    _default(fields, "origin", commune)
    _default(fields, "destination", lambda: commune("Kourou"))
    values = {
        "meeting_point": "Rond-point",
        "destination_point": "Gare routière",
        "departs_at": datetime.time(7),
        "seats": 1,
        "distance_km": 60,
        **_offered(fields),
    }
    if not fields.get("days"):
        values |= {
            "weekdays": "12345",
            "starts_on": today(),
            "ends_on": today() + datetime.timedelta(days=730),
        }
    return CarpoolOffer(**values | fields)


def _offered(fields):
    state = fields.setdefault("state", OfferState.PUBLISHED)
    return {"published_at": timezone.now()} if state == OfferState.PUBLISHED else {}


def lodging_request(**fields):
    """A student asks for a month in a lodging, from next week on."""
    _default(fields, "offer", lodging)
    return _one(HousingRequest, **_asked(fields))


def trip_request(**fields):
    """A student asks to come along for a month, from next week on."""
    _default(fields, "offer", trip)
    return _one(CarpoolRequest, **_asked(fields))


def _asked(fields):
    _default(fields, "student", lambda: user(Role.STUDENT))
    start = fields.get("from_on") or today() + datetime.timedelta(days=7)
    values = {"from_on": start, "until_on": start + datetime.timedelta(days=30)}
    if fields.get("state", PlaceState.REQUESTED) not in (PlaceState.REQUESTED, PlaceState.WAITING):
        values["decided_at"] = timezone.now()
    return values | fields


def lodging_photo(**fields):
    """A photo of a lodging, with no files behind its names."""
    _default(fields, "offer", lodging)
    name = f"lodgings/{_number():024x}"
    names = {f"image_{size}": f"{name}-{size}.webp" for size in (320, 640, 1280)}
    return _one(
        HousingPhoto,
        **{"image": f"{name}.jpg", "alt": "La chambre", "width": 1600, "height": 1200, **names} | fields,
    )


# Internships


def offer(**fields):
    """An internship offer on the site, with two places: eight weeks from two months on, of a company of its
    own unless given.
    """
    return saved(offer_row(**fields))[0]


def offer_row(**fields):
    """An internship offer that is not written yet."""
    _default(fields, "company", company)
    _default(fields, "commune", commune)
    start = fields.get("start_on") or today() + datetime.timedelta(days=60)
    state = fields.setdefault("state", InternshipOfferState.PUBLISHED)
    values = {
        "title": f"Stage {_number()}",
        "description": "Découvrir le métier avec l’équipe.",
        "start_on": start,
        "end_on": start + datetime.timedelta(days=55),
        "apply_until": start - datetime.timedelta(days=15),
        "places": 2,
        "stipend_hourly": Decimal("4.50"),
    }
    if state == InternshipOfferState.PUBLISHED:
        values |= {"submitted_at": timezone.now(), "published_at": timezone.now()}
    return InternshipOffer(**values | fields)


def application(**fields):
    """A student applies for an offer; nobody has answered yet unless said otherwise."""
    return saved(application_row(**fields))[0]


def application_row(**fields):
    """An application that is not written yet."""
    _default(fields, "offer", offer)
    _default(fields, "student", student)
    state = fields.get("state", ApplicationState.RECEIVED)
    values = {"letter": "Je veux apprendre ce métier."}
    if state not in UNDECIDED_APPLICATIONS:
        values["decided_at"] = timezone.now()
    if state == ApplicationState.REFUSED:
        values["refusal_reason"] = RefusalReason.OTHER_PROFILE
    return Application(**values | fields)


def host_tutor(**fields):
    """Somebody of a company who looks after interns, of a company of their own unless given."""
    _default(fields, "company", company)
    number = _number()
    values = {
        "first_name": "Rodrigue",
        "last_name": f"Étienne {number}",
        "email": f"tuteur{number}@entreprise.example",
        "job_title": "Chef d’équipe",
    }
    return _one(HostTutor, **values | fields)


def referent_teacher(**fields):
    """A teacher who follows interns, of a school of their own unless given."""
    _default(fields, "school", school)
    number = _number()
    values = {
        "first_name": "Marie-Ève",
        "last_name": f"Lœwen {number}",
        "email": f"enseignante{number}@lycee.example",
        "subject": "Génie électrique",
    }
    return _one(ReferentTeacher, **values | fields)


# The mentions of article D124-4 that the parties word, so that an agreement may be made.
MENTIONS = {
    "activities": "Poser des chemins de câbles\nLire un schéma",
    "skills": ["Organiser une intervention"],
    "supervision": "Un point chaque vendredi avec le tuteur.",
    "social_protection": "Régime général, comme ayant droit.",
    "student_insurer": "MAIF",
    "student_policy": "1234567 A",
    "leave_rules": "Examens et convocations de l’établissement.",
    "validation_rules": "La période peut être complétée avant la fin de l’année.",
    "program_hours": "840 heures par année d’enseignement",
    "host_representative": "Aïcha N’Guyen",
    "host_representative_role": "gérante",
    "school_representative": "Solange Ho-A-Chuck",
    "school_representative_role": "proviseure",
    "student_address": "4 avenue des Palétuviers, 97300 Cayenne",
    "representative_first_name": "Jean-Noël",
    "representative_last_name": "Apatou",
    "representative_relation": "father",
    "representative_phone": "+594694202020",
}
FULL_TIME = {str(day): [["08:00", "12:00"], ["13:00", "16:00"]] for day in range(5)}


def placement(*, without_school=False, **fields):
    """An internship of four weeks, full time, with all that its agreement needs; a draft unless said so.

    Its days go with its state: over, under way, or to come in thirty days. The student is enrolled at the
    school of `school` or `enrolment`, at one of their own unless given.
    """
    return saved_placement(placement_row(without_school=without_school, **fields))


def saved_placement(row):
    (row,) = saved(row)
    row.refresh_from_db(fields=Placement.derived_fields)
    return row


def placement_row(*, without_school=False, **fields):
    """A placement that is not written yet; those whom it names are."""
    _default(fields, "company", company)
    state = fields.setdefault("state", PlacementState.DRAFTED)
    start = fields.get("start_on") or _start_of(state)
    if not without_school:
        known = fields.get("enrolment")
        if known is None:
            _default(fields, "student", student)
            known = fields["enrolment"] = enrolment(
                student=fields["student"],
                school=fields.get("school"),
                school_year=school_year_of(start),
            )
        fields |= {"student": known.student, "school": known.school}
        if "teacher" not in fields:
            fields["teacher"] = referent_teacher(school=known.school)
    _default(fields, "student", student)
    if "tutor" not in fields:
        fields["tutor"] = host_tutor(company=fields["company"])
    values = {
        "kind": InternshipKind.INTERNSHIP,
        "post": f"Aide-électricien {_number()}",
        "start_on": start,
        "end_on": start + datetime.timedelta(days=27),
        "schedule": FULL_TIME,
        **MENTIONS,
    }
    if state in (*HOSTED_STATES, PlacementState.SIGNED):
        values["signed_on"] = start - datetime.timedelta(days=7)
    if state == PlacementState.INTERRUPTED:
        values |= {"ended_on": start + datetime.timedelta(days=6), "ended_by": EndedBy.HOST}
    return Placement(**values | fields)


def _start_of(state):
    """A day on which a placement of this state would begin."""
    match state:
        case PlacementState.COMPLETED | PlacementState.INTERRUPTED:
            return today() - datetime.timedelta(days=60)
        case PlacementState.RUNNING:
            return today() - datetime.timedelta(days=7)
        case _state:
            return today() + datetime.timedelta(days=30)


def placement_break(**fields):
    """Two days off within a placement."""
    _default(fields, "placement", placement)
    first = fields["placement"].start_on + datetime.timedelta(days=7)
    values = {"from_on": first, "until_on": first + datetime.timedelta(days=1), "reason": "Pont"}
    return _one(PlacementBreak, **values | fields)


def placement_paper(**fields):
    """An agreement of a placement, made from a template of its own, neither signed nor void."""
    _default(fields, "placement", lambda: placement(state=PlacementState.SCHOOL_AGREED))
    kind = fields.setdefault("kind", PaperKind.AGREEMENT)
    body = "# Convention\n\n{{ host_name }} accueille **{{ student_name }}**.\n"
    _default(fields, "template", lambda: paper_template(kind=kind, body=body, name=f"Modèle {_number()}"))
    sequence = fields.setdefault("sequence", _number())
    values = {
        "year": today().year,
        "number": f"C-{today().year}-{sequence:06d}",
        "code": new_code(),
        "title": fields["template"].name,
        "body": body,
        "values": {
            "host_name": fields["placement"].company.name,
            "student_name": str(fields["placement"].student),
        },
    }
    return _one(PlacementPaper, **values | fields)


# Tracking


def follow(**fields):
    """A company asks to follow a student of its own choice, of level, domain and status; `state="active"`
    gives the agreement of an hour ago.
    """
    return saved(follow_row(**fields))[0]


def follow_row(**fields):
    """A follow that is not written yet."""
    _default(fields, "company", company)
    _default(fields, "student", lambda: student(born_on=datetime.date(2004, 5, 6)))
    state = fields.get("state", FollowState.REQUESTED)
    values = {
        "ground": Ground.PUBLIC,
        "message": "Nous recrutons des apprentis.",
        "names_student": True,
        **{f"wants_{kind}": True for kind in ("level", "domain", "status")},
    }
    if state in (FollowState.ACTIVE, FollowState.ENDED):
        values |= {f"shows_{kind}": True for kind in ("level", "domain", "status")}
    if state == FollowState.ACTIVE:
        values["agreed_at"] = timezone.now() - datetime.timedelta(hours=1)
    if state in (FollowState.REFUSED, FollowState.ENDED):
        values["closed_at"] = timezone.now()
    return Follow(**values | fields)


def profile_change(**fields):
    """What one operation of its own changed in a student's profile: from studying to looking for a job."""
    _default(fields, "student", student)
    if fields.get("operation") is None:
        with operation(kind=OperationKind.SETUP, actor=system_actor(), subject=StudentProfile) as running:
            fields["operation"] = running.row
    return ProfileChange.objects.create(
        **{"field": "status", "before": "studying", "after": "seeking"} | fields
    )


# Privacy


def erasure_request(**fields):
    """A request to be erased that came today, from a new account unless `user` or `contact` is given."""
    if fields.get("contact") is None:
        _default(fields, "user", lambda: user(Role.STUDENT))
    received_on = fields.setdefault("received_on", today())
    fields.setdefault("due_on", answer_due_on(received_on))
    if fields.get("state", OPEN_STATES[0]) not in OPEN_STATES:
        fields.setdefault("decided_at", timezone.now())
    return _one(ErasureRequest, **fields)


# Verification


def requirements():
    """What PRATIK asks of landlords and drivers, as it is installed."""
    path = settings.BASE_DIR / "fixtures" / "reference" / "verification_requirements.csv"
    load_requirements(actor=system_actor(), path=path)


def requirement(**fields):
    """A passport that proves a landlord's identity, unless said otherwise."""
    values = {
        "account_type": AccountType.LANDLORD,
        "need": Need.IDENTITY,
        "document_type": DocumentType.PASSPORT,
    }
    return _one(Requirement, **values | fields)


def document(**fields):
    """A supporting document that waits for its review: the identity card of a new landlord, valid for another
    year, unless said otherwise. An approved one counts.
    """
    return saved(document_row(**fields))[0]


def document_row(**fields):
    """A supporting document that is not written yet, with no file behind its name."""
    _default(fields, "owner", lambda: user(Role.LANDLORD))
    number = _number()
    values = {
        "document_type": DocumentType.ID_CARD,
        "submitted_by": fields["owner"],
        "expires_on": today() + datetime.timedelta(days=365),
    }
    if fields.get("document_type") in WITHOUT_FILE:
        values["seen_on"] = today()
    else:
        values |= {
            "file": f"documents/{number:024x}.pdf",
            "file_name": "piece.pdf",
            "content_type": "application/pdf",
            "size": 1_000,
            "pages": 1,
            "sha256": f"{number:064x}",
        }
    if fields.get("state", DocumentState.PENDING) != DocumentState.PENDING:
        values |= {"decided_at": timezone.now()}
    if fields.get("state") == DocumentState.APPROVED:
        values["is_in_force"] = True
    if fields.get("state") == DocumentState.REJECTED:
        values |= {"rejection_reason": RejectionReason.UNREADABLE}
    return VerificationDocument(**values | fields)


def claim(**fields):
    """A document that a verifier has just taken to look at."""
    _default(fields, "document", document)
    _default(fields, "reviewer", lambda: user(Role.VERIFIER))
    until = timezone.now() + datetime.timedelta(minutes=settings.REVIEW_CLAIM_MINUTES)
    return ReviewClaim.objects.create(**{"until": until} | fields)


# Joining


def join_request(organisation=None, account=None, **fields):
    """A request to join an organisation, a new company unless given, from a new account of its type."""
    organisation = organisation or company()
    account = account or user(Role(organisation.account_type))
    if fields.get("state", RequestState.REQUESTED) != RequestState.REQUESTED:
        fields.setdefault("decided_at", timezone.now())
    return _one(JoinRequest, user=account, **{organisation.account_type.value: organisation}, **fields)


def organisation_draft(**fields):
    """A company that somebody asked to add; a school with `account_type="school"`."""
    kind = fields.setdefault("account_type", AccountType.COMPANY)
    _default(fields, "applicant", lambda: user(Role(kind)))
    number = {"uai": uai()} if kind == AccountType.SCHOOL else {"siret": siret()}
    return _one(OrganisationDraft, **{"name": f"Organisme {_number()}"} | number | fields)


def invitation(organisation=None, **fields):
    """An invitation that left an hour ago, into an organisation (a new company unless given or `None` by
    `account_type`), from an administrator unless said otherwise.
    """
    if organisation is None and "account_type" not in fields:
        organisation = company()
    if organisation is not None:
        kind = organisation.account_type
        fields = {"account_type": kind, kind.value: organisation} | fields
    _default(fields, "invited_by", user)
    sent_at = fields.setdefault("sent_at", timezone.now() - datetime.timedelta(hours=1))
    fields.setdefault("expires_at", sent_at + INVITATION_LIFE)
    return _one(Invitation, **{"email": f"invite{_number()}@example.org"} | fields)


def sign_up(**fields):
    """Somebody who has asked for an account and has a code."""
    values = {
        "email": f"nouvelle{_number()}@example.org",
        "password": "!",
        "account_type": AccountType.STUDENT,
        "first_name": "Maïté",
        "last_name": "Clet",
    }
    return SignUp.objects.create(**values | fields)


# Recommendations


def consent_age(years=15):
    """The age from which a person agrees alone, as the reference rows have it."""
    known = LegalParameter.objects.filter(code=LegalCode.CONSENT_AGE).first()
    return known or _one(
        LegalParameter,
        code=LegalCode.CONSENT_AGE,
        value=years,
        valid_from=datetime.date(2018, 6, 22),
        source="Loi no 78-17 du 6 janvier 1978, article 45",
    )


def recommendation(**fields):
    """What a company wrote of somebody whom it hosted: a draft, of an internship that is over unless given.

    An accepted one is read by companies, under the short name, unless said otherwise.
    """
    _default(fields, "placement", lambda: placement(state=PlacementState.COMPLETED))
    state = fields.get("state", RecommendationState.DRAFT)
    values = {"rating": 4, "comment": "Travail soigné, du premier au dernier jour."}
    if state != RecommendationState.DRAFT:
        values["proposed_at"] = timezone.now()
    if state in (RecommendationState.ACCEPTED, RecommendationState.WITHDRAWN):
        values |= {"accepted_at": timezone.now(), "visibility": Visibility.COMPANIES}
    if state == RecommendationState.DECLINED:
        values["declined_at"] = timezone.now()
    if state == RecommendationState.WITHDRAWN:
        values["withdrawn_at"] = timezone.now()
    return _one(InternRecommendation, **values | fields)
