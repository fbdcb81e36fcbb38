"""Rows by the million, to see how the house bears them: made schools and people, plausible dates and states.

Row number n of a seed is always the same row, counted from the day of the first run, so that a run that was
stopped goes on and a finished one adds nothing. Rows are written some thousands at a time, each time in one
operation with their history, past the services: nobody is told of them. No files are written: a document
that waits, or was decided lately, has the name of a file that nothing is behind.
"""

import csv
import datetime
import json
from functools import cache, cached_property, reduce
from hashlib import blake2b
from operator import itemgetter, or_

from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, FileField, JSONField, Q
from django.db.models.base import ModelState
from phonenumber_field.modelfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber
from stdnum import luhn

from pratik.accounts.enums import AccountType, LodgingKind, VerificationState
from pratik.accounts.models import DriverProfile, LandlordProfile, User
from pratik.accounts.services import system_actor
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.core.calendar import CAYENNE, today
from pratik.core.copying import insert_rows
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.signals import columns_written
from pratik.core.text import fold
from pratik.core.writes import assign_slugs, write_history
from pratik.partners.enums import Partnership, SizeBand
from pratik.partners.models import CompanyProfile
from pratik.reference.levels import read_level
from pratik.reference.models import Activity, Commune
from pratik.reference.services import load_reference
from pratik.schools.enums import SchoolKind, SchoolSector
from pratik.schools.models import ProgramManager, SchoolProfile
from pratik.verification.enums import DocumentState, DocumentType, RejectionReason
from pratik.verification.models import Requirement, VerificationDocument
from pratik.verification.reports import needs_by_type, standing
from pratik.verification.services import load_requirements

# Of nobody: the names under `.example` are given to no one.
DOMAIN = "charge.pratik.example"
FIXTURES = settings.BASE_DIR / "fixtures"
BATCH = 10_000
LOOKED_FOR_AT_ONCE = 100
SEEDS = range(100)

UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
SCHOOLS = 600
PROGRAMS_OF_A_SCHOOL = 16
# Placements begin on a Monday from three years before the day of the first run to two years after it.
WEEKS_BEFORE, WEEKS = 156, 260
CALENDARS_OF_A_SCHOOL = PROGRAMS_OF_A_SCHOOL * WEEKS
# Has no divisor in common with CALENDARS_OF_A_SCHOOL: each step leads to another place of a start.
STEP = 1_787
DOCUMENTS_OF_AN_OWNER = 8
MOST = {
    "calendars": SCHOOLS * CALENDARS_OF_A_SCHOOL,
    "companies": 100_000 * 2_000,
    "documents": 10_000_000,
}

# What is there on the day of the first run was entered this long before it, and changed since.
ENTERED = datetime.timedelta(days=6 * 365)
ROUNDS, BETWEEN_ROUNDS = 20, datetime.timedelta(days=100)

FIRST_NAMES = (
    *("Agathe", "Alix", "Amadou", "Anaïs", "Béatrice", "Carlos", "Célestin", "Chloé", "Dayana", "Édouard"),
    *("Élodie", "Fabrice", "Gaëlle", "Hervé", "Inès", "Jocelyn", "Kévin", "Léa", "Maëva", "Noé"),
    *("Océane", "Pierrette", "Quentin", "Raïssa", "Sergio", "Thaïs", "Ulysse", "Valérie", "Wendy", "Zoé"),
)
LAST_NAMES = (
    *("Adami", "Alexandre", "Apayi", "Barthélemy", "Bellony", "Boudehri", "Camara", "Céleste", "Chan"),
    *("Da Costa", "Delannon", "Élie", "Euzèbe", "Flérian", "Galmot", "Georges", "Hilaire", "Joséphine"),
    *("Karam", "Koese", "Laval", "Léonce", "Madeleine", "Marius", "Ngwete", "Nicolas", "Othily", "Pindard"),
    *("Quimberge", "Robeiri", "Saint-Aimé", "Sébeloué", "Tablon", "Telon", "Ursule", "Voltaire", "Zéphirin"),
)
TRADES = (
    *("Menuiserie", "Garage", "Boulangerie", "Cabinet comptable", "Électricité", "Hôtel", "Restaurant"),
    *("Transports", "Imprimerie", "Pépinière", "Pharmacie", "Plomberie", "Scierie", "Agence de voyages"),
    *("Informatique", "Bureau d’études", "Froid et climatisation", "Nettoyage", "Pêcherie", "Bâtiment"),
)
SIZES = (
    *((SizeBand.ZERO, 0), (SizeBand.FROM_1, 2), (SizeBand.FROM_3, 4), (SizeBand.FROM_6, 8)),
    *((SizeBand.FROM_10, 14), (SizeBand.FROM_20, 31), (SizeBand.FROM_50, 72), (SizeBand.FROM_100, 140)),
)
STREETS = ("rue des Palmistes", "avenue du Fleuve", "lotissement Les Manguiers", "route de la Crique")

