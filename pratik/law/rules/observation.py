"""What is outside the law of internships, or eased by it: for whom, and how long."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pratik.reference.levels import Diploma, is_of_vocational_school, level_label

from ..enums import InternshipKind, LegalCode, RuleCode, Severity
from .findings import Rule


def observes(level):
    """Whether who studies this observes: pupils of a collège, or of a seconde générale et technologique."""
    return (
        level.level == 2
        or level.diploma == Diploma.SECONDE_GT
        or (level.diploma == Diploma.BAC_TECHNO and level.year_in_cycle == 1)
    )


_MAY = {
    InternshipKind.OBSERVATION: observes,
    InternshipKind.WORK_PLACEMENT_PERIOD: is_of_vocational_school,
}


def _find_kind(rule, facts, parameters):
    if facts.level is not None and _MAY[facts.kind](facts.level):
        return None
    if facts.kind == InternshipKind.OBSERVATION:
        whose = _("Une séquence d’observation est pour les élèves de collège ou de seconde générale.")
    else:
        whose = _(
            "Une période de formation en milieu professionnel est pour qui prépare un diplôme de la voie"
            " professionnelle au lycée, du CAP au bac pro."
        )
    if facts.level is None:
        why = _(
            "On ne sait pas ce qu’étudie cette personne : écrivez-le dans son rattachement, comme « 3e » ou"
            " « Bac pro Commerce », ou choisissez une autre nature."
        )
        return rule.finding(_("%(rule)s %(why)s") % {"rule": whose, "why": why})
    why = _("Formation de cette personne : %(level)s. Choisissez une autre nature.") % {
        "level": level_label(facts.level)
    }
    return rule.finding(_("%(rule)s %(why)s") % {"rule": whose, "why": why}, level=facts.level)


def _find_length(rule, facts, parameters):
    at_college = facts.level is not None and facts.level.level == 2
    code = LegalCode.OBSERVATION_DAYS_COLLEGE if at_college else LegalCode.OBSERVATION_DAYS
    most = int(parameters[code])
    days = facts.presence.days
    if days <= most:
        return None
    told = ngettext(
        "%(days)d jour d’observation, pour %(most)d au plus : une séquence dure une semaine au collège, deux"
        " en seconde. Au-delà, c’est un stage.",
        "%(days)d jours d’observation, pour %(most)d au plus : une séquence dure une semaine au collège, deux"
        " en seconde. Au-delà, c’est un stage.",
        days,
    ) % {"days": days, "most": most}
    return rule.finding(told, days=days, cap=most)


# Neither is set aside: all that protects interns hangs on the kind. With another kind, each rule that it then
# breaks is set aside by itself, with its own reason.
KIND = Rule(
    code=RuleCode.KIND,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, articles L124-1, L331-4, D332-14 et D333-2"),
    explanation=gettext_lazy(
        "Une séquence d’observation est pour les élèves de collège et de seconde générale et technologique,"
        " une période de formation en milieu professionnel pour ceux de la voie professionnelle des lycées."
        " Tout le reste est un stage."
    ),
    find=_find_kind,
    kinds=frozenset(_MAY),
    overridable=False,
)
OBSERVATION = Rule(
    code=RuleCode.OBSERVATION,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, articles D331-1 à D331-5, D332-14 et D333-2"),
    explanation=gettext_lazy(
        "Une séquence d’observation dure une semaine en classe de troisième et deux semaines en seconde"
        " générale et technologique. Elle n’est pas un stage : ni gratification ni plafond de stagiaires."
    ),
    find=_find_length,
    uses=(LegalCode.OBSERVATION_DAYS_COLLEGE, LegalCode.OBSERVATION_DAYS),
    kinds=frozenset({InternshipKind.OBSERVATION}),
    overridable=False,
)
