"""What may be done with lodgings, trips, and the requests for a place in them."""

from .asking import ask_for_lodging, ask_for_seat
from .ceilings import load_ceilings
from .closing import close_account, close_what_is_over
from .listings import (
    archive_offers,
    assess_offers,
    publish_offers,
    refuse_offers,
    reinstate_offers,
    rework_offers,
    submit_offers,
    suspend_offers,
)
from .photos import add_photo, forget_photos_of, order_photos, remove_photos, set_cover
from .places import (
    accept_requests,
    assess_requests,
    decline_requests,
    hold_requests,
    move_up,
    withdraw_requests,
)
from .telling import tell_of_badges, tell_of_offers, tell_of_requests, tell_requests_made

__all__ = [
    "accept_requests",
    "add_photo",
    "archive_offers",
    "ask_for_lodging",
    "ask_for_seat",
    "assess_offers",
    "assess_requests",
    "close_account",
    "close_what_is_over",
    "decline_requests",
    "forget_photos_of",
    "hold_requests",
    "load_ceilings",
    "move_up",
    "order_photos",
    "publish_offers",
    "refuse_offers",
    "reinstate_offers",
    "remove_photos",
    "rework_offers",
    "set_cover",
    "submit_offers",
    "suspend_offers",
    "tell_of_badges",
    "tell_of_offers",
    "tell_of_requests",
    "tell_requests_made",
    "withdraw_requests",
]