# What each type of account sends: (document, versions, for how many days it is good or None).
PAPERS = {
    AccountType.LANDLORD: (
        (DocumentType.ID_CARD, 3, 900),
        (DocumentType.ADDRESS_PROOF, 3, 365),
        (DocumentType.PROPERTY_PROOF, 2, None),
    ),
    AccountType.DRIVER: (
        (DocumentType.DRIVER_LICENSE, 3, 900),
        (DocumentType.INSURANCE, 3, 365),
        (DocumentType.VEHICLE_REGISTRATION, 2, None),
    ),
}


class Dice:
    """Throws that follow from a seed and a number, and from nothing else."""

    __slots__ = ("left",)

    def __init__(self, *of):
        self.left = int.from_bytes(blake2b(repr(of).encode(), digest_size=24).digest())

    def below(self, number):
        """A number from 0 to the one before this."""
        self.left, thrown = divmod(self.left, number)
        return thrown

    def one_of(self, choices):
        return choices[self.below(len(choices))]


class World:
    """What the rows of a seed stand on: reference data, made schools, the day that all is counted from."""

    def __init__(self, seed, day=None):
        self.seed = seed
        self.actor = system_actor()
        if not Commune.objects.exists() or not Activity.objects.exists():
            load_reference(actor=self.actor, folder=FIXTURES / "reference")
        if not Requirement.objects.exists():
            load_requirements(actor=self.actor, path=FIXTURES / "reference" / "verification_requirements.csv")
        self.communes = [
            (commune, codes[0].code)
            for commune in Commune.objects.prefetch_related("postcodes").order_by("insee_code")
            if (codes := [row for row in commune.postcodes.all() if not row.is_cedex])
        ]
        self.activities = list(Activity.objects.order_by("code").values_list("pk", flat=True))
        self.schools, self.managers = self._schools(day)
        self.day = (self.schools[0].created_at + ENTERED).astimezone(CAYENNE).date()

    def noon(self, day, minutes=0):
        """A moment of a day, about the middle of it in Cayenne."""
        return datetime.datetime(day.year, day.month, day.day, 15, tzinfo=datetime.UTC) + datetime.timedelta(
            minutes=minutes
        )

    @cached_property
    def programs(self):
        """Programmes that schools of French Guiana have, with the level and the skills they look for."""
        found = {}
        with (FIXTURES / "demo" / "calendars.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                skills = [skill.strip() for skill in row["Compétences"].split("|") if skill.strip()]
                found.setdefault(fold(row["Filière"]), (row["Filière"], read_level(row["Niveau"]), skills))
        return list(found.values())

    @cached_property
    def mondays(self):
        first = self.day - datetime.timedelta(days=self.day.weekday(), weeks=WEEKS_BEFORE)
        return [first + datetime.timedelta(weeks=week) for week in range(WEEKS)]

    @cached_property
    def phones(self):
        """Numbers that the regulator keeps for stories: nobody has them."""
        return [PhoneNumber.from_string(f"+335364900{number:02d}") for number in range(100)]

    @cached_property
    def needs(self):
        return needs_by_type()

    def _schools(self, day):
        """The made schools, each with two programme managers; written where they are not there yet."""
        uais = [_uai(self.seed, number) for number in range(SCHOOLS)]
        known = SchoolProfile.objects.in_bulk(uais, field_name="uai")
        if not known:
            entered = self.noon((day or today()) - ENTERED)
            rows = [self._school(number, uai, entered) for number, uai in enumerate(uais)]
            with self.writing(SchoolProfile, "établissements") as running:
                write(SchoolProfile, rows, running)
                managers = [self._manager(row, place) for row in rows for place in range(2)]
                write(ProgramManager, managers, running)
            known = {row.uai: row for row in rows}
        schools = [known[uai] for uai in uais]
        managers = {}
        for row in ProgramManager.objects.filter(school__in=schools).order_by("email"):
            managers.setdefault(row.school_id, []).append(row)
        return schools, managers

    def _school(self, number, uai, entered):
        dice = Dice(self.seed, "school", number)
        commune, postcode = dice.one_of(self.communes)
        kind, called = dice.one_of(
            (
                (SchoolKind.LYCEE, "Lycée polyvalent"),
                (SchoolKind.LYCEE, "Lycée professionnel"),
                (SchoolKind.CFA, "Centre de formation d’apprentis"),
                (SchoolKind.HIGHER, "Institut"),
            )
        )
        return SchoolProfile(
            uai=uai,
            name=f"{called} {dice.one_of(FIRST_NAMES)} {dice.one_of(LAST_NAMES)} {number + 1}",
            kind=kind,
            sector=SchoolSector.PUBLIC if dice.below(5) else SchoolSector.PRIVATE,
            number_of_students=200 + dice.below(1_200),
            has_vocational_track=kind != SchoolKind.HIGHER,
            has_apprenticeship=kind == SchoolKind.CFA,
            has_higher_education=kind == SchoolKind.HIGHER,
            address=f"{1 + dice.below(200)} {dice.one_of(STREETS)}",
            postcode=postcode,
            commune=commune,
            email=f"ce.{uai.lower()}@{DOMAIN}",
            created_at=entered,
            updated_at=entered,
        )

    def _manager(self, school, place):
        dice = Dice(self.seed, "manager", school.uai, place)
        return ProgramManager(
            school=school,
            title=dice.one_of(("M.", "Mme")),
            first_name=dice.one_of(FIRST_NAMES),
            last_name=dice.one_of(LAST_NAMES),
            email=f"stages{place + 1}.{school.uai.lower()}@{DOMAIN}",
            created_at=school.created_at,
            updated_at=school.updated_at,
        )

    def writing(self, model, what, kind=OperationKind.SETUP):
        """One operation of the seeding, with what it wrote as its reason."""
        return operation(
            kind=kind,
            actor=self.actor,
            subject=model,
            reason=f"Données de charge : {what} (graine {self.seed})",
        )


def made(model, **values):
    """A row with these values, by attribute, and the defaults of its model: as its constructor makes it, in a
    tenth of the time.
    """
    row = model.__new__(model)
    row.__dict__ = _defaults(model) | values
    row._state = ModelState()
    return row


@cache
def _defaults(model):
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}


