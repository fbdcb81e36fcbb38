"""Reading what people write for a level of study: « L3 AES », « BTS 2ème année », « 2BPMGAT1 ».

The level is the one of décret n° 2019-14, of the diploma *prepared*: the three years of a bac pro are all of
level 4, the three of a licence all of level 6. Choices that the décret leaves open:

- Collège has no qualification level. Its pupils (3e: séquence d'observation) get level 2, below the CAP, so
  that they sort and filter with the others.
- A mention complémentaire exists at levels 3 and 4: level 3 is taken unless 4 is written, and the label
  always says which. Titles and certificats de spécialisation have no usual level: it must be written.
- Bac +3 and +4 are level 6, bac +5 to +7 level 7, bac +8 level 8; bac +1 is the level of no diploma.
- A roman numeral may be a level from before 2019 (III was today's 5) or today's in old clothes (the national
  nomenclature writes « MC NIVEAU III » for level 3): the diploma tells, and « niveau III » alone is refused.
- « 2nde », « 2nde 4 » and « 2B » are the seconde générale et technologique; « 1re » or « terminale » alone
  may be three things and is refused, as is what says two things at once (« L3 M1 », « BTS niveau 3 »).
- « 2 BP » and « 1re BP » are classes of bac pro; « BP 2 » and « BP 2e année » are the brevet professionnel.
- « 2e année bac pro » is its second year, the première; « 2e bac pro » may be either and is refused.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz.distance import OSA

from pratik.core.text import fold, nearest

# The levels of décret 2019-14, with 2 for collège, which the decree does not number.
LEVELS = [
    (2, gettext_lazy("Collège")),
    (3, gettext_lazy("CAP, BEP")),
    (4, gettext_lazy("Bac")),
    (5, gettext_lazy("Bac + 2 (BTS, DUT)")),
    (6, gettext_lazy("Bac + 3 (licence, BUT)")),
    (7, gettext_lazy("Bac + 5 (master, ingénieur)")),
    (8, gettext_lazy("Doctorat")),
]


class Diploma(models.TextChoices):
    """The diplomas that a class prepares, by the codes of the national nomenclature where it has one."""

    COLLEGE = "COLLEGE", gettext_lazy("collège")
    CAP = "CAP", gettext_lazy("CAP")
    CAPA = "CAPA", gettext_lazy("CAP agricole")
    BEP = "BEP", gettext_lazy("BEP")
    MC = "MC", gettext_lazy("mention complémentaire")
    CS = "CS", gettext_lazy("certificat de spécialisation")
    SECONDE_GT = "2NDE GT", gettext_lazy("seconde générale et technologique")
    BAC_GENERAL = "BAC GENERAL", gettext_lazy("baccalauréat général")
    BAC_TECHNO = "BAC TECHNO", gettext_lazy("baccalauréat technologique")
    BAC_PRO = "BAC PRO", gettext_lazy("baccalauréat professionnel")
    BAC_PRO_AG = "BAC PRO AG", gettext_lazy("baccalauréat professionnel agricole")
    BP = "BP", gettext_lazy("brevet professionnel")
    BMA = "BMA", gettext_lazy("brevet des métiers d’art")
    BPJEPS = "BP JEPS", gettext_lazy("BPJEPS")
    BTS = "BTS", gettext_lazy("BTS")
    BTSA = "BTSA", gettext_lazy("BTS agricole")
    DUT = "DUT", gettext_lazy("DUT")
    DEUST = "DEUST", gettext_lazy("DEUST")
    DEJEPS = "DE JEPS", gettext_lazy("DEJEPS")
    CPGE = "CPGE", gettext_lazy("classe préparatoire aux grandes écoles")
    BUT = "BUT", gettext_lazy("BUT")
    LICENCE = "LICENCE", gettext_lazy("licence")
    LICENCE_PRO = "LICENCE PRO", gettext_lazy("licence professionnelle")
    DNMADE = "DNMADE", gettext_lazy("DNMADE")
    DCG = "DCG", gettext_lazy("DCG")
    MASTER = "MASTER", gettext_lazy("master")
    INGENIEUR = "INGENIEUR", gettext_lazy("diplôme d’ingénieur")
    DSCG = "DSCG", gettext_lazy("DSCG")
    DOCTORAT = "DOCTORAT", gettext_lazy("doctorat")
    TITRE_PRO = "TITRE PRO", gettext_lazy("titre professionnel")
    OTHER = "AUTRE", gettext_lazy("diplôme non précisé")


@dataclass(frozen=True, slots=True)
class ReadLevel:
    """A level as it was understood. ``year_in_cycle`` counts from the first year of the diploma (the
    première of a bac pro is 2); None when no year was written."""

    level: int
    diploma: Diploma
    year_in_cycle: int | None = None


class LevelNotUnderstood(ValueError):
    """The text is no level, or says two things at once. ``str()`` is the sentence for the person who
    typed it; ``suggestions`` are labels that :func:`read_level` understands, the likeliest first."""

    def __init__(self, message: str, suggestions: Iterable[str] = ()):
        super().__init__(message)
        self.suggestions = list(suggestions)


# --- What there is to know of each diploma ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cycle:
    """``levels``: the possible ones, the usual first. ``years``: those a text may name. ``after_bac``: how
    many years after the bac it begins, None for before. ``classes``: the name of each year where years have
    names; otherwise ``Licence 3`` when ``numbered``, ``BTS 2e année`` when not."""

    name: str
    levels: tuple[int, ...]
    years: tuple[int, ...]
    after_bac: int | None = None
    numbered: bool = False
    classes: dict[int, str] = field(default_factory=dict)


_ALL_LEVELS = (3, 4, 5, 6, 7, 8)
_CYCLES = {
    Diploma.COLLEGE: _Cycle("Collège", (2,), (1, 2, 3, 4), classes={1: "6e", 2: "5e", 3: "4e", 4: "3e"}),
    # A CAP is prepared in one, two or three years.
    Diploma.CAP: _Cycle("CAP", (3,), (1, 2, 3)),
    Diploma.CAPA: _Cycle("CAPA", (3,), (1, 2, 3)),
    Diploma.BEP: _Cycle("BEP", (3,), (1, 2)),
    Diploma.MC: _Cycle("Mention complémentaire", (3, 4), (1,)),
    Diploma.CS: _Cycle("Certificat de spécialisation", (3, 4, 5), (1,)),
    Diploma.SECONDE_GT: _Cycle("2de GT", (4,), (1,), classes={1: "2de générale et technologique"}),
    Diploma.BAC_GENERAL: _Cycle("Bac général", (4,), (2, 3), classes={2: "1re générale", 3: "Tle générale"}),
    Diploma.BAC_TECHNO: _Cycle(
        "Bac technologique",
        (4,),
        (1, 2, 3),
        classes={1: "2de bac technologique", 2: "1re technologique", 3: "Tle technologique"},
    ),
    Diploma.BAC_PRO: _Cycle(
        "Bac pro", (4,), (1, 2, 3), classes={1: "2de bac pro", 2: "1re bac pro", 3: "Tle bac pro"}
    ),
    Diploma.BAC_PRO_AG: _Cycle(
        "Bac pro agricole",
        (4,),
        (1, 2, 3),
        classes={1: "2de bac pro agricole", 2: "1re bac pro agricole", 3: "Tle bac pro agricole"},
    ),
    Diploma.BP: _Cycle("Brevet professionnel", (4,), (1, 2)),
    Diploma.BMA: _Cycle("BMA", (4,), (1, 2)),
    Diploma.BPJEPS: _Cycle("BPJEPS", (4,), (1, 2)),
    Diploma.BTS: _Cycle("BTS", (5,), (1, 2), after_bac=0),
    Diploma.BTSA: _Cycle("BTSA", (5,), (1, 2), after_bac=0),
    Diploma.DUT: _Cycle("DUT", (5,), (1, 2), after_bac=0, numbered=True),
    Diploma.DEUST: _Cycle("DEUST", (5,), (1, 2), after_bac=0, numbered=True),
    Diploma.DEJEPS: _Cycle("DEJEPS", (5,), (1, 2), after_bac=0),
    Diploma.CPGE: _Cycle("CPGE", (5,), (1, 2), after_bac=0),
    Diploma.BUT: _Cycle("BUT", (6,), (1, 2, 3), after_bac=0, numbered=True),
    Diploma.LICENCE: _Cycle("Licence", (6,), (1, 2, 3), after_bac=0, numbered=True),
    Diploma.LICENCE_PRO: _Cycle("Licence pro", (6,), (1, 2, 3), after_bac=0, numbered=True),
    Diploma.DNMADE: _Cycle("DNMADE", (6,), (1, 2, 3), after_bac=0, numbered=True),
    Diploma.DCG: _Cycle("DCG", (6,), (1, 2, 3), after_bac=0, numbered=True),
    Diploma.MASTER: _Cycle("Master", (7,), (1, 2), after_bac=3, numbered=True),
    Diploma.INGENIEUR: _Cycle("Ingénieur", (7,), (1, 2, 3, 4, 5), after_bac=0),
    Diploma.DSCG: _Cycle("DSCG", (7,), (1, 2), after_bac=3, numbered=True),
    Diploma.DOCTORAT: _Cycle("Doctorat", (8,), (1, 2, 3, 4, 5, 6), after_bac=5),
    Diploma.TITRE_PRO: _Cycle("Titre professionnel", _ALL_LEVELS, (1, 2, 3)),
    Diploma.OTHER: _Cycle("", (1, 2, *_ALL_LEVELS), ()),
}
# No level is the usual one: guessing would be inventing.
_LEVEL_MUST_BE_WRITTEN = (Diploma.CS, Diploma.TITRE_PRO, Diploma.OTHER)

_LEVEL_OF_BAC_PLUS = {0: 4, 2: 5, 3: 6, 4: 6, 5: 7, 6: 7, 7: 7, 8: 8}
_ROMAN_LEVELS = {"v": {3, 5}, "iv": {4}, "iii": {5, 3}, "ii": {6, 2}, "i": {7, 1}}

# Diplomas in years called seconde, première, terminale; « 1re année » of one is its seconde.
_IN_CLASSES = (
    Diploma.SECONDE_GT,
    Diploma.BAC_GENERAL,
    Diploma.BAC_TECHNO,
    Diploma.BAC_PRO,
    Diploma.BAC_PRO_AG,
)
# Prepared in lycées too, where their second year is often called terminale.
_TERMINALE_IS_SECOND_YEAR = (Diploma.CAP, Diploma.CAPA, Diploma.BEP)

# The wider word gives way to the narrower beside it: « L3 licence pro », « CAPA (CAP agricole) ».
_NARROWER = {
    Diploma.CAP: Diploma.CAPA,
    Diploma.BTS: Diploma.BTSA,
    Diploma.BAC_PRO: Diploma.BAC_PRO_AG,
    Diploma.LICENCE: Diploma.LICENCE_PRO,
}


# --- The words, folded --------------------------------------------------------------------------------

_TECHNO_CODES = ("stmg", "sti2d", "st2s", "stl", "stav", "std2a", "sthr", "s2tmd")
_DIPLOMA_WORDS = {
    Diploma.COLLEGE: ("college",),
    Diploma.CAP: ("cap", "certificat d aptitude professionnelle"),
    Diploma.CAPA: ("capa", "cap agricole", "cap ag", "certificat d aptitude professionnelle agricole"),
    Diploma.BEP: ("bep", "brevet d etudes professionnelles"),
    Diploma.MC: ("mc", "mention complementaire"),
    Diploma.CS: ("cs", "certificat de specialisation"),
    Diploma.BAC_GENERAL: ("bac general", "bac gene", "baccalaureat general"),
    Diploma.BAC_TECHNO: ("bac techno", "bac technologique", "baccalaureat technologique", *_TECHNO_CODES),
    Diploma.BAC_PRO: (
        *("bac pro", "bacpro", "bac prof", "bac professionnel", "bac professionnelle"),
        *("baccalaureat pro", "baccalaureat professionnel", "bcp"),
    ),
    Diploma.BAC_PRO_AG: (
        *("bac pro agricole", "bac pro ag", "bacpro agricole"),
        *("bac professionnel agricole", "baccalaureat professionnel agricole"),
    ),
    Diploma.BP: ("bp", "brevet pro", "brevet professionnel"),
    Diploma.BMA: ("bma", "brevet des metiers d art"),
    Diploma.BPJEPS: ("bpjeps", "bp jeps"),
    Diploma.BTS: ("bts", "brevet de technicien superieur"),
    Diploma.BTSA: ("btsa", "bts agricole", "bts ag", "brevet de technicien superieur agricole"),
    Diploma.DUT: ("dut", "diplome universitaire de technologie"),
    Diploma.DEUST: ("deust",),
    Diploma.DEJEPS: ("dejeps", "de jeps"),
    Diploma.CPGE: ("cpge", "classe preparatoire aux grandes ecoles"),
    Diploma.BUT: ("but", "bachelor universitaire de technologie"),
    Diploma.LICENCE: ("licence", "licence lmd"),
    Diploma.LICENCE_PRO: ("licence pro", "licence professionnelle", "lic pro", "lpro", "lp"),
    Diploma.DNMADE: ("dnmade", "dn made", "diplome national des metiers d art et du design"),
    Diploma.DCG: ("dcg",),
    Diploma.MASTER: ("master", "master pro", "master professionnel", "master recherche"),
    Diploma.INGENIEUR: ("ingenieur", "ecole d ingenieur", "ecole d ingenieurs", "cycle ingenieur"),
    Diploma.DSCG: ("dscg",),
    Diploma.DOCTORAT: ("doctorat", "doctorant", "doctorante"),
    Diploma.TITRE_PRO: ("titre professionnel", "titre pro"),
}
_DIPLOMA_OF_WORD = {word: diploma for diploma, words in _DIPLOMA_WORDS.items() for word in words}

# Families of the seconde and specialties of the bac pro, as class names have them (« 2MRC1 », « T MELEC »).
# Left out: what is a CAP as well, for « 2MV » may be its second year.
_BAC_PRO_CODES = (
    *("agora", "alim", "ama", "mama", "aepa", "assp", "bat", "bois", "cdbtp", "emnb", "gatl", "mgatl", "hps"),
    *(
        "mhr",
        "mmv",
        "mrc",
        "mtne",
        "mntne",
        "tne",
        "ms",
        "met",
        "pmia",
        "mpmia",
        "remi",
        "era",
        "icg",
        "amatc",
    ),
    *("cgea", "ciel", "mcv", "melec", "mspc", "mfer", "mee", "tisec", "tfca", "tebaa", "tcb"),
)

_WORD_ORDINALS = {
    **{"premiere": 1, "deuxieme": 2, "seconde": 2, "troisieme": 3},
    **{"quatrieme": 4, "cinquieme": 5, "sixieme": 6},
}
_YEAR_WORDS = ("terminale", "annee", *_WORD_ORDINALS)
# Words that may stand beside a class without changing what it is.
_WITH_SECONDE_GT = {
    *("generale", "general", "gene", "gen", "gt", "et", "technologique", "techno"),
    *("de", "lycee", "classe", "indifferenciee"),
}
_WITH_COLLEGE = {
    *("prepa", "metiers", "metier", "pm", "pro", "professionnelle", "segpa", "ulis", "generale"),
    *("de", "du", "en", "classe", "eleve"),
}
# The letter or number of a group: « 2nde B », « 3e 4 ».
_GROUP = re.compile(r"[a-z]?\d{0,2}")
_GENERAL_SERIES = {"generale", "general", "gene", "g", "s", "es", "l"}
_TECHNO_SERIES = {"technologique", "techno"}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


# --- First step: class names, which glue all together, become words --------------------------------------

_SECONDE = r"(?:2 ?nde|2nd|2de|seconde)"
_PREMIERE = r"(?:1 ?ere|1er|1 ?re|1e|premiere)"
_TERMINALE = r"(?:terminale?|term|tle|tale)"
_CODES = rf"(?P<code>{_any_of(_BAC_PRO_CODES)})"


def _class_names() -> Iterator[tuple[re.Pattern, str]]:
    # « 1cap2a métiers de l'agriculture »: year 1 of a CAP in two years, agricole.
    yield re.compile(r"^([1-3])cap[1-3]a\b"), r"annee \1 capa"
    yield re.compile(r"^([1-3])cap[1-3]\b"), r"annee \1 cap"
    yield re.compile(r"^3 ?pm\b"), "troisieme prepa metiers"
    yield re.compile(r"^2 ?(?:[a-n]$|(?:gt|gen|g)\d{0,2}\b)"), "seconde gt "
    yield re.compile(r"^1 ?g\d{0,2}$"), "premiere generale"
    yield re.compile(r"^t ?g\d{0,2}$"), "terminale generale"
    yield re.compile(r"\bsec (?=pro|bac)"), "seconde "
    # MOREA: a class that prepares again for an examination missed.
    yield re.compile(rf"^morea? ?(?:bcp|{_CODES})\b"), "bac pro "
    yield re.compile(r"^t ?cap\b"), "terminale cap"
    yield re.compile(r"^t (?=bac\b)"), "terminale "
    # A word may stand anywhere; a bare figure or letter only in front. « TP » and « T pro » are left alone:
    # they may be a titre professionnel.
    for word, short, name in (
        (_SECONDE, "2", "seconde"),
        (_PREMIERE, "1", "premiere"),
        (_TERMINALE, "t", "terminale"),
    ):
        start = rf"(?:\b{word}|^{short}) ?"
        start_of_pro = start if short != "t" else rf"\b{word} ?"
        agricultural = re.compile(rf"{start_of_pro}pro(?:fessionnel(?:le)?)?(?: agricole| ag|a)\b")
        yield agricultural, f"{name} bac pro agricole "
        yield re.compile(rf"{start_of_pro}pro(?:f|fessionnel(?:le)?)?\b"), f"{name} bac pro "
        yield re.compile(rf"^{short}pro(?=[a-z])"), f"{name} bac pro "
        yield re.compile(rf"^{short if short != 't' else word} ?p (?=[a-z])"), f"{name} bac pro "
        yield re.compile(rf"{start}bp(?! ?jeps)(?=[a-z]*\d{{0,2}}\b)"), f"{name} bac pro "
        yield re.compile(rf"{start}(?:bac )?{_CODES}\d{{0,2}}\b"), rf"{name} bac pro \g<code> "
        yield re.compile(rf"{start}(?P<code>{_any_of(_TECHNO_CODES)})\d{{0,2}}\b"), rf"{name} \g<code> "
        yield re.compile(rf"\b{word}\b(?! ?annee)"), name
    yield re.compile(rf"\bbac {_CODES}\b"), r"bac pro \g<code>"


_CLASS_NAMES = tuple(_class_names())


# --- Second step: what the words say, from left to right ------------------------------------------------

_SUFFIX = r"(?:\ ?(?:ere|er|re|nde|nd|ieme|eme|me)|de|e)"
# In a verbose pattern a space counts only when escaped.
_DIPLOMAS = _any_of(_DIPLOMA_OF_WORD).replace(" ", r"\ ")
_FINDINGS = re.compile(
    rf"""
      (?P<nothing>
          (?:\ben\ )?\b[1-5]\ (?:ans?|annees)\b                       # « en 2 ans »: how long, not which year
        | \b(?:[12]{_SUFFIX}?|premier|premiere|second|seconde)\ (?:degre|cycle|transformation)\b
        | \b(?:option|opt|op|groupe|gr|bloc|parcours|semestre)\ [a-z0-9]\b
        | \b(?:de|pour)\ l\ ingenieur\b                              # licence de sciences pour l'ingénieur
      )
    | \b(?:(?P<year>[1-6]){_SUFFIX}?|(?P<year_word>{_any_of(_WORD_ORDINALS)}))\ ?annee\b
    | \bannee\ (?P<year_after>[1-6])\b
    | \b(?:niveau|niv)\ ?(?:(?P<level>[1-8])|(?P<roman_level>iv|v|iii|ii|i))\b
    | \b(?:niveau\ )?bac(?:calaureat)?\ plus\ (?P<bac_plus>[0-9])\b
    | \b(?P<cycle>[lm])\ ?(?P<cycle_year>[1-9])(?P<cycle_pro>\ pro(?:fessionnelle)?)?\b
    | (?<![a-z])(?:\b(?P<before>[1-6])a?\ ?)?
      (?P<diploma>{_DIPLOMAS})
      (?:\b|(?=\d))(?:\ ?(?P<after>[1-9])a?\b(?!\ (?:ans?|annees?)\b))?
    | \b(?P<class>premiere|seconde|terminale)\b
    | \b(?:(?P<ordinal>[1-6]){_SUFFIX}|(?P<ordinal_word>{_any_of(_WORD_ORDINALS)}))\b
    | (?:\b|(?<=[a-z]{{2}}))(?P<last>[1-6])$
    | \b(?P<word>[^\W_]+?)(?=\b|[1-6]$)
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class _Said:
    """What a text says, before it is known whether it hangs together."""

    diplomas: dict[Diploma, int | None] = field(default_factory=dict)  # with the number beside it
    years: set[int] = field(default_factory=set)  # « 2e année »
    ordinals: set[int] = field(default_factory=set)  # « 2e », alone
    classes: set[str] = field(default_factory=set)
    levels: set[int] = field(default_factory=set)
    roman_levels: set[int] = field(default_factory=set)  # what the numeral may mean
    bac_plus: set[int] = field(default_factory=set)
    before: set[int] = field(default_factory=set)  # « 2 BTS »
    after: set[int] = field(default_factory=set)  # « BTS 2 »
    last: set[int] = field(default_factory=set)  # « BTS MCO 2 »
    words: list[str] = field(default_factory=list)


