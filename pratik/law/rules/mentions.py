"""What an agreement must say (article D124-4); which mentions those are is told by the papers themselves."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..enums import RuleCode, Severity
from .findings import EVERY_KIND, Rule


def _find(rule, facts, parameters):
    if not facts.missing_mentions:
        return None
    told = _(
        "Il manque à la convention : %(mentions)s. Complétez le stage : elle ne s’établit pas sans ces"
        " mentions."
    ) % {"mentions": " ; ".join(facts.missing_mentions)}
    return rule.finding(told, missing=facts.missing_mentions)


MENTIONS = Rule(
    code=RuleCode.MENTIONS,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, articles L124-1 et D124-4"),
    explanation=gettext_lazy(
        "La convention entre le stagiaire, l’organisme d’accueil et l’établissement porte les quinze mentions"
        " de l’article D124-4 ; celles qui n’ont pas d’objet peuvent manquer. Sans les autres, elle ne peut"
        " pas être établie."
    ),
    find=_find,
    # An observation has its agreement too, which is drawn from the same mentions.
    kinds=EVERY_KIND,
    overridable=False,
)