def _uai(seed, number):
    digits = f"8{seed:02d}{number:04d}"
    return digits + UAI_LETTERS[int(digits) % len(UAI_LETTERS)]


def write(model, rows, running, *, slugs=False):
    """Inserts rows that bring their own moments, with a line of history of the day they were entered.

    Returns how many.
    """
    for row in rows:
        row.derive()
    if slugs:
        assign_slugs(model, rows)
    insert_rows(model, rows, plain=_plain)
    pks = [row.pk for row in rows]
    write_history(model, pks, "+", running, announced=False, moment="created_at")
    # Nobody is told of them, but what shows them is shown anew.
    columns_written.send(sender=model)
    running.count("created", len(rows))
    return len(rows)


def _plain(fields, rows):
    """What `made` put into rows, as their columns hold it: a tenth of the way of Django's fields."""
    ways = []
    for place, field in enumerate(fields):
        if isinstance(field, JSONField):
            ways.append((place, json.dumps))
        elif field.choices and isinstance(field, CharField):
            ways.append((place, str))
        elif isinstance(field, (PhoneNumberField, FileField)):
            ways.append((place, field.get_prep_value))
    take = itemgetter(*(field.attname for field in fields))
    for row in rows:
        values = list(take(row.__dict__))
        for place, way in ways:
            values[place] = way(values[place])
        yield values