def _listen(text: str) -> _Said:
    for pattern, words in _CLASS_NAMES:
        text = pattern.sub(words, text)
    text = " ".join(text.split())
    said = _Said()
    for found in _FINDINGS.finditer(text):
        part = found.groupdict()
        if part["year"] or part["year_after"]:
            said.years.add(int(part["year"] or part["year_after"]))
        elif part["year_word"]:
            said.years.add(_WORD_ORDINALS[part["year_word"]])
        elif part["level"]:
            said.levels.add(int(part["level"]))
        elif part["roman_level"]:
            said.roman_levels = _ROMAN_LEVELS[part["roman_level"]]
        elif part["bac_plus"]:
            said.bac_plus.add(int(part["bac_plus"]))
        elif part["cycle"]:
            diploma = Diploma.MASTER if part["cycle"] == "m" else Diploma.LICENCE
            if part["cycle_pro"] and diploma is Diploma.LICENCE:
                diploma = Diploma.LICENCE_PRO
            said.diplomas[diploma] = int(part["cycle_year"])
            said.after.add(int(part["cycle_year"]))
        elif part["diploma"]:
            number = part["before"] or part["after"]
            said.diplomas[_DIPLOMA_OF_WORD[part["diploma"]]] = int(number) if number else None
            if part["before"]:
                said.before.add(int(part["before"]))
            if part["after"]:
                said.after.add(int(part["after"]))
        elif part["class"]:
            said.classes.add(part["class"])
        elif part["ordinal"]:
            said.ordinals.add(int(part["ordinal"]))
        elif part["ordinal_word"]:
            said.ordinals.add(_WORD_ORDINALS[part["ordinal_word"]])
        elif part["last"]:
            said.last.add(int(part["last"]))
        elif part["word"]:
            said.words.append(part["word"])
    return said


