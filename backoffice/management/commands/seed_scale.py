import datetime
import time
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from backoffice import demo
from backoffice.demo import scale
from pratik.accounts.managers import SYSTEM_EMAIL
from pratik.accounts.models import User

# Where nobody looks on, one line in so many seconds is enough.
SECONDS_BETWEEN_LINES = 5
BAR = 24


class Command(BaseCommand):
    help = (
        "Fills a database with realistic rows, to measure at scale. The same seed gives the same rows: what"
        " was stopped goes on, and what is there is not added again. No files are written: documents have"
        " names of files that nothing is behind. Nobody is told of these rows."
    )

    def add_arguments(self, parser):
        parser.add_argument("--calendars", type=int, default=0, help="of 600 made schools")
        parser.add_argument("--companies", type=int, default=0)
        parser.add_argument(
            "--documents", type=int, default=0, help="of landlords and drivers, eight for each account"
        )
        parser.add_argument("--history", type=int, default=0, help="further lines of the calendars' history")
        parser.add_argument("--seed", type=int, default=0, help="from 0 to 99")
        parser.add_argument(
            "--day",
            type=datetime.date.fromisoformat,
            help="the day that dates are counted from; that of the first run of the seed if not given",
        )
        parser.add_argument(
            "--yes", action="store_true", help="fill even a database in production, or with people's accounts"
        )

    def handle(self, *args, seed, day, yes, **options):
        if not yes and settings.SECURE_SSL_REDIRECT:
            raise CommandError("Cette base est en production : --yes la remplit quand même.")
        # Production's database may have been named to a developer's settings.
        if not yes and _people().exists():
            raise CommandError(
                "Cette base a des comptes qui ne sont ni de la démonstration ni de charge :"
                " --yes la remplit quand même."
            )
        if seed not in scale.SEEDS:
            raise CommandError("--seed : un nombre de 0 à 99.")
        numbers = {name: options[name] for name in scale.KINDS}
        for name, number in numbers.items():
            if not 0 <= number <= scale.MOST[name]:
                raise CommandError(f"--{name} : de 0 à {scale.MOST[name]}.")
        # Accounts come with all their documents, changes with their taking back.
        numbers["documents"] += -numbers["documents"] % scale.DOCUMENTS_OF_AN_OWNER
        history = options["history"] + options["history"] % 2
        started = time.monotonic()
        try:
            added = scale.seed(seed=seed, day=day, history=history, progress=self._progress, **numbers)
        except scale.TooMuchHistory as error:
            raise CommandError(f"--history : au plus {error.most}, selon les calendriers.") from error
        except KeyboardInterrupt:
            raise CommandError(
                "Arrêté ; la même commande reprend où elle en était.", returncode=130
            ) from None
        total = sum(added.values())
        self.stdout.write(f"{_grouped(total)} lignes ajoutées en {time.monotonic() - started:.0f} s.")

    @contextmanager
    def _progress(self, name, total):
        """Tells how far it is, on the standard error: a bar on a terminal, a line now and then elsewhere."""
        started = time.monotonic()
        told_at = started
        alive = self.stderr.isatty()

        def told(done, new):
            nonlocal told_at
            now = time.monotonic()
            if not alive and done < total and now - told_at < SECONDS_BETWEEN_LINES:
                return
            told_at, seconds = now, max(now - started, 0.001)
            line = (
                f"{name} {done * 100 // total:3d} %  {_grouped(done)} / {_grouped(total)}"
                f"  {_grouped(round(new / seconds))} lignes/s"
                f"  reste {_minutes(seconds / done * (total - done))}"
            )
            if alive:
                full = done * BAR // total
                line = f"\r[{'#' * full}{'.' * (BAR - full)}] {line}\x1b[K"
            self.stderr.write(line, style_func=str, ending="" if alive else "\n")
            self.stderr.flush()

        try:
            yield told
        finally:
            if alive:
                self.stderr.write("", ending="\n")


def _people():
    """The accounts that somebody may be behind."""
    made_up = Q(email__endswith=f"@{demo.DOMAIN}") | Q(email__endswith=f"@{scale.DOMAIN}")
    return User.objects.exclude(made_up | Q(email=SYSTEM_EMAIL))


def _grouped(number):
    return f"{number:,}".replace(",", " ")


def _minutes(seconds):
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02d}"
