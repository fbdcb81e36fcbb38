"""Message catalogues from the command line; the work is in `backoffice.base.catalogs`."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base import catalogs


class Command(BaseCommand):
    """`update` the .po files from the sources, `compile` them into .mo files, or `check` their contents."""

    help = _("Met à jour, compile ou vérifie les catalogues de traduction.")
    # The catalogues are compiled before anything else works.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("verb", nargs="?", choices=["update", "compile", "check"], default="compile")

    def handle(self, *args, verb, **options):
        try:
            if verb == "check":
                self._check()
            else:
                run = {"update": catalogs.update_catalogs, "compile": catalogs.compile_catalogs}[verb]
                self._report(run())
        except catalogs.CatalogError as error:
            raise CommandError(str(error)) from error

    def _check(self):
        problems = catalogs.check_catalogs()
        if problems:
            problems.append(
                ngettext("%(count)d problème.", "%(count)d problèmes.", len(problems))
                % {"count": len(problems)}
            )
            raise CommandError("\n".join(problems))
        self.stdout.write(_("Les catalogues sont complets."))

    def _report(self, paths):
        for path in paths:
            self.stdout.write(str(path))
        if not paths:
            self.stdout.write(_("Les catalogues sont à jour."))