# --- Third step: does it hang together? ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a text is no level. The sentence is made when it is asked for, in the language of the moment."""

    explain: Callable[[str], str]
    suggestions: tuple[str, ...] = ()


def _not_recognised(text: str) -> str:
    return _(
        "Niveau «\u00a0%(text)s\u00a0» non reconnu. "
        "Écrivez par exemple «\u00a0BTS 2e année\u00a0» ou «\u00a0Licence 3\u00a0»."
    ) % {"text": text}


def _contradictory(text: str) -> str:
    return _(
        "Niveau «\u00a0%(text)s\u00a0» contradictoire\u00a0: "
        "il désigne deux niveaux différents. Gardez-en un seul."
    ) % {"text": text}


def _diploma_missing(text: str) -> str:
    return _("Niveau «\u00a0%(text)s\u00a0» incomplet\u00a0: ajoutez le diplôme préparé.") % {"text": text}


def _level_missing(text: str) -> str:
    return _(
        "Niveau «\u00a0%(text)s\u00a0» incomplet\u00a0: "
        "ajoutez son niveau, par exemple «\u00a0niveau 4\u00a0»."
    ) % {"text": text}


def _year_unclear(text: str) -> str:
    return _(
        "Niveau «\u00a0%(text)s\u00a0»\u00a0: l’année n’est pas claire ou n’existe pas pour ce diplôme."
    ) % {"text": text}


