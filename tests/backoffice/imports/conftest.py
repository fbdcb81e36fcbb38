import pytest

from pratik.core import copying


@pytest.fixture(autouse=True)
def every_row_is_copied(monkeypatch):
    """A handful of rows goes into PostgreSQL the way that a long file's do."""
    monkeypatch.setattr(copying, "WORTH_A_COPY", 1)
