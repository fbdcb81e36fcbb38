import io
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from backoffice import demo
from backoffice.base.catalogs import compile_catalogs

STOP_GRACE_SECONDS = 15


class Command(BaseCommand):
    help = "Makes a demonstration ready and serves it: database, data, accounts, web server and task cluster."

    def add_arguments(self, parser):
        parser.add_argument("--no-serve", action="store_true", help="do all but serve")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args, no_serve, port, **options):
        started = time.monotonic()
        settings.VAR_DIR.mkdir(exist_ok=True)
        self._step("Catalogues de messages")
        compile_catalogs()
        self._step("Base de données")
        call_command("migrate", interactive=False, verbosity=0)
        demo.load(self._step)
        call_command("sync_schedule", stdout=io.StringIO())
        call_command("sync_roles", stdout=io.StringIO())
        self.stdout.write(self.style.SUCCESS(f"Prêt en {time.monotonic() - started:.0f} s."))
        self._tell_accounts()
        if not no_serve:
            self._serve(port)

    def _step(self, name):
        self.stdout.write(f"  {name}…")
        self.stdout.flush()

    def _tell_accounts(self):
        self.stdout.write("\nComptes (mot de passe commun) :")
        width = max(len(email) for email, _purpose in demo.accounts())
        for email, purpose in demo.accounts():
            self.stdout.write(f"  {email:<{width}}  {purpose}")
        self.stdout.write(f"\n  Mot de passe : {demo.demo_password()}\n")

    def _serve(self, port):
        address = f"http://127.0.0.1:{port}"
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        # The pages that visitors see when something fails, with static files served all the same.
        web = [*manage, "runserver", "--noreload", "--insecure", f"127.0.0.1:{port}"]
        processes = [
            subprocess.Popen(command, start_new_session=True, env={**os.environ, "DEBUG": "0"})
            for command in (web, [*manage, "qcluster"])
        ]
        self.stdout.write(f"\n  Site     {address}/\n  Console  {address}/console/\n")
        self.stdout.write("\nCtrl-C arrête le serveur et les tâches.\n")
        self.stdout.flush()
        # Said for Ctrl-C too: whoever is started in the background by a script is born deaf to it.
        for wish in (signal.SIGINT, signal.SIGTERM):
            signal.signal(wish, signal.default_int_handler)
        try:
            while all(process.poll() is None for process in processes):
                time.sleep(0.3)
            self.stderr.write("Un des deux programmes s’est arrêté : les deux sont arrêtés.")
        except KeyboardInterrupt:
            self.stdout.write("\nArrêt…")
        finally:
            self._stop(processes)
        self.stdout.write("Arrêté.")

    @staticmethod
    def _stop(processes):
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        limit = time.monotonic() + STOP_GRACE_SECONDS
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, limit - time.monotonic()))
            # A worker that was being started just then has not heard.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
