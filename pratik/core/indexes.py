"""Indexes of long tables, for migrations: PostgreSQL makes them while everybody goes on writing.

A migration that makes one has `atomic = False`; where it was stopped it is run again, and makes anew what
it had begun. `ordered` and `words` are PostgreSQL's alone: they make long lists fast, mean nothing to a model
and stand in no model's state, so that what `makemigrations` sees is the same on every database.
"""

from django.db.migrations import AddIndex, RemoveIndex, RunSQL


class AddIndexBeside(AddIndex):
    """Adds an index of a model, as its state has it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        _make(schema_editor, to_state.apps.get_model(app_label, self.model_name), self.index)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        _drop(schema_editor, from_state.apps.get_model(app_label, self.model_name), self.index)


class RemoveIndexBeside(RemoveIndex):
    """Removes an index of a model, as its state has it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        _drop(schema_editor, *self._of(app_label, from_state))

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        _make(schema_editor, *self._of(app_label, to_state))

    def _of(self, app_label, state):
        index = state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        return state.apps.get_model(app_label, self.model_name), index


def _make(schema_editor, model, index):
    if schema_editor.connection.vendor == "postgresql":
        # One that was not finished stands there under its name, and serves nobody.
        _drop(schema_editor, model, index)
        schema_editor.add_index(model, index, concurrently=True)
    else:
        schema_editor.add_index(model, index)


def _drop(schema_editor, model, index):
    beside = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
    schema_editor.remove_index(model, index, **beside)


class _OnPostgreSQL(RunSQL):
    """SQL that PostgreSQL runs, and that is passed over elsewhere."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def trigrams():
    """The extension that finds any part of a word. It stays when a migration is undone: others need it."""
    return _OnPostgreSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", RunSQL.noop)


def ordered(name, table, *columns, then=(), include=(), where=""):
    """An index that holds a table in the order of these columns, and of its keys within equals.

    `then` are columns by which the list leaves rows out while it walks along, `include` those that it asks
    for; `where` leaves rows out for good.
    """
    what = f'"{table}" ({", ".join((*columns, "id", *then))})'
    if include:
        what += f" INCLUDE ({', '.join(include)})"
    if where:
        what += f" WHERE {where}"
    return _index(name, what)


def words(name, table, column="search_text"):
    """An index that finds any part of a word, of three letters or more, in a folded column (pg_trgm)."""
    return _index(name, f'"{table}" USING gin ("{column}" gin_trgm_ops)')


def _index(name, what):
    gone = f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"'
    return _OnPostgreSQL([gone, f'CREATE INDEX CONCURRENTLY "{name}" ON {what}'], [gone])
