"""A form, a file and the database agree on what a row must be."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import (
    BooleanField,
    CharField,
    CheckConstraint,
    DateField,
    DecimalField,
    F,
    FileField,
    FloatField,
    ForeignKey,
    IntegerField,
    Q,
    TimeField,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pratik.core.constraints import holds, violations
from pratik.core.history import tracked_models
from pratik.partners.models import CompanyProfile, PartnerProfile
from pratik.schools.models import SchoolProfile

CHECKS = {
    f"{model._meta.label}.{constraint.name}": (model, constraint)
    for model in tracked_models().values()
    for constraint in model._meta.constraints
    if isinstance(constraint, CheckConstraint)
}

# The test database is the same from one example to the next: nothing is written.
quickly = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def fields_of(condition):
    for child in condition.children:
        if isinstance(child, Q):
            yield from fields_of(child)
        else:
            yield child[0].partition("__")[0]
            if isinstance(child[1], F):
                yield child[1].name


def values_of(field):
    """A few values on both sides of every bound that a rule could have, and the unknown one."""
    if field.choices:
        blank = [""] if isinstance(field, CharField) else []
        known = st.sampled_from([*(value for value, _label in field.flatchoices), *blank])
    elif isinstance(field, DateField):
        known = st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 1, 4))
    elif isinstance(field, DecimalField):
        known = st.integers(0, 700).map(lambda hundredths: Decimal(hundredths) / 100)
    elif isinstance(field, TimeField):
        known = st.sampled_from([datetime.time(7), datetime.time(8), datetime.time(9)])
    elif isinstance(field, IntegerField | FloatField):
        known = st.integers(-1, 12)
    elif isinstance(field, BooleanField):
        known = st.booleans()
    elif isinstance(field, FileField):
        # A column of files knows no unknown: no file is an empty name.
        return st.sampled_from(["", "documents/a.pdf"])
    elif isinstance(field, ForeignKey):
        known = st.integers(1, 3)
    elif isinstance(field, CharField):
        known = st.sampled_from(["", "9730001A"])
    else:
        raise AssertionError(f"No values for {field!r}: say here what it can hold.")
    return st.none() | known


def agree(condition, instance):
    against = instance._get_field_expression_map(meta=instance._meta)
    names = set(fields_of(condition))
    against = {name: value for name, value in against.items() if name in names}
    assert (holds(condition, instance) is not False) == condition.check(against)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "constraint"), CHECKS.values(), ids=CHECKS)
@quickly
@given(data=st.data())
def test_the_database_and_the_form_judge_alike(model, constraint, data):
    names = sorted(set(fields_of(constraint.condition)))
    fields = [model._meta.get_field(name) for name in names]
    values = {field.attname: data.draw(values_of(field), label=field.name) for field in fields}
    agree(constraint.condition, model(**values))


LEAVES = st.sampled_from(
    [
        Q(latitude=1),
        Q(latitude=None),
        Q(latitude__isnull=True),
        Q(latitude__isnull=False),
        Q(latitude__gt=F("longitude")),
        Q(latitude__gte=1),
        Q(latitude__lt=2, longitude__lte=F("latitude")),
        Q(longitude__in=[0, 1]),
        Q(longitude=F("latitude")),
    ]
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda some: st.one_of(
        some.map(lambda q: ~q),
        st.tuples(some, some).map(lambda two: two[0] & two[1]),
        st.tuples(some, some).map(lambda two: two[0] | two[1]),
    ),
    max_leaves=5,
)


@pytest.mark.django_db
@quickly
@given(
    condition=CONDITIONS,
    latitude=st.none() | st.sampled_from([0.0, 1.0, 2.0]),
    longitude=st.none() | st.sampled_from([0.0, 1.0, 2.0]),
)
def test_any_condition_is_judged_as_the_database_does(condition, latitude, longitude):
    agree(condition, SchoolProfile(latitude=latitude, longitude=longitude))


@pytest.mark.parametrize(("model", "constraint"), CHECKS.values(), ids=CHECKS)
def test_a_rule_is_said_at_one_of_the_fields_it_is_about(model, constraint):
    """Else a form that shows the fields has nowhere to show the sentence."""
    assert constraint.violation_error_code in set(fields_of(constraint.condition))
    message = str(constraint.get_violation_error_message())
    assert constraint.name not in message, "write a sentence for people"


def test_a_rating_is_from_one_to_five_or_not_yet_given():
    assert violations(CompanyProfile(average_rating=None)) == {}
    assert violations(CompanyProfile(average_rating=Decimal("5"))) == {}
    (error,) = violations(CompanyProfile(average_rating=Decimal("7")))["average_rating"]
    assert str(error.message) == "Une note va de 1 à 5."


def test_a_rule_about_a_field_that_the_form_does_not_show_is_left_to_the_form_that_does():
    row = PartnerProfile(
        agreement_start_on=datetime.date(2026, 5, 1), agreement_end_on=datetime.date(2026, 4, 1)
    )
    assert "agreement_end_on" in violations(row)
    assert violations(row, exclude={"agreement_start_on"}) == {}


def test_validating_a_row_says_the_rule_at_its_field():
    row = PartnerProfile(
        agreement_start_on=datetime.date(2026, 5, 1), agreement_end_on=datetime.date(2026, 4, 1)
    )
    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    assert list(refused.value.message_dict) == ["agreement_end_on"]
