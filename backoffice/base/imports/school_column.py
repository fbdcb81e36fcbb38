"""Reading which school a row belongs to, among those that the person may change."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pratik.core.text import fold, nearest
from pratik.reference.identifiers import read_uai
from pratik.schools.models import SchoolProfile

from .columns import BLANK, Reader, or_suggestion


class OfSchool:
    """A resource whose rows belong to a school, given by its UAI, by its name, or by who sends the file."""

    def can_do_without(self, name, found):
        return name == "school"

    def presence_of(self, name):
        if name != "school":
            return super().presence_of(name)
        if SchoolProfile.objects.editable_by(self.actor).count() == 1:
            return _("facultative : vos lignes sont celles de votre établissement")
        return _("obligatoire, sauf si l’établissement est nommé")


class SchoolReader(Reader):
    """A school by its UAI or its name; a person with one school need not name it.

    Only the actor's own schools are known, so that neither a refusal nor a suggestion tells of another.
    """

    blank = None

    def prepare(self, context):
        schools = list(SchoolProfile.objects.editable_by(context.actor))
        self.by_uai = {school.uai: school for school in schools}
        self.by_name = {}
        for school in schools:
            self.by_name.setdefault(fold(school.name), []).append(school)
        self.only = schools[0] if len(schools) == 1 else None

    def clean(self, value, school_name=None, **needed):
        uai = "" if value in BLANK else self.text_of(value)
        name = school_name or ""
        if not uai and not name:
            if self.only:
                return self.only
            raise ValidationError(_("Indiquez l’UAI de l’établissement."), code="blank")
        coded = self._by_uai(uai) if uai else None
        if not name:
            return coded
        if coded and fold(name) == fold(coded.name):
            return coded
        named = self._by_name(name, settled=coded is not None)
        if coded and named and named != coded:
            raise ValidationError(
                _("L’UAI et l’établissement ne vont pas ensemble : %(coded)s ou %(named)s ?")
                % {"coded": self._described(coded), "named": self._described(named)},
                code="school_mismatch",
            )
        return coded or named

    @staticmethod
    def _described(school):
        return f"{school.name} ({school.uai})"

    def _by_uai(self, text):
        try:
            uai = read_uai(text)
        except ValidationError as error:
            found = self.by_name.get(fold(text), [])
            if len(found) == 1:
                return found[0]
            near = self._near(text) or self._near_code(text)
            raise ValidationError(
                or_suggestion(" ".join(error.messages), near), code="uai_unreadable"
            ) from None
        if uai in self.by_uai:
            return self.by_uai[uai]
        message = _("L’UAI %(uai)s n’est pas celui d’un de vos établissements.") % {"uai": uai}
        raise ValidationError(or_suggestion(message, self._near_code(uai)), code="school_unknown")

    def _by_name(self, text, settled=False):
        found = self.by_name.get(fold(text), [])
        if len(found) == 1:
            return found[0]
        if settled:
            # The UAI decides; a name that is written a little differently does not contradict it.
            return None
        if found:
            raise ValidationError(
                _("Plusieurs établissements s’appellent « %(name)s » : indiquez l’UAI (%(codes)s).")
                % {"name": text, "codes": ", ".join(school.uai for school in found)},
                code="school_ambiguous",
            )
        message = _("L’établissement « %(name)s » n’est pas un des vôtres.") % {"name": text}
        raise ValidationError(or_suggestion(message, self._near(text)), code="school_unknown")

    def _near(self, text):
        names = {school.name: school for schools in self.by_name.values() for school in schools}
        return [self._described(names[name]) for name in nearest(text, names)]

    def _near_code(self, text):
        return [self._described(self.by_uai[code]) for code in nearest(text, self.by_uai, cutoff=75)]

    def render(self, value, obj=None, **kwargs):
        return value.uai if value else ""
