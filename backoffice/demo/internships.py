"""Internships of the demonstration, made as people make them: offers, applications, a class of placements
with its papers, recommendations and companies that follow students.
"""

import io
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from pratik.accounts.enums import AccountType, MembershipRole, StudentStatus
from pratik.accounts.models import StudentProfile
from pratik.accounts.services import create_account, system_actor
from pratik.core.calendar import CAYENNE, today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import save_row
from pratik.core.text import fold
from pratik.core.writes import create_rows, set_columns
from pratik.internships import services
from pratik.internships.enums import EndedBy, InternshipKind, RefusalReason
from pratik.internships.models import (
    Application,
    HostTutor,
    InternshipOffer,
    Placement,
    PlacementPaper,
    ReferentTeacher,
)
from pratik.law.rules import WeekSchedule
from pratik.partners.models import CompanyMembership, CompanyProfile
from pratik.recommendations import services as recommendations
from pratik.recommendations.enums import Visibility
from pratik.recommendations.models import InternRecommendation
from pratik.reference.levels import read_level
from pratik.reference.models import Commune
from pratik.reference.school_years import school_year_of
from pratik.schools import services as enrolments
from pratik.schools.models import SchoolProfile, StudentEnrolment
from pratik.tracking import services as tracking

from .papers import HEIGHT, INK, PAPER, WIDTH, font
from .people import known, new

SCHOOL = "9730308X"
HOTEL, SOLAR = "48009773200022", "75367801000038"
# Hosts that have no account: their school notes that they agreed.
SHOP, WHOLESALER, RESTAURANT = "79230517900022", "78574231300113", "39308461100010"
CAYENNE_TOWN, KOUROU, MATOURY, SAINT_LAURENT = "97302", "97304", "97307", "97311"
# (address before the @, first name, last name, host)
HOSTS = (
    ("hotel", "Gisèle", "Clairet", HOTEL),
    ("solaire", "Marvin", "Nouvellet", SOLAR),
)
# The class beside those who are known: (address before the @, first name, last name, birthday)
CLASS = (
    ("eleve.anakesa", "Loïse", "Anakesa", "2006-03-14"),
    ("eleve.bafau", "Ruddy", "Bafau", "2005-11-02"),
    ("eleve.castor", "Meïlie", "Castor", "2006-07-21"),
    ("eleve.dekon", "Warren", "Dekon", "2006-01-30"),
    ("eleve.eustache", "Océane", "Eustache", "2005-09-18"),
    ("eleve.fjeke", "Sylvio", "Fjéké", "2006-05-06"),
    ("eleve.garros", "Yaëlle", "Garros", "2006-12-11"),
    ("eleve.horeau", "Killian", "Horeau", "2005-04-25"),
)
# One whom the school has asked and who has not answered.
ASKED = ("eleve.inini", AccountType.STUDENT, "Maïlys", "Inini")
PROGRAM = "BTS Management commercial opérationnel (MCO) 2e année"
GROUP = "2 MCO"
# What every agreement of the class says beside its own dates and duties.
MENTIONS = {
    "supervision": "Un point chaque vendredi avec le tuteur ; une visite de l’enseignant à mi-parcours.",
    "benefits": "Accès au lieu de restauration du personnel.",
    "student_insurer": "MAIF",
    "student_policy": "4087215 M",
    "social_protection": "Affiliation au régime général comme étudiant ; accidents du travail déclarés par"
    " l’organisme d’accueil à la caisse et à l’établissement dans les quarante-huit heures.",
    "leave_rules": "Absences autorisées pour les examens et les convocations de l’établissement.",
    "validation_rules": "En cas d’interruption, la période peut être complétée avant la fin de l’année.",
    "internal_rules": "Le règlement intérieur de l’organisme d’accueil est remis le premier jour.",
    "program_hours": "1 020 heures par année d’enseignement",
    "host_representative_role": "responsable de l’établissement",
    "school_representative": "Marie-Ange Théolade",
    "school_representative_role": "proviseure",
    "student_address": "12 rue des Balourous, 97310 Kourou",
}


