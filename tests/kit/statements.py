"""What a request asked of the database, and what of it was written."""

from contextlib import contextmanager

from django.db import connection

WRITES = ("INSERT", "UPDATE", "DELETE", "COPY")


@contextmanager
def statements():
    """Takes note of each statement, without its values: putting them in takes longer than the statement."""
    asked = []

    def keep(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield asked


def writes(asked, aside=()):
    """The statements that wrote something, in no table of `aside`; what was rolled back wrote nothing."""
    written, marks = [], {}
    for sql in asked:
        if sql.startswith("SAVEPOINT "):
            marks[sql.removeprefix("SAVEPOINT ")] = len(written)
        elif sql.startswith("ROLLBACK TO SAVEPOINT "):
            del written[marks[sql.removeprefix("ROLLBACK TO SAVEPOINT ")] :]
        elif sql.startswith(WRITES) and not any(name in sql for name in aside):
            written.append(sql)
    return written