def _suggested(reads: Iterable[ReadLevel]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(level_label(read) for read in reads))[:3]


def _all_years(diploma: Diploma) -> tuple[str, ...]:
    cycle = _CYCLES[diploma]
    return _suggested(ReadLevel(cycle.levels[0], diploma, year) for year in cycle.years)


def _decide(text: str) -> ReadLevel | _Refusal:
    """What the folded text says, if it says one thing."""
    said = _listen(text)
    diplomas = [diploma for diploma in said.diplomas if _NARROWER.get(diploma) not in said.diplomas]
    if len(diplomas) > 1:
        return _Refusal(_contradictory, _suggested(_alone(diploma, said) for diploma in diplomas))
    diploma = diplomas[0] if diplomas else _diploma_of_class(said)
    if isinstance(diploma, _Refusal):
        return diploma
    if diploma is Diploma.BAC_GENERAL and "seconde" in said.classes:
        diploma = Diploma.SECONDE_GT
    if diploma in (Diploma.MC, *_LEVEL_MUST_BE_WRITTEN):
        # « CS 4 », « MC 3 »: the number is the level.
        said.levels |= said.after
        said.after = set()
    year = _year(diploma, said)
    if isinstance(year, _Refusal):
        return year
    if year is None and any(_looks_like_a_year(word) for word in said.words):
        # « Terminalle bac pro »: leaving the year out would be a guess.
        return _Refusal(_not_recognised)
    level = _level(diploma, year, said)
    if isinstance(level, _Refusal):
        return level
    return ReadLevel(level, diploma, year)


