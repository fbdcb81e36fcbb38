"""Files on their way in: kept in private between preview and confirmation, written once."""

from itertools import islice

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from pratik.core.models import Upload
from pratik.core.uploads import keep_upload

from . import runs
from .engine import build_plan, write_plan
from .expected import rows_expected
from .reading import open_file
from .runs import PlanChanged, TooMuch, opened

# What the files of one person that are not confirmed may weigh together: ten of the largest.
UNCONFIRMED_BYTES = 1024 * 1024 * 1024


def receive(*, owner, purpose, name, file, resource):
    """Keeps an open file until its sender confirms it; the cluster begins to read one that is too long to be
    waited for, which then has a `run`. Raises `UnreadableFile` for one of no use, as far as it was looked at,
    and `TooMuch` for one more than its owner may have.
    """
    most = settings.IMPORT_ROWS_AT_ONCE
    with open_file(name=name, content=file, score=resource.known_in) as table:
        is_long = sum(1 for _row in islice(table.rows, most + 1)) > most
    expected = rows_expected(file) if is_long else None

    def kept(upload):
        if is_long:
            runs.begin(upload, expected=expected)
        if Upload.objects.unconfirmed_of(owner).aggregate(all=Sum("size"))["all"] > UNCONFIRMED_BYTES:
            raise TooMuch(
                _(
                    "Vos fichiers qui ne sont pas confirmés occupent toute la place prévue. Confirmez-les, ou"
                    " attendez qu’ils soient effacés, deux jours après leur envoi."
                )
            )

    return keep_upload(owner=owner, purpose=purpose, name=name, content=file, then=kept)


def plan_of(upload, resource, *, lock=False):
    """What the kept file would do now; with `lock`, what it will still do at the transaction's end.

    Raises `UnreadableFile` when the file is gone or of no use.
    """
    with opened(upload, resource) as table:
        return build_plan(resource, table, lock=lock)


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
