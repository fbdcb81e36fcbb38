"""Sending notices by e-mail: each leaves once, whenever a worker dies.

A mail server's answer and our own commit are two events; between them a process may be killed, and nobody can
tell afterwards whether the e-mail was accepted. So that moment has a state of its own. Nothing in it is sent
again by itself: a person decides.

    state        the e-mail of this notice …                        moved on by
    -----------  -------------------------------------------------  ------------------------------------------
    WAITING      leaves with a run, from `mail_after` on            run: SENDING; team: HELD, DISCARDED
    DIGEST       waits for the morning                              `send_digests`: WAITING; team: as above
    SENDING      is being handed to the server by `mail_run`        that run: SENT, WAITING, FAILED, IN_DOUBT;
                                                                    any run, once that one is over: IN_DOUBT
    SENT         was accepted by the server                         nobody
    IN_DOUBT     may have been accepted                             team: WAITING (again), SENT
                                                                    the run that took it, if it lives: SENT
    FAILED       was refused five times                             team: WAITING, DISCARDED
    HELD         is kept back by the team                           team: WAITING, DISCARDED
    DISCARDED    never leaves                                       nobody
    NOT_WANTED   was not wanted by the person                       nobody

One run, from its first instruction to its last, and what a SIGKILL there leaves:

    1. takes an advisory lock named after the run, for as long as its connection lives     nothing
    2. makes sure that the server listens (opens, or asks a connection that is open)       nothing
    3. transaction: locks what waits for one person (passing over what others locked),
       writes the e-mail, marks the rows SENDING with the run's number                     WAITING
       COMMIT                                                                              WAITING or SENDING
    4. hands the e-mail to the server                                                      SENDING
    5. SENT, or what the server's refusal makes of it, in one statement                    SENDING
       COMMIT                                                                              SENDING or the end
    6. back to 2 for the next person; at the end lets go of the lock                       nothing

Rows left SENDING by a run whose lock is gone become IN_DOUBT at the beginning of the next run: they were at
steps 3 to 5, so at most one e-mail for each worker that died. All others are WAITING as before, and leave.
Where the database has no such locks (SQLite), a run that handed something over `CLAIM_LASTS` ago and has not
said what became of it counts as dead.

The commit of step 3 stands before the handing over, so a rolled back or lost answer can never send twice; the
refusals after which a server certainly took nothing (RFC 5321, 4.2: 4yz and 5yz) are told from those after
which it may have (a connection that broke, no answer in time). An e-mail that nobody can write is found in
step 3, before anything was handed over. Its Message-ID is made of the keys of its notices: sent again, the
same e-mail has the same one, and most mailboxes then show it once.
"""

import datetime
import hashlib
import logging
import secrets
import smtplib
from itertools import groupby
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from pratik.core.links import notice_settings_page, unsubscribe_page
from pratik.core.locks import is_alive, sign_of_life
from pratik.core.queue import enqueue

from ..enums import ALWAYS_MAILED, MailState
from ..models import Notice, QuietHours
from ..rules import next_try, quiet_until
from .telling import one_line
from .unsubscribing import unsubscribe_token

logger = logging.getLogger(__name__)

MAIL_BATCH = 200
# A run ends well before the queue would stop its task (Q_CLUSTER["timeout"]), and has another one follow.
RUN_SECONDS = 240
# Longer than handing over one e-mail can take, with the timeouts of EMAIL_TIMEOUT and of the queue.
CLAIM_LASTS = datetime.timedelta(minutes=15)
# After these the server has not taken the e-mail.
REFUSED = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    ValueError,
)


def send_mails():
    """Sends what waits, one e-mail for each person with all that they were told since the last one.

    Several runs may work at once. An e-mail that the server refuses is tried again later, five times in all;
    while no server listens everything waits. Returns how many e-mails left.
    """
    _doubt_the_dead()
    run = secrets.randbits(62)
    with sign_of_life(_name_of(run)):
        sent, is_done = _send_all(run)
    if not is_done:
        enqueue("pratik.notifications.tasks.send_mails")
    return sent


