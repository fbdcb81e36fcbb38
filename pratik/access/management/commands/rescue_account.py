from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from pratik.access import second_factor
from pratik.accounts.models import User
from pratik.accounts.services import system_actor
from pratik.core.services import save_row


class Command(BaseCommand):
    help = (
        "Lets somebody back in who lost their second factor or the mailbox of their account, administrators "
        "included: takes the second factor away and, with --new-address, gives the account another address. "
        "The journal tells it, and the person is told by e-mail. Exit status: 0 done, 2 it can't be."
    )

    def add_arguments(self, parser):
        parser.add_argument("address", help="the present e-mail address of the account")
        parser.add_argument(
            "--new-address", metavar="EMAIL", help="the address that the account has from now on"
        )
        parser.add_argument("--reason", required=True, help="how you made sure of who is asking")

    def handle(self, *args, address, new_address, reason, **options):
        actor, reason = system_actor(), " ".join(reason.split())
        if not reason:
            raise CommandError("Say how you made sure of who is asking.", returncode=2)
        user = User.objects.people().with_address(address).first()
        if user is None:
            raise CommandError(f"No account has the address {address}.", returncode=2)
        try:
            with transaction.atomic():
                if new_address:
                    user.email = new_address
                    save_row(actor=actor, row=user, reason=reason)
                had_one = second_factor.take_away(actor=actor, user=user, reason=reason)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from None
        self.stdout.write(
            f"{user.email}: " + ("second factor taken away" if had_one else "there was no second factor")
        )
