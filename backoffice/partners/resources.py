from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.base.imports.columns import (
    Choice,
    Column,
    Date,
    Email,
    MultilineText,
    Name,
    Number,
    Phone,
    Reader,
    WebAddress,
    WholeNumber,
    YesNo,
    or_suggestion,
    postcode,
    siret,
)
from backoffice.base.imports.places import CommuneReader
from backoffice.base.imports.resource import SetResource
from pratik.core.text import nearest
from pratik.partners.enums import SizeBand
from pratik.partners.models import CompanyProfile
from pratik.reference.models import Activity

SIZE_WORDS = {
    "0-0": SizeBand.ZERO,
    "00": SizeBand.ZERO,
    "01": SizeBand.FROM_1,
    "02": SizeBand.FROM_3,
    "03": SizeBand.FROM_6,
    "11": SizeBand.FROM_10,
    "12": SizeBand.FROM_20,
    "21": SizeBand.FROM_50,
    "22": SizeBand.FROM_100,
    "31": SizeBand.FROM_200,
    "32": SizeBand.FROM_250,
    "41": SizeBand.FROM_500,
    "42": SizeBand.FROM_1000,
    "51": SizeBand.FROM_2000,
    "52": SizeBand.FROM_5000,
    "53": SizeBand.FROM_10000,
}


class ActivityReader(Reader):
    """An activity by its NAF code, with or without the point: « 85.59A », « 8559A »."""

    blank = None

    def prepare(self, context):
        self.by_code = {activity.code.replace(".", ""): activity for activity in Activity.objects.all()}

    def read(self, value):
        text = self.text_of(value)
        code = text.upper().replace(".", "").replace(" ", "")
        try:
            return self.by_code[code]
        except KeyError:
            # Compared without the point, which would make two short words of a code.
            codes = [self.by_code[near].code for near in nearest(code, self.by_code, cutoff=75)]
            message = _("Le code NAF « %(value)s » n’existe pas dans la nomenclature.") % {"value": text}
            raise ValidationError(or_suggestion(message, codes), code="naf_unknown") from None

    def render(self, value, obj=None, **kwargs):
        return value.code if value else ""


class SizeBandReader(Choice):
    def __init__(self):
        super().__init__(SizeBand, SIZE_WORDS)

    def prepare(self, context):
        super().prepare(context)
        self.known |= {code.replace("-", " "): code for code in SizeBand.values}

    def render(self, value, obj=None, **kwargs):
        return str(value or "")


class CompanyResource(SetResource):
    """Companies, as staff keep them, and as extracts of the SIRENE register give them."""

    kind = "companies"
    key_columns = ("siret",)
    related = ("commune", "activity")

    siret = Column("siret", "SIRET", siret(), required=True, aliases=("n° siret",), example="73282932000074")
    name = Column(
        "name",
        "Raison sociale",
        Name(),
        required=True,
        aliases=("nom", "dénomination", "raison_sociale", "entreprise"),
        example="Menuiserie du Larivot",
    )
    acronym = Column("acronym", "Sigle")
    activity = Column(
        "activity",
        "Code NAF",
        ActivityReader(),
        aliases=("naf", "ape", "code ape", "code_naf"),
        example="43.32A",
    )
    address = Column("address", "Adresse", example="12 rue du Port")
    postcode = Column("postcode", "Code postal", postcode(), aliases=("code_postal", "cp"), example="97351")
    insee_code = Column(
        "commune__insee_code", "Code INSEE", aliases=("code_insee",), virtual=True, example="97307"
    )
    commune = Column(
        "commune",
        "Commune",
        CommuneReader(),
        aliases=("ville",),
        depends=("insee_code", "postcode"),
        example="Matoury",
    )
    size_band = Column(
        "size_band",
        "Tranche d’effectif",
        SizeBandReader(),
        aliases=("tranche_effectif", "effectif"),
        example="10-19",
    )
    headcount = Column(
        "headcount",
        "Effectif exact",
        WholeNumber(),
        aliases=("nombre de salariés", "nb salariés", "effectif_exact"),
        example="14",
    )
    phone = Column("phone", "Téléphone", Phone(), aliases=("tel",), example="0594 30 00 00")
    email = Column(
        "email",
        "E-mail",
        Email(),
        aliases=("email", "mail", "courriel", "adresse e-mail", "adresse email"),
        example="contact@example.org",
    )
    website = Column("website", "Site web", WebAddress(), aliases=("site", "site_web", "site internet"))
    description = Column("description", "Description", MultilineText(), aliases=("présentation",))
    created_on = Column(
        "created_on", "Date de création", Date(), aliases=("date_creation",), example="01/03/2008"
    )
    latitude = Column("latitude", "Latitude", Number())
    longitude = Column("longitude", "Longitude", Number())
    is_visible_on_partners_page = Column(
        "is_visible_on_partners_page",
        "Visible",
        YesNo(blank=True),
        aliases=("visible sur la page des partenaires",),
        example="oui",
    )

    class Meta:
        model = CompanyProfile
        name = gettext_lazy("Entreprises")
        import_id_fields = ("siret",)