class Kind:
    """One kind of rows by number. `rows(numbers)` makes them, `where(row)` is what each is known by."""

    model = None
    name = ""

    def __init__(self, world):
        self.world = world

    def missing(self, numbers):
        """The rows of these numbers that are not there yet.

        A batch is written whole, so that its two ends tell of all of it as a rule.
        """
        numbers = list(numbers)
        ends = self.found(self.rows([numbers[0], numbers[-1]]))
        if len(ends) == len({numbers[0], numbers[-1]}):
            return []
        rows = self.rows(numbers)
        if not ends:
            return rows
        found = self.found(rows)
        return [row for row in rows if self.key(row) not in found]

    def found(self, rows):
        """The keys of those of these rows that are there."""
        found = set()
        for row in rows:
            row.derive()
        for start in range(0, len(rows), LOOKED_FOR_AT_ONCE):
            some = rows[start : start + LOOKED_FOR_AT_ONCE]
            wanted = reduce(or_, (Q(**dict(zip(self.known_by, self.key(row), strict=True))) for row in some))
            found.update(self.model.objects.filter(wanted).order_by().values_list(*self.known_by))
        return found

    def key(self, row):
        return tuple(getattr(row, name) for name in self.known_by)

    def add(self, numbers):
        """Writes what is missing of these numbers, all or nothing, as one operation. Returns how many."""
        rows = self.missing(numbers)
        if rows:
            with self.world.writing(self.model, f"{self.name} nº {numbers[0]} à {numbers[-1]}") as running:
                return self.write(rows, running)
        return 0

    def write(self, rows, running):
        """Writes these rows and all that comes with them. Returns how many of the kind."""
        return write(self.model, rows, running)


class Calendars(Kind):
    """Placements of the programmes of the made schools: those over are put away, most to come are public."""

    model = InternshipCalendar
    name = "calendriers"
    known_by = ("school_id", "program_key", "start_on")

    def rows(self, numbers):
        return [self._row(number) for number in numbers]

    def _row(self, number):
        world, dice = self.world, Dice(self.world.seed, "calendar", number)
        round_, place = divmod(number, SCHOOLS)
        school = world.schools[place]
        # One step further in each round, from a start of the school's own: no place is taken twice.
        week, program = divmod((round_ * STEP + place * 37) % CALENDARS_OF_A_SCHOOL, PROGRAMS_OF_A_SCHOOL)
        name, level, skills = world.programs[(place * 7 + program) % len(world.programs)]
        start = world.mondays[week]
        entered = school.created_at + datetime.timedelta(minutes=dice.below(10_000))
        state = self._state(dice, start)
        row = made(
            InternshipCalendar,
            school_id=school.pk,
            program_name=name,
            start_on=start,
            end_on=start + datetime.timedelta(days=7 * dice.one_of((2, 3, 4, 4, 6, 8)) - 3),
            number_of_students=8 + dice.below(28),
            skills_sought=skills,
            is_visible_to_companies=dice.below(20) > 0,
            state=state,
            created_at=entered,
            updated_at=entered,
        )
        row.read_level = level
        if dice.below(3):
            row.program_manager_id = dice.one_of(world.managers[school.pk]).pk
        if state != CalendarState.DRAFT:
            shown_on = min(start - datetime.timedelta(days=40 + dice.below(80)), world.day)
            row.published_at = world.noon(shown_on, -dice.below(300))
        return row

    def _state(self, dice, start):
        thrown = dice.below(100)
        if start < self.world.day - datetime.timedelta(days=60):
            return CalendarState.ARCHIVED if thrown < 85 else CalendarState.WITHDRAWN
        if thrown < 75:
            return CalendarState.PUBLISHED
        return CalendarState.DRAFT if thrown < 94 else CalendarState.WITHDRAWN


