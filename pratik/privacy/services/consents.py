"""Agreeing and changing one's mind: at once, at any time, as easily one way as the other (article 7(3))."""

from django.apps import apps
from django.utils.translation import gettext as _

from pratik.accounts.models import User
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import set_columns
from pratik.notifications.services import hold_back_mails
from pratik.security.enums import AccessKind
from pratik.security.services import record

from .. import reports


def give_consent(*, actor, code):
    """Records that a person agrees to something. Raises `KeyError` for what they can't agree to."""
    return _answer(actor, code, True, _("Consentement donné"))


def withdraw_consent(*, actor, code):
    """Takes a person's consent back, with effect at once. Raises `KeyError` for what they can't agree to."""
    return _answer(actor, code, False, _("Consentement retiré"))


def _answer(actor, code, answer, reason):
    """Writes the one column, whatever else the row says: a consent is not held up by another field.

    Returns whether anything changed; the same answer twice is one answer.
    """
    with operation(kind=OperationKind.EDIT, actor=actor, subject=User, reason=reason):
        given = {found.consent.code: found for found in reports.consents_of(actor)}[code]
        model, field = apps.get_model(given.consent.model), given.consent.field
        row = model.objects.editable_by(actor).select_for_update(of=("self",)).get(pk=given.row.pk)
        if getattr(row, field) == answer:
            return False
        set_columns(model, [row.pk], **{field: answer})
        if model is User and not answer:
            hold_back_mails(recipient=row)
        if not answer:
            title = str(given.consent.title)
            record(kind=AccessKind.CONSENT_WITHDRAWN, actor=actor, subject=actor, detail=title)
    return True
