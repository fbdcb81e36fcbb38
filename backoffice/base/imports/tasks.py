"""Entry points of the queue."""

from . import runs


def read_import(pk):
    """Reads a long file, for its sender to look at."""
    runs.read(pk)


def write_import(pk):
    """Writes a long file that its sender confirmed."""
    runs.write(pk)


def take_up_imports():
    """Has the cluster go on with long files that a stopped worker left."""
    runs.take_up()