def send_digests():
    """Has all leave that people wanted with the digest of the morning. Returns how many notices."""
    with transaction.atomic():
        rows = Notice.objects.filter(mail_state=MailState.DIGEST)
        moved = rows.update(mail_state=MailState.WAITING, mail_after=timezone.now())
        if moved:
            enqueue("pratik.notifications.tasks.send_mails")
    return moved


def _name_of(run):
    return f"pratik.notifications.sending:{run}"


def _doubt_the_dead():
    """Marks as uncertain what runs were handing over that are no more."""
    claimed = Notice.objects.filter(mail_state=MailState.SENDING)
    for run in claimed.order_by().values_list("mail_run", flat=True).distinct():
        rows = claimed.filter(mail_run=run)
        alive = is_alive(_name_of(run))
        if alive is None:
            rows = rows.filter(claimed_at__lt=timezone.now() - CLAIM_LASTS)
        elif alive:
            continue
        if left := rows.update(mail_state=MailState.IN_DOUBT):
            logger.error("A run of the sending was stopped: %s notices may have left or not.", left)


def _send_all(run):
    """Sends to everybody for whom something waits, each once. Returns how many, and whether that was all."""
    deadline = monotonic() + RUN_SECONDS
    mail = get_connection()
    sent, last = 0, 0
    try:
        while recipients := _waiting_after(last):
            for recipient in recipients:
                last = recipient
                if monotonic() > deadline:
                    return sent, False
                mail = _listening(mail)
                while (claim := _claim(recipient, run)) is not None:
                    sent += _hand_over(*claim, run, mail)
                    mail = _listening(mail)
    except ConnectionRefusedByServer:
        # Everything waits for the next run.
        logger.exception("No mail server listens.")
    finally:
        _leave(mail)
    return sent, True


class ConnectionRefusedByServer(Exception):
    """The mail server does not listen, or does not know us; nothing was handed over."""


def _waiting_after(recipient):
    waiting = Notice.objects.to_mail(timezone.now()).filter(recipient_id__gt=recipient)
    return list(
        waiting.order_by("recipient_id").values_list("recipient_id", flat=True).distinct()[:MAIL_BATCH]
    )


def _listening(mail):
    """A connection to a server that listens: this one, or a new one where the server has closed it.

    Servers close a connection after so many e-mails or seconds; found out while an e-mail is handed over,
    that would leave it in doubt.
    """
    server = getattr(mail, "connection", None)
    try:
        if server is not None:
            try:
                if server.noop()[0] == 250:
                    return mail
            except OSError:
                pass
            _leave(mail)
            mail = get_connection()
        mail.open()
    except OSError as error:
        raise ConnectionRefusedByServer from error
    return mail


def _leave(mail):
    try:
        mail.close()
    except OSError:
        # What was sent was answered; a server that does not hear the farewell takes nothing back.
        logger.info("The mail server was gone before the farewell.")


def _claim(recipient, run):
    """Takes what waits for a person, and writes it as one e-mail: (e-mail, keys of the rows), or None."""
    with transaction.atomic():
        notices = list(
            Notice.objects.to_mail(timezone.now())
            .filter(recipient=recipient)
            .select_related("recipient")
            .select_for_update(
                skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",)
            )
            .order_by("kind", "created_at", "pk")
        )
        notices = _outside_quiet_hours(recipient, notices)
        if not notices:
            return None
        # What is sent again is the e-mail that it was, under the Message-ID that it had.
        notices = [notice for notice in notices if notice.mail_id == notices[0].mail_id]
        rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
        try:
            written = message(notices)
            written.message()
        except Exception:
            logger.exception("The e-mail to account %s cannot be written.", recipient)
            rows.update(mail_attempts=F("mail_attempts") + 1)
            _put_off(rows, notices)
            return None
        rows.update(
            mail_state=MailState.SENDING,
            mail_run=run,
            mail_id=mail_id_of(notices),
            claimed_at=timezone.now(),
            mail_attempts=F("mail_attempts") + 1,
        )
    return written, notices


