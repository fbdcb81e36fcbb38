"""What may be done for people's privacy: consents, requests, erasures, and the removal of what is old."""

from .consents import give_consent, withdraw_consent
from .downloads import download_refusal, record_download
from .erasure import erase_account, erase_contact
from .requests import (
    assess_requests,
    complete_requests,
    exception_for,
    extend_requests,
    receive_request,
    refuse_requests,
    remind_of_deadlines,
    tell_administrators,
    withdraw_requests,
)
from .retention import apply_retention

__all__ = [
    "apply_retention",
    "assess_requests",
    "complete_requests",
    "download_refusal",
    "erase_account",
    "erase_contact",
    "exception_for",
    "extend_requests",
    "give_consent",
    "receive_request",
    "record_download",
    "refuse_requests",
    "remind_of_deadlines",
    "tell_administrators",
    "withdraw_consent",
    "withdraw_requests",
]
