"""The cross-field truths of a row, read from its model's constraints without asking the database.

A `CheckConstraint` is the one home of such a rule: the database holds it, and this module lets a file of
10,000 rows and a form hear the same sentence (`violation_error_message`) without a query for each row.
"""

import operator

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, F, Q

_LOOKUPS = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, choices: value in choices,
}


def holds(condition, instance):
    """Whether a condition is true of a row: True, False, or None (unknown, as NULL is in SQL)."""
    answers = []
    for child in condition.children:
        if isinstance(child, Q):
            answers.append(holds(child, instance))
            continue
        path, expected = child
        name, _, lookup = path.partition("__")
        value = getattr(instance, instance._meta.get_field(name).attname)
        if expected is None:
            # Django writes `field=None` as IS NULL, which is never unknown.
            lookup, expected = "isnull", True
        if lookup == "isnull":
            answers.append((value is None) == expected)
            continue
        if isinstance(expected, F):
            expected = getattr(instance, instance._meta.get_field(expected.name).attname)
        unknown = value is None or expected is None
        answers.append(None if unknown else _LOOKUPS[lookup or "exact"](value, expected))
    if condition.connector == Q.OR:
        answer = True if True in answers else (None if None in answers else False)
    else:
        answer = False if False in answers else (None if None in answers else True)
    if condition.negated and answer is not None:
        answer = not answer
    return answer


def violations(instance, exclude=None):
    """The broken rules of a row as {field: [ValidationError]}.

    A rule is said at the field that its constraint names as `violation_error_code`, since that is the one
    that a person would correct; as in SQL, what is unknown is not broken.
    """
    exclude = exclude or ()
    found = {}
    for constraint in instance._meta.constraints:
        if not isinstance(constraint, CheckConstraint):
            continue
        if any(name in exclude for name in _fields_of(constraint.condition)):
            continue
        if holds(constraint.condition, instance) is False:
            field = constraint.violation_error_code
            message = constraint.get_violation_error_message()
            found.setdefault(field, []).append(ValidationError(message, code=constraint.name))
    return found


def _fields_of(condition):
    for child in condition.children:
        if isinstance(child, Q):
            yield from _fields_of(child)
        else:
            yield child[0].partition("__")[0]
            if isinstance(child[1], F):
                yield child[1].name