def load(password, domain):
    """Offers in each state and who applied, then a class with its placements and what followed from them."""
    people = known(
        ("entreprise", "ecole", "etudiante", "etudiant.kourou", "etudiant.mana", "edition"), domain
    )
    people |= _hosts(password, domain)
    people |= new(
        [ASKED, *((name, AccountType.STUDENT, first, last) for name, first, last, _born in CLASS)],
        password,
        domain,
    )
    companies = {
        "entreprise": CompanyProfile.objects.of_member(people["entreprise"]).get(),
        **{row.siret: row for row in CompanyProfile.objects.partners()},
    }
    students = _students(people)
    school = SchoolProfile.objects.get(uai=SCHOOL)
    enrolled = _enrol(people, school, domain)
    _applications(people, students, _offers(people, companies))
    placements = _placements(people, companies, school, enrolled)
    _recommendations(people, placements)
    _follows(people, companies["entreprise"], students)


def _hosts(password, domain):
    """People of two partner companies, besides the one that the demonstration opens first."""
    actor = system_actor()
    opened = {
        name: create_account(
            actor=actor,
            email=f"{name}@{domain}",
            password=password,
            account_type=AccountType.COMPANY,
            first_name=first,
            last_name=last,
        )
        for name, first, last, _siret in HOSTS
    }
    with operation(kind=OperationKind.SETUP, actor=actor, subject=CompanyMembership, reason="Démonstration"):
        create_rows(
            [
                CompanyMembership(
                    organisation=CompanyProfile.objects.get(siret=siret),
                    user=opened[name],
                    role=MembershipRole.MANAGER,
                )
                for name, _first, _last, siret in HOSTS
            ]
        )
    return opened


def _students(people):
    """The profiles of the students, by the same names, filled in as each would."""
    born = {name: day for name, _first, _last, day in CLASS}
    born |= {"etudiante": "2005-08-09", "etudiant.kourou": "2004-10-27", "etudiant.mana": "2006-02-17"}
    profiles = {}
    for name, day in born.items():
        row = profiles[name] = StudentProfile.objects.get(user=people[name])
        row.born_on = datetime.fromisoformat(day).date()
        row.domain = "Commerce"
        row.skills = ["Vente", "Relation client"]
        row.read_level = read_level("BTS 2e année")
        # One who looks for a first job lets companies find them.
        row.is_public = name == "etudiant.kourou"
        save_row(actor=people[name], row=row)
    return profiles


def _monday(weeks):
    """The Monday so many weeks from this one."""
    day = today()
    return day + timedelta(weeks=weeks, days=-day.weekday())


def _span(weeks, length):
    """The first and the last day of so many whole weeks of work."""
    return {"start_on": _monday(weeks), "end_on": _monday(weeks + length) - timedelta(days=3)}


def _done(outcome):
    """The rows of an outcome in which nothing was refused."""
    if outcome.refused:
        raise ValueError(outcome.refused)
    return outcome.changed


# Students and schools


def _enrol(people, school, domain):
    """The class, confirmed by each; an address that nobody has, and a student who named the school."""
    member, year = people["ecole"], school_year_of(today())
    names = ["etudiante", "etudiant.kourou", *(name for name, *_rest in CLASS)]
    course = {"school": school, "school_year": year, "program_name": PROGRAM}
    _done(
        enrolments.propose_enrolments(
            actor=member, emails=[people[name].email for name in names], class_group=GROUP, **course
        )
    )
    rows = {row.email: row for row in StudentEnrolment.objects.filter(school=school, school_year=year)}
    for name in names:
        _done(enrolments.accept_enrolments(actor=people[name], pks=[rows[people[name].email].pk]))
    enrolments.declare_enrolment(actor=people["etudiant.mana"], class_group=GROUP, **course)
    waiting = [people[ASKED[0]].email, f"nouvelle.eleve@{domain}"]
    _done(enrolments.propose_enrolments(actor=member, emails=waiting, class_group=GROUP, **course))
    found = StudentEnrolment.objects.filter(student__user__in=[people[name] for name in names])
    by_user = {row.student.user_id: row for row in found.with_names()}
    return {name: by_user[people[name].pk] for name in names}


