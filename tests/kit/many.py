"""Tables as long as the planner needs them to choose as it would in production (PostgreSQL)."""


def copy(cursor, row, number, **columns):
    """So many rows as this one, but for these columns, which are SQL of the number `n` of each, from 1 on."""
    table = row._meta.db_table
    names = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    values = [columns.get(name, f'model."{name}"') for name in names]
    quoted = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f'INSERT INTO "{table}" ({quoted}) SELECT {", ".join(values)} '
        f'FROM generate_series(1, {number}) n, "{table}" model WHERE model.id = {row.pk}'
    )
