"""Files as people send them, and for each kind of import a file that is right."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date

from openpyxl import Workbook

from backoffice.base.imports.engine import build_plan, write_plan
from backoffice.base.imports.reading import read_file
from backoffice.kinds import KINDS
from pratik.calendars.models import InternshipCalendar
from pratik.internships.models import InternshipOffer
from pratik.partners.models import CompanyProfile
from pratik.schools.models import ProgramManager, SchoolProfile
from tests import factories as make

EBOUE, MELKIOR = "9730001N", "9730003R"
# Of the same form as the two above, and of no school.
NOBODY = "9730005T"
LARIVOT, POSTE = "73282932000074", "35600000000048"


def csv_bytes(headers, rows, *, delimiter=";", encoding="utf-8"):
    """A CSV file, its dates written as French people write them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in row] for row in rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(headers, rows):
    """A workbook; dates and numbers stay what they are."""
    book = Workbook()
    book.active.append(list(headers))
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass(frozen=True)
class Kind:
    """A kind of file: two rows that are right, and how each sort of mistake looks in it."""

    name: str
    model: type
    rows: tuple
    key: str
    required: str
    typo: tuple
    change: tuple
    long: tuple
    wrong: dict
    text: str
    day: tuple = ()
    number: tuple = ()
    school: str = ""
    extra: dict = field(default_factory=dict)

    @property
    def headers(self):
        return tuple(self.rows[0])

    @property
    def resource(self):
        return KINDS[self.name]

    def cells(self, *changes):
        """The rows as cells; each change is {header: cell} for the row in its place."""
        rows = [dict(row) for row in self.rows]
        for row, change in zip(rows, changes, strict=False):
            row.update(change)
        return [tuple(row.values()) for row in rows]

    def csv(self, *changes, **options):
        return csv_bytes(self.headers, self.cells(*changes), **options)

    def plan(self, actor, content, name="fichier.csv"):
        """What a file would do for this person."""
        return build_plan(self.resource(actor=actor), read_file(name=name, content=content))

    def write(self, actor, content, name="fichier.csv", **options):
        """Writes a file's accepted rows. Returns the plan and the operation."""
        plan = self.plan(actor, content, name)
        return plan, write_plan(plan, **options)


