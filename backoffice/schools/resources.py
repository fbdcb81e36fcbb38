from django.utils.translation import gettext_lazy as _

from backoffice.base.imports.columns import (
    Choice,
    Column,
    Date,
    Email,
    MultilineText,
    Name,
    Number,
    Phone,
    Text,
    TextList,
    WebAddress,
    WholeNumber,
    YesNo,
    postcode,
    siret,
    uai,
)
from backoffice.base.imports.places import CommuneReader
from backoffice.base.imports.resource import SetResource
from backoffice.base.imports.school_column import OfSchool, SchoolReader
from pratik.schools.enums import Civility, SchoolKind, SchoolSector
from pratik.schools.models import ProgramManager, SchoolProfile

KIND_WORDS = {
    "CFA / organisme de formation": SchoolKind.CFA,
    "Centre de formation d’apprentis": SchoolKind.CFA,
    "600": SchoolKind.CFA,
    "SEP (section d’enseignement professionnel)": SchoolKind.SEP,
    "Établissement post-bac (Parcoursup)": SchoolKind.HIGHER,
    "Université": SchoolKind.HIGHER,
    "Supérieur": SchoolKind.HIGHER,
    "Lycée professionnel": SchoolKind.LYCEE,
    "Lycée polyvalent": SchoolKind.LYCEE,
    "300": SchoolKind.LYCEE,
    "302": SchoolKind.LYCEE,
    "306": SchoolKind.LYCEE,
    "320": SchoolKind.LYCEE,
    "334": SchoolKind.SEP,
    "340": SchoolKind.COLLEGE,
    "390": SchoolKind.SEGPA,
}
SECTOR_WORDS = {
    "PU": SchoolSector.PUBLIC,
    "PR": SchoolSector.PRIVATE,
    "Prive enseignement superieur": SchoolSector.PRIVATE,
    "Prive sous contrat d association": SchoolSector.PRIVATE,
    "Prive hors contrat": SchoolSector.PRIVATE,
}
CIVILITY_WORDS = {
    "Monsieur": Civility.MR,
    "Mr": Civility.MR,
    "Madame": Civility.MRS,
    "Docteur": Civility.DR,
    "Professeur": Civility.PR,
}