# Offers and applications


def _offer(actor, company, commune, title, description, *, ends_in=None, **fields):
    """A draft of an offer; one may apply until a week before it starts unless said so."""
    last_day = today() + timedelta(days=ends_in) if ends_in else fields["start_on"] - timedelta(days=7)
    row = InternshipOffer(
        company=company,
        commune=Commune.objects.get(insee_code=commune),
        title=title,
        description=description,
        apply_until=last_day,
        **fields,
    )
    return save_row(actor=actor, row=row)


def _offers(people, companies):
    """Offers of three companies in each state; returned by a short name."""
    own, hotel, solar = people["entreprise"], people["hotel"], people["solaire"]
    mine = {"actor": own, "company": companies["entreprise"], "commune": SAINT_LAURENT}
    inn = {"actor": hotel, "company": companies[HOTEL], "commune": CAYENNE_TOWN}
    sun = {"actor": solar, "company": companies[SOLAR], "commune": MATOURY}
    period, watch = InternshipKind.WORK_PLACEMENT_PERIOD, InternshipKind.OBSERVATION
    bts = read_level("BTS 2e année")
    offers = {
        "families": _offer(
            **mine,
            **_span(8, 6),
            title="Relation avec les familles et accueil",
            description="Accueillir les familles, suivre leurs demandes et mettre à jour les dossiers"
            " d’admission. Participer à la journée portes ouvertes.",
            skills=["Relation client", "Expression écrite"],
            places=2,
            questions=["Pourquoi le secteur médico-social ?", "Avez-vous un moyen de transport ?"],
            read_level=bts,
        ),
        "purchases": _offer(
            **mine,
            **_span(5, 4),
            ends_in=5,
            title="Achats et stocks de l’économat",
            description="Passer les commandes de fournitures, suivre les livraisons et tenir l’inventaire.",
            skills=["Tableur", "Gestion des stocks"],
        ),
        "news": _offer(
            **mine,
            **_span(9, 6),
            title="Lettre d’information des établissements",
            description="Recueillir les nouvelles des équipes, rédiger et composer une lettre mensuelle.",
            skills=["Rédaction", "Mise en page"],
            remote_share=40,
        ),
        "desk": _offer(
            **mine,
            **_span(12, 3),
            title="Standard et accueil du siège",
            description="Répondre au téléphone, orienter les visiteurs, trier le courrier.",
            kind=period,
        ),
        "fair": _offer(
            **mine,
            **_span(6, 2),
            title="Préparation de la braderie solidaire",
            description="Préparer les lots, tenir un stand et compter la caisse avec l’équipe.",
        ),
        "reception": _offer(
            **inn,
            **_span(14, 8),
            title="Réception et relation client",
            description="Accueillir les clients, enregistrer les réservations et répondre aux avis en ligne.",
            skills=["Anglais", "Relation client"],
            stipend_hourly=Decimal("4.50"),
        ),
        "dining": _offer(
            **inn,
            **_span(7, 4),
            title="Service en salle et conseil à la clientèle",
            description="Dresser la salle, prendre les commandes, servir et encaisser.",
            kind=period,
            places=3,
        ),
        "trades": _offer(
            **inn,
            **_span(4, 1),
            title="Découverte des métiers de l’hôtel",
            description="Une semaine auprès de chaque équipe : réception, étages, cuisine et entretien.",
            kind=watch,
            hours_per_week=Decimal(30),
            places=4,
        ),
        "season": _offer(
            **inn,
            **_span(3, 3),
            title="Inventaire de fin de saison",
            description="Compter le linge et la vaisselle, préparer les commandes de la saison suivante.",
        ),
        "sales": _offer(
            **sun,
            **_span(10, 12),
            title="Conseil commercial en installations solaires",
            description="Visiter les clients avec un technicien, établir les devis, relancer les prospects.",
            skills=["Prospection", "Devis", "Permis B"],
            asks_for_cv=True,
            stipend_hourly=Decimal("5.00"),
            remote_share=10,
            read_level=bts,
        ),
        "wiring": _offer(
            **sun,
            **_span(6, 4),
            title="Aide-électricien sur chantier",
            description="Poser des chemins de câbles, raccorder des prises et lire un schéma, en équipe.",
            kind=period,
            places=2,
        ),
        "market": _offer(
            **sun,
            **_span(11, 6),
            title="Étude du marché de la climatisation solaire",
            description="Étude de marché.",
        ),
    }
    for actor, names in (
        (own, ("families", "purchases", "news", "fair")),
        (hotel, ("reception", "dining", "trades", "season")),
        (solar, ("sales", "wiring", "market")),
    ):
        _done(services.submit_offers(actor=actor, pks=[offers[name].pk for name in names]))
    editor = people["edition"]
    public = [row.pk for name, row in offers.items() if name not in ("desk", "news", "market")]
    _done(services.publish_offers(actor=editor, pks=public))
    _done(
        services.refuse_offers(
            actor=editor,
            pks=[offers["market"].pk],
            reason="Dites ce que fera le stagiaire : un titre ne suffit pas à un étudiant pour choisir.",
        )
    )
    return offers


