"""Loading the public nomenclatures; the same file twice changes nothing."""

import csv
from datetime import date

from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import changed_fields
from pratik.core.writes import create_rows, update_rows

from .models import Activity, ActivitySection, Commune, Postcode, PublicHoliday, SchoolHoliday


def load_reference(*, actor, folder):
    """Brings the nomenclatures up to what the CSV files of `folder` say; nothing is removed.

    Returns {model: (created, changed)}.
    """
    loaded = {}
    with operation(kind=OperationKind.SETUP, actor=actor, subject=Commune):
        communes = _rows(folder / "communes.csv")
        loaded[Commune] = _bring_up(_commune(row) for row in _first_by(communes, "insee_code"))
        by_insee = {commune.insee_code: commune for commune in Commune.objects.all()}
        codes = {(row["postcode"], row["insee_code"]): False for row in communes}
        for row in _rows(folder / "cedex_postcodes.csv"):
            codes.setdefault((row["postcode"], row["insee_code"]), True)
        loaded[Postcode] = _bring_up(
            Postcode(code=code, commune=by_insee[insee], is_cedex=cedex)
            for (code, insee), cedex in codes.items()
        )
        loaded[ActivitySection] = _bring_up(
            ActivitySection(code=row["code"], label=row["label"])
            for row in _rows(folder / "naf_sections.csv")
        )
        sections = {section.code: section for section in ActivitySection.objects.all()}
        loaded[Activity] = _bring_up(
            Activity(code=row["code"], label=row["label"], section=sections[row["section"]])
            for row in _rows(folder / "naf.csv")
        )
        loaded[PublicHoliday] = _bring_up(
            PublicHoliday(day=date.fromisoformat(row["date"]), name=row["name"])
            for row in _rows(folder / "public_holidays.csv")
        )
        loaded[SchoolHoliday] = _bring_up(
            _school_holiday(row) for row in _rows(folder / "school_holidays.csv")
        )
    return loaded


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _first_by(rows, column):
    return {row[column]: row for row in reversed(rows)}.values()


def _commune(row):
    return Commune(
        insee_code=row["insee_code"],
        name=row["name"],
        arrondissement=row["arrondissement"],
        population=int(row["population"]) if row["population"] else None,
        latitude=float(row["latitude"]) if row["latitude"] else None,
        longitude=float(row["longitude"]) if row["longitude"] else None,
    )


def _school_holiday(row):
    return SchoolHoliday(
        school_year=int(row["school_year"][:4]),
        name=row["name"],
        population=row["population"],
        start_on=date.fromisoformat(row["start_on"]),
        end_on=date.fromisoformat(row["end_on"]),
        is_assumed=row["is_assumed"] == "1",
    )


def _bring_up(rows):
    """Creates the rows that are new and corrects those that differ. Returns (created, changed)."""
    rows = list(rows)
    model = type(rows[0])
    key = model.natural_key_fields
    attributes = [model._meta.get_field(name).attname for name in key]
    known = {tuple(getattr(row, name) for name in attributes): row for row in model.objects.all()}
    fresh, changed, fields = [], [], set()
    for row in rows:
        before = known.get(tuple(getattr(row, name) for name in attributes))
        if before is None:
            fresh.append(row)
            continue
        row.pk, row.created_at = before.pk, before.created_at
        row.derive()
        if differing := changed_fields(before, row):
            changed.append(row)
            fields.update(differing)
    create_rows(fresh)
    update_rows(changed, fields)
    return len(fresh), len(changed)
