"""The signed copies of papers: who files them, who opens them, and how."""

from contextlib import contextmanager

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.files import FILE_LINK_SECONDS, read_file_link, removed_on_failure, sign_file_link
from pratik.core.inspection import document_limits, inspect, page_of
from pratik.core.operations import operation
from pratik.core.services import carry_out
from pratik.security.services import record_opening

from ..models import PlacementPaper
from ..rules import papers as rules
from ..signals import papers_moved
from ..workflow import PAPER
from .papers import may

LINK = "internships.scan"


@contextmanager
def copy_kept(actor, paper, upload, name):
    """Keeps the file of a signed copy while a paper takes it, and takes it away again if that fails.

    Gives the columns that the paper has of it. Raises `ValidationError` (`file`) for what is no PDF or
    photograph. Use it before any row is locked: a storage may be far away.
    """
    try:
        found = inspect(upload, name=name, limits=document_limits())
    except ValidationError as error:
        raise ValidationError({"file": error}) from None
    with removed_on_failure(paper.file):
        paper.file.save(found.content.name, found.content, save=False)
        yield {
            "file": paper.file.name,
            "file_name": found.name[:200],
            "content_type": found.content_type,
            "size": found.size,
            "sha256": found.sha256,
            "scan": found.scan,
            "filed_by": actor,
        }


def attach_signed_scan(*, actor, paper, upload, name, signed_on):
    """Keeps the signed copy of a paper with it: a PDF or a photograph, and the day of the signatures.

    One that was there before is replaced; its file stays as long as what the paper says, named by the history
    of the paper. Raises `ValidationError` by field (`file`, `signed_on`) with nothing kept,
    `PermissionDenied` when the paper is not the actor's to sign.
    """
    transition = PAPER.transition("file_signed")
    may(actor, transition.who)
    rows = PlacementPaper.objects.editable_by(actor)
    known = rows.filter(pk=paper.pk).first()
    if known is None:
        raise PermissionDenied
    if why := rules.copy_refusal(known, role=actor.role):
        raise ValidationError(why, code="closed")
    if why := rules.signing_day_refusal(known, signed_on=signed_on, today=today()):
        raise ValidationError({"signed_on": why}, code="signed_on")
    with (
        copy_kept(actor, known, upload, name) as filed,
        operation(
            kind=OperationKind.TRANSITION, actor=actor, subject=PlacementPaper, verb=transition.verb
        ) as running,
    ):
        locked = rows.filter(pk=paper.pk).select_for_update(of=("self",)).get()
        if why := PAPER.refusal(transition, locked, actor.role) or rules.copy_refusal(
            locked, role=actor.role
        ):
            raise ValidationError(why, code="closed")
        verb = "file_replaced" if locked.has_file else transition.verb
        carry_out(transition, [locked], signed_on=signed_on, **filed)
        papers_moved.send(PlacementPaper, pks=[locked.pk], verb=verb, operation=running.row)
    locked.refresh_from_db()
    return locked


def sign_scan(*, actor, pk, seconds=FILE_LINK_SECONDS):
    """A token by which this person, and nobody else, opens the signed copy of a paper for some seconds.

    Raises `PlacementPaper.DoesNotExist` for a paper that the person does not see, `ValidationError` when
    there is no signed copy.
    """
    return sign_file_link(actor, LINK, _openable(actor, pk).pk, seconds)


def open_scan(*, actor, token, number=None):
    """The paper whose signed copy a token opens, its opening written in the journal; `number` is the page,
    where one page is looked at.

    Everything is asked again: a token outlives neither a role nor the file. Raises as `sign_scan`, and
    `ValidationError` for a token that is over or somebody else's.
    """
    paper = _openable(actor, read_file_link(actor, LINK, token))
    # Not the name of the file, which may be the intern's.
    detail = paper.number
    if number is not None:
        detail = _("%(name)s, page %(number)s") % {"name": detail, "number": number}
    record_opening(actor=actor, row=paper, detail=detail)
    return paper


def open_scan_page(*, actor, token, number=1):
    """One page of a signed copy as a picture (`core.inspection.Picture`); an image is its own only page.

    Raises as `open_scan`, and `ValidationError` for a page that is not there.
    """
    paper = open_scan(actor=actor, token=token, number=number)
    return page_of(paper.file, paper.content_type, number=number)


def _openable(actor, pk):
    paper = PlacementPaper.objects.visible_to(actor).with_names().get(pk=pk)
    if not paper.has_file:
        raise ValidationError(_("Ce document n’a pas de copie signée."), code="file_gone")
    return paper