class Companies(Kind):
    """Companies of all trades in all communes; one in twelve is a partner."""

    model = CompanyProfile
    name = "entreprises"
    known_by = ("siret",)

    def rows(self, numbers):
        return [self._row(number) for number in numbers]

    def _row(self, number):
        world, dice = self.world, Dice(self.world.seed, "company", number)
        commune, postcode = dice.one_of(world.communes)
        band, headcount = dice.one_of(SIZES)
        surname = dice.one_of(LAST_NAMES)
        entered = world.schools[0].created_at + datetime.timedelta(minutes=dice.below(10_000))
        row = made(
            CompanyProfile,
            siret=_siret(world.seed, number),
            name=f"{dice.one_of(TRADES)} {surname} {dice.one_of(FIRST_NAMES)} {commune.name}",
            activity_id=dice.one_of(world.activities),
            size_band=band,
            headcount=headcount if dice.below(2) else None,
            address=f"{1 + dice.below(200)} {dice.one_of(STREETS)}",
            postcode=postcode,
            commune_id=commune.pk,
            email=f"contact{number}@{DOMAIN}",
            created_on=world.day - datetime.timedelta(days=400 + dice.below(9_000)),
            created_at=entered,
            updated_at=entered,
        )
        if dice.below(3) == 0:
            row.phone = dice.one_of(world.phones)
        thrown = dice.below(36)
        if thrown < 3:
            row.partnership = Partnership.PARTNER
            row.partner_since = world.day - datetime.timedelta(days=dice.below(900))
        elif thrown == 3:
            row.partnership = Partnership.FORMER
        return row

    def write(self, rows, running):
        return write(self.model, rows, running, slugs=True)


def _siret(seed, number):
    establishment, place = divmod(number, 100_000)
    siren = f"9{seed:02d}{place:05d}"
    siren += luhn.calc_check_digit(siren)
    body = f"{siren}{7_000 + establishment:04d}"
    return body + luhn.calc_check_digit(body)


