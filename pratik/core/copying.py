"""Rows into PostgreSQL by COPY: the quickest way in, where there are many and the database can.

Rows are written as Django's own `bulk_create` writes them (`pre_save`, `get_db_prep_save`, keys and state set
afterwards), so which way they came cannot be told from them. Other databases, and a handful of rows, go by
`bulk_create` itself.
"""

from django.db import connection, connections, models, transaction

# Below this, making a table to copy into costs more than it saves.
WORTH_A_COPY = 200


def insert_rows(model, rows, *, plain=None):
    """Inserts rows, all or none, and gives them their keys, past the guard of `ScopedQuerySet`.

    `plain(fields, rows)` gives the values that are copied, one tuple for each row, where the caller has them
    at hand more quickly than the fields make them. Raises `IntegrityError` when a row breaks a constraint.
    """
    if not _copies(rows):
        models.QuerySet(model).bulk_create(rows)
        return
    fields = _written(model._meta.concrete_fields)
    with transaction.atomic(savepoint=False):
        _give_keys(model, [row for row in rows if row.pk is None])
        values = plain(fields, rows) if plain else _prepared(fields, rows, add=True)
        _copy(model._meta.db_table, fields, values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def upsert_rows(model, rows, names):
    """Writes the named fields of rows that exist, of all or none: one statement, however many rows.

    Raises `IntegrityError` when a row breaks a constraint.
    """
    meta = model._meta
    if not _copies(rows):
        models.QuerySet(model).bulk_create(
            rows, update_conflicts=True, unique_fields=[meta.pk.name], update_fields=sorted(names)
        )
        return
    fields = _written(meta.get_field(name) for name in sorted(names))
    quote = connection.ops.quote_name
    table, key = quote(meta.db_table), quote(meta.pk.column)
    columns = ", ".join(quote(field.column) for field in fields)
    # The table to copy into goes with the transaction.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE rows_to_write ON COMMIT DROP AS SELECT {key}, {columns}"
            f" FROM {table} LIMIT 0"
        )
        written = [meta.pk, *fields]
        _copy("rows_to_write", written, _prepared(written, rows, add=False))
        given = ", ".join(f"{quote(field.column)} = given.{quote(field.column)}" for field in fields)
        cursor.execute(
            f"UPDATE {table} SET {given} FROM rows_to_write given WHERE {table}.{key} = given.{key}"
        )
        cursor.execute("DROP TABLE rows_to_write")


def _copies(rows):
    return connection.vendor == "postgresql" and len(rows) >= WORTH_A_COPY


def _written(fields):
    return [field for field in fields if not field.generated]


def _give_keys(model, rows):
    """Keys from the table's own sequence, as an INSERT would have taken them."""
    meta = model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [connection.ops.quote_name(meta.db_table), meta.pk.column, len(rows)],
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key


def _prepared(fields, rows, *, add):
    ways = [(field.pre_save, field.get_db_prep_save) for field in fields]
    # Not by the name that stands for it, which is looked up for each value.
    own = connections[connection.alias]
    return ([prepare(value(row, add), own) for value, prepare in ways] for row in rows)


def _copy(table, fields, values):
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    connection.validate_no_broken_transaction()
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {quote(table)} ({columns}) FROM STDIN") as copy,
    ):
        write = copy.write_row
        for one in values:
            write(one)
