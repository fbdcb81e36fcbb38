"""Inviting people by a link: into an organisation, or to an account of their own."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from pratik.accounts.models import User
from pratik.accounts.services import open_account, system_actor
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.queue import enqueue
from pratik.core.services import assess, move, save_row
from pratik.core.writes import set_columns
from pratik.notifications.services import tell
from pratik.security.enums import AccessKind
from pratik.security.services import record

from .. import notices, reports, rules
from ..enums import InvitationState
from ..models import INVITATION_LIFE, KINDS, Invitation, new_nonce, read_claim, read_token
from ..signals import invitations_accepted
from .allowance import Allowance
from .claims import claim
from .members import Place, join, members_of
from .sign_up import begin


def invite(*, actor, invitation):
    """Writes an invitation and has its link sent.

    Raises `ValidationError` for a broken rule, `PermissionDenied` for an organisation that is not the
    actor's and for an administrator who acts in the actor's name. Members are not told whether an account has
    the address; the team is.
    """
    _refuse_another_name()
    now = timezone.now()
    invitation.invited_by = actor
    invitation.sent_at, invitation.expires_at = now, now + INVITATION_LIFE
    invitation.derive()
    kind = invitation.organisation_type
    leads = kind == actor.account_type and invitation.organisation_id in reports.organisations_led_by(actor)
    if why := rules.invitation_refusal(invitation, actor=actor, manages=leads):
        raise ValidationError(why, code="not_allowed")
    if why := rules.message_refusal(invitation, actor=actor) or rules.sender_refusal(invitation, actor=actor):
        raise ValidationError(why, code="link")
    if actor.may_edit_everything:
        known = User.objects.with_address(invitation.email).first()
        if known and (why := rules.known_account_refusal(invitation, known)):
            raise ValidationError({"email": why}, code="known_account")
    with operation(kind=OperationKind.CREATE, actor=actor, subject=Invitation):
        if kind and _is_member(invitation):
            raise ValidationError({"email": _("Cette personne est déjà membre.")}, code="is_member")
        if why := Allowance(actor=actor).refusal(invitation):
            raise ValidationError(why, code="too_many")
        save_row(actor=actor, row=invitation)
        _send_later(actor, [invitation])
    return invitation


def _refuse_another_name():
    """Who writes to strangers, opens an organisation to them or enters one does so in their own name."""
    if in_anothers_name():
        raise PermissionDenied(_("Revenez d’abord à votre compte."))


def _move(*, actor, verb, pks, reason, **more):
    _refuse_another_name()
    guard = _guard(actor, verb, pks)
    return move(actor=actor, model=Invitation, verb=verb, pks=pks, reason=reason, guard=guard, **more)


def _is_member(invitation):
    kind, pk = invitation.organisation_type, invitation.organisation_id
    return any(member.email == invitation.email for member in members_of(kind, [pk]).get(pk, ()))


def _send_later(actor, invitations):
    enqueue("pratik.joining.tasks.send_invitations", [row.pk for row in invitations])
    record(
        kind=AccessKind.INVITATION_SENT,
        actor=actor,
        subject=invitations[0] if len(invitations) == 1 else Invitation,
        detail=", ".join(row.email for row in invitations),
    )


def send_invitations(*, pks):
    """Sends the e-mail of each of these invitations whose link serves and that did not leave yet.

    Safe to run again: each link leaves once. Each row is locked while its e-mail leaves. Returns how many
    left.
    """
    return sum(_send(pk) for pk in pks)


def _send(pk):
    with transaction.atomic():
        now = timezone.now()
        row = Invitation.objects.open(now).select_for_update(of=("self",)).filter(pk=pk).first()
        if row is None or (row.mailed_at and row.mailed_at >= row.sent_at):
            return 0
        notices.invitation(row).send()
        row.mailed_at = now
        row.save(update_fields=["mailed_at"])
    return 1


def _guard(actor, verb, pks):
    now = timezone.now()
    if verb == "accept":
        backed = set(Invitation.objects.backed().filter(pk__in=list(pks)).values_list("pk", flat=True))
        closed = reports.places_closed_by_others(actor)
        return lambda row: rules.acceptance_refusal(
            row,
            actor=actor,
            now=now,
            is_backed=row.pk in backed,
            closed_at=closed.get(row.organisation_id),
        )
    if verb == "resend":
        allowance = Allowance(actor=actor)
        led = reports.organisations_led_by(actor)
        return lambda row: (
            rules.resend_refusal(row, actor=actor, now=now, manages=row.organisation_id in led)
            or rules.sender_refusal(row, actor=actor)
            or allowance.refusal(row)
        )
    return None


def assess_invitations(*, actor, verb, pks):
    """Which invitations a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=Invitation, verb=verb, pks=pks, guard=_guard(actor, verb, pks))


def resend_invitations(*, actor, pks, reason=""):
    """Sends invitations once more, with a new time; links that left before are dead."""

    def announce(moved, operation):
        _send_later(actor, list(Invitation.objects.filter(pk__in=moved).order_by("pk")))

    return _move(
        actor=actor,
        verb="resend",
        pks=pks,
        reason=reason,
        announce=announce,
        # One nonce for the set: each link is told apart by the key that it carries too.
        nonce=new_nonce(),
        expires_at=timezone.now() + INVITATION_LIFE,
        times_sent=F("times_sent") + 1,
        # Who sends it answers for it from now on: the first one may have left.
        invited_by_id=actor.pk,
    )


