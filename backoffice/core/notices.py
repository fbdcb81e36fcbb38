"""What somebody is told of a taking back that took long enough for them to have gone elsewhere."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft, tell

# Who has waited for less is still looking at the page.
LOOKS_ON = timedelta(minutes=1)


def tell_undone(run):
    """Tells who asked for a taking back what has become of it. Call it in their language."""
    if timezone.now() - run.asked_at < LOOKS_ON:
        return
    if run.error:
        subject = _("Votre annulation n’a pas eu lieu")
        body = _("« %(operation)s » n’est pas annulée et rien n’a changé. La page dit pourquoi et que faire.")
    else:
        subject = _("Votre annulation est terminée")
        body = _("L’annulation de « %(operation)s » est terminée. La page dit ce qui a été laissé tel quel.")
    draft = Draft(
        recipient=run.owner,
        kind=NoticeKind.UNDO_ENDED,
        about=f"{run.operation_id}:{run.asked_at.isoformat()}",
        subject=subject,
        body=body % {"operation": run.operation.title},
        path=reverse("admin:core_operation_undo_progress", args=[run.operation_id]),
    )
    tell(drafts=[draft])
