"""A demonstration that a person can walk through: real schools and companies, composed calendars.

The rows come through the same import engine as a school's own files, so the history shows them.
"""

import csv
import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from backoffice.base.imports.engine import build_plan, write_plan
from backoffice.base.imports.reading import read_file
from backoffice.kinds import KINDS
from pratik.accounts.enums import AccountType, MembershipRole, StaffRole, VerificationState
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User
from pratik.accounts.services import create_account, system_actor
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import archive_calendars, publish_calendars, withdraw_calendars
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.text import fold
from pratik.core.writes import create_rows, update_rows
from pratik.joining import services as joining
from pratik.joining.models import INVITATION_LIFE, Invitation, JoinRequest, OrganisationDraft, SignUp
from pratik.law.services import load_parameters
from pratik.living.services import load_ceilings
from pratik.papers.services import load_templates
from pratik.partners.models import (
    CompanyMembership,
    CompanyProfile,
    PartnerMembership,
    PartnerProfile,
    RecruiterMembership,
    RecruiterProfile,
)
from pratik.partners.services import mark_partners
from pratik.privacy.services import apply_retention, receive_request
from pratik.reference.levels import read_level
from pratik.reference.models import Commune
from pratik.reference.services import load_reference
from pratik.schools.models import (
    ProgramManager,
    SchoolMembership,
    SchoolProfile,
    TrainingCenterMembership,
    TrainingCenterProfile,
)
from pratik.verification.services import load_requirements

from . import internships, living, papers

FIXTURES = settings.BASE_DIR / "fixtures"
DOMAIN = "pratik.example"
DEMO_SCHOOL = "9730308X"

# (address before the @, type, staff role, first name, last name)
ACCOUNTS = (
    ("administration", AccountType.STAFF, StaffRole.ADMINISTRATOR, "Rosange", "Cairo"),
    ("edition", AccountType.STAFF, StaffRole.EDITOR, "Thierry", "Sibour"),
    ("verification", AccountType.STAFF, StaffRole.VERIFIER, "Malika", "Apatou"),
    ("audit", AccountType.STAFF, StaffRole.AUDITOR, "Yves", "Horth"),
    ("ecole", AccountType.SCHOOL, "", "Nadège", "Prévot"),
    ("entreprise", AccountType.COMPANY, "", "Joël", "Tjon"),
    ("etudiante", AccountType.STUDENT, "", "Keïla", "Adjoua"),
    ("centre", AccountType.TRAINING_CENTER, "", "Line", "Gauthier"),
    ("recruteur", AccountType.RECRUITER, "", "Ana", "Da Silva"),
    ("proprietaire", AccountType.LANDLORD, "", "Paul", "Yang"),
    ("conducteur", AccountType.DRIVER, "", "Franky", "Doudou"),
    ("partenaire", AccountType.PARTNER, "", "Hélène", "Contout"),
)


def demo_password():
    """The password of the demonstration's accounts: made once for this machine, never in the repository."""
    path = settings.VAR_DIR / "demo-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}")
        path.chmod(0o600)
    return path.read_text()


def accounts():
    """The demonstration's accounts as (e-mail, what for)."""
    return [
        (f"{name}@{DOMAIN}", StaffRole(role).label if role else AccountType(kind).label)
        for name, kind, role, _first, _last in ACCOUNTS
    ]


def load(tell):
    """Loads what is missing of the demonstration; what is there is kept. `tell` hears each step."""
    actor = system_actor()
    tell("Nomenclatures")
    load_reference(actor=actor, folder=FIXTURES / "reference")
    load_requirements(actor=actor, path=FIXTURES / "reference" / "verification_requirements.csv")
    load_ceilings(actor=actor, path=FIXTURES / "reference" / "cost_ceilings.csv")
    load_parameters(actor=actor, path=FIXTURES / "reference" / "legal_parameters.csv")
    load_templates(actor=actor, folder=FIXTURES / "reference")
    _open_accounts(actor)
    editor = User.objects.get_by_natural_key(f"edition@{DOMAIN}")
    if not InternshipCalendar.objects.exists():
        for kind, told in (
            ("schools", "Établissements"),
            ("companies", "Entreprises"),
            ("managers", "Responsables de stages"),
            ("calendars", "Calendriers de stages"),
        ):
            tell(told)
            _import(KINDS[kind](actor=editor), FIXTURES / "demo" / f"{kind}.csv")
        tell("Partenaires")
        _partners(editor)
        tell("Membres et profils")
        _members_and_profiles(actor)
        tell("Publication des calendriers")
        _states(editor)
        tell("Adhésions et invitations")
        _joining(editor)
        tell("Demandes d’effacement")
        _erasure_requests()
        tell("Pièces justificatives")
        papers.load(demo_password(), DOMAIN)
        tell("Logements et trajets")
        living.load(demo_password(), DOMAIN)
        tell("Stages")
        internships.load(demo_password(), DOMAIN)
        tell("Durées de conservation")
        _retention(actor)


