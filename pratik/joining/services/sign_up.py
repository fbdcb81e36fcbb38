"""Opening one's own account: the address is proved by a code before the account exists."""

import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from pratik.accounts.enums import AccountType
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User
from pratik.accounts.services import open_account, system_actor
from pratik.core.enums import OperationKind
from pratik.core.locks import wait_for_turn
from pratik.core.operations import operation
from pratik.core.queue import enqueue
from pratik.core.writes import create_rows
from pratik.security.enums import AccessKind
from pratik.security.services import record

from .. import notices, rules
from ..models import SignUp, new_nonce
from .claims import claim

KEPT = datetime.timedelta(hours=24)
PROFILES = {
    AccountType.STUDENT: StudentProfile,
    AccountType.LANDLORD: LandlordProfile,
    AccountType.DRIVER: DriverProfile,
}


def ask_to_sign_up(
    *,
    email,
    password,
    account_type,
    first_name,
    last_name,
    identifier="",
    organisation_name="",
    message="",
    language="fr",
):
    """Keeps what a person typed, and has a code sent to their address. Returns the `SignUp`.

    The same is done, and it takes as long, whether an account has this address or not: who has it is looked
    up by the task that writes the e-mail. Raises `ValidationError` by field for what is wrong, and for an
    address to which too many codes went.
    """
    row = SignUp(
        email=email.strip().lower(),
        account_type=account_type,
        first_name=" ".join(first_name.split()),
        last_name=" ".join(last_name.split()),
        identifier=identifier.strip(),
        organisation_name=organisation_name,
        message=message.strip(),
        language=language,
    )
    errors = {}
    try:
        row.full_clean(exclude=["password"])
    except ValidationError as error:
        errors |= error.error_dict
    try:
        validate_password(password, _account(row))
    except ValidationError as error:
        errors["password"] = error
    if errors:
        raise ValidationError(errors)
    row.password = make_password(password)
    with transaction.atomic():
        _spare_the_mailbox(row.email)
        row.save()
        enqueue("pratik.joining.tasks.send_code", row.pk)
    return row


def _spare_the_mailbox(email):
    """Refuses what is too much for an address; others who ask for it wait until the transaction ends."""
    wait_for_turn(f"joining.codes:{email}")
    since = timezone.now() - rules.HOUR
    if why := rules.codes_refusal(SignUp.objects.codes_sent_since(email, since)):
        raise ValidationError(why, code="too_many_codes")


def resend_code(*, pk):
    """Has another code sent; the one before is dead at once.

    Raises `ValidationError` within a minute of the last one, after five in an hour, and for a sign-up that
    is over.
    """
    with transaction.atomic():
        row = SignUp.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            raise ValidationError(_("Cette inscription est terminée ou trop ancienne."), code="gone")
        now = timezone.now()
        if why := rules.pause_refusal(row.code_sent_at, rules.CODE_PAUSE, now):
            raise ValidationError(why, code="too_soon")
        _spare_the_mailbox(row.email)
        row.nonce, row.attempts, row.code_sent_at = new_nonce(), 0, now
        row.codes_sent += 1
        row.save(update_fields=["nonce", "attempts", "code_sent_at", "codes_sent"])
        enqueue("pratik.joining.tasks.send_code", row.pk)
    return row


def send_code(*, pk, now=None):
    """Sends the e-mail of a sign-up: the code, or, to an address that has an account, that it has one.

    Sends one e-mail for each code, however often it runs; none for a code that is dead by now. The row is
    locked meanwhile, so that two workers never send the same one. Returns whether an e-mail left.
    """
    now = now or timezone.now()
    with transaction.atomic():
        row = SignUp.objects.select_for_update().filter(pk=pk).first()
        if row is None or now >= row.expires_at or (row.mailed_at and row.mailed_at >= row.code_sent_at):
            return False
        user = User.objects.with_address(row.email).first()
        mail = notices.code(row) if user is None else notices.already_known(user)
        mail.send()
        row.mailed_at = now
        row.save(update_fields=["mailed_at"])
    return True


def confirm_sign_up(*, pk, code):
    """Opens the account of a sign-up whose code this is. Returns the account; the code serves once.

    Each try is counted under a lock, so that tries made at the same time count too. Raises
    `ValidationError` for a wrong code (`wrong`), one that serves no more (`dead`), and a sign-up that is
    over (`gone`). For an address that has an account, no code is ever right.
    """
    with transaction.atomic():
        row = SignUp.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            raise ValidationError(_("Cette inscription est terminée ou trop ancienne."), code="gone")
        if why := rules.code_refusal(row, timezone.now()):
            raise ValidationError(why, code="dead")
        row.attempts += 1
        row.save(update_fields=["attempts"])
        user = _open(row) if constant_time_compare(code, row.code) else None
        if user is not None:
            row.delete()
    if user is None:
        raise ValidationError(rules.wrong_code(row.attempts), code="wrong")
    return user


def _account(row):
    return User(
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        account_type=row.account_type,
        language=row.language,
    )


def _open(row):
    """The account with what comes with its type; None when somebody has the address by now."""
    if User.objects.with_address(row.email).exists():
        return None
    actor = system_actor()
    try:
        with operation(kind=OperationKind.CREATE, actor=actor, subject=User, reason=_("Inscription")):
            user = open_account(actor=actor, user=_account(row), hashed=row.password)
            begin(user)
            if row.kind:
                claim(user, identifier=row.identifier, name=row.organisation_name, message=row.message)
            record(kind=AccessKind.SIGN_UP, actor=user, subject=user, detail=user.get_account_type_display())
    except (IntegrityError, ValidationError):
        # Two sign-ups of one address, confirmed at the same moment: a rule or the table says so.
        if User.objects.with_address(row.email).exists():
            return None
        raise
    return user


def begin(user):
    """Gives a new account the profile of its type, where it has one; must run inside an operation."""
    if profile := PROFILES.get(user.account_type):
        create_rows([profile(user=user)])


def forget_old_sign_ups(*, now=None):
    """Forgets what people typed a day ago and never confirmed. Returns how many."""
    old = SignUp.objects.older_than((now or timezone.now()) - KEPT)
    return old.delete()[0]
