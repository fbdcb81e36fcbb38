"""The numbers of the law in the database: brought along, kept by administrators, read in one query."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from pratik.accounts.enums import Role
from pratik.core.services import remove_rows, save_row
from pratik.law.enums import OPTIONAL_CODES, LegalCode
from pratik.law.models import LegalParameter
from pratik.law.reports import parameters_on
from pratik.law.rules import RULES, check
from tests import factories as make
from tests.conftest import person
from tests.law.conftest import LAW, placement

pytestmark = pytest.mark.django_db


def test_a_release_brings_every_number_along_and_the_same_file_twice_adds_nothing():
    assert make.legal_parameters() == LegalParameter.objects.count()
    assert make.legal_parameters() == 0
    known = set(LegalParameter.objects.values_list("code", flat=True))
    assert known == set(LegalCode) - OPTIONAL_CODES
    assert all(row.source for row in LegalParameter.objects.all())
    for row in LegalParameter.objects.all():
        row.full_clean()


def test_what_an_administrator_changed_is_not_taken_back(administrator):
    make.legal_parameters()
    row = LegalParameter.objects.get(code=LegalCode.TEACHER_MAX)
    row.value = 16
    save_row(actor=administrator, row=row)
    make.legal_parameters()
    row.refresh_from_db()
    assert row.value == 16
    assert row.history.count() == 2


def test_the_numbers_of_a_day_are_read_in_one_query(django_assert_num_queries):
    make.legal_parameters()
    with django_assert_num_queries(1):
        law = parameters_on(datetime.date(2025, 12, 31))
        assert law[LegalCode.STIPEND_HOURLY_MINIMUM] == Decimal("4.35")
        assert law.on(datetime.date(2026, 1, 1))[LegalCode.STIPEND_HOURLY_MINIMUM] == Decimal("4.5")
        assert check(placement(), law) == []
    assert {code: law.get(code) for code in LegalCode} == {
        code: LAW.on(law.day).get(code) for code in LegalCode
    }


def test_what_was_just_corrected_holds_at_once(administrator):
    row = make.legal_parameter()
    day = datetime.date(2026, 9, 7)
    assert parameters_on(day)[LegalCode.TUTOR_MAX] == 3
    row.value = 2
    save_row(actor=administrator, row=row)
    assert parameters_on(day)[LegalCode.TUTOR_MAX] == 2
    remove_rows(actor=administrator, model=LegalParameter, pks=[row.pk])
    assert parameters_on(day).get(LegalCode.TUTOR_MAX) is None


def test_every_rule_is_asked_with_what_a_release_brings():
    make.legal_parameters()
    law = parameters_on(datetime.date(2026, 9, 7))
    assert not {code for rule in RULES.values() for code in law.missing(rule.uses)}


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.ANONYMOUS)])
def test_only_administrators_keep_the_numbers(role):
    row = make.legal_parameter()
    row.value = 9
    with pytest.raises(PermissionDenied):
        save_row(actor=person(role), row=row)
    assert LegalParameter.objects.get().value == 3


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"value": Decimal(0)}, "value"),
        ({"value": Decimal("-1")}, "value"),
        ({"value": Decimal("0.00001")}, "value"),
        ({"source": ""}, "source"),
        ({"code": "tutors"}, "code"),
        ({"valid_from": datetime.date(2010, 9, 1)}, "__all__"),
    ],
    ids=str,
)
def test_what_is_no_number_of_the_law_is_refused_at_its_field(administrator, fields, column):
    make.legal_parameter()
    values = {"code": LegalCode.TUTOR_MAX, "value": Decimal(4), "source": "Décret"}
    row = LegalParameter(**values | {"valid_from": datetime.date(2030, 1, 1)} | fields)
    with pytest.raises(ValidationError) as refused:
        save_row(actor=administrator, row=row)
    assert list(refused.value.message_dict) == [column]
    assert LegalParameter.objects.count() == 1
    if column == "__all__":
        assert refused.value.messages == ["Une valeur de ce paramètre commence déjà ce jour-là."]
