"""The cross-field truths of a row, read from its model's constraints without asking the database.

A `CheckConstraint` is the one home of such a rule: the database holds it, and this module lets a file of
10,000 rows and a form hear the same sentence (`violation_error_message`) without a query for each row.
"""

import operator
from functools import cache

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
    return _compiled(condition, type(instance))(instance)


def violations(instance, exclude=None):
    """The broken rules of a row as {field: [ValidationError]}.

    A rule is said at the field that its constraint names as `violation_error_code`, since that is the one
    that a person would correct; as in SQL, what is unknown is not broken.
    """
    exclude = exclude or ()
    found = {}
    for constraint, names, test in _rules(type(instance)):
        if (not exclude or names.isdisjoint(exclude)) and test(instance) is False:
            field = constraint.violation_error_code
            message = constraint.get_violation_error_message()
            found.setdefault(field, []).append(ValidationError(message, code=constraint.name))
    return found


@cache
def _rules(model):
    """The model's check constraints, each with the fields it names and its test: (row) → True, False or None.

    A file has many rows and a model few rules, so what a rule says is worked out once.
    """
    return [
        (
            constraint,
            frozenset(_fields_of(constraint.condition)),
            _compiled(constraint.condition, model),
        )
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
    ]


def _compiled(condition, model):
    tests = [
        _compiled(child, model) if isinstance(child, Q) else _compared(*child, model)
        for child in condition.children
    ]
    # What settles a list of answers: one True for OR, one False for AND.
    settles = condition.connector == Q.OR

    def joined(instance):
        answer = not settles
        for test in tests:
            found = test(instance)
            if found is settles:
                return settles
            if found is None:
                answer = None
        return answer

    if not condition.negated:
        return joined

    def negated(instance):
        answer = joined(instance)
        return None if answer is None else not answer

    return negated


def _compared(path, expected, model):
    name, _, lookup = path.partition("__")
    value_of = _value_of(model, name)
    if expected is None:
        # Django writes `field=None` as IS NULL, which is never unknown.
        lookup, expected = "isnull", True
    if lookup == "isnull":
        return lambda instance: (value_of(instance) is None) == expected
    compare = _LOOKUPS[lookup or "exact"]
    if isinstance(expected, F):
        other = _value_of(model, expected.name)

        def against_field(instance):
            value, wanted = value_of(instance), other(instance)
            return None if value is None or wanted is None else compare(value, wanted)

        return against_field

    def against_value(instance):
        value = value_of(instance)
        return None if value is None else compare(value, expected)

    return against_value


def _value_of(model, name):
    return operator.attrgetter(model._meta.get_field(name).attname)


def _fields_of(condition):
    for child in condition.children:
        if isinstance(child, Q):
            yield from _fields_of(child)
        else:
            yield child[0].partition("__")[0]
            if isinstance(child[1], F):
                yield child[1].name
