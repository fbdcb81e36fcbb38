"""Writing rows in sets, with history: the number of queries does not grow with each row.

History is copied inside the database (`INSERT … SELECT`), so it is exactly what the table holds and costs
no second pass through Python. Everything here happens inside an `operation`.
"""

import json

from django.db import connection, models
from django.utils import timezone
from django.utils.text import slugify

from .operations import current_operation

BATCH = 5_000


def _batches(items):
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
    for batch in _batches(rows):
        _plain(model).bulk_create(batch)
        _copy_to_history(model, [row.pk for row in batch], "+", running)
    running.count("created", len(rows))
    return rows


def update_rows(rows, fields):
    """Writes the named fields of rows that exist, and their history. Returns the rows.

    An upsert by primary key: one statement for each batch, where `bulk_update` would build one CASE for
    each field and row.
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
    for batch in _batches(rows):
        _plain(model).bulk_create(
            batch, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=sorted(written)
        )
        _copy_to_history(model, [row.pk for row in batch], "~", running)
    running.count("updated", len(rows))
    return rows


def set_columns(model, pks, **values):
    """Gives the rows of these keys the same values in some columns, with history."""
    pks = list(pks)
    if not pks:
        return
    running = current_operation()
    for batch in _batches(pks):
        _plain(model).filter(pk__in=batch).update(**values, updated_at=timezone.now())
        _copy_to_history(model, batch, "~", running)
    running.count("updated", len(pks))


def delete_rows(model, pks):
    """Removes rows that nothing depends on, keeping their last values in history.

    Raises `IntegrityError` when something depends on one: ask `dependants` first.
    """
    pks = list(pks)
    if not pks:
        return
    running = current_operation()
    for batch in _batches(pks):
        _copy_to_history(model, batch, "-", running)
        rows = _plain(model).filter(pk__in=batch)
        rows._raw_delete(rows.db)
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
        for batch in _batches(list(pks)):
            counted = (
                _plain(relation.related_model)
                .filter(**{f"{column}__in": batch})
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
    for batch in _batches(sorted(set(wanted.values()))):
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


def _copy_to_history(model, pks, history_type, running):
    """Copies the rows as they stand in the table into the model's history."""
    history = model.history.model
    quote = connection.ops.quote_name
    tracked = [field.column for field in history.tracked_fields]
    extra = {
        "history_date": timezone.now(),
        "history_type": history_type,
        "history_user_id": running.actor.pk,
        "history_change_reason": running.reason,
        "operation_id": running.row.pk,
    }
    values = [
        history._meta.get_field(name.removesuffix("_id")).get_db_prep_value(value, connection)
        for name, value in extra.items()
    ]
    if connection.vendor == "postgresql":
        chosen, keys = "= ANY(%s)", list(pks)
    else:
        chosen, keys = "IN (SELECT value FROM json_each(%s))", json.dumps(list(pks))
    columns = ", ".join(quote(column) for column in tracked)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(history._meta.db_table)}"
            f" ({columns}, {', '.join(quote(name) for name in extra)})"
            f" SELECT {columns}, {', '.join(['%s'] * len(extra))} FROM {quote(model._meta.db_table)}"
            f" WHERE {quote(model._meta.pk.column)} {chosen}",
            [*values, keys],
        )
