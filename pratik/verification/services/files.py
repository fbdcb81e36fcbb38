"""The files of documents: who opens them, and when they go."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.accounts.services import system_actor
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.files import FILE_LINK_SECONDS, read_file_link, sign_file_link
from pratik.core.inspection import page_of
from pratik.core.operations import operation
from pratik.core.removals import delete_files_later
from pratik.core.writes import set_columns
from pratik.security.services import record_opening

from .. import rules
from ..models import VerificationDocument
from .submit import file_due_on

LINK = "verification.document"
BATCH = 500


def sign_document(*, actor, pk, seconds=FILE_LINK_SECONDS):
    """A token by which this person, and nobody else, opens the file of a document for some seconds.

    Raises `VerificationDocument.DoesNotExist` for one that the person does not see, `PermissionDenied` when
    they may not open it, `ValidationError` when its file is gone.
    """
    document = _openable(actor, pk)
    return sign_file_link(actor, LINK, document.pk, seconds)


def open_document(*, actor, token, number=None):
    """The document whose file a token opens, its opening written in the journal; `number` is the page, where
    one page is looked at.

    Everything is asked again: a token outlives neither a role nor the file. Raises as `sign_document`, and
    `ValidationError` for a token that is over or somebody else's.
    """
    document = _openable(actor, read_file_link(actor, LINK, token))
    detail = document.file_name or str(document)
    if number is not None:
        detail = _("%(name)s, page %(number)s") % {"name": detail, "number": number}
    record_opening(actor=actor, row=document, detail=detail)
    return document


def open_page(*, actor, token, number=1):
    """One page of a document as a picture (`core.inspection.Picture`), for the viewer; an image is its own
    only page. Raises as `open_document`, and `ValidationError` for a page that is not there.
    """
    document = open_document(actor=actor, token=token, number=number)
    return page_of(document.file, document.content_type, number=number)


def _openable(actor, pk):
    document = VerificationDocument.objects.visible_to(actor).select_related("owner").get(pk=pk)
    if why := rules.file_refusal(document, actor):
        raise PermissionDenied(why)
    if not document.has_file:
        raise ValidationError(
            _("Ce fichier n’existe plus : il est supprimé un temps après la décision, qui reste."),
            code="file_gone",
        )
    return document


def delete_due_files():
    """Removes the files that were kept for long enough after their decision (`VERIFICATION_FILE_KEPT_DAYS`);
    the decisions stay. Returns how many.

    From then on nobody opens them; the storage removes each as soon as it can (`core.removals`).
    """
    number = 0
    while (done := _delete_batch(today())) is not None:
        number += done
    return number


def _delete_batch(day):
    """Returns how many files go; None when none is left."""
    # An erasure, since nobody takes it back.
    with operation(kind=OperationKind.ERASURE, actor=system_actor(), subject=VerificationDocument):
        # Found by their days, which an index gives, and locked by their keys, as everybody locks.
        found = list(VerificationDocument.objects.files_due(day).values_list("pk", flat=True)[:BATCH])
        if not found:
            return None
        rows = list(
            VerificationDocument.objects.files_due(day)
            .filter(pk__in=found)
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        delete_files_later("private", [row.file.name for row in rows])
        set_columns(VerificationDocument, [row.pk for row in rows], file="", file_deleted_at=timezone.now())
    return len(rows)


def follow_closed_accounts(*, owners):
    """Sets a day for the files of papers that wait for a review which nobody will make, since their account
    was closed; takes it away where the account is open again.
    """
    with operation(
        kind=OperationKind.EDIT,
        actor=system_actor(),
        subject=VerificationDocument,
        reason=_("Compte fermé ou rouvert"),
    ):
        rows = VerificationDocument.objects.filter(owner__in=owners).waiting_for_another_end()
        locked = list(rows.select_related("owner").select_for_update(of=("self",)).order_by("pk"))
        closed = [row.pk for row in locked if not row.owner.is_active]
        opened = [row.pk for row in locked if row.owner.is_active]
        set_columns(VerificationDocument, closed, file_due_on=file_due_on())
        set_columns(VerificationDocument, opened, file_due_on=None)
