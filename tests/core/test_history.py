"""Every business row keeps its history, whether it was written alone or in a set of thousands."""

import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from pratik.accounts.models import User
from pratik.calendars.enums import CalendarState
from pratik.core.enums import OperationKind
from pratik.core.history import tracked_models
from pratik.core.operations import operation
from pratik.core.writes import create_rows, delete_rows, set_columns, update_rows
from pratik.reference.models import Commune
from tests import factories as make

pytestmark = pytest.mark.django_db

# One row of each sort of column: texts, lists, telephones, dates, moments, decimals, floats, links, images.
RICH_ROWS = {
    "manager": lambda: make.manager(phone="+594594302010", programs=["Bac pro Commerce", "CAP « Pêche »"]),
    "calendar": lambda: make.calendar(
        state=CalendarState.PUBLISHED,
        published_at=timezone.now(),
        skills_sought=["accueil", "vente"],
        description="Un œil sur l’étal, 100 % terrain ;\nmatin et soir.",
    ),
    "company": lambda: make.company(
        activity=make.activity(),
        commune=make.commune(),
        average_rating=Decimal("4.25"),
        latitude=4.9372,
        longitude=-52.326,
        logo=picture("logo.png"),
        created_on=datetime.date(1999, 12, 31),
    ),
    "user": lambda: make.user(phone="+594694201234", verified_at=timezone.now()),
}


def picture(name):
    content = BytesIO()
    Image.new("RGB", (2, 2)).save(content, "PNG")
    return ContentFile(content.getvalue(), name=name)


def assert_same_values(line, row):
    row.refresh_from_db()
    for field in row.history.model.tracked_fields:
        assert getattr(line, field.attname) == getattr(row, field.attname), field.name


@pytest.mark.parametrize("made", RICH_ROWS.values(), ids=RICH_ROWS)
def test_a_line_of_history_holds_what_the_table_holds(made, actor):
    row = made()
    assert_same_values(row.history.get(), row)
    with operation(kind=OperationKind.EDIT, actor=actor):
        update_rows([row], ["updated_at"])
    assert_same_values(row.history.first(), row)
    with operation(kind=OperationKind.EDIT, actor=actor):
        row.save()
    assert_same_values(row.history.first(), row)
    assert [line.history_type for line in row.history.order_by("history_id")] == ["+", "~", "~"]


def test_written_alone_or_in_a_set_a_row_leaves_the_same_lines(actor):
    def alone(number):
        row = Commune(name="Cayenne", insee_code=f"{number:05d}")
        row.save()
        row.name = "Cayenne-Ville"
        row.save()
        pk = row.pk
        row.delete()
        return pk

    def in_a_set(number):
        (row,) = create_rows([Commune(name="Cayenne", insee_code=f"{number:05d}")])
        row.name = "Cayenne-Ville"
        update_rows([row], ["name"])
        delete_rows(Commune, [row.pk])
        return row.pk

    with operation(kind=OperationKind.EDIT, actor=actor, reason="Nom officiel") as running:
        pks = [alone(1), in_a_set(2)]
    told = [
        [
            (line.history_type, line.name, line.history_user, line.history_change_reason, line.operation)
            for line in Commune.history.filter(id=pk).order_by("history_id")
        ]
        for pk in pks
    ]
    assert told[0] == told[1]
    assert told[0] == [
        ("+", "Cayenne", actor, "Nom officiel", running.written),
        ("~", "Cayenne-Ville", actor, "Nom officiel", running.written),
        ("-", "Cayenne-Ville", actor, "Nom officiel", running.written),
    ]
    assert running.written.counts == {"created": 2, "updated": 2, "deleted": 2}


def test_columns_set_for_many_rows_are_in_each_ones_history(actor):
    rows = make.calendars(3)
    with operation(kind=OperationKind.EDIT, actor=actor) as running:
        set_columns(type(rows[0]), [row.pk for row in rows[:2]], description="Voir le site")
    assert [row.history.first().description for row in rows] == ["Voir le site", "Voir le site", ""]
    assert [row.history.count() for row in rows] == [2, 2, 1]
    assert running.written.total("updated") == 2


def test_secrets_and_derived_columns_stay_out_of_history():
    kept = {field.name for field in User.history.model.tracked_fields}
    assert "email" in kept
    assert not kept & {"password", "last_login", "search_text"}
    for model in tracked_models().values():
        derived = set(getattr(model, "derived_fields", ()))
        assert not derived & {field.name for field in model.history.model.tracked_fields}, model
