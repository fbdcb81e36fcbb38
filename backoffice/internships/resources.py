"""Internship offers as a file: what a company sends for several of them, and what leaves the list."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.base.imports.columns import (
    Choice,
    Column,
    Date,
    Level,
    Money,
    MultilineText,
    Name,
    Number,
    Reader,
    TextList,
    WholeNumber,
    YesNo,
    or_suggestion,
)
from backoffice.base.imports.places import CommuneReader
from backoffice.base.imports.resource import SetResource
from pratik.core.calendar import today
from pratik.core.text import fold, nearest
from pratik.internships.enums import InternshipKind
from pratik.internships.models import InternshipOffer
from pratik.internships.reports import offers_judged
from pratik.law.enums import Severity
from pratik.partners.models import CompanyProfile
from pratik.reference.identifiers import read_siret

from .display import finding_text


class CompanyReader(Reader):
    """A company by its SIRET; a person with one company need not name it.

    Only the actor's own companies are known, so that neither a refusal nor a suggestion tells of another.
    """

    blank = None

    def prepare(self, context):
        companies = list(CompanyProfile.objects.editable_by(context.actor).exclude(siret=""))
        self.by_siret = {company.siret: company for company in companies}
        self.only = companies[0] if len(companies) == 1 else None

    def empty(self):
        if self.only:
            return self.only
        raise ValidationError(_("Indiquez le SIRET de l’entreprise."), code="blank")

    def read(self, value):
        text = read_siret(self.text_of(value))
        if text in self.by_siret:
            return self.by_siret[text]
        message = _("Le SIRET %(siret)s n’est pas celui d’une de vos entreprises.") % {"siret": text}
        raise ValidationError(
            or_suggestion(message, nearest(text, self.by_siret, cutoff=85)), code="company_unknown"
        )

    def render(self, value, obj=None, **kwargs):
        return value.siret if value else ""


class AnyYear(Level):
    """A level as people write it, whatever the year of the cycle; empty where the offer is for everybody."""

    def read(self, value):
        return replace(super().read(value), year_in_cycle=None)


class OfferResource(SetResource):
    """Internship offers, as a company sends them; the same file sent again changes nothing."""

    kind = "offers"
    key_columns = ("company", "title", "start_on")
    related = ("company", "commune")
    spoken_as = {
        "title_key": "title",
        "school_year": "start_on",
        "level": "read_level",
        "diploma": "read_level",
    }

    company_name = Column("company__name", "Entreprise", virtual=True, example="Menuiserie du Larivot")
    company = Column(
        "company",
        "SIRET",
        CompanyReader(),
        required=True,
        aliases=("siret de l’entreprise", "n° siret"),
        example="73282932000074",
    )
    title = Column(
        "title",
        "Titre",
        Name(),
        required=True,
        aliases=("intitulé", "intitulé du stage", "offre", "poste"),
        example="Stage en menuiserie",
    )
    kind_column = Column(
        "kind",
        "Type",
        Choice(
            InternshipKind,
            {
                "période de formation en milieu professionnel": InternshipKind.WORK_PLACEMENT_PERIOD,
                "stage d’observation": InternshipKind.OBSERVATION,
                "observation": InternshipKind.OBSERVATION,
            },
        ),
        required=True,
        aliases=("nature", "type de stage"),
        example="Stage",
    )
    description = Column(
        "description",
        "Description",
        MultilineText(),
        required=True,
        aliases=("missions", "mission", "activités"),
        example="Fabriquer et poser des menuiseries en bois de Guyane.",
    )
    skills = Column(
        "skills",
        "Compétences",
        TextList(commas=True),
        aliases=("compétences recherchées", "compétences attendues"),
        example="Lecture de plans | Ponçage",
    )
    level = Column(
        "read_level",
        "Niveau",
        AnyYear(),
        aliases=("niveau de qualification", "niveau d’études", "diplôme"),
        example="BTS",
    )
    start_on = Column(
        "start_on",
        "Début",
        Date(),
        required=True,
        aliases=("date de début", "date début", "du", "début du stage"),
        example="05/01/2027",
    )
    end_on = Column(
        "end_on",
        "Fin",
        Date(),
        required=True,
        aliases=("date de fin", "date fin", "au", "fin du stage"),
        example="26/02/2027",
    )
    hours_per_week = Column(
        "hours_per_week",
        "Heures par semaine",
        Number(),
        aliases=("durée hebdomadaire", "heures", "h/semaine"),
        example=35,
    )
    places = Column(
        "places",
        "Places",
        WholeNumber(),
        aliases=("nombre de places", "nb places", "stagiaires"),
        example=2,
    )
    insee_code = Column(
        "commune__insee_code", "Code INSEE", aliases=("code_insee",), virtual=True, example="97307"
    )
    commune = Column(
        "commune",
        "Commune",
        CommuneReader(),
        required=True,
        aliases=("ville", "lieu"),
        depends=("insee_code",),
        example="Matoury",
    )
    stipend_hourly = Column(
        "stipend_hourly",
        "Gratification (€/h)",
        Money(),
        aliases=("gratification", "gratification horaire", "€/h"),
        example="4,50",
    )
    remote_share = Column(
        "remote_share",
        "À distance (%)",
        WholeNumber(),
        aliases=("à distance", "télétravail", "part à distance"),
        example=0,
    )
    questions = Column(
        "questions",
        "Questions",
        TextList(),
        aliases=("questions aux candidats",),
        example="Pourquoi ce stage ?",
    )
    asks_for_cv = Column(
        "asks_for_cv", "CV demandé", YesNo(blank=False), aliases=("cv", "cv obligatoire"), example="non"
    )
    apply_until = Column(
        "apply_until",
        "Candidatures jusqu’au",
        Date(),
        required=True,
        aliases=("date limite", "date limite de candidature", "fin des candidatures"),
        example="15/12/2026",
    )

    class Meta:
        model = InternshipOffer
        name = gettext_lazy("Offres de stage")
        import_id_fields = ("company", "title", "start_on")

    def can_do_without(self, name, found):
        return name == "company" and CompanyProfile.objects.editable_by(self.actor).count() == 1

    def warnings(self, rows):
        """What the law will say of these offers once proposed: a stipend too low, too long a week."""
        judged = zip(rows, offers_judged([row.instance for row in rows], today()), strict=True)
        said = {
            row.number: [finding_text(one) for one in found if one.severity != Severity.INFORM]
            for row, found in judged
        }
        return {number: sentences for number, sentences in said.items() if sentences}

    def presence_of(self, name):
        if name == "company" and self.can_do_without(name, ()):
            return _("facultative : vos lignes sont celles de votre entreprise")
        return super().presence_of(name)

    def key_part(self, name, value):
        if name == "title":
            return fold(value)[:120] if value else ""
        return super().key_part(name, value)

    def composed_of(self, attribute):
        if attribute == "read_level":
            return ("level", "diploma")
        return super().composed_of(attribute)