def _applications(people, students, offers):
    """Who applied: received, kept, invited, accepted, refused, taken up again, taken back, unanswered."""
    own, hotel = people["entreprise"], people["hotel"]
    letters = {
        "families": "Le contact avec le public me plaît, et j’ai fait mon premier stage à un accueil.",
        "purchases": "J’ai tenu les stocks d’une épicerie pendant les vacances et je connais le tableur.",
        "reception": "Je parle anglais et portugais, et je voudrais travailler dans l’hôtellerie.",
        "dining": "Je cherche un stage où apprendre le service et le conseil.",
        "season": "Je suis rigoureux et disponible dès maintenant.",
        "sales": "La vente de solutions solaires réunit ce que j’étudie et ce qui me tient à cœur.",
        "fair": "J’ai déjà tenu un stand avec mon association.",
    }
    answers = {"families": ["Ma mère y travaille et m’en parle souvent.", "Oui, un scooter."]}
    sent = {}
    for days, (name, offer) in enumerate(
        (
            ("etudiante", "families"),
            ("etudiante", "reception"),
            ("etudiante", "sales"),
            ("eleve.anakesa", "families"),
            ("eleve.bafau", "families"),
            ("eleve.castor", "families"),
            ("eleve.dekon", "purchases"),
            ("eleve.eustache", "purchases"),
            ("eleve.fjeke", "dining"),
            ("eleve.garros", "season"),
            ("eleve.horeau", "fair"),
            ("eleve.garros", "purchases"),
        )
    ):
        cv = _cv(students[name]) if offers[offer].asks_for_cv else None
        sent[name, offer] = row = services.apply(
            actor=people[name],
            offer=offers[offer],
            letter=letters[offer],
            answers=answers.get(offer, ()),
            upload=cv,
        )
        _date(row, days % 6 + 1)
    _done(services.shortlist_applications(actor=own, pks=[sent["eleve.anakesa", "families"].pk]))
    interview = datetime.combine(today() + timedelta(days=4), time(10, 30), CAYENNE)
    _done(
        services.invite_applications(
            actor=own,
            pks=[sent["etudiante", "families"].pk],
            interview_at=interview,
            place="Siège, 5 rue du Lieutenant-Colonel-Chandon, Saint-Laurent-du-Maroni",
            reason="Présentez-vous à l’accueil avec une pièce d’identité.",
        )
    )
    _done(
        services.refuse_applications(
            actor=own,
            pks=[sent["eleve.bafau", "families"].pk],
            why=RefusalReason.DATES,
            reason="Vos cours reprennent avant la fin du stage.",
        )
    )
    taken_up = sent["eleve.garros", "purchases"].pk
    _done(services.refuse_applications(actor=own, pks=[taken_up], why=RefusalReason.OTHER_PROFILE))
    _done(
        services.reopen_applications(
            actor=own, pks=[taken_up], reason="Une place se libère : voulez-vous encore de ce stage ?"
        )
    )
    _done(
        services.withdraw_applications(
            actor=people["eleve.eustache"], pks=[sent["eleve.eustache", "purchases"].pk]
        )
    )
    accepted = sent["etudiante", "reception"].pk
    _done(
        services.accept_applications(
            actor=hotel, pks=[accepted], reason="Nous serons ravis de vous accueillir."
        )
    )
    # What the task would do, so that the demonstration is whole before any task runs.
    services.draft_placements(pks=[accepted])
    _done(services.close_offers(actor=own, pks=[offers["fair"].pk]))
    _done(services.archive_offers(actor=hotel, pks=[offers["season"].pk]))