CASES = {
    case.name: case
    for case in (
        Kind(
            name="schools",
            model=SchoolProfile,
            rows=(
                {
                    "UAI": EBOUE,
                    "Nom": "Lycée Félix Éboué",
                    "Type": "Lycée",
                    "Secteur": "Public",
                    "Adresse": "Rocade Sud",
                    "Code postal": "97300",
                    "Commune": "Cayenne",
                    "Téléphone": "0594 29 65 80",
                    "E-mail": "ce.9730001n@ac-guyane.fr",
                    "SIRET": "19973001100012",
                    "Effectif": 1078,
                    "Voie générale": "oui",
                    "Date d’ouverture": date(1965, 4, 3),
                    "Latitude": 4.928,
                    "Description": "Deux sites, un internat",
                },
                {
                    "UAI": MELKIOR,
                    "Nom": "Lycée professionnel Max Joséphine",
                    "Type": "Lycée",
                    "Secteur": "Public",
                    "Adresse": "Boulevard Voltaire",
                    "Code postal": "97351",
                    "Commune": "Matoury",
                    "Téléphone": "",
                    "E-mail": "",
                    "SIRET": "",
                    "Effectif": "",
                    "Voie générale": "non",
                    "Date d’ouverture": "",
                    "Latitude": "",
                    "Description": "",
                },
            ),
            key="UAI",
            required="Type",
            typo=("Secteurr", "Secteur"),
            change=("Effectif", 1100, "1078", "1100"),
            long=("Adresse", "x" * 301),
            wrong={"Effectif": "beaucoup", "E-mail": "pas une adresse", "Type": "Lycéee"},
            text="Description",
            day=("Date d’ouverture", "opened_on"),
            number=("Effectif", "number_of_students"),
        ),
        Kind(
            name="companies",
            model=CompanyProfile,
            rows=(
                {
                    "SIRET": "73282932000074",
                    "Raison sociale": "Menuiserie du Larivot",
                    "Code NAF": "43.32A",
                    "Adresse": "12 rue du Port",
                    "Code postal": "97351",
                    "Code INSEE": "97307",
                    "Commune": "Matoury",
                    "Tranche d’effectif": "10-19",
                    "Téléphone": "0694 20 30 40",
                    "E-mail": "contact@example.org",
                    "Site web": "https://example.org",
                    "Description": "Portes | fenêtres",
                    "Date de création": date(2008, 4, 3),
                    "Longitude": -52.3,
                    "Visible": "oui",
                },
                {
                    "SIRET": "35600000000048",
                    "Raison sociale": "La Poste",
                    "Code NAF": "",
                    "Adresse": "",
                    "Code postal": "",
                    "Code INSEE": "",
                    "Commune": "",
                    "Tranche d’effectif": "",
                    "Téléphone": "",
                    "E-mail": "",
                    "Site web": "",
                    "Description": "",
                    "Date de création": "",
                    "Longitude": "",
                    "Visible": "non",
                },
            ),
            key="SIRET",
            required="Raison sociale",
            typo=("Comune", "Commune"),
            change=("Adresse", "14 rue du Port", "12 rue du Port", "14 rue du Port"),
            long=("Adresse", "x" * 301),
            wrong={"SIRET": "73282932000075", "Code NAF": "43.32Q", "Commune": "Caïenne"},
            text="Description",
            day=("Date de création", "created_on"),
            number=("Longitude", "longitude"),
        ),
        Kind(
            name="managers",
            model=ProgramManager,
            rows=(
                {
                    "UAI": EBOUE,
                    "Civilité": "Mme",
                    "Prénom": "Marie-Line",
                    "Nom": "Clet",
                    "E-mail": "marie-line.clet@example.org",
                    "Téléphone": "0694 20 30 40",
                    "Filières": "BTS MCO | BTS GPME",
                    "Permanence": "lundi, 14 h – 16 h",
                    "Actif": "oui",
                },
                {
                    "UAI": MELKIOR,
                    "Civilité": "M.",
                    "Prénom": "Jean-Marc",
                    "Nom": "Delhomme",
                    "E-mail": "jean-marc@example.org",
                    "Téléphone": "",
                    "Filières": "",
                    "Permanence": "",
                    "Actif": "non",
                },
            ),
            key="E-mail",
            required="Nom",
            typo=("Permanance", "Permanence"),
            change=("Permanence", "mardi", "lundi, 14 h – 16 h", "mardi"),
            long=("Permanence", "x" * 301),
            wrong={"Civilité": "Sir", "E-mail": "pas une adresse", "Actif": "peut-être"},
            text="Permanence",
            school="UAI",
        ),
        Kind(
            name="calendars",
            model=InternshipCalendar,
            rows=(
                {
                    "UAI": EBOUE,
                    "Filière": "BTS MCO 2e année",
                    "Niveau": "BTS 2e année",
                    "Début": date(2026, 4, 3),
                    "Fin": date(2026, 12, 31),
                    "Effectif": 24,
                    "Compétences": "Vente | Accueil",
                    "Responsable (e-mail)": "resp@example.org",
                    "Description": "Six semaines",
                    "Visible": "oui",
                },
                {
                    "UAI": MELKIOR,
                    "Filière": "Bac pro Commerce",
                    "Niveau": "1re bac pro",
                    "Début": date(2027, 1, 5),
                    "Fin": date(2027, 1, 29),
                    "Effectif": 12,
                    "Compétences": "",
                    "Responsable (e-mail)": "",
                    "Description": "",
                    "Visible": "non",
                },
            ),
            key="Filière",
            required="Niveau",
            typo=("Effectiff", "Effectif"),
            change=("Effectif", 26, "24", "26"),
            long=("Filière", "x" * 201),
            wrong={"Effectif": "0", "Début": "31/02/2027", "Niveau": "Bac por"},
            text="Description",
            day=("Début", "start_on"),
            number=("Effectif", "number_of_students"),
            school="UAI",
        ),
        Kind(
            name="offers",
            model=InternshipOffer,
            rows=(
                {
                    "SIRET": LARIVOT,
                    "Titre": "Stage en menuiserie",
                    "Type": "Stage",
                    "Description": "Fabriquer et poser des menuiseries.",
                    "Compétences": "Lecture de plans | Ponçage",
                    "Niveau": "BTS",
                    "Début": date(2026, 6, 1),
                    "Fin": date(2026, 12, 31),
                    "Heures par semaine": 35,
                    "Places": 2,
                    "Code INSEE": "97307",
                    "Commune": "Matoury",
                    "Gratification (€/h)": "4,50",
                    "À distance (%)": 0,
                    "Questions": "Pourquoi ce stage ? | Avez-vous le permis ?",
                    "CV demandé": "oui",
                    "Candidatures jusqu’au": date(2026, 3, 15),
                },
                {
                    "SIRET": POSTE,
                    "Titre": "Découverte du tri",
                    "Type": "Séquence d’observation",
                    "Description": "Une semaine au centre de tri.",
                    "Compétences": "",
                    "Niveau": "",
                    "Début": date(2027, 1, 4),
                    "Fin": date(2027, 1, 8),
                    "Heures par semaine": "30,5",
                    "Places": 1,
                    "Code INSEE": "",
                    "Commune": "Cayenne",
                    "Gratification (€/h)": "",
                    "À distance (%)": 50,
                    "Questions": "",
                    "CV demandé": "non",
                    "Candidatures jusqu’au": date(2026, 12, 15),
                },
            ),
            key="Titre",
            required="Type",
            typo=("Comune", "Commune"),
            change=("Places", 3, "2", "3"),
            long=("Titre", "x" * 121),
            wrong={"Places": "0", "Début": "31/02/2027", "Niveau": "Bac por"},
            text="Description",
            day=("Candidatures jusqu’au", "apply_until"),
            number=("Places", "places"),
            school="SIRET",
        ),
    )
}


def make_ready(kind):
    """What has to be there before a file of this kind: communes, activities, schools and their manager."""
    for name, insee, postcode in (("Cayenne", "97302", "97300"), ("Matoury", "97307", "97351")):
        make.postcode(commune=make.commune(name, insee_code=insee), code=postcode)
    section = make.section(code="F", label="Construction")
    make.activity(code="43.32A", label="Travaux de menuiserie", section=section)
    if kind == "offers":
        make.company(siret=LARIVOT, name="Menuiserie du Larivot")
        make.company(siret=POSTE, name="La Poste")
    if kind in ("managers", "calendars"):
        eboue = make.school(uai=EBOUE, name="Lycée Félix Éboué")
        make.school(uai=MELKIOR, name="Lycée professionnel Max Joséphine")
        if kind == "calendars":
            make.manager(school=eboue, email="resp@example.org")
