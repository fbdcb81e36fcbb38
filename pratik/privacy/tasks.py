"""Entry points of the queue."""

from . import services


def tell_administrators(pk):
    """Tells administrators of a request to erase data."""
    services.tell_administrators(pk=pk)


def remind_of_deadlines():
    """Reminds administrators of requests whose answer is due."""
    services.remind_of_deadlines()


def apply_retention():
    """Removes what is kept no longer."""
    services.apply_retention()
