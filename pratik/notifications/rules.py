"""When and whether a notice leaves by e-mail."""

import datetime

from pratik.core.calendar import CAYENNE

from .enums import ALWAYS_MAILED, ALWAYS_MAILED_TOPICS, TOPIC_OF, MailChoice, MailState, NoticeKind, Topic

MAX_ATTEMPTS = 5
# How long an e-mail that the server refused waits before it is tried again: many refuse a stranger at first.
PAUSES = tuple(datetime.timedelta(minutes=minutes) for minutes in (10, 30, 120, 600))

OPTIONAL_TOPICS = tuple(topic for topic in Topic if topic not in ALWAYS_MAILED_TOPICS)

FIRST_STATES = {
    MailChoice.NOW: MailState.WAITING,
    MailChoice.DIGEST: MailState.DIGEST,
    MailChoice.NEVER: MailState.NOT_WANTED,
}


def first_state(kind, *, wants_email, choice):
    """Where the e-mail of a new notice stands: what safety or the law wants told waits for no preference."""
    if kind in ALWAYS_MAILED:
        return MailState.WAITING
    return FIRST_STATES[MailChoice(choice)] if wants_email else MailState.NOT_WANTED


def kinds_of(topics):
    """The kinds of notices that these topics are made of."""
    return [kind for kind in NoticeKind if TOPIC_OF[kind] in topics]


def quiet_until(now, starts_at, ends_at):
    """The end of the quiet hours in which a moment lies, or None when it lies in none.

    Both are times of the day in Cayenne; from 22:00 to 07:00 runs over midnight. The first minute is quiet,
    the last one is not.
    """
    local = now.astimezone(CAYENNE)
    time = local.time()
    if starts_at < ends_at:
        is_quiet, is_tomorrow = starts_at <= time < ends_at, False
    else:
        is_quiet, is_tomorrow = time >= starts_at or time < ends_at, time >= starts_at
    if not is_quiet:
        return None
    day = local.date() + datetime.timedelta(days=is_tomorrow)
    return datetime.datetime.combine(day, ends_at, tzinfo=CAYENNE)


def next_try(now, attempts):
    """When an e-mail that was refused so many times is tried again, or None when that is enough."""
    return now + PAUSES[attempts - 1] if attempts < MAX_ATTEMPTS else None
