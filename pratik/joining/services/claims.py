"""Saying which organisation one acts for: a request where it is known, a draft where it is not."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from pratik.core.enums import OperationKind
from pratik.core.locks import wait_for_turn
from pratik.core.operations import current_operation, operation
from pratik.core.writes import create_rows

from ..models import KINDS, JoinRequest, OrganisationDraft, read_claim
from ..signals import drafts_submitted, requests_made


def ask_for_organisation(*, actor, identifier, organisation_name, message=""):
    """Asks, for an account that is open already, to act for an organisation. Returns the request or draft.

    Raises `ValidationError` by field for what is wrong, for an organisation that the person is a member of
    and while another demand of theirs waits; `PermissionDenied` for a type of account that acts for none.
    """
    kind = KINDS.get(actor.account_type)
    if kind is None:
        raise PermissionDenied
    identifier, name = read_claim(kind, identifier, organisation_name)
    subject = JoinRequest if kind.known_by([identifier]).exists() else OrganisationDraft
    with operation(kind=OperationKind.CREATE, actor=actor, subject=subject):
        wait_for_turn(f"joining.claims:{actor.pk}")
        waiting = (
            JoinRequest.objects.filter(user=actor).open(),
            OrganisationDraft.objects.filter(applicant=actor).open(),
        )
        if any(rows.exists() for rows in waiting):
            raise ValidationError(
                _("Une de vos demandes attend une réponse\u00a0: retirez-la pour en faire une autre."),
                code="waiting",
            )
        places = kind.membership.objects.filter(user=actor, is_active=True)
        if places.filter(organisation__in=kind.known_by([identifier])).exists():
            raise ValidationError(
                {"identifier": _("Vous êtes déjà membre de cette organisation.")}, code="is_member"
            )
        return claim(actor, identifier=identifier, name=name, message=message)


def claim(user, *, identifier, name, message=""):
    """A request to join the organisation that has this number, or a draft where none has.

    Number and name are as `read_claim` gave them; must run inside an operation.
    """
    kind = KINDS[user.account_type]
    running = current_operation()
    organisation = kind.known_by([identifier]).first()
    if organisation is not None:
        request = JoinRequest(user=user, message=message, **{user.account_type: organisation})
        request.full_clean()
        create_rows([request])
        requests_made.send(JoinRequest, pks=[request.pk], operation=running.row)
        return request
    draft = OrganisationDraft(
        applicant=user,
        account_type=user.account_type,
        name=name,
        message=message,
        **{kind.identifier: identifier},
    )
    draft.full_clean()
    create_rows([draft])
    drafts_submitted.send(OrganisationDraft, pks=[draft.pk], operation=running.row)
    return draft
