"""Entry points of the queue."""

from . import services


def send_code(pk):
    """Sends the e-mail of a sign-up; the code is worked out here, so that the queue never holds one."""
    services.send_code(pk=pk)


def send_invitations(pks):
    """Sends the links of invitations, worked out here too."""
    services.send_invitations(pks=pks)


def forget_old_sign_ups():
    """Forgets the sign-ups that nobody confirmed for a day."""
    services.forget_old_sign_ups()


def tell_requests_made(pks):
    """Tells members and the team of requests to join."""
    services.tell_requests_made(pks=pks)


def tell_requests_answered(pks, operation_pk):
    """Tells people what an operation answered to their requests."""
    services.tell_requests_answered(pks=pks, operation_pk=operation_pk)


def tell_drafts_submitted(pks):
    """Tells the team of organisations to check."""
    services.tell_drafts_submitted(pks=pks)


def tell_drafts_answered(pks, operation_pk):
    """Tells applicants what an operation answered."""
    services.tell_drafts_answered(pks=pks, operation_pk=operation_pk)


def tell_accepted(pks):
    """Tells those who invited that somebody came."""
    services.tell_accepted(pks=pks)