def _import(resource, path):
    plan = build_plan(resource, read_file(name=path.name, content=path.read_bytes()))
    if plan.problems or plan.refused:
        raise ValueError(f"{path}: {plan.problems} {plan.refused[:5]}")
    write_plan(plan, source=_Source(path), all_or_nothing=True)


class _Source:
    def __init__(self, path):
        content = path.read_bytes()
        self.name, self.size, self.sha256 = path.name, len(content), hashlib.sha256(content).hexdigest()


def _open_accounts(actor):
    known = set(User.objects.values_list("email", flat=True))
    for name, kind, role, first, last in ACCOUNTS:
        email = f"{name}@{DOMAIN}"
        if email not in known:
            checked = kind not in (AccountType.LANDLORD, AccountType.DRIVER)
            create_account(
                actor=actor,
                email=email,
                password=demo_password(),
                account_type=kind,
                staff_role=role,
                first_name=first,
                last_name=last,
                verification=VerificationState.VERIFIED if checked else VerificationState.UNVERIFIED,
            )


def _erasure_requests():
    """One that a person made a few days ago, and one that came by letter and is late."""
    driver = User.objects.get_by_natural_key(f"conducteur@{DOMAIN}")
    receive_request(
        actor=driver,
        user=driver,
        received_on=today() - timedelta(days=4),
        reason="Je ne propose plus de trajets.",
    )
    receive_request(
        actor=User.objects.get_by_natural_key(f"administration@{DOMAIN}"),
        contact=ProgramManager.objects.filter(user=None).order_by("sort_name", "pk").first(),
        received_on=today() - timedelta(days=40),
        reason="Demande reçue par courrier : je ne m’occupe plus des stages.",
    )


def _retention(actor):
    """A passage that warned somebody and removed a sign-up, and a sign-up for the next one to remove."""
    now = timezone.now()
    long_ago = now - timedelta(days=4 * 365)
    create_account(
        actor=actor,
        email=f"ancienne@{DOMAIN}",
        account_type=AccountType.STUDENT,
        first_name="Sylviane",
        last_name="Robo",
        created_at=long_ago,
        last_login=long_ago,
    )
    _unconfirmed("premier", now - timedelta(days=9))
    apply_retention()
    _unconfirmed("second", now - timedelta(days=4))


def _unconfirmed(name, moment):
    """Somebody who asked for an account and never typed the code."""
    SignUp.objects.create(
        email=f"{name}.essai@{DOMAIN}",
        # Nobody signs in with it.
        password=make_password(None),
        account_type=AccountType.STUDENT,
        first_name="Maïté",
        last_name="Clet",
        created_at=moment,
        code_sent_at=moment,
    )


