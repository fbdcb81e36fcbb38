"""Whether what the site kept is still right: a number for each model, raised by whoever writes its rows.

It is raised in the transaction that writes, so it is seen with what was written and not a moment before or
after, by every process. Who keeps something reads the number first and keeps what it made under it.
"""

from functools import lru_cache

from django.db import DatabaseError, connection, transaction

from .models import Generation

TABLE = Generation._meta.db_table


def raise_generation(model):
    """Says that rows of this model were written in the open transaction; once or many times is the same."""
    label = model._meta.concrete_model._meta.label_lower
    if _is_raised(label):
        return
    # Transactions that write the same model do not wait for one another here: each takes a row that is free.
    free = f"SELECT id FROM {TABLE} WHERE model = %s LIMIT 1"
    if connection.features.has_select_for_update_skip_locked:
        free += " FOR UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET number = number + 1 WHERE id = ({free})", [label])
        raised = cursor.rowcount
    if not raised:
        Generation.objects.create(model=label)
    transaction.on_commit(_Raised(label))


class _Raised:
    """A mark among what waits for the commit: it goes with the savepoint or the transaction that made it."""

    def __init__(self, label):
        self.label = label

    def __call__(self):
        pass


def _is_raised(label):
    """Whether the open transaction has raised it already, in a part of it that only all of it takes back."""
    return any(
        isinstance(mark, _Raised) and mark.label == label and savepoints <= {*connection.savepoint_ids}
        for savepoints, mark, _robust in connection.run_on_commit
    )


def generation_of(models):
    """The generation of what is shown of these models, as one number that only grows; None when the database
    does not answer. One query.
    """
    if not models:
        return 0
    # This question tells as well as another whether the connection still holds.
    connection.health_check_done = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(_question(models))
            return cursor.fetchone()[0]
    except DatabaseError:
        if not connection.in_atomic_block:
            connection.close()
        return None


@lru_cache
def _question(models):
    labels = ", ".join(sorted(f"'{model._meta.label_lower}'" for model in models))
    return f"SELECT CAST(COALESCE(SUM(number), 0) AS bigint) FROM {TABLE} WHERE model IN ({labels})"
