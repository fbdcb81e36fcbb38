"""Files on their way in: kept in private between preview and confirmation, written once."""

from django.db import IntegrityError, transaction

from pratik.core.models import Upload
from pratik.core.uploads import keep_upload

from .engine import build_plan, write_plan
from .reading import read_file


def receive(*, owner, purpose, name, content, resource):
    """Keeps a file until its sender confirms it. Raises `UnreadableFile` for one of no use."""
    read_file(name=name, content=content, score=resource.known_in)
    return keep_upload(owner=owner, purpose=purpose, name=name, content=content)


def plan_of(upload, resource, *, lock=False):
    """What the kept file would do now; with `lock`, what it will still do at the transaction's end.

    Raises `UnreadableFile` when the file is gone or of no use.
    """
    with upload.file.open("rb") as file:
        table = read_file(name=upload.name, content=file.read(), score=resource.known_in)
        return build_plan(resource, table, lock=lock)


class PlanChanged(Exception):
    """Confirming would no longer do what was shown."""


def confirm(upload, resource, *, digest, all_or_nothing=False):
    """Writes what was shown, once, whoever clicks twice. Returns the operation, or None for none.

    Raises `PlanChanged` when the rows have changed since the preview, with nothing written.
    """
    try:
        with transaction.atomic():
            return _written_once(upload.pk, resource, digest, all_or_nothing)
    except IntegrityError:
        # A row that is not there yet can't be locked: somebody may have written the same one meanwhile.
        if plan_of(upload, resource).digest == digest:
            raise
        raise PlanChanged from None


def _written_once(pk, resource, digest, all_or_nothing):
    upload = Upload.objects.select_for_update().get(pk=pk)
    if upload.operation_id:
        return upload.operation
    plan = plan_of(upload, resource, lock=True)
    if plan.digest != digest:
        raise PlanChanged
    upload.operation = write_plan(plan, source=upload, all_or_nothing=all_or_nothing)
    upload.save(update_fields=["operation"])
    return upload.operation
