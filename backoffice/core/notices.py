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
    page, values = "undo_progress", {"operation": run.operation.title, "why": run.error}
    if run.error:
        subject = _("Votre annulation n’a pas eu lieu")
        body = _("« %(operation)s » n’est pas annulée. %(why)s")
        # Who has lost the right to undo sees the operation at most.
        page = "change"
    elif not run.report["done"]:
        subject = _("Rien n’a pu être annulé")
        body = _("De « %(operation)s », rien n’a pu être annulé. La page dit pourquoi.")
    else:
        subject = _("Votre annulation est terminée")
        body = _("L’annulation de « %(operation)s » est terminée. La page dit ce qui a été laissé tel quel.")
    draft = Draft(
        recipient=run.owner,
        kind=NoticeKind.UNDO_ENDED,
        about=f"{run.operation_id}:{run.asked_at.isoformat()}",
        subject=subject,
        body=body % values,
        path=reverse(f"admin:core_operation_{page}", args=[run.operation_id]),
    )
    tell(drafts=[draft])