def _looks_like_a_year(word: str) -> bool:
    return any(OSA.distance(word, known, score_cutoff=1) == 1 for known in _YEAR_WORDS)


def _alone(diploma: Diploma, said: _Said) -> ReadLevel:
    """What this diploma would be, had the text named no other."""
    year = said.diplomas[diploma]
    return ReadLevel(_CYCLES[diploma].levels[0], diploma, year if year in _CYCLES[diploma].years else None)


def _diploma_of_class(said: _Said) -> Diploma | _Refusal:
    """The diploma of a text that names none: a class can be enough."""
    words = set(said.words)
    meaningful = {word for word in words if not _GROUP.fullmatch(word)}
    if said.classes == {"seconde"} and not said.years:
        if meaningful <= _WITH_SECONDE_GT:
            return Diploma.SECONDE_GT
        return _Refusal(_diploma_missing, ("2de générale et technologique", "2de bac pro"))
    if len(said.classes) == 1 and not said.years:
        year = 2 if said.classes == {"premiere"} else 3
        if words & _GENERAL_SERIES and not words & _TECHNO_SERIES:
            return Diploma.BAC_GENERAL
        if words & _TECHNO_SERIES and not words & _GENERAL_SERIES:
            return Diploma.BAC_TECHNO
        return _Refusal(
            _diploma_missing,
            tuple(
                _CYCLES[diploma].classes[year]
                for diploma in (Diploma.BAC_GENERAL, Diploma.BAC_TECHNO, Diploma.BAC_PRO)
            ),
        )
    if said.ordinals and min(said.ordinals) >= 3 and meaningful <= _WITH_COLLEGE and not said.years:
        return Diploma.COLLEGE
    if said.levels or said.roman_levels or said.bac_plus:
        return Diploma.OTHER
    if words in ({"bac"}, {"baccalaureat"}, {"niveau", "bac"}) and not said.last | said.ordinals | said.years:
        # Which bac is not said, but its level is known. « Bac 2 » is perhaps bac +2.
        said.levels.add(4)
        return Diploma.OTHER
    return _Refusal(_diploma_missing if said.years else _not_recognised)


