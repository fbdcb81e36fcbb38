"""Indexes that only PostgreSQL has, for migrations: they make long lists fast and mean nothing to a model.

They stand in no model's state, so that what `makemigrations` sees is the same on every database.
"""

from django.db.migrations import RunSQL


class _OnPostgreSQL(RunSQL):
    """SQL that PostgreSQL runs, and that is passed over elsewhere."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def ordered(name, table, *columns, include=(), where=""):
    """An index that holds a table in the order of these columns, and of its keys within equals.

    `include` are columns that the list asks for while it walks along; `where` leaves rows out.
    """
    sql = f'CREATE INDEX "{name}" ON "{table}" ({", ".join((*columns, "id"))})'
    if include:
        sql += f" INCLUDE ({', '.join(include)})"
    if where:
        sql += f" WHERE {where}"
    return _OnPostgreSQL(sql, f'DROP INDEX "{name}"')


def words(name, table, column="search_text"):
    """An index that finds any part of a word, of three letters or more, in a folded column (pg_trgm)."""
    return _OnPostgreSQL(
        f'CREATE INDEX "{name}" ON "{table}" USING gin ("{column}" gin_trgm_ops)', f'DROP INDEX "{name}"'
    )
