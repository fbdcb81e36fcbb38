"""Sending documents: by the person, or by those who check them for somebody who came in person."""

import datetime
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.accounts.workflow import CHECKERS
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.files import removed_on_failure
from pratik.core.inspection import document_limits, inspect_together
from pratik.core.locks import wait_for_turn
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.writes import create_rows, set_columns

from .. import rules
from ..enums import DocumentState, DocumentType
from ..models import ReviewClaim, VerificationDocument
from ..reports import active_requirements
from ..signals import documents_decided, documents_submitted
from .badges import refresh_badges

DAY = datetime.timedelta(hours=24)


@dataclass(frozen=True)
class Sent:
    """One document as it was sent: `upload` is the file, `name` what the person called it.

    Where it was sent as several photographs, `further` are the others in their order, each with its `name`.
    """

    document_type: str
    upload: object
    name: str
    issued_on: datetime.date | None = None
    expires_on: datetime.date | None = None
    reference: str = ""
    further: tuple = ()

    @property
    def files(self):
        """All its files in their order, each with its name."""
        return [(self.upload, self.name), *((file, file.name) for file in self.further)]


class DocumentsRefused(ValidationError):
    """Some of several documents were refused, so none was kept. `by_number` maps the place of each in the
    list (from 0) to its `ValidationError`, by field.
    """

    def __init__(self, by_number, documents):
        self.by_number = by_number
        super().__init__(
            [
                _("%(name)s : %(why)s") % {"name": documents[number].name, "why": " ".join(error.messages)}
                for number, error in by_number.items()
            ],
            code="documents_refused",
        )


def submit_document(
    *, actor, owner, document_type, upload, name, issued_on=None, expires_on=None, reference=""
):
    """Keeps a document that somebody sent, to be reviewed. Returns its row.

    The version before it is replaced and keeps its trace; where that one was accepted, it counts until the
    new one is. Raises `ValidationError` by field for what is wrong with the file (`file`) or its dates, with
    nothing kept; `PermissionDenied` when the actor may not send documents for this account.
    """
    sent = Sent(document_type, upload, name, issued_on, expires_on, reference)
    try:
        return submit_several(actor=actor, owner=owner, documents=[sent])[0]
    except DocumentsRefused as refused:
        raise refused.by_number[0] from None


def submit_several(*, actor, owner, documents):
    """Keeps several documents (`Sent`) of one account at once: all or none. Returns their rows.

    Raises `DocumentsRefused`, which says all that is wrong with each, and as `submit_document`.
    """
    _may_send(actor, owner, number=len(documents))
    requirements = active_requirements()
    prepared, refused = [], {}
    for number, sent in enumerate(documents):
        requirement = requirements.get((owner.account_type, sent.document_type))
        try:
            if any(sent.document_type == other.document_type for other in documents[:number]):
                raise ValidationError(
                    {"document_type": _("Cette pièce est deux fois dans votre envoi : gardez-en une.")}
                )
            prepared.append(_prepare(actor, owner, sent, requirement))
        except ValidationError as error:
            refused[number] = error
    if refused:
        raise DocumentsRefused(refused, documents)
    rows = [row for row, _found in prepared]
    with ExitStack() as kept:
        # Kept before any row is locked: a storage may be far away.
        for row, found in prepared:
            kept.enter_context(removed_on_failure(row.file))
            row.file.save(found.content.name, found.content, save=False)
        with _sending(actor, owner, rows) as running:
            create_rows(rows)
            documents_submitted.send(
                VerificationDocument, pks=[row.pk for row in rows], operation=running.row
            )
    return rows


@contextmanager
def _sending(actor, owner, rows):
    """The operation that writes new documents of one account, which replace the versions before them.

    Whoever else sends for this account waits for its end, so that the limit of a day holds for many at once.
    The account's own row is not locked for that: who decides locks documents before accounts.
    """
    try:
        with operation(kind=OperationKind.CREATE, actor=actor, subject=VerificationDocument) as running:
            wait_for_turn(f"verification.sending:{owner.pk}")
            _refuse_too_many(owner, len(rows))
            _replace_current(owner, rows)
            yield running
    except IntegrityError:
        raise ValidationError(
            _("Une autre version de cette pièce vient d’être envoyée. Rechargez la page."),
            code="sent_meanwhile",
        ) from None


