"""Writing rows in sets, with history: the number of queries does not grow with each row.

History is copied inside the database (`INSERT … SELECT`), so it is exactly what the table holds and costs
no second pass through Python. Everything here happens inside an `operation`.
"""

import json

from django.db import connection, models
from django.utils import timezone
from django.utils.text import slugify

from .copying import insert_rows, upsert_rows
from .operations import current_operation
from .signals import rows_written

BATCH = 5_000


def batches(items):
    """The items in parts that one statement can take."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _plain(model):
    """The model's rows through Django's own queryset, past the guard of `ScopedQuerySet`."""
    return models.QuerySet(model)


def create_rows(rows):
    """Inserts rows of one model and their history. Returns them, with their keys set.

    Raises `IntegrityError` when a row breaks a constraint: validate first.
    """
    rows = list(rows)
    if not rows:
        return rows
    running = current_operation()
    model = type(rows[0])
    now = timezone.now()
    for row in rows:
        row.derive()
        row.created_at = row.created_at or now
        row.updated_at = now
    assign_slugs(model, rows)
    for batch in batches(rows):
        insert_rows(model, batch)
        write_history(model, [row.pk for row in batch], "+", running)
    running.count("created", len(rows))
    return rows


def update_rows(rows, fields):
    """Writes the named fields of rows that exist, and their history. Returns the rows.

    One statement for each batch, where `bulk_update` would build one CASE for each field and row.
    """
    rows = list(rows)
    if not rows:
        return rows
    running = current_operation()
    model = type(rows[0])
    now = timezone.now()
    for row in rows:
        row.derive()
        row.updated_at = now
    written = {*fields, "updated_at", *getattr(model, "derived_fields", ())}
    for batch in batches(rows):
        upsert_rows(model, batch, written)
        write_history(model, [row.pk for row in batch], "~", running)
    running.count("updated", len(rows))
    return rows


def write_derived(rows, fields):
    """Writes columns that follow from rows of other tables, and that history leaves out.

    Nobody did it: there is no line of history and no new moment of change, and it may happen outside an
    operation. Raises `ValueError` for a column that history keeps.
    """
    rows, fields = list(rows), sorted(fields)
    if not rows:
        return
    model = type(rows[0])
    if not {field.name for field in model.history.model.tracked_fields}.isdisjoint(fields):
        raise ValueError("History keeps one of these columns: use update_rows.")
    for batch in batches(rows):
        upsert_rows(model, batch, fields)


def set_columns(model, pks, **values):
    """Gives the rows of these keys the same values in some columns, with history."""
    pks = list(pks)
    if not pks:
        return
    running = current_operation()
    for batch in batches(pks):
        _plain(model).filter(pk__among=batch).update(**values, updated_at=timezone.now())
        write_history(model, batch, "~", running)
    running.count("updated", len(pks))


def set_each(model, column, own, **values):
    """Gives each row a value of its own in one column, and all of them the same `values`, with history.

    `own` maps the rows' keys to their values. One statement for each batch, whatever the values.
    """
    running = current_operation()
    for batch in batches(list(own)):
        _set_each(model, model._meta.get_field(column), {pk: own[pk] for pk in batch}, values)
        write_history(model, batch, "~", running)
    running.count("updated", len(own))


def _set_each(model, field, own, values):
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    values = values | {"updated_at": timezone.now()}
    same, parameters = [], []
    for name, value in values.items():
        other = model._meta.get_field(name)
        same.append(f"{quote(other.column)} = %s")
        parameters.append(other.get_db_prep_save(value, connection))
    each = {pk: field.get_db_prep_save(value, connection) for pk, value in own.items()}
    if connection.vendor == "postgresql":
        source = f"unnest(%s::bigint[], %s::{field.db_type(connection)}[]) AS given (key, value)"
        parameters += [list(each), list(each.values())]
    else:
        source = "json_each(%s) AS given"
        parameters.append(json.dumps(each))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {', '.join([*same, f'{quote(field.column)} = given.value'])}"
            f" FROM {source} WHERE {table}.{key} = CAST(given.key AS bigint)",
            parameters,
        )


def delete_rows(model, pks):
    """Removes rows that nothing depends on, keeping their last values in history.

    Raises `IntegrityError` when something depends on one: ask `dependants` first.
    """
    pks = list(pks)
    if not pks:
        return
    running = current_operation()
    for batch in batches(pks):
        # Announced once they are gone, so that whoever hears of it finds what is left.
        write_history(model, batch, "-", running, announced=False)
        rows = _plain(model).filter(pk__among=batch)
        rows._raw_delete(rows.db)
        rows_written.send(sender=model, pks=batch, history_type="-", operation=running)
    running.count("deleted", len(pks))


def dependants(model, pks):
    """What points at these rows: {primary key: [(model, how many)]}; one query for each kind of pointer."""
    found = {}
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.is_relation and not relation.concrete):
            continue
        if relation.many_to_many or hasattr(relation.related_model, "history_type"):
            continue
        column = relation.field.attname
        for batch in batches(list(pks)):
            counted = (
                _plain(relation.related_model)
                .filter(**{f"{relation.field.name}__pk__among": batch})
                .order_by()
                .values_list(column)
                .annotate(number=models.Count("pk"))
            )
            for pk, number in counted:
                found.setdefault(pk, []).append((relation.related_model, number))
    return found


def assign_slugs(model, rows):
    """Gives each new row an address of its own, made from its name; a taken one gets its natural key."""
    source = getattr(model, "slug_source", None)
    if source is None:
        return
    wanted = {id(row): slugify(getattr(row, source))[:90] or "fiche" for row in rows if not row.slug}
    taken = set()
    for batch in batches(sorted(set(wanted.values()))):
        taken.update(_plain(model).filter(slug__in=batch).values_list("slug", flat=True))
    for row in rows:
        if row.slug:
            continue
        slug = wanted[id(row)]
        if slug in taken:
            key = "-".join(str(getattr(row, field)) for field in model.natural_key_fields)
            slug = f"{slug}-{slugify(key)}"
        taken.add(slug)
        row.slug = slug


def write_history(model, pks, history_type, running, *, announced=True, moment=None, instead=None):
    """Copies the rows as they stand in the table into the model's history.

    `moment` is when it was, if not now, or the column that says when; `instead` maps columns to the SQL of
    what the line says in their place. Who does not want it `announced` tells what became of the rows.
    """
    history = model.history.model
    quote = connection.ops.quote_name
    said = {field.column: quote(field.column) for field in history.tracked_fields} | (instead or {})
    given = {
        "history_date": moment or timezone.now(),
        "history_type": history_type,
        "history_user_id": running.actor.pk,
        "history_change_reason": running.reason,
        "operation_id": running.row.pk,
    }
    if isinstance(moment, str):
        said["history_date"] = quote(given.pop("history_date"))
    values = [
        history._meta.get_field(name.removesuffix("_id")).get_db_prep_value(value, connection)
        for name, value in given.items()
    ]
    if connection.vendor == "postgresql":
        chosen, keys = f"= ANY(%s::{model._meta.pk.cast_db_type(connection)}[])", list(pks)
    else:
        chosen, keys = "IN (SELECT value FROM json_each(%s))", json.dumps(list(pks))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(history._meta.db_table)} ({', '.join(map(quote, [*said, *given]))})"
            f" SELECT {', '.join([*said.values(), *['%s'] * len(given)])} FROM {quote(model._meta.db_table)}"
            f" WHERE {quote(model._meta.pk.column)} {chosen}",
            [*values, keys],
        )
    if announced:
        rows_written.send(sender=model, pks=pks, history_type=history_type, operation=running)
