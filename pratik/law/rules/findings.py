"""What a rule is, and what it says of a placement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..enums import WITH_AGREEMENT, InternshipKind, LegalCode, RuleCode, Severity

EVERY_KIND = frozenset(InternshipKind)


@dataclass(frozen=True)
class Finding:
    """What the law says of a placement: how grave, by which article, in a sentence with its numbers.

    `figures` holds the numbers as values. An `overridable` one is passed over by a decision with a reason.
    """

    code: RuleCode
    severity: Severity
    article: str
    title: str
    explanation: str
    overridable: bool
    figures: Mapping = field(default_factory=dict)

    @property
    def blocks(self):
        return self.severity == Severity.BLOCK


@dataclass(frozen=True)
class Rule:
    """One rule of law: `find` is asked with (rule, facts, parameters) and answers with a `Finding` or None.

    `severity` is the gravest that it finds, `explanation` what it says of any placement, `uses` the numbers
    without which it cannot be asked.
    """

    code: RuleCode
    severity: Severity
    article: str
    explanation: str
    find: Callable
    uses: tuple[LegalCode, ...] = ()
    kinds: frozenset = WITH_AGREEMENT
    overridable: bool = True

    @property
    def title(self):
        return self.code.label

    def finding(self, explanation, severity=None, **figures):
        """What this rule found, as a sentence with its numbers."""
        return Finding(
            self.code,
            severity or self.severity,
            str(self.article),
            str(self.title),
            explanation,
            self.overridable,
            figures,
        )