def _rows(name):
    with (FIXTURES / "demo" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _partners(editor):
    rows = {row["SIRET"]: row for row in _rows("partners.csv")}
    pks = dict(CompanyProfile.objects.filter(siret__in=rows).values_list("siret", "pk"))
    by_day = {}
    for siret, row in rows.items():
        day = datetime.strptime(row["Partenaire depuis"], "%d/%m/%Y").date()
        by_day.setdefault(day, []).append(pks[siret])
    with operation(
        kind=OperationKind.TRANSITION,
        actor=editor,
        subject=CompanyProfile,
        verb="mark_partner",
        reason="Partenariats fictifs de la démonstration",
    ):
        for day, chosen in by_day.items():
            mark_partners(actor=editor, pks=chosen, since=day)
        described = list(CompanyProfile.objects.filter(siret__in=rows))
        for company in described:
            company.description = rows[company.siret]["Description"]
        update_rows(described, {"description"})


def _members_and_profiles(actor):
    people = {user.email.split("@")[0]: user for user in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    cayenne = Commune.objects.get(insee_code="97302")
    kourou = Commune.objects.get(insee_code="97304")
    with operation(kind=OperationKind.SETUP, actor=actor, subject=User, reason="Comptes de la démonstration"):
        create_rows([_member(SchoolMembership, SchoolProfile.objects.get(uai=DEMO_SCHOOL), people["ecole"])])
        company = CompanyProfile.objects.partners().order_by("sort_name").first()
        create_rows([_member(CompanyMembership, company, people["entreprise"])])
        [centre] = create_rows(
            [
                TrainingCenterProfile(
                    siret="90000003500015",
                    name="Centre de formation de démonstration",
                    commune=cayenne,
                    postcode="97300",
                    specialities=["Bâtiment", "Numérique"],
                )
            ]
        )
        [agency] = create_rows(
            [
                RecruiterProfile(
                    siret="90000001900019", name="Cabinet de recrutement de démonstration", commune=cayenne
                )
            ]
        )
        [institution] = create_rows(
            [PartnerProfile(siret="90000002700012", name="Institution de démonstration", commune=kourou)]
        )
        create_rows([_member(TrainingCenterMembership, centre, people["centre"])])
        create_rows([_member(RecruiterMembership, agency, people["recruteur"])])
        create_rows([_member(PartnerMembership, institution, people["partenaire"])])
        student = StudentProfile(user=people["etudiante"], domain="Commerce", commune=cayenne)
        student.read_level = read_level("BTS 2e année")
        create_rows([student])
        create_rows([LandlordProfile(user=people["proprietaire"], commune=kourou)])
        create_rows([DriverProfile(user=people["conducteur"], vehicle="Citadine", commune=cayenne)])


def _member(model, organisation, user):
    return model(organisation=organisation, user=user, role=MembershipRole.MANAGER)


def _states(editor):
    found = {
        (row.school.uai, row.program_key, row.start_on): row.pk
        for row in InternshipCalendar.objects.select_related("school")
    }
    wanted = {}
    for row in _rows("calendar_states.csv"):
        day = datetime.strptime(row["Début"], "%d/%m/%Y").date()
        pk = found[(row["UAI"], fold(row["Filière"])[:200], day)]
        wanted.setdefault((row["État"], row["Motif"]), []).append(pk)
    public = [pk for (state, _why), pks in wanted.items() if state in ("publié", "retiré") for pk in pks]
    publish_calendars(actor=editor, pks=public)
    for (state, why), pks in wanted.items():
        if state == "retiré":
            withdraw_calendars(actor=editor, pks=pks, reason=why)
        elif state == "archivé":
            archive_calendars(actor=editor, pks=pks)


# Who signs up in the demonstration: (address before the @, type, first name, last name, number, organisation)
NEWCOMERS = (
    ("prof.kourou", AccountType.SCHOOL, "Sandrine", "Lo", DEMO_SCHOOL, ""),
    ("prof.parti", AccountType.SCHOOL, "Éric", "Bosc", DEMO_SCHOOL, ""),
    ("prof.inconnu", AccountType.SCHOOL, "Max", "Duval", DEMO_SCHOOL, ""),
    ("atelier", AccountType.COMPANY, "Doris", "Alexander", "90000004300019", "Atelier bois du Maroni"),
    ("agence", AccountType.RECRUITER, "Rémi", "Fortuné", "90000005000014", "Agence Oyapock emploi"),
)


def _joining(editor):
    """Requests, a new organisation and invitations in each state, made as people make them."""
    people = {}
    for name, kind, first, last, number, organisation in NEWCOMERS:
        asked = joining.ask_to_sign_up(
            email=f"{name}@{DOMAIN}",
            password=demo_password(),
            account_type=kind.value,
            first_name=first,
            last_name=last,
            identifier=number,
            organisation_name=organisation or "Lycée de la démonstration",
        )
        people[name] = joining.confirm_sign_up(pk=asked.pk, code=asked.code)
    requests = {name: JoinRequest.objects.filter(user=user) for name, user in people.items()}
    member = User.objects.get_by_natural_key(f"ecole@{DOMAIN}")
    accepted, refused = (
        list(requests[name].values_list("pk", flat=True)) for name in ("prof.parti", "prof.inconnu")
    )
    joining.accept_requests(actor=member, pks=accepted)
    joining.refuse_requests(actor=member, pks=refused, reason="Nous ne connaissons pas cette personne.")
    [agency] = OrganisationDraft.objects.filter(applicant=people["agence"])
    joining.refuse_drafts(
        actor=editor, pks=[agency.pk], reason="Ce SIRET est celui d’un établissement fermé."
    )
    _invitations(member, editor)


def _invitations(member, editor):
    school = SchoolProfile.objects.get(uai=DEMO_SCHOOL)

    def invited(name, **fields):
        row = Invitation(email=f"{name}@{DOMAIN}", account_type=AccountType.SCHOOL, school=school, **fields)
        return joining.invite(actor=member, invitation=row)

    invited("collegue", message="Viens saisir les dates de tes classes.")
    revoked, accepted = invited("ancien.collegue"), invited("proviseure")
    joining.revoke_invitations(actor=member, pks=[revoked.pk])
    joining.open_invited_account(
        token=accepted.token, first_name="Marie-Ange", last_name="Théolade", password=demo_password()
    )
    sent_at = timezone.now() - INVITATION_LIFE - timedelta(days=3)
    with operation(kind=OperationKind.CREATE, actor=editor, subject=Invitation):
        create_rows(
            [
                Invitation(
                    email=f"proprietaire.invite@{DOMAIN}",
                    account_type=AccountType.LANDLORD,
                    invited_by=editor,
                    sent_at=sent_at,
                )
            ]
        )
