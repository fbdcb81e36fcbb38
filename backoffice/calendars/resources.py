from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.base.imports.columns import (
    Column,
    Date,
    Level,
    MultilineText,
    Name,
    Reader,
    TextList,
    WholeNumber,
    YesNo,
    or_suggestion,
)
from backoffice.base.imports.resource import SetResource
from backoffice.base.imports.school_column import OfSchool, SchoolReader
from pratik.calendars.models import InternshipCalendar
from pratik.core.text import fold, nearest
from pratik.schools.models import ProgramManager


class ManagerReader(Reader):
    """A manager of the row's school, by e-mail address."""

    blank = None

    def prepare(self, context):
        self.by_school = {}
        for manager in ProgramManager.objects.editable_by(context.actor):
            self.by_school.setdefault(manager.school_id, {})[manager.email] = manager

    def clean(self, value, school=None, **needed):
        text = self.text_of(value).lower() if value is not None else ""
        if not text or school is None:
            return None
        managers = self.by_school.get(school.pk, {})
        if text in managers:
            return managers[text]
        message = _("Aucun responsable de cet établissement n’a l’adresse « %(email)s ».") % {"email": text}
        raise ValidationError(or_suggestion(message, nearest(text, managers)), code="manager_unknown")

    def render(self, value, obj=None, **kwargs):
        return value.email if value else ""


class CalendarResource(OfSchool, SetResource):
    """Internship calendars, as a school sends them for its programmes."""

    kind = "calendars"
    key_columns = ("school", "program_name", "start_on")
    related = ("school", "program_manager")
    spoken_as = {
        "program_key": "program_name",
        "school_year": "start_on",
        "level": "read_level",
        "diploma": "read_level",
    }

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
    program_name = Column(
        "program_name",
        "Filière",
        Name(),
        required=True,
        aliases=("filières", "formation", "formations", "classe", "programme"),
        example="BTS MCO 2e année",
    )
    level = Column(
        "read_level",
        "Niveau",
        Level(),
        required=True,
        aliases=("niveaux", "niveau de qualification", "niveau d’études"),
        example="BTS 2e année",
    )
    start_on = Column(
        "start_on",
        "Début",
        Date(),
        required=True,
        aliases=("date de début", "date début", "du", "début du stage", "début de stage", "début stage"),
        example="05/01/2027",
    )
    end_on = Column(
        "end_on",
        "Fin",
        Date(),
        required=True,
        aliases=("date de fin", "date fin", "au", "fin du stage", "fin de stage", "fin stage"),
        example="29/01/2027",
    )
    number_of_students = Column(
        "number_of_students",
        "Effectif",
        WholeNumber(),
        required=True,
        aliases=(
            "effectifs",
            "élèves",
            "étudiants",
            "nombre d’élèves",
            "nombre d’étudiants",
            "nombre de stagiaires",
            "nb élèves",
            "nb d’élèves",
            "nb étudiants",
            "nb stagiaires",
        ),
        example=24,
    )
    skills_sought = Column(
        "skills_sought",
        "Compétences",
        TextList(commas=True),
        aliases=("compétences recherchées",),
        example="Vente | Accueil",
    )
    program_manager = Column(
        "program_manager",
        "Responsable (e-mail)",
        ManagerReader(),
        aliases=(
            "responsable",
            "e-mail du responsable",
            "email du responsable",
            "mail du responsable",
            "responsable e-mail",
            "responsable email",
            "responsable mail",
            "e-mail responsable",
            "email responsable",
            "mail responsable",
        ),
        depends=("school",),
        example="",
    )
    description = Column("description", "Description", MultilineText(), aliases=("commentaire", "remarques"))
    is_visible_to_companies = Column(
        "is_visible_to_companies",
        "Visible",
        YesNo(blank=True),
        aliases=("visible des entreprises",),
        example="oui",
    )

    class Meta:
        model = InternshipCalendar
        name = gettext_lazy("Calendriers de stages")
        import_id_fields = ("school", "program_name", "start_on")

    def key_part(self, name, value):
        if name == "program_name":
            return fold(value)[:200] if value else ""
        return super().key_part(name, value)

    def composed_of(self, attribute):
        if attribute == "read_level":
            return ("level", "diploma", "year_in_cycle")
        return super().composed_of(attribute)
