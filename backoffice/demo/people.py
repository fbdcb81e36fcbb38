"""People of the demonstration who opened their account themselves: each has the profile of their type."""

from pratik.accounts.models import User
from pratik.accounts.services import create_account, system_actor
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import create_rows
from pratik.joining.services.sign_up import PROFILES


def known(names, domain):
    """The accounts with these names before the @, by name."""
    return {name: User.objects.get_by_natural_key(f"{name}@{domain}") for name in names}


def new(people, password, domain):
    """Opens accounts from lines (name before the @, type, first name, last name); returns them by name."""
    actor = system_actor()
    opened = {
        name: create_account(
            actor=actor,
            email=f"{name}@{domain}",
            password=password,
            account_type=kind,
            first_name=first,
            last_name=last,
        )
        for name, kind, first, last in people
    }
    for kind, profile in PROFILES.items():
        rows = [profile(user=user) for user in opened.values() if user.account_type == kind]
        with operation(kind=OperationKind.SETUP, actor=actor, subject=profile, reason="Démonstration"):
            create_rows(rows)
    return opened
