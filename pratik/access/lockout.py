"""How many wrong passwords and codes are borne, for one account and from one address.

The limits are `ACCOUNT_RATE_LIMITS["login_failed"]`. An attempt is counted before it is judged, so that
attempts made at the same time count too; one that succeeds is taken back.
"""

import math
import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

from pratik.security import services as security
from pratik.security.enums import AccessKind

LIMIT = {"app": "allauth.account", "action": "login_failed"}


def count_attempt(request, *, key, actor=None, who):
    """Counts one attempt on `key`; returns the usage, whose `rollback()` takes it back.

    `who` is what the journal says of a lock-out: the address that was typed. Raises `ValidationError` with
    the time to wait while the account or the visitor's address is locked out, be the password right or not.
    """
    usage = ratelimit.consume(request, key=key, **LIMIT)
    if usage:
        return usage
    seconds = max(1, seconds_left(request, key=key))
    # One line of the journal for each lock-out, not for each attempt that it refuses.
    if cache.add(f"access-locked-out:{key}", True, timeout=seconds):
        security.record(kind=AccessKind.LOCKED_OUT, actor=actor, detail=who)
    raise ValidationError(refusal(seconds), code="too_many_login_attempts")


def seconds_left(request, *, key):
    """How long until another attempt is heard, in seconds."""
    now = time.time()
    waits = [0]
    for rate in ratelimit.get_rates(**LIMIT):
        moments = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **LIMIT), [])
        if len(moments) >= rate.amount:
            # The newest comes first: the one that must grow old before another is heard.
            waits.append(moments[rate.amount - 1] + rate.duration - now)
    return math.ceil(max(waits))


def refusal(seconds):
    """The sentence for who is locked out."""
    minutes = max(1, math.ceil(seconds / 60))
    return ngettext(
        "Trop d’essais. Attendez %(minutes)d minute, puis réessayez.",
        "Trop d’essais. Attendez %(minutes)d minutes, puis réessayez.",
        minutes,
    ) % {"minutes": minutes}