class SchoolResource(SetResource):
    """Schools, as staff keep them, and as the national directory gives them."""

    kind = "schools"
    key_columns = ("uai",)
    related = ("commune",)
    # The national register of UAIs names the INSEE code « commune », and the name « commune_libe ».
    layouts = (
        (
            frozenset({"numero uai", "commune libe", "denomination principale"}),
            {
                "numero uai": "uai",
                "patronyme uai": "name",
                "nature uai": "kind_of_school",
                "secteur public prive": "sector",
                "adresse uai": "address",
                "code postal uai": "postcode",
                "commune": "insee_code",
                "commune libe": "commune",
                "numero siren siret uai": "siret",
                "date ouverture": "opened_on",
            },
        ),
    )

    uai = Column(
        "uai", "UAI", uai(), required=True, aliases=("numero_uai", "code uai", "rne"), example="9730001N"
    )
    name = Column(
        "name",
        "Nom",
        Name(),
        required=True,
        aliases=("établissement", "dénomination"),
        example="Lycée Félix Éboué",
    )
    kind_of_school = Column(
        "kind",
        "Type",
        Choice(SchoolKind, KIND_WORDS),
        required=True,
        aliases=("type d’établissement",),
        example="Lycée",
    )
    sector = Column("sector", "Secteur", Choice(SchoolSector, SECTOR_WORDS), example="Public")
    address = Column("address", "Adresse", example="Rocade Sud")
    postcode = Column("postcode", "Code postal", postcode(), aliases=("code_postal", "cp"), example="97300")
    insee_code = Column(
        "commune__insee_code", "Code INSEE", aliases=("code_insee",), virtual=True, example="97302"
    )
    commune = Column(
        "commune",
        "Commune",
        CommuneReader(),
        aliases=("ville",),
        depends=("insee_code", "postcode"),
        example="Cayenne",
    )
    phone = Column("phone", "Téléphone", Phone(), aliases=("tel",), example="0594 29 65 80")
    email = Column(
        "email",
        "E-mail",
        Email(),
        aliases=("email", "mail", "courriel", "adresse e-mail", "adresse email"),
        example="ce.9730001n@ac-guyane.fr",
    )
    website = Column("website", "Site web", WebAddress(), aliases=("site_web", "site internet"))
    siret = Column("siret", "SIRET", siret(), example="19973001100012")
    number_of_students = Column(
        "number_of_students",
        "Effectif",
        WholeNumber(),
        aliases=("effectifs", "nb_eleves", "nb d’élèves", "nombre d’élèves", "élèves"),
        example=1078,
    )
    has_general_track = Column(
        "has_general_track", "Voie générale", YesNo(), aliases=("voie_generale",), example="oui"
    )
    has_technological_track = Column(
        "has_technological_track",
        "Voie technologique",
        YesNo(),
        aliases=("voie_technologique",),
        example="oui",
    )
    has_vocational_track = Column(
        "has_vocational_track",
        "Voie professionnelle",
        YesNo(),
        aliases=("voie_professionnelle",),
        example="non",
    )
    has_apprenticeship = Column("has_apprenticeship", "Apprentissage", YesNo(), example="non")
    has_higher_education = Column(
        "has_higher_education", "Post-bac", YesNo(), aliases=("post_bac",), example="oui"
    )
    opened_on = Column(
        "opened_on", "Date d’ouverture", Date(), aliases=("date_ouverture",), example="24/11/1965"
    )
    latitude = Column("latitude", "Latitude", Number())
    longitude = Column("longitude", "Longitude", Number())
    is_visible = Column(
        "is_visible", "Visible", YesNo(blank=True), aliases=("visible sur le site",), example="oui"
    )
    description = Column("description", "Description", MultilineText(), aliases=("présentation",))

    class Meta:
        model = SchoolProfile
        name = _("Établissements")
        import_id_fields = ("uai",)


class ProgramManagerResource(OfSchool, SetResource):
    """Programme managers, as a school keeps them."""

    kind = "managers"
    key_columns = ("school", "email")
    related = ("school",)

    school_name = Column("school__name", "Établissement", virtual=True, example="Lycée Félix Éboué")
    school = Column(
        "school",
        "UAI",
        SchoolReader(),
        required=True,
        aliases=("uai établissement", "rne"),
        depends=("school_name",),
        example="9730001N",
    )
    title = Column("title", "Civilité", Choice(Civility, CIVILITY_WORDS), aliases=("titre",), example="Mme")
    first_name = Column("first_name", "Prénom", required=True, example="Marie-Line")
    last_name = Column("last_name", "Nom", required=True, aliases=("nom de famille",), example="Clet")
    email = Column(
        "email",
        "E-mail",
        Email(),
        required=True,
        aliases=("email", "mail", "courriel", "adresse e-mail", "adresse email"),
        example="marie-line.clet@example.org",
    )
    phone = Column(
        "phone",
        "Téléphone",
        Phone(),
        aliases=("tel", "portable"),
        example="0694 20 30 40",
    )
    programs = Column(
        "programs", "Filières", TextList(), aliases=("filière", "programmes"), example="BTS MCO | BTS GPME"
    )
    office_hours = Column(
        "office_hours", "Permanence", Text(), aliases=("horaires",), example="lundi, 14 h – 16 h"
    )
    is_active = Column("is_active", "Actif", YesNo(blank=True), example="oui")

    class Meta:
        model = ProgramManager
        name = _("Responsables de stages")
        import_id_fields = ("school", "email")

    def key_part(self, name, value):
        return value.lower() if name == "email" and value else super().key_part(name, value)