def _outside_quiet_hours(recipient, notices):
    """Those that may leave now; the others are put off to the end of the person's quiet hours."""
    hours = QuietHours.objects.filter(user=recipient).first() if notices else None
    end = quiet_until(timezone.now(), hours.starts_at, hours.ends_at) if hours else None
    if end is None:
        return notices
    quiet = [notice.pk for notice in notices if notice.kind not in ALWAYS_MAILED]
    Notice.objects.filter(pk__in=quiet).update(mail_after=end)
    return [notice for notice in notices if notice.kind in ALWAYS_MAILED]


def _hand_over(written, notices, run, mail):
    """Gives one e-mail to the server, and says what became of it. Returns how many left, 1 or 0."""
    ours = Notice.objects.filter(pk__in=[notice.pk for notice in notices], mail_run=run)
    recipient = notices[0].recipient_id
    try:
        mail.send_messages([written])
    except REFUSED:
        # That is nobody else's concern.
        logger.exception("The e-mail to account %s did not leave.", recipient)
        _put_off(ours, notices)
        return 0
    except OSError:
        logger.exception("Nobody knows whether the e-mail to account %s left.", recipient)
        ours.update(mail_state=MailState.IN_DOUBT)
        return 0
    # Who took this run for dead meanwhile, because its lock was lost with its connection, doubted it.
    still = ours.filter(mail_state__in=[MailState.SENDING, MailState.IN_DOUBT])
    still.update(mail_state=MailState.SENT, mailed_at=timezone.now())
    return 1


def _put_off(rows, notices):
    """Has what certainly did not leave wait for another try, or fail."""
    at = next_try(timezone.now(), max(notice.mail_attempts for notice in notices) + 1)
    if at is None:
        rows.update(mail_state=MailState.FAILED, mail_run=None, mail_id="")
    else:
        rows.update(mail_state=MailState.WAITING, mail_run=None, mail_id="", mail_after=at)


def mail_id_of(notices):
    """The name of an e-mail, which is that of the notices in it."""
    keys = "\n".join(sorted(notice.key for notice in notices))
    return hashlib.sha256(keys.encode()).hexdigest()[:32]


def mail_elsewhere(draft, *, address):
    """The e-mail that says this to a person at another address than that of their account."""
    notice = Notice(
        recipient=draft.recipient,
        kind=draft.kind,
        subject=one_line(draft.subject),
        body=draft.body,
        path=draft.path,
    )
    return message([notice], to=address)


def message(notices, *, to=None):
    """The e-mail that tells one person these notices, in their language, as text and HTML.

    It goes to the address of their account, or to the one of `to`.
    """
    recipient = notices[0].recipient
    site = settings.SITE_URL.rstrip("/")
    token = unsubscribe_token(recipient, {notice.kind for notice in notices})
    unsubscribe = f"{site}{unsubscribe_page(token)}" if token else ""
    number = len(notices)
    with translation.override(recipient.language):
        context = {
            "recipient": recipient,
            "groups": [
                (kind, list(rows)) for kind, rows in groupby(notices, key=lambda n: n.get_kind_display())
            ],
            "number": number,
            "site": site,
            "settings_page": notice_settings_page(),
            "unsubscribe": unsubscribe,
            "language": recipient.language,
        }
        subject = (
            notices[0].subject
            if number == 1
            else ngettext("%(number)d nouvel avis de PRATIK", "%(number)d nouveaux avis de PRATIK", number)
            % {"number": number}
        )
        written = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string("notifications/mail.txt", context),
            to=[to or recipient.email],
            # Holiday replies are not for a machine (RFC 3834).
            headers={"Auto-Submitted": "auto-generated"},
        )
        written.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
    if unsubscribe:
        written.extra_headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        written.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if to is None:
        host = urlsplit(settings.SITE_URL).hostname
        written.extra_headers["Message-ID"] = f"<{mail_id_of(notices)}@{host}>"
    return written
