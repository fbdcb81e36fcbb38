"""Rows for tests, valid and with history, one function for each kind: `make.calendar(state="published")`.

    from tests import factories as make

Each function takes the fields that matter to the test; the rest is filled in. Rows go the way that the
services' own rows go: inside an operation (of the system's account unless one is open), by `create_rows`.
"""

import datetime
from itertools import count

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
from pratik.partners.enums import Partnership
from pratik.partners.models import (
    CompanyMembership,
    CompanyProfile,
    PartnerMembership,
    PartnerProfile,
    RecruiterMembership,
    RecruiterProfile,
)
from pratik.reference.levels import Diploma
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

UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

_number = count(1).__next__


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
    digits = 9730000 + (number or _number())
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


def commune(name="Cayenne", **fields):
    """A commune; each call makes another one unless `insee_code` says which."""
    return _one(Commune, **{"name": name, "insee_code": f"{_number():05d}"} | fields)


def postcode(**fields):
    """A postcode, of a commune of its own unless given."""
    _default(fields, "commune", commune)
    return _one(Postcode, **{"code": f"{97000 + _number() % 1000}"} | fields)


def section(**fields):
    """A section of the NAF, with one of its 21 letters."""
    return _one(ActivitySection, **{"code": "P", "label": "Enseignement"} | fields)


def activity(**fields):
    """A class of the NAF, of a section of its own unless given."""
    _default(fields, "section", lambda: ActivitySection.objects.filter(code="P").first() or section())
    return _one(Activity, **{"code": f"{_number():05d}Z", "label": "Enseignement secondaire"} | fields)


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
