"""Two people who put a template in force at the same moment."""

import pytest

from pratik.accounts.enums import Role
from pratik.papers import services
from pratik.papers.models import PaperTemplate
from tests import factories as make
from tests.core.test_races import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_ten_people_put_ten_templates_in_force_at_once_and_one_stays():
    people = [make.user(Role.EDITOR) for _number in range(10)]
    rows = [make.paper_template() for _number in range(10)]
    results = at_once(
        *(
            lambda who=who, row=row: services.activate_templates(actor=who, pks=[row.pk])
            for who, row in zip(people, rows, strict=True)
        )
    )
    assert not [result for result in results if isinstance(result, Exception)]
    states = sorted(PaperTemplate.objects.values_list("state", flat=True))
    assert states == ["active"] + ["retired"] * 9