def _cv(student):
    """A page that looks like a CV, as a student would send it."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 0, WIDTH, 260), fill="#14573f")
    draw.text((80, 60), str(student), fill="white", font=font(64))
    draw.text((80, 160), "Document fictif de la démonstration", fill="#dfe9e2", font=font(34))
    top = 340
    for heading, lines in (
        ("Formation", (PROGRAM, "Baccalauréat professionnel Métiers du commerce et de la vente")),
        ("Expérience", ("Stage de quatre semaines à l’accueil", "Emploi d’été en épicerie")),
        ("Compétences", student.skills),
        ("Langues", ("Français, créole guyanais, anglais, portugais",)),
    ):
        draw.text((80, top), heading, fill="#14573f", font=font(44))
        for line in lines:
            top += 62
            draw.text((110, top), line, fill=INK, font=font(32))
        top += 110
    out = io.BytesIO()
    sheet.save(out, "PDF", resolution=150)
    return SimpleUploadedFile("cv.pdf", out.getvalue())


def _date(application, days):
    """Has an application been sent some days ago."""
    moment = datetime.combine(today() - timedelta(days=days), time(18, 20), CAYENNE)
    with operation(
        kind=OperationKind.SETUP, actor=system_actor(), subject=Application, reason="Démonstration"
    ):
        set_columns(Application, [application.pk], sent_at=moment)


def _make_on(placement, day):
    """Has the agreement of a placement made on a day before its signature."""
    moment = datetime.combine(day, time(9, 15), CAYENNE)
    papers = PlacementPaper.objects.filter(placement=placement)
    with operation(
        kind=OperationKind.SETUP, actor=system_actor(), subject=PlacementPaper, reason="Démonstration"
    ):
        set_columns(PlacementPaper, list(papers.values_list("pk", flat=True)), made_at=moment)


# Placements


def _placements(people, companies, school, enrolled):
    """A class of placements in each state, with their papers; returned by the student's name."""
    member = people["ecole"]
    tutors = {
        host: save_row(
            actor=people.get(host, member),
            row=HostTutor(
                company=companies[key],
                entered_by=None if host in people else school,
                first_name=first,
                last_name=last,
                email=f"{fold(last)}@example.org",
                job_title=job,
            ),
        )
        for host, key, first, last, job in (
            ("entreprise", "entreprise", "Mirella", "Sophie", "cheffe de service"),
            ("hotel", HOTEL, "Aldo", "Marchand", "chef de réception"),
            ("solaire", SOLAR, "Steeve", "Pinson", "responsable commercial"),
            ("shop", SHOP, "Lydia", "Chen", "gérante"),
            ("wholesaler", WHOLESALER, "Fabrice", "Rosemond", "chef des ventes"),
            ("restaurant", RESTAURANT, "Jimmy", "Lo", "gérant"),
        )
    }
    teachers = [
        save_row(
            actor=member,
            row=ReferentTeacher(
                school=school,
                first_name=first,
                last_name=last,
                email=f"{fold(last)}@example.org",
                subject=subject,
            ),
        )
        for first, last, subject in (
            ("Régine", "Silbande", "Économie et gestion"),
            ("Tony", "Zulémaro", "Vente"),
        )
    ]

    def draft(name, host, post, activities, weeks, length, **fields):
        tutor = tutors[host]
        row = Placement(
            enrolment=enrolled[name],
            company=tutor.company,
            tutor=tutor,
            teacher=teachers[len(placed) % 2],
            kind=InternshipKind.INTERNSHIP,
            post=post,
            activities=activities,
            skills=["Animer un espace de vente", "Développer la relation client"],
            schedule=WeekSchedule.even(Decimal(35)).as_json(),
            host_representative=str(tutor),
            **{**MENTIONS, **_span(weeks, length), **fields},
        )
        placed[len(placed)] = row = services.save_placement(actor=member, row=row)
        return row

    placed = {}
    rows = {
        "certified": draft(
            "etudiante", "entreprise", "Accueil et relation avec les familles",
            "Accueillir les familles\nTenir les dossiers d’admission", -9, 4,
        ),
        "completed": draft(
            "etudiant.kourou", "entreprise", "Boutique solidaire",
            "Conseiller les clients\nRéassortir les rayons\nTenir la caisse", -8, 6,
        ),
        "running": draft(
            "eleve.anakesa", "entreprise", "Économat",
            "Passer les commandes\nTenir l’inventaire", -2, 5,
        ),
        "awaits_host": draft(
            "eleve.bafau", "entreprise", "Communication des établissements",
            "Préparer la lettre d’information\nMettre à jour le site", 6, 5,
        ),
        "awaits_school": draft(
            "eleve.castor", "hotel", "Réservations et accueil des groupes",
            "Enregistrer les réservations\nAccueillir les groupes", 5, 5,
        ),
        "to_print": draft(
            "eleve.dekon", "solaire", "Suivi des devis",
            "Établir les devis\nRelancer les clients", 4, 6,
        ),
        "to_sign": draft(
            "eleve.eustache", "shop", "Rayon frais",
            "Réassortir et étiqueter\nConseiller les clients", 3, 5,
        ),
        "signed": draft(
            "eleve.fjeke", "wholesaler", "Prospection des professionnels",
            "Préparer les tournées\nPrésenter le catalogue", 2, 6,
        ),
        "unlawful": draft(
            "eleve.garros", "restaurant", "Vente à emporter",
            "Prendre les commandes\nEncaisser", 4, 11,
        ),
        "interrupted": draft(
            "eleve.horeau", "solaire", "Accueil des clients de l’agence",
            "Accueillir les clients\nTenir l’agenda des visites", -4, 8,
        ),
        "cancelled": draft(
            "eleve.dekon", "hotel", "Boutique de l’hôtel",
            "Tenir la boutique\nPasser les commandes", 11, 3,
        ),
    }  # fmt: skip
    _agree(people, rows)
    _papers(people, rows)
    return rows


