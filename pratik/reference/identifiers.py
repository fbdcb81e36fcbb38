"""Official numbers: SIRET, SIREN, UAI, postcode, telephone.

Each ``read_…`` takes what a person typed or a spreadsheet holds, and gives the one spelling that is stored;
each ``validate_…`` is for a model field and accepts that spelling only, so that a natural key cannot be
stored twice under two spellings. Both raise ValidationError with a sentence for the person and a ``code``:
``blank``, ``spreadsheet_number``, ``invalid_characters``, ``wrong_length``, ``wrong_check_digit``,
``missing_letter``, ``wrong_letter``, ``invalid_phone``, ``not_normalised``.
"""

import re
import unicodedata
from collections.abc import Callable

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from stdnum import luhn
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siret as siret_rules

_LA_POSTE = "356000000"
_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
# One numbering plan covers mainland and overseas France: each of its numbers is dialled alike from any of
# them, but the library files it under its own territory.
_FRENCH_REGIONS = ("GF", "FR", "GP", "MQ", "RE", "YT")
_FRENCH_COUNTRY_CODES = {phonenumbers.country_code_for_region(region) for region in _FRENCH_REGIONS}

_CUT_BY_SPREADSHEET = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
# « 73282932000074.0 »: a whole number that went through a decimal column.
_DECIMAL_ZERO = re.compile(r"([0-9]{4,})[.,]0+")


