"""What somebody is told of a file that took the cluster long enough for them to have gone elsewhere."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.core.enums import RunState
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft, tell

# Who has waited for less is still looking at the page.
LOOKS_ON = timedelta(minutes=1)


def tell_end(run, state):
    """Tells the owner of a run that the cluster has done its part of it. Call it in the owner's language."""
    if state == RunState.CANCELLED or timezone.now() - run.asked_at < LOOKS_ON:
        return
    upload = run.upload
    kind, subject, body = _said(state)
    app, model = upload.purpose.split(".")
    draft = Draft(
        recipient=upload.owner,
        kind=kind,
        about=f"{run.pk}:{state}:{run.asked_at.isoformat()}",
        subject=subject % {"name": upload.name},
        body=body % {"name": upload.name},
        path=reverse(f"admin:{app}_{model}_import_preview", args=[upload.pk]),
    )
    tell(drafts=[draft])


def _said(state):
    match state:
        case RunState.READY:
            return (
                NoticeKind.IMPORT_READ,
                _("Votre fichier « %(name)s » est lu"),
                _(
                    "Le fichier « %(name)s » est lu et rien n’en est encore écrit : regardez ce qu’il"
                    " changerait, puis confirmez-le ou laissez-le."
                ),
            )
        case RunState.DONE:
            return (
                NoticeKind.IMPORT_ENDED,
                _("Votre fichier « %(name)s » est importé"),
                _("Les lignes du fichier « %(name)s » sont écrites. La page de l’import dit lesquelles."),
            )
        case _stopped:
            return (
                NoticeKind.IMPORT_ENDED,
                _("Votre fichier « %(name)s » n’est pas importé"),
                _("Rien du fichier « %(name)s » n’est écrit. La page de l’import dit pourquoi et que faire."),
            )