def _year(diploma: Diploma, said: _Said) -> int | _Refusal | None:
    years = set(said.years)
    unclear = False
    if diploma is Diploma.COLLEGE:
        unclear = bool(years or said.classes or said.ordinals - {3, 4, 5, 6})
        years |= {7 - ordinal for ordinal in said.ordinals}
    elif diploma in _IN_CLASSES:
        years |= {("seconde", "premiere", "terminale").index(name) + 1 for name in said.classes}
        years |= {{2: 1, 1: 2}.get(number, 0) for number in said.before}
        # « 2e bac pro », « bac pro 2 »: the second year or the seconde? A number is a group beside a class.
        unclear = bool(said.ordinals or (said.after and not years))
    else:
        years |= said.ordinals | said.before | said.after
        years |= {1 for name in said.classes if name == "premiere"}
        if "terminale" in said.classes:
            years |= {2 if diploma in _TERMINALE_IS_SECOND_YEAR else 0}
        unclear = "seconde" in said.classes
        years = years or said.last
    if unclear or len(years) > 1 or not years <= set(_CYCLES[diploma].years):
        if len(years) > 1 and years <= set(_CYCLES[diploma].years):
            level = _CYCLES[diploma].levels[0]
            return _Refusal(
                _contradictory, _suggested(ReadLevel(level, diploma, year) for year in sorted(years))
            )
        if diploma is Diploma.OTHER:
            return _Refusal(
                _year_unclear, _suggested(ReadLevel(level, diploma) for level in sorted(said.levels))
            )
        return _Refusal(_year_unclear, _all_years(diploma))
    if diploma is Diploma.SECONDE_GT:
        return 1
    return years.pop() if years else None