def revoke_invitations(*, actor, pks, reason=""):
    """Makes links worthless."""
    return _move(actor=actor, verb="revoke", pks=pks, reason=reason)


def accept_invitations(*, actor, pks, reason=""):
    """Makes the actor a member by the invitations that they received."""
    with operation(
        kind=OperationKind.TRANSITION, actor=actor, subject=Invitation, verb="accept", reason=reason.strip()
    ):
        outcome = _move(
            actor=actor,
            verb="accept",
            pks=pks,
            reason=reason,
            announce=_announce,
            accepted_by_id=actor.pk,
        )
        _come_in(actor, outcome.changed)
    return outcome


def _announce(moved, operation):
    invitations_accepted.send(Invitation, pks=moved, operation=operation)


def _come_in(user, invitations):
    join(
        places=[
            Place(row.organisation_type, row.organisation_id, user.pk, row.role)
            for row in invitations
            if row.organisation_type
        ],
    )
    for row in invitations:
        record(kind=AccessKind.INVITATION_ACCEPTED, actor=user, subject=row, detail=row.email)


def find_invitation(token, *, lock=False):
    """The invitation whose present link carries this.

    None for a forged link, for one that was replaced, and for one whose sender could not send it any more.
    """
    read = read_token(token)
    if read is None:
        return None
    pk, nonce = read
    rows = Invitation.objects.backed().filter(pk=pk).with_organisation().select_related("invited_by")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.first()
    return row if row is not None and constant_time_compare(nonce, row.nonce) else None


def _usable(token):
    """The invitation of a link, locked. Raises `ValidationError` when the link serves no more."""
    row = find_invitation(token, lock=True)
    if row is None or row.state_at(timezone.now()) != InvitationState.SENT:
        raise ValidationError(_("Ce lien ne sert plus."), code="dead_link")
    return row


def open_invited_account(
    *, token, first_name, last_name, password, identifier="", organisation_name="", message=""
):
    """Opens the account that a link is for, with its membership. Returns the account.

    Where the account acts for an organisation and the invitation names none, the person says which: the
    request or the draft that follows is the one of a sign-up.

    The link came by e-mail, so the address is proved. It serves once: who comes second waits, and hears
    that it serves no more. Raises `ValidationError` by field, `dead_link` for a link that serves no more, and
    `known_account` when an account has the address.
    """
    with transaction.atomic():
        row = _usable(token)
        if User.objects.with_address(row.email).exists():
            raise _known()
        actor = system_actor()
        user = User(
            email=row.email,
            first_name=" ".join(first_name.split()),
            last_name=" ".join(last_name.split()),
            account_type=row.account_type,
            staff_role=row.staff_role,
            language=row.language,
        )
        errors = {}
        try:
            validate_password(password, user)
        except ValidationError as error:
            errors["password"] = error
        if row.asks_for_organisation:
            try:
                identifier, organisation_name = read_claim(
                    KINDS[row.account_type], identifier, organisation_name
                )
            except ValidationError as error:
                errors |= error.error_dict
        if errors:
            raise ValidationError(errors)
        try:
            with operation(
                kind=OperationKind.CREATE, actor=actor, subject=User, reason=_("Invitation acceptée")
            ) as running:
                open_account(actor=actor, user=user, hashed=make_password(password))
                begin(user)
                accept = Invitation.workflow.transition("accept")
                set_columns(
                    Invitation,
                    [row.pk],
                    accepted_by_id=user.pk,
                    **{Invitation.workflow.field: accept.target, accept.stamp: timezone.now()},
                )
                _come_in(user, [row])
                if row.asks_for_organisation:
                    claim(user, identifier=identifier, name=organisation_name, message=message.strip())
                _announce([row.pk], running.row)
        except (IntegrityError, ValidationError):
            # Somebody signed up with the address at the same moment: a rule or the table says so.
            if User.objects.with_address(row.email).exists():
                raise _known() from None
            raise
    return user


def _known():
    return ValidationError(_("Un compte a déjà cette adresse : connectez-vous."), code="known_account")


def acceptance_refusal(*, actor, invitation):
    """Why this account cannot accept an invitation, in a sentence; None when it can."""
    return _guard(actor, "accept", [invitation.pk])(invitation)


def accept_by_link(*, actor, token):
    """Makes the actor, who received the link and is signed in, a member.

    Raises `ValidationError`, in a sentence, when the link serves no more or is not for this account.
    """
    with transaction.atomic():
        row = _usable(token)
        if why := acceptance_refusal(actor=actor, invitation=row):
            raise ValidationError(why, code="not_for_you")
        return accept_invitations(actor=actor, pks=[row.pk])


def tell_accepted(*, pks):
    """Tells those who invited that somebody came. Safe to run again."""
    rows = Invitation.objects.filter(pk__in=pks, state=InvitationState.ACCEPTED)
    rows = rows.with_organisation().select_related("invited_by", "accepted_by")
    return tell(
        drafts=[notices.invitation_accepted(row) for row in rows if row.invited_by_id != row.accepted_by_id]
    )
