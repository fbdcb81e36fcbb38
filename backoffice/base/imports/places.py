"""Reading communes: a name, an INSEE code and a postcode, each in its own column, held against each other.

Nine codes are the INSEE code of one commune and the postcode of another, so a bare code is never guessed.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pratik.core.text import fold, nearest
from pratik.reference.models import Commune, Postcode

from .columns import Reader, or_suggestion


class CommuneReader(Reader):
    """The commune of a row, from its name, with the INSEE code and the postcode beside it."""

    blank = None

    def __init__(self, insee="insee_code", postcode="postcode"):
        super().__init__()
        self.insee, self.postcode = insee, postcode

    def prepare(self, context):
        self.by_insee = {commune.insee_code: commune for commune in Commune.objects.all()}
        self.by_name = {fold(commune.name): commune for commune in self.by_insee.values()}
        self.postcodes = {}
        self.codes_of = {}
        by_pk = {commune.pk: commune for commune in self.by_insee.values()}
        for postcode in Postcode.objects.all():
            commune = by_pk[postcode.commune_id]
            self.postcodes.setdefault(postcode.code, []).append(commune)
            if not postcode.is_cedex:
                self.codes_of.setdefault(commune.pk, []).append(postcode.code)

    def clean(self, value, **needed):
        named = self._by_name(self.text_of(value)) if value not in ("", None) else None
        coded = self._by_insee(needed.get(self.insee) or "")
        if named and coded and named != coded:
            raise ValidationError(
                _("La commune et le code INSEE ne vont pas ensemble : %(named)s ou %(coded)s ?")
                % {"named": self._described(named), "coded": self._described(coded)},
                code="commune_mismatch",
            )
        commune = named or coded
        self._check_postcode(commune, needed.get(self.postcode) or "")
        return commune

    def _described(self, commune):
        return _("%(name)s (code INSEE %(insee)s, code postal %(postcodes)s)") % {
            "name": commune.name,
            "insee": commune.insee_code,
            "postcodes": ", ".join(self.codes_of.get(commune.pk, ["?"])),
        }

    def _by_name(self, text):
        folded = fold(text)
        # « Matoury Cedex 2 », « St Laurent du Maroni »
        words = ["saint" if word == "st" else word for word in folded.split()]
        if "cedex" in words:
            words = words[: words.index("cedex")]
        commune = self.by_name.get(" ".join(words))
        if commune:
            return commune
        if text.isdigit():
            raise ValidationError(
                _("« %(value)s » est un code : cette colonne attend le nom de la commune.") % {"value": text},
                code="commune_code",
            )
        names = [commune.name for commune in self.by_insee.values()]
        message = _("La commune « %(value)s » n’est pas une commune de Guyane.") % {"value": text}
        raise ValidationError(or_suggestion(message, nearest(text, names)), code="commune_unknown")

    def _by_insee(self, code):
        if not code:
            return None
        if code in self.by_insee:
            return self.by_insee[code]
        others = " ou ".join(self._described(commune) for commune in self.postcodes.get(code, ()))
        message = _("Le code INSEE « %(value)s » n’est pas celui d’une commune de Guyane.") % {"value": code}
        if others:
            message = _("%(message)s C’est un code postal : %(communes)s.") % {
                "message": message,
                "communes": others,
            }
        raise ValidationError(message, code="insee_unknown")

    def _check_postcode(self, commune, code):
        if commune is None or not code:
            return
        owners = self.postcodes.get(code)
        if owners and commune not in owners:
            raise ValidationError(
                _("La commune et le code postal ne vont pas ensemble : %(commune)s ou %(others)s ?")
                % {
                    "commune": self._described(commune),
                    "others": " ou ".join(self._described(owner) for owner in owners),
                },
                code="postcode_mismatch",
            )
        if not owners and not code.startswith("973"):
            raise ValidationError(
                _("Le code postal %(code)s n’est pas en Guyane, alors que %(commune)s y est.")
                % {"code": code, "commune": commune.name},
                code="postcode_outside",
            )

    def render(self, value, obj=None, **kwargs):
        return value.name if value else ""
