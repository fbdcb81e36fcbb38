"""Entry points of the queue."""

from . import services


def forget_old_events():
    """Removes the lines of the journal that are past their time."""
    services.forget_old_events()


def end_expired_impersonations():
    """Ends what an administrator did in another's name once its time is up."""
    services.end_expired_impersonations()


def tell_former_address(line):
    """Tells the owner of an account, at its former address, that it has another one."""
    services.tell_former_address(line=line)
