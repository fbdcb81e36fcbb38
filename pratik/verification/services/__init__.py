"""What may be done with supporting documents and the badge that follows them."""

from .badges import (
    assess_accounts,
    refresh_badges,
    refresh_badges_of,
    revoke_verifications,
    verify_accounts,
)
from .claims import claim, next_document, release
from .expiry import expire_documents, remind_of_expiry
from .files import delete_due_files, follow_closed_accounts, open_document, open_page, sign_document
from .requirements import load_requirements
from .review import (
    approve_documents,
    assess_documents,
    reject_documents,
    reopen_documents,
    revoke_documents,
)
from .submit import DocumentsRefused, Sent, record_statement, submit_document, submit_several
from .telling import tell_badges, tell_decided, tell_expired, tell_submitted

__all__ = [
    "DocumentsRefused",
    "Sent",
    "approve_documents",
    "assess_accounts",
    "assess_documents",
    "claim",
    "delete_due_files",
    "expire_documents",
    "follow_closed_accounts",
    "load_requirements",
    "next_document",
    "open_document",
    "open_page",
    "record_statement",
    "refresh_badges",
    "refresh_badges_of",
    "reject_documents",
    "release",
    "remind_of_expiry",
    "reopen_documents",
    "revoke_documents",
    "revoke_verifications",
    "sign_document",
    "submit_document",
    "submit_several",
    "tell_badges",
    "tell_decided",
    "tell_expired",
    "tell_submitted",
    "verify_accounts",
]
