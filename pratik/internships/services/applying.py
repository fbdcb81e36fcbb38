"""A student answers an offer. Their account is locked before the offer, so that many applications at once are
counted one after the other.
"""

import datetime
from contextlib import ExitStack

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.accounts.models import StudentProfile, User
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.files import removed_on_failure
from pratik.core.inspection import document_limits, inspect
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.writes import create_rows

from .. import rules
from ..enums import LIVE_APPLICATIONS
from ..models import Application, InternshipOffer
from ..signals import applications_sent
from .locking import lock_offers

DAY = datetime.timedelta(hours=24)


def apply(*, actor, offer, letter, answers=(), upload=None, name=""):
    """Sends a student's application for an offer to its company. Returns the application.

    `answers` are texts, one for each question of the offer in its order; `upload` is the CV (a PDF or a
    photograph of it) and `name` what the student calls it. Raises `ValidationError` by field (`letter`,
    `answers`, `cv`) with all that is wrong at once, and without field when the offer is `gone`, was answered
    already (`asked_already`), or there were `too_many` today; nothing is kept then. `PermissionDenied` for
    who is no student, or acts in a student's name: an application is a personal act.
    """
    if actor.role != Role.STUDENT or in_anothers_name():
        raise PermissionDenied
    student = StudentProfile.objects.filter(user=actor).first()
    if student is None:
        raise ValidationError(
            _("Remplissez d’abord votre profil d’étudiant : l’entreprise y lit votre niveau."),
            code="profile_missing",
        )
    answers = [text.strip() for text in answers]
    # Seen first without a lock: a file is only looked into where the offer is still there.
    _refuse(actor, student, InternshipOffer.objects.filter(pk=offer.pk).first())
    row, found = _prepare(student, offer, letter, answers, upload, name)
    with ExitStack() as kept:
        if found:
            # Kept before any row is locked: a storage may be far away.
            kept.enter_context(removed_on_failure(row.cv))
            row.cv.save(found.content.name, found.content, save=False)
        try:
            _send(actor, student, row, asked=list(offer.questions))
        except IntegrityError:
            raise _asked_already() from None
    return row


def _send(actor, student, row, *, asked):
    with operation(kind=OperationKind.CREATE, actor=actor, subject=Application) as running:
        if not User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk).is_active:
            raise PermissionDenied
        locked = lock_offers([row.offer_id]).get(row.offer_id)
        _refuse(actor, student, locked)
        if locked.questions != asked:
            raise ValidationError({"answers": rules.questions_changed()})
        row.offer = locked
        create_rows([row])
        applications_sent.send(Application, pks=[row.pk], operation=running.row)


def _refuse(actor, student, offer):
    """Raises `ValidationError` where this student does not answer this offer now."""
    why = _("Cette offre n’existe plus.") if offer is None else rules.offline_reason(offer, today=today())
    if why:
        raise ValidationError(why, code="gone")
    own = Application.objects.filter(student=student)
    earlier = list(own.filter(offer=offer).values_list("state", flat=True))
    if any(state in LIVE_APPLICATIONS for state in earlier):
        raise _asked_already()
    sent_today = own.filter(sent_at__gt=timezone.now() - DAY).count()
    if why := rules.sending_refusal(earlier=earlier, sent_today=sent_today):
        raise ValidationError(why, code="too_many")


def _asked_already():
    return ValidationError(
        _("Vous avez déjà une candidature en cours pour cette offre."), code="asked_already"
    )


def _prepare(student, offer, letter, answers, upload, name):
    """The row of an application and what its CV was found to be; all that is wrong with them at once."""
    errors = rules.sending_errors(offer, letter=letter, answers=answers, has_cv=upload is not None)
    row = Application(
        offer=offer,
        student=student,
        letter=letter.strip(),
        answers=[list(pair) for pair in zip(offer.questions, answers, strict=False)],
    )
    try:
        # The constraint on live applications is asked under the lock.
        row.clean_fields(exclude=("answers", "offer", "student", "decided_by"))
    except ValidationError as error:
        for field, problems in error.error_dict.items():
            errors.setdefault(field, problems)
    found = None
    if upload is not None:
        try:
            found = inspect(upload, name=name or upload.name, limits=document_limits())
        except ValidationError as error:
            errors["cv"] = error
    if errors:
        raise ValidationError(errors)
    if found:
        row.cv_name, row.cv_type, row.cv_size = found.name, found.content_type, found.size
        row.cv_pages, row.cv_sha256, row.cv_scan = found.pages, found.sha256, found.scan
    return row, found