def _level(diploma: Diploma, year: int | None, said: _Said) -> int | _Refusal:
    cycle = _CYCLES[diploma]
    levels = set(said.levels)
    # The diploma tells which meaning of a roman numeral is its own; if none is, both are shown as a conflict.
    levels |= (said.roman_levels & set(cycle.levels)) or said.roman_levels
    for years_after_bac in said.bac_plus:
        if cycle.after_bac is not None:
            # « Licence 2 (bac +2) » tells the year, « BTS 1re année (bac +2) » the diploma at the end.
            first, last = cycle.after_bac + 1, cycle.after_bac + cycle.years[-1]
            told = {last} | ({cycle.after_bac + year} if year else set(range(first, last)))
            levels.add(cycle.levels[0] if years_after_bac in told else 0)
        else:
            levels.add(_LEVEL_OF_BAC_PLUS.get(years_after_bac, 0))
    if not levels:
        if diploma in _LEVEL_MUST_BE_WRITTEN:
            return _Refusal(
                _level_missing, _suggested(ReadLevel(level, diploma, year) for level in cycle.levels)
            )
        return cycle.levels[0]
    if len(levels) == 1 and levels <= set(cycle.levels):
        return levels.pop()
    if diploma is Diploma.OTHER:
        known = sorted(levels & set(cycle.levels))
        explain = _contradictory if len(known) > 1 else _not_recognised
        return _Refusal(explain, _suggested(ReadLevel(level, diploma) for level in known))
    either = [
        ReadLevel(level, diploma, year) for level in sorted(levels & set(cycle.levels)) or cycle.levels[:1]
    ]
    either += [ReadLevel(level, Diploma.OTHER) for level in sorted(said.levels | said.roman_levels)]
    return _Refusal(_contradictory, _suggested(either))


# --- Near misses --------------------------------------------------------------------------------------

_VOCABULARY = sorted(
    {part for word in _DIPLOMA_OF_WORD for part in word.split() if part.isalpha() and len(part) >= 3}
    | {"niveau", "technologique", "generale", *_YEAR_WORDS}
)


def _corrections(text: str) -> Iterator[tuple[int, str]]:
    """The text with one word corrected, with the number of letters changed."""
    parts = re.findall(r"[^\W\d_]+|\d+|\s+", text)
    for position, part in enumerate(parts):
        if not part.isalpha() or len(part) < 3 or part in _VOCABULARY:
            continue
        allowed = 1 if len(part) < 7 else 2
        for word in _VOCABULARY:
            # In a short word a wrong first letter leaves too little to recognise.
            if len(part) <= 4 and word[0] != part[0]:
                continue
            distance = OSA.distance(part, word, score_cutoff=allowed)
            if distance <= allowed:
                yield distance, "".join([*parts[:position], word, *parts[position + 1 :]])


