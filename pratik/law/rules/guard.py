"""The guard: a placement held against every rule."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..enums import OPTIONAL_CODES, LegalCode, RuleCode, Severity
from .cooling_off import COOLING_OFF
from .duration import DURATION
from .findings import EVERY_KIND, Rule
from .mentions import MENTIONS
from .minors import MINOR_RULES
from .observation import KIND, OBSERVATION
from .overlap import OVERLAP
from .quota import HOST_QUOTA
from .stipend import STIPEND
from .supervision import TEACHER, TUTOR
from .working_time import WORKING_TIME


def _find_missing(rule, facts, parameters):
    """The numbers without which a rule of this kind of placement cannot be asked."""
    needed = {code for other in _RULES if facts.kind in other.kinds for code in other.uses}
    missing = [code for code in LegalCode if code in needed - OPTIONAL_CODES and parameters.get(code) is None]
    if not missing:
        return None
    told = ngettext(
        "Ce paramètre de la loi n’a pas de valeur au premier jour du stage, et ce qui en dépend n’est pas"
        " vérifié : %(names)s. Un administrateur doit l’ajouter.",
        "Ces paramètres de la loi n’ont pas de valeur au premier jour du stage, et ce qui en dépend n’est pas"
        " vérifié : %(names)s. Un administrateur doit les ajouter.",
        len(missing),
    ) % {"names": " ; ".join(str(code.label) for code in missing)}
    return rule.finding(told, missing=missing)


_RULES = (
    KIND,
    OVERLAP,
    DURATION,
    STIPEND,
    HOST_QUOTA,
    TUTOR,
    TEACHER,
    COOLING_OFF,
    WORKING_TIME,
    *MINOR_RULES,
    MENTIONS,
    OBSERVATION,
)

PARAMETERS = Rule(
    code=RuleCode.PARAMETERS,
    severity=Severity.BLOCK,
    article=gettext_lazy("Règle de la plateforme"),
    explanation=gettext_lazy(
        "Une règle dont un nombre manque ne peut pas être vérifiée : mieux vaut s’arrêter que laisser passer."
    ),
    find=_find_missing,
    kinds=EVERY_KIND,
)

# Every rule by its code, in the order in which they are told.
RULES = {rule.code: rule for rule in (PARAMETERS, *_RULES)}

# What can be said of an offer, before there are an intern, a tutor and an agreement.
OFFER_RULES = frozenset(
    {
        RuleCode.PARAMETERS,
        RuleCode.DURATION,
        RuleCode.STIPEND,
        RuleCode.WORKING_TIME,
        RuleCode.OBSERVATION,
    }
)

GRAVEST_FIRST = {severity: rank for rank, severity in enumerate(Severity)}


def check(facts, parameters, only=None):
    """What the law says of a placement: a list of findings, the gravest first, at most one for each rule.

    The numbers are those in force on its first day, whichever day `parameters` stand on. `only` names the
    rules to ask, all unless given. Makes no query; never fails for numbers that are missing, which are a
    finding of their own.
    """
    parameters = parameters.on(facts.start)
    findings = []
    for code, rule in RULES.items():
        if (only is not None and code not in only) or facts.kind not in rule.kinds:
            continue
        if parameters.missing(rule.uses):
            continue
        if finding := rule.find(rule, facts, parameters):
            findings.append(finding)
    return sorted(findings, key=lambda finding: GRAVEST_FIRST[finding.severity])


def blocking(findings, overridden=()):
    """The findings that stand in the way of a decision: grave ones that nobody has passed over. Those that
    are not overridable stand whatever was recorded.
    """
    return [
        finding
        for finding in findings
        if finding.blocks and not (finding.overridable and finding.code in set(overridden))
    ]


class LawRefusal(str):
    """Why the law stands in the way of a decision, in a sentence; `findings` are what it is made of."""

    findings = ()

    @property
    def short(self):
        """The names of the rules alone, for where each is told by itself."""
        return _("Le droit s’y oppose : %(rules)s.") % {
            "rules": " ; ".join(finding.title for finding in self.findings)
        }


def refusal(findings, overridden=()):
    """Why a decision is refused, as a `LawRefusal`; None when nothing stands in its way."""
    standing = blocking(findings, overridden)
    if not standing:
        return None
    told = LawRefusal(
        " ".join(
            _("%(title)s : %(explanation)s") % {"title": finding.title, "explanation": finding.explanation}
            for finding in standing
        )
    )
    told.findings = tuple(standing)
    return told