def _text(value: str | int | float | None, name: str) -> str:
    """What was typed, without what is no part of a number; ``name`` is the field, for the messages."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip().removeprefix("'")
    if not text:
        raise ValidationError(_("%(name)s\u00a0: la valeur est vide."), code="blank", params={"name": name})
    if _CUT_BY_SPREADSHEET.fullmatch(text.replace(" ", "")):
        raise ValidationError(
            _(
                "%(name)s «\u00a0%(value)s\u00a0»\u00a0: Excel a abrégé ce nombre et ses derniers "
                "chiffres sont perdus. Mettez la colonne au format Texte, puis saisissez de nouveau "
                "le numéro complet."
            ),
            code="spreadsheet_number",
            params={"name": name, "value": text},
        )
    if decimal := _DECIMAL_ZERO.fullmatch(text):
        text = decimal[1]
    return text


def _digits(value: str | int | float | None, name: str, length: int, lost_zeros: int) -> str:
    """``length`` digits; a number may have lost as many as ``lost_zeros`` zeros in front."""
    text = _text(value, name)
    # Invisible characters (Cf) come along when a number is copied from a web page.
    digits = "".join(
        letter for letter in text if letter not in " .-\t\n" and unicodedata.category(letter) != "Cf"
    )
    if strangers := re.sub(r"[0-9]", "", digits):
        raise ValidationError(
            _(
                "%(name)s «\u00a0%(value)s\u00a0»\u00a0: seuls des chiffres sont attendus, "
                "«\u00a0%(found)s\u00a0» n’en est pas un."
            ),
            code="invalid_characters",
            params={"name": name, "value": text, "found": strangers[0]},
        )
    if not isinstance(value, str) and length - lost_zeros <= len(digits) < length:
        digits = digits.zfill(length)
    if len(digits) != length:
        raise ValidationError(
            ngettext(
                "%(name)s «\u00a0%(value)s\u00a0»\u00a0: %(count)d chiffre trouvé au lieu de %(length)d.",
                "%(name)s «\u00a0%(value)s\u00a0»\u00a0: %(count)d chiffres trouvés au lieu de %(length)d.",
                len(digits),
            ),
            code="wrong_length",
            params={"name": name, "value": text, "count": len(digits), "length": length},
        )
    return digits


def read_siren(value: str | int | float | None) -> str:
    """The SIREN of a legal unit: nine digits, the last of which checks the others."""
    siren = _digits(value, _("SIREN"), 9, lost_zeros=2)
    # Nothing but zeros satisfies the check and is nobody's number.
    if not luhn.is_valid(siren) or not siren.strip("0"):
        raise ValidationError(
            _(
                "SIREN «\u00a0%(value)s\u00a0»\u00a0: la clé de contrôle est fausse, "
                "un chiffre est mal saisi."
            ),
            code="wrong_check_digit",
            params={"value": siren},
        )
    return siren


def read_siret(value: str | int | float | None) -> str:
    """The SIRET of an establishment: the nine digits of its SIREN, then five of its own.

    The check is Luhn's. La Poste has too many establishments for it: theirs pass as well when the sum of
    the digits is a multiple of 5.
    """
    siret = _digits(value, _("SIRET"), 14, lost_zeros=2)
    if not luhn.is_valid(siret[:9]) or not siret[:9].strip("0"):
        raise ValidationError(
            _(
                "SIRET «\u00a0%(value)s\u00a0»\u00a0: la clé de contrôle est fausse. "
                "Vérifiez les 9 premiers chiffres (%(siren)s), qui forment le SIREN."
            ),
            code="wrong_check_digit",
            params={"value": siret, "siren": siret[:9]},
        )
    try:
        siret_rules.validate(siret)
    except NumberError as error:
        # The library knows a single La Poste number that follows Luhn; any other that does is as good.
        if siret.startswith(_LA_POSTE) and luhn.is_valid(siret):
            return siret
        raise ValidationError(
            _(
                "SIRET «\u00a0%(value)s\u00a0»\u00a0: la clé de contrôle est fausse. "
                "Le SIREN (%(siren)s) est juste\u00a0: vérifiez les 5 derniers chiffres (%(nic)s)."
            ),
            code="wrong_check_digit",
            params={"value": siret, "siren": siret[:9], "nic": siret[9:]},
        ) from error
    return siret


def read_uai(value: str | int | float | None) -> str:
    """The UAI of a school: seven digits and the letter that checks them, « 9730001N »."""
    text = _text(value, _("UAI"))
    compact = re.sub(r"[\s.\-]", "", text).upper()
    if re.fullmatch(r"[0-9]{7}", compact):
        raise ValidationError(
            _("UAI «\u00a0%(value)s\u00a0»\u00a0: il manque la lettre finale, «\u00a0%(expected)s\u00a0»."),
            code="missing_letter",
            params={"value": text, "expected": _uai_letter(compact)},
        )
    if not re.fullmatch(r"[0-9]{7}[A-Z]", compact):
        raise ValidationError(
            _(
                "UAI «\u00a0%(value)s\u00a0»\u00a0: 7 chiffres et une lettre attendus, "
                "comme «\u00a09730001N\u00a0»."
            ),
            code="wrong_length" if len(compact) != 8 else "invalid_characters",
            params={"value": text},
        )
    if compact[7] != _uai_letter(compact[:7]):
        raise ValidationError(
            _(
                "UAI «\u00a0%(value)s\u00a0»\u00a0: pour ces chiffres la lettre attendue est "
                "«\u00a0%(expected)s\u00a0». Vérifiez les chiffres ou la lettre."
            ),
            code="wrong_letter",
            params={"value": text, "expected": _uai_letter(compact[:7])},
        )
    return compact


def _uai_letter(digits: str) -> str:
    return _UAI_LETTERS[int(digits) % len(_UAI_LETTERS)]


def read_postcode(value: str | int | float | None) -> str:
    """A French postcode: five digits. A number of four had a zero in front that the spreadsheet took away."""
    return _digits(value, _("Code postal"), 5, lost_zeros=1)


def read_phone(value: str | int | float | None, region: str = "GF") -> str:
    """A telephone number in the international form that is stored, « +594594296580 ».

    A number without its country is one of ``region``, or else of another part of France: those of Guyane,
    the Antilles, la Réunion and the mainland are dialled alike. A spreadsheet may have taken the first zero
    or the plus sign away.
    """
    text = _text(value, _("Téléphone"))
    number = None
    # The library would turn letters into the digits of their keys, and cut at a second number.
    if re.fullmatch(r"\+?[0-9\s.\-()‐-―]+", text):
        regions = dict.fromkeys([region, *(_FRENCH_REGIONS if region in _FRENCH_REGIONS else ())])
        candidates = [(text, each) for each in regions]
        if re.fullmatch(r"[1-9][0-9]{10,14}", text):
            candidates.append((f"+{text}", region))
        number = next(filter(None, (_valid_number(*candidate) for candidate in candidates)), None)
    if number is None:
        raise ValidationError(
            _(
                "Téléphone «\u00a0%(value)s\u00a0»\u00a0: ce n’est pas un numéro de téléphone. "
                "Écrivez un seul numéro, par exemple «\u00a00594 29 65 80\u00a0» ou, pour l’étranger, "
                "«\u00a0+597 421 234\u00a0»."
            ),
            code="invalid_phone",
            params={"value": text},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _valid_number(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def format_phone(e164: str) -> str:
    """A stored number as it is read: « 0594 29 65 80 » for France, « +597 421-234 » for other countries.

    What is no international number, an old row for instance, is shown as it stands.
    """
    number = _valid_number(e164, "GF")
    if number is None:
        return e164
    national = number.country_code in _FRENCH_COUNTRY_CODES
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, style)


def _validate_stored(value: str, read: Callable[[str], str]) -> None:
    normal = read(value)
    if value != normal:
        raise ValidationError(
            _("«\u00a0%(value)s\u00a0» s’enregistre sous la forme «\u00a0%(normal)s\u00a0»."),
            code="not_normalised",
            params={"value": value, "normal": normal},
        )


def validate_siren(value: str) -> None:
    """For a model field: a SIREN as :func:`read_siren` gives it."""
    _validate_stored(value, read_siren)


def validate_siret(value: str) -> None:
    """For a model field: a SIRET as :func:`read_siret` gives it."""
    _validate_stored(value, read_siret)


def validate_uai(value: str) -> None:
    """For a model field: a UAI as :func:`read_uai` gives it."""
    _validate_stored(value, read_uai)


def validate_postcode(value: str) -> None:
    """For a model field: a postcode as :func:`read_postcode` gives it."""
    _validate_stored(value, read_postcode)


def validate_phone(value: str) -> None:
    """For a model field: a telephone number as :func:`read_phone` gives it."""
    _validate_stored(value, read_phone)