def _agree(people, rows):
    """Each side agrees, but where a placement is to wait for it."""
    by_host = {
        "entreprise": ("certified", "completed", "running"),
        "hotel": ("awaits_school",),
        "solaire": ("to_print", "interrupted"),
    }
    for host, names in by_host.items():
        _done(services.agree_as_host(actor=people[host], pks=[rows[name].pk for name in names]))
    member = people["ecole"]
    _done(
        services.record_host_agreement(
            actor=member,
            pks=[rows[name].pk for name in ("to_sign", "signed")],
            reason="Accord donné par le tuteur au téléphone, puis confirmé par e-mail.",
        )
    )
    _done(
        services.cancel_placements(
            actor=member, pks=[rows["cancelled"].pk], reason="La boutique ferme pour travaux."
        )
    )
    agreed = ("certified", "completed", "running", "to_print", "to_sign", "signed", "interrupted")
    _done(services.agree_as_school(actor=member, pks=[rows[name].pk for name in agreed]))


def _papers(people, rows):
    """Agreements made and signed, an internship broken off, a certificate, an amendment that waits."""
    member = people["ecole"]
    signed = ("certified", "completed", "running", "signed", "interrupted")
    _done(services.make_agreements(actor=member, pks=[rows[name].pk for name in (*signed, "to_sign")]))
    for name in signed:
        day = min(rows[name].start_on - timedelta(days=7), today())
        _make_on(rows[name], day - timedelta(days=2))
        _done(services.sign_placements(actor=member, pks=[rows[name].pk], signed_on=day))
    services.start_and_complete()
    _done(
        services.interrupt_placements(
            actor=member,
            pks=[rows["interrupted"].pk],
            ended_on=_monday(-1) + timedelta(days=3),
            ended_by=EndedBy.HOST,
            reason="L’agence ferme et son activité est reprise par une autre.",
        )
    )
    services.make_certificate(
        actor=people["entreprise"], placement=rows["certified"], absence_hours=Decimal(7)
    )
    services.make_amendment(
        actor=member,
        placement=rows["running"],
        changes={"end_on": rows["running"].end_on + timedelta(days=7)},
        reason="L’inventaire de fin d’année se termine une semaine plus tard.",
    )


