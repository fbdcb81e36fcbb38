"""What may be done to come in: signing up, asking to join, adding an organisation, inviting."""

from .claims import ask_for_organisation
from .drafts import (
    accept_drafts,
    assess_drafts,
    refuse_drafts,
    tell_drafts_answered,
    tell_drafts_submitted,
    withdraw_drafts,
)
from .invitations import (
    accept_by_link,
    accept_invitations,
    acceptance_refusal,
    assess_invitations,
    find_invitation,
    invite,
    open_invited_account,
    resend_invitations,
    revoke_invitations,
    send_invitations,
    tell_accepted,
)
from .members import change_membership, record_memberships
from .requests import (
    accept_requests,
    assess_requests,
    refuse_requests,
    tell_requests_answered,
    tell_requests_made,
    withdraw_requests,
)
from .sign_up import ask_to_sign_up, confirm_sign_up, forget_old_sign_ups, resend_code, send_code

__all__ = [
    "accept_by_link",
    "accept_drafts",
    "accept_invitations",
    "accept_requests",
    "acceptance_refusal",
    "ask_for_organisation",
    "ask_to_sign_up",
    "assess_drafts",
    "assess_invitations",
    "assess_requests",
    "change_membership",
    "confirm_sign_up",
    "find_invitation",
    "forget_old_sign_ups",
    "invite",
    "open_invited_account",
    "record_memberships",
    "refuse_drafts",
    "refuse_requests",
    "resend_code",
    "resend_invitations",
    "revoke_invitations",
    "send_code",
    "send_invitations",
    "tell_accepted",
    "tell_drafts_answered",
    "tell_drafts_submitted",
    "tell_requests_answered",
    "tell_requests_made",
    "withdraw_drafts",
    "withdraw_requests",
]