def _near_misses(text: str) -> tuple[str, ...]:
    corrected = []
    for distance, candidate in _corrections(text):
        read = _decide(candidate)
        if isinstance(read, ReadLevel):
            corrected.append((distance, level_label(read)))
        else:
            corrected.extend((distance + 1, label) for label in read.suggestions)
    labels = [label for _distance, label in sorted(corrected)]
    return tuple(dict.fromkeys([*labels, *nearest(text, _every_label())]))[:3]


@lru_cache(maxsize=1)
def _every_label() -> tuple[str, ...]:
    return tuple(level_label(read) for read in every_level())


# --- The doors ------------------------------------------------------------------------------------------


# Longer than any level that a person writes: a paragraph pasted by mistake is not searched, nor remembered.
_LONGEST = 250


# « Bac +2/3 », « BTS 1 et 2 », « niveau 4 ou 5 »; not a school year, « 2025-2026 ».
_EITHER = re.compile(r"(?<!\d)([1-9])\s*(?:/|&|-|–|à|et|ou)\s*([1-9])(?!\d)", re.IGNORECASE)


def _folded(text: str) -> str:
    return fold(text.replace("+", " plus "))


@lru_cache(maxsize=4096)
def _read(text: str) -> ReadLevel | _Refusal:
    # Folding drops the signs: « bac +2 » would become « bac 2 », « M1/2 » would become « M1 2 ».
    either = _EITHER.search(text)
    if either:
        reads = (_decide(_folded(_EITHER.sub(number, text))) for number in either.groups())
        return _Refusal(_contradictory, _suggested(read for read in reads if isinstance(read, ReadLevel)))
    folded = _folded(text)
    answer = _decide(folded)
    if isinstance(answer, _Refusal) and answer.explain is _not_recognised and not answer.suggestions:
        return _Refusal(_not_recognised, _near_misses(folded))
    return answer


def read_level(text: str) -> ReadLevel:
    """The level that a person, a school or an official list wrote, whatever the case, accents and order.

    Words that say nothing of the level, such as the specialty, are passed over. Raises LevelNotUnderstood,
    with suggestions, for what is unknown, incomplete or contradictory: nothing is guessed.
    """
    if not text.strip():
        raise LevelNotUnderstood(_("Le niveau est vide."))
    if len(text) > _LONGEST:
        raise LevelNotUnderstood(_not_recognised(text[:40] + "…"))
    answer = _read(text)
    if isinstance(answer, _Refusal):
        raise LevelNotUnderstood(answer.explain(text.strip()), answer.suggestions)
    return answer


def level_label(read: ReadLevel) -> str:
    """The level as schools print it: « Tle bac pro », « CAP 1re année », « Licence 3 », « Niveau 4 ».

    The same in every language, for these are names; :func:`read_level` reads it back to the same value.
    """
    cycle = _CYCLES[read.diploma]
    if read.diploma is Diploma.OTHER:
        return f"Niveau {read.level}"
    name = f"{cycle.name} niveau {read.level}" if len(cycle.levels) > 1 else cycle.name
    if read.year_in_cycle is None:
        return name
    if cycle.classes:
        return cycle.classes[read.year_in_cycle]
    if cycle.numbered:
        return f"{name} {read.year_in_cycle}"
    return f"{name} {read.year_in_cycle}{'re' if read.year_in_cycle == 1 else 'e'} année"


# What the vocational lycées prepare for, at school: the diplomas of their work placement periods.
_OF_VOCATIONAL_SCHOOL = frozenset(
    {
        Diploma.CAP,
        Diploma.CAPA,
        Diploma.BEP,
        Diploma.MC,
        Diploma.CS,
        Diploma.BAC_PRO,
        Diploma.BAC_PRO_AG,
        Diploma.BP,
        Diploma.BMA,
    }
)


def is_of_vocational_school(read: ReadLevel) -> bool:
    """Whether a level is one of the vocational lycées: from the CAP to the bac pro, levels 3 and 4."""
    return read.diploma in _OF_VOCATIONAL_SCHOOL and read.level in (3, 4)


@lru_cache(maxsize=1)
def every_level() -> tuple[ReadLevel, ...]:
    """Every level that can be read, for a list of choices: each diploma without a year, then by year."""
    found = []
    for diploma, cycle in _CYCLES.items():
        # The seconde générale et technologique is a single year.
        years = cycle.years if diploma is Diploma.SECONDE_GT else (None, *cycle.years)
        found += [ReadLevel(level, diploma, year) for level in cycle.levels for year in years]
    return tuple(found)
