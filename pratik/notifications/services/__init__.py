"""Saying things to people, once each: in the console, and by e-mail as they wish."""

from .cleaning import clean_up
from .outbox import assess_mails, consider_sent, discard_mails, hold_mails, release_mails, send_again
from .preferences import (
    Preferences,
    hold_back_mails,
    preferences_of,
    receive_again,
    set_preferences,
    stop_topics,
)
from .sending import mail_elsewhere, message, send_digests, send_mails
from .telling import Draft, mark_all_read, mark_read, tell
from .unsubscribing import Unsubscription, read_token, unsubscribe_token

__all__ = [
    "Draft",
    "Preferences",
    "Unsubscription",
    "assess_mails",
    "clean_up",
    "consider_sent",
    "discard_mails",
    "hold_back_mails",
    "hold_mails",
    "mail_elsewhere",
    "mark_all_read",
    "mark_read",
    "message",
    "preferences_of",
    "read_token",
    "receive_again",
    "release_mails",
    "send_again",
    "send_digests",
    "send_mails",
    "set_preferences",
    "stop_topics",
    "tell",
    "unsubscribe_token",
]