# What companies say afterwards


def _recommendations(people, placements):
    """One that waits for the student, one that everybody reads, and one that is being written."""
    company, student = people["entreprise"], people["etudiant.kourou"]

    def written(name, **fields):
        row = InternRecommendation(
            placement=Placement.objects.get(pk=placements[name].pk),
            author_name="Mirella Sophie",
            author_role="cheffe de service",
            **fields,
        )
        return save_row(actor=company, row=row)

    waiting = written(
        "certified",
        rating=5,
        autonomy=True,
        teamwork=True,
        punctuality=True,
        skills_validated=["Relation client", "Gestion de dossiers"],
        recommended_domains=["Accueil", "Commerce"],
        comment="Une grande écoute des familles et un travail toujours soigné.",
    )
    public = written(
        "completed",
        rating=4,
        teamwork=True,
        rigor=True,
        creativity=True,
        skills_validated=["Vente", "Tenue de caisse"],
        recommended_domains=["Commerce"],
        comment="A donné un nouvel élan à la boutique ; les clients demandent encore de ses nouvelles.",
    )
    written(
        "running",
        rating=4,
        rigor=True,
        skills_validated=["Gestion des stocks"],
        recommended_domains=["Logistique"],
        comment="Prend ses marques avec sérieux.",
    )
    _done(recommendations.propose_recommendations(actor=company, pks=[waiting.pk, public.pk]))
    _done(
        recommendations.accept_recommendations(
            actor=student, pks=[public.pk], visibility=Visibility.PUBLIC, shows_full_name=True
        )
    )
    _done(recommendations.feature_recommendations(actor=people["edition"], pks=[public.pk]))


def _follows(people, company, students):
    """One that a student has to answer, and one that tells what changed in a profile since."""
    actor, student = people["entreprise"], people["etudiant.kourou"]
    tracking.ask_to_follow(
        actor=actor,
        company=company,
        student=students["etudiante"],
        kinds=("level", "status"),
        message="Nous recrutons chaque été : nous aimerions savoir quand vous chercherez un emploi.",
    )
    followed = tracking.ask_to_follow(
        actor=actor,
        company=company,
        student=students["etudiant.kourou"],
        kinds=("level", "domain", "status"),
        message="Votre travail à la boutique nous a plu.",
    )
    _done(tracking.agree_to_follows(actor=student, pks=[followed.pk], kinds=("level", "domain", "status")))
    profile = StudentProfile.objects.get(user=student)
    profile.status = StudentStatus.SEEKING
    profile.domain = "Commerce et distribution"
    save_row(actor=student, row=profile)