class Documents(Kind):
    """The papers of landlords and drivers with all their versions, eight for each account, whole accounts at
    a time; the badge is the one that they give.
    """

    model = User
    name = "comptes"
    known_by = ("email",)

    def rows(self, numbers):
        """The accounts of these documents."""
        owners = dict.fromkeys(number // DOCUMENTS_OF_AN_OWNER for number in numbers)
        return [self._owner(number) for number in owners]

    def _owner(self, number):
        world, dice = self.world, Dice(self.world.seed, "owner", number)
        entered = world.noon(world.day - datetime.timedelta(days=1_200 + dice.below(900)))
        row = made(
            User,
            email=f"compte{number}.{world.seed}@{DOMAIN}",
            first_name=dice.one_of(FIRST_NAMES),
            last_name=dice.one_of(LAST_NAMES),
            account_type=dice.one_of((AccountType.LANDLORD, AccountType.DRIVER)),
            # Nobody signs in with it.
            password="!",
            last_login=world.noon(world.day - datetime.timedelta(days=dice.below(300))),
            created_at=entered,
            updated_at=entered,
        )
        row.versions = [
            versions
            for place, paper in enumerate(PAPERS[row.account_type])
            for versions in [self._versions(paper, Dice(world.seed, "document", number, place))]
        ]
        self._badge(row)
        return row

    def _badge(self, owner):
        counting = {
            row.document_type: row.expires_on
            for versions in owner.versions
            for row in versions
            if row.is_in_force
        }
        needs = self.world.needs.get(owner.account_type)
        found = needs and standing(needs, counting)
        if found and found.complete:
            owner.verification = VerificationState.VERIFIED
            owner.verified_as, owner.verified_until = owner.account_type, found.until
            owner.verified_by_id = self.world.actor.pk
            owner.verified_at = max(
                row.decided_at for versions in owner.versions for row in versions if row.is_in_force
            )

    def _versions(self, paper, dice):
        """One paper from its first version to the latest, each sent when the one before was about to end."""
        kind, number, lasts = paper
        day, between = self.world.day, datetime.timedelta(days=lasts or 400)
        thrown = dice.below(100)
        if thrown < 72 or (lasts is None and thrown < 80):
            state, sent_on = DocumentState.APPROVED, day - datetime.timedelta(days=5 + dice.below(295))
        elif thrown < 80:
            state, sent_on = DocumentState.EXPIRED, day - between - datetime.timedelta(days=dice.below(60))
        elif thrown < 92:
            state, sent_on = DocumentState.PENDING, day - datetime.timedelta(days=dice.below(10))
        else:
            state, sent_on = DocumentState.REJECTED, day - datetime.timedelta(days=5 + dice.below(150))
        rows = []
        for place in range(number):
            latest = place == number - 1
            sent = sent_on - between * (number - 1 - place)
            expires = None if lasts is None else sent + between + datetime.timedelta(days=dice.below(20))
            if latest:
                was = state
            elif place == 0 and number > 2 and dice.below(5) == 0:
                was = DocumentState.REJECTED
            else:
                was = DocumentState.EXPIRED if expires and expires < day else DocumentState.APPROVED
            if was == DocumentState.EXPIRED and expires >= day:
                expires = day - datetime.timedelta(days=1 + dice.below(30))
            rows.append(self._document(kind, was, sent, expires, dice))
            rows[-1].is_current = latest
        counts = next((row for row in reversed(rows[-2:]) if row.state == DocumentState.APPROVED), None)
        if counts is not None and counts.is_valid_on(day):
            counts.is_in_force = True
        return rows

    def _document(self, kind, state, sent_on, expires_on, dice):
        world = self.world
        sent = world.noon(sent_on, -dice.below(300))
        digest = f"{dice.below(1 << 64):064x}"
        row = made(
            VerificationDocument,
            document_type=kind,
            state=state,
            reference=f"97{dice.below(10**9):09d}",
            issued_on=sent_on - datetime.timedelta(days=1 + dice.below(60)),
            expires_on=expires_on,
            submitted_at=sent,
            file=f"documents/charge/{digest[-16:]}.pdf",
            file_name=f"{kind}.pdf",
            content_type="application/pdf",
            size=50_000 + dice.below(900_000),
            pages=1 + dice.below(2),
            sha256=digest,
            created_at=sent,
            updated_at=sent,
        )
        if state != DocumentState.PENDING:
            decided_on = min(sent_on + datetime.timedelta(days=1 + dice.below(3)), world.day)
            row.decided_by_id = world.actor.pk
            row.decided_at = row.updated_at = max(sent, world.noon(decided_on))
            row.file_due_on = decided_on + datetime.timedelta(days=settings.VERIFICATION_FILE_KEPT_DAYS)
            if row.file_due_on <= world.day:
                row.file, row.file_deleted_at = "", world.noon(row.file_due_on)
        if state == DocumentState.REJECTED:
            row.rejection_reason = dice.one_of(
                (RejectionReason.UNREADABLE, RejectionReason.INCOMPLETE, RejectionReason.TOO_OLD)
            )
        return row

    def write(self, rows, running):
        write(User, rows, running)
        for kind, profile in ((AccountType.LANDLORD, LandlordProfile), (AccountType.DRIVER, DriverProfile)):
            owners = [owner for owner in rows if owner.account_type == kind]
            if owners:
                write(profile, [self._profile(profile, owner) for owner in owners], running)
        written = 0
        # A version points at the one before, which must have its key by then.
        for place in range(max(number for papers in PAPERS.values() for _kind, number, _lasts in papers)):
            layer = []
            for owner in rows:
                for versions in owner.versions:
                    if place < len(versions):
                        document = versions[place]
                        document.owner_id = document.submitted_by_id = owner.pk
                        document.replaces_id = versions[place - 1].pk if place else None
                        layer.append(document)
            written += write(VerificationDocument, layer, running)
        return written

    def _profile(self, model, owner):
        dice = Dice(self.world.seed, "profile", owner.email)
        commune, _postcode = dice.one_of(self.world.communes)
        row = model(user=owner, commune=commune, created_at=owner.created_at, updated_at=owner.created_at)
        if model is LandlordProfile:
            row.lodging_kind = dice.one_of(LodgingKind.values)
            row.number_of_lodgings = 1 + dice.below(4)
        else:
            row.vehicle, row.seats = dice.one_of(("Citadine", "Break", "Utilitaire")), 2 + dice.below(3)
        return row


class Versions:
    """Further lines of history of the made calendars: changes of the number of students and their taking
    back, in rounds that are spread over the years since the calendars were entered.
    """

    name = "versions"

    def __init__(self, world):
        self.world = world
        made = InternshipCalendar.objects.filter(school__in=[school.pk for school in world.schools])
        self.calendars = list(made.order_by("pk").values_list("pk", flat=True).iterator())

    @property
    def most(self):
        return 2 * ROUNDS * len(self.calendars)

    def add(self, numbers):
        """Writes the lines of these numbers that are not there yet, two for a calendar. Returns how many."""
        number, first, last, added = len(self.calendars), numbers[0] // 2, numbers[-1] // 2, 0
        with transaction.atomic():
            while first <= last:
                round_, place = divmod(first, number)
                some = self.calendars[place : place + last - first + 1]
                added += self._change(round_, some)
                first += len(some)
        return added

    def _change(self, round_, pks):
        changed = self.world.schools[0].created_at + BETWEEN_ROUNDS * round_ + datetime.timedelta(days=20)
        history = InternshipCalendar.history.model.objects
        found = set(history.filter(id__in=pks, history_date=changed).order_by().values_list("id", flat=True))
        pks = [pk for pk in pks if pk not in found]
        if not pks:
            return 0
        column = connection.ops.quote_name("number_of_students")
        for moment, said in ((changed, f"{column} + 1"), (changed + BETWEEN_ROUNDS / 2, column)):
            with self.world.writing(InternshipCalendar, "effectifs revus", OperationKind.EDIT) as running:
                instead = {"number_of_students": said}
                write_history(
                    InternshipCalendar, pks, "~", running, announced=False, moment=moment, instead=instead
                )
                running.count("updated", len(pks))
            running.row.started_at = running.row.finished_at = moment
            running.row.save(update_fields=["started_at", "finished_at"])
        return 2 * len(pks)


WRITTEN = {
    "calendars": (SchoolProfile, ProgramManager, InternshipCalendar),
    "companies": (CompanyProfile,),
    "documents": (User, LandlordProfile, DriverProfile, VerificationDocument),
    "history": (InternshipCalendar,),
}


class TooMuchHistory(ValueError):
    """More lines of history were asked for than the calendars bear; `most` is what they bear."""

    def __init__(self, most):
        super().__init__(most)
        self.most = most


KINDS = {"calendars": Calendars, "companies": Companies, "documents": Documents}


def seed(*, seed, day=None, progress, history=0, **numbers):
    """Brings each kind to so many rows of this seed, and the calendars to so many further lines of history.

    `progress(name, total)` is entered for each kind and told, after each batch, how far it is and how many
    rows of it were new. Returns {name: how many were new}.
    """
    world, added = World(seed, day), {}
    for name, kind in KINDS.items():
        if total := numbers.get(name, 0):
            added[name] = _fill(kind(world), total, progress)
    if history:
        versions = Versions(world)
        if history > versions.most:
            raise TooMuchHistory(versions.most)
        added["history"] = _fill(versions, history, progress)
    if connection.vendor == "postgresql":
        # What the planner knows of the tables is from when they were empty.
        models = {model for name in added for model in WRITTEN[name]}
        tables = [model._meta.db_table for each in models for model in (each, each.history.model)]
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, sorted(tables)))}")
    return added


def _fill(kind, total, progress):
    new = 0
    with progress(kind.name, total) as told:
        for first in range(0, total, BATCH):
            numbers = range(first, min(first + BATCH, total))
            new += kind.add(numbers)
            told(numbers[-1] + 1, new)
    return new