def record_statement(*, actor, owner, seen_on, expires_on=None):
    """Notes that a criminal record was seen, by whom and when; no file and nothing of what it says is kept.

    It counts at once, or waits for a second person where two opinions are asked for. Returns its row. Raises
    `ValidationError` by field, `PermissionDenied` when the actor does not check documents.
    """
    if actor.role not in CHECKERS or in_anothers_name():
        raise PermissionDenied
    _may_send(actor, owner)
    requirement = active_requirements().get((owner.account_type, DocumentType.CRIMINAL_RECORD))
    day = today()
    if seen_on > day:
        raise ValidationError({"seen_on": _("Cette date est dans l’avenir : vérifiez-la.")})
    if (day - seen_on).days > rules.STATEMENT_DAYS:
        raise ValidationError(
            {"seen_on": _("Cette date a plus d’un an : notez un extrait qui vient d’être vu.")}
        )
    expires_on = rules.last_day(requirement, issued_on=seen_on, expires_on=expires_on)
    row = VerificationDocument(
        owner=owner,
        document_type=DocumentType.CRIMINAL_RECORD,
        submitted_by=actor,
        seen_on=seen_on,
        expires_on=expires_on,
    )
    if why := rules.own_refusal(row, actor):
        raise ValidationError(why, code="own")
    if why := rules.approval_refusal(row, requirement=requirement, expires_on=expires_on, today=day):
        raise ValidationError({"expires_on": why})
    now = timezone.now()
    if settings.VERIFICATION_SECOND_OPINION:
        row.first_approved_by, row.first_approved_at = actor, now
    else:
        row.state, row.decided_by, row.decided_at, row.is_in_force = DocumentState.APPROVED, actor, now, True
    row.full_clean(exclude=("is_current", "is_in_force"))
    with _sending(actor, owner, [row]) as running:
        if row.is_in_force:
            before = VerificationDocument.objects.filter(
                owner=owner, document_type=row.document_type, is_in_force=True
            )
            set_columns(VerificationDocument, list(before.values_list("pk", flat=True)), is_in_force=False)
        create_rows([row])
        if row.is_in_force:
            refresh_badges(actor=actor, pks=[owner.pk])
            documents_decided.send(VerificationDocument, pks=[row.pk], operation=running.row)
        else:
            documents_submitted.send(VerificationDocument, pks=[row.pk], operation=running.row)
    return row


def _may_send(actor, owner, *, number=1):
    if why := rules.owner_refusal(actor, owner, acting=in_anothers_name()):
        raise PermissionDenied(why)
    _refuse_too_many(owner, number)


def _refuse_too_many(owner, number):
    recent = VerificationDocument.objects.filter(owner=owner, submitted_at__gt=timezone.now() - DAY).count()
    if why := rules.too_many_refusal(recent, more=number):
        raise ValidationError(why, code="too_many")


def _prepare(actor, owner, sent, requirement):
    """The row of a document and what its inspection found; all that is wrong with it at once."""
    if sent.document_type not in DocumentType.values:
        raise ValidationError({"document_type": _("Choisissez une pièce de la liste.")})
    if why := rules.type_refusal(sent.document_type, requirement, by_owner=actor.pk == owner.pk):
        raise ValidationError({"document_type": why})
    errors = rules.date_errors(
        requirement, issued_on=sent.issued_on, expires_on=sent.expires_on, today=today()
    )
    row = VerificationDocument(
        owner=owner,
        document_type=sent.document_type,
        reference=sent.reference,
        issued_on=sent.issued_on,
        expires_on=rules.last_day(requirement, issued_on=sent.issued_on, expires_on=sent.expires_on),
        submitted_by=actor,
    )
    row.derive()
    found = None
    try:
        found = inspect_together(sent.files, limits=document_limits())
    except ValidationError as error:
        errors["file"] = error
    try:
        row.full_clean(exclude=("is_current", "is_in_force"))
    except ValidationError as error:
        for field, problems in error.error_dict.items():
            errors.setdefault(field, problems)
    if errors:
        raise ValidationError(errors)
    row.file_name = found.name
    row.content_type = found.content_type
    row.size = found.size
    row.pages = found.pages
    row.sha256 = found.sha256
    row.scan = found.scan
    return row, found


def _replace_current(owner, rows):
    """The versions that these rows replace are the latest no more; must run inside an operation."""
    kinds = [row.document_type for row in rows]
    before = VerificationDocument.objects.filter(owner=owner, document_type__in=kinds, is_current=True)
    replaced = {
        version.document_type: version for version in before.select_for_update(of=("self",)).order_by("pk")
    }
    for row in rows:
        row.replaces = replaced.get(row.document_type)
    unread = [row.pk for row in replaced.values() if row.state == DocumentState.PENDING]
    others = [row.pk for row in replaced.values() if row.state != DocumentState.PENDING]
    set_columns(VerificationDocument, unread, is_current=False, file_due_on=file_due_on())
    set_columns(VerificationDocument, others, is_current=False)
    ReviewClaim.objects.filter(document__in=unread).delete()


def file_due_on():
    """The day on which a file goes that is decided on, or replaced, today."""
    return today() + datetime.timedelta(days=settings.VERIFICATION_FILE_KEPT_DAYS)
