"""A student asks for a place. The listing is locked while it is looked whether there is one, and before it
the student's account, so that many requests at once are counted one after the other.
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.writes import create_rows

from .. import rules
from ..enums import RequestState
from ..models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingRequest, read_days, write_days
from ..signals import requests_made
from .places import accepted_by_offer, lock_offers


def ask_for_lodging(*, actor, offer, from_on, until_on, message="", wait=False):
    """Asks for a place in a lodging, from the day of arrival to that of departure. Returns the request.

    Its landlord decides. Where every place is taken on some night, the request goes on the waiting list if
    the student agrees to `wait`; else `ValidationError` (`full`). By field for days that cannot be had;
    `gone` when the lodging has just left the site.
    """
    request = HousingRequest(student=actor, from_on=from_on, until_on=until_on, message=message.strip())

    def errors(offer):
        return rules.stay_errors(offer, from_on=from_on, until_on=until_on, today=today())

    return _ask(actor, HousingOffer, offer, request, errors, wait)


def ask_for_seat(*, actor, offer, from_on=None, until_on=None, days=(), message="", wait=False):
    """Asks for a seat: on `days` of a trip on single days, or from `from_on` to `until_on` of a regular one.

    `days` are dates, or a text that lists them. Where the trip is instant the seat is the student's at once
    while there are some; else the driver decides. As `ask_for_lodging` otherwise.
    """
    try:
        days = read_days(days) if isinstance(days, str) else sorted(set(days))
    except ValidationError as error:
        raise ValidationError({"days": error}) from None
    request = CarpoolRequest(
        student=actor, from_on=from_on, until_on=until_on, days=write_days(days), message=message.strip()
    )

    def errors(offer):
        return rules.ride_errors(offer, from_on=from_on, until_on=until_on, days=days, today=today())

    return _ask(actor, CarpoolOffer, offer, request, errors, wait)


def _ask(actor, model, offer, request, errors, wait):
    if actor.role != Role.STUDENT or in_anothers_name():
        raise PermissionDenied
    with operation(kind=OperationKind.CREATE, actor=actor, subject=type(request)) as running:
        if not User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk).is_active:
            raise PermissionDenied
        locked = lock_offers(model, [offer.pk]).get(offer.pk)
        if locked is None or not locked.is_online:
            raise ValidationError(_("Cette annonce n’est plus en ligne."), code="gone")
        _refuse_too_many(actor, locked)
        if wrong := errors(locked):
            raise ValidationError(wrong)
        request.offer = locked
        request.derive()
        accepted = accepted_by_offer(model, [locked.pk], today())[locked.pk]
        request.state = _first_state(locked, request, accepted, wait)
        if request.state == RequestState.ACCEPTED:
            request.decided_at = timezone.now()
        request.full_clean(exclude=("offer", "student"))
        create_rows([request])
        requests_made.send(type(request), pks=[request.pk], operation=running.row)
    return request


def _refuse_too_many(actor, offer):
    live = offer.requests.live().filter(student=actor).exists()
    number = sum(
        model.objects.open().filter(student=actor).count() for model in (HousingRequest, CarpoolRequest)
    )
    why = rules.asking_refusal(actor, live=live, open_requests=number, most=settings.LIVING_MAX_OPEN_REQUESTS)
    if why:
        raise ValidationError(why, code="asked_already" if live else "too_many")


def _first_state(offer, request, accepted, wait):
    if offer.has_room_for(request, accepted):
        instant = getattr(offer, "is_instant", False)
        return RequestState.ACCEPTED if instant else RequestState.REQUESTED
    if wait:
        return RequestState.WAITING
    raise ValidationError(
        _("Il n’y a plus de place ces jours-là. Choisissez d’autres jours, ou la liste d’attente."),
        code="full",
    )
