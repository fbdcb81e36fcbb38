"""What the lists and pages of lodgings and trips tell in the same words."""

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from backoffice.base.display import day
from pratik.living.enums import OfferState, Weekday
from pratik.living.models import read_days

ONLINE_COLORS = {"on": "success", "off": "danger"}


def online_state(offer):
    """Whether visitors see a listing, or why they do not although it is published; else nothing."""
    if offer.is_online:
        return "on", _("En ligne")
    if offer.state != OfferState.PUBLISHED:
        return None
    if not offer.owner.is_active:
        return "off", _("Hors ligne : compte fermé")
    if not offer.owner.is_verified:
        return "off", _("Hors ligne : compte non vérifié")
    return "off", _("Hors ligne : dates passées")


def account_link(user):
    """A person, with the way to their account."""
    page = reverse("admin:accounts_user_change", args=[user.pk])
    return format_html('<a class="underline" href="{}">{}</a>', page, user)


def weekdays_text(numbers):
    """Days of the week, as they are kept, in words: « 13 » is « Lundi, Mercredi »."""
    return ", ".join(str(Weekday(number).label) for number in numbers if number in Weekday.values)


def days_text(days):
    """Single days, as they are kept, as people write them."""
    try:
        return ", ".join(day(one) for one in read_days(days))
    except ValidationError:
        # As it was typed: the error beside it names the word that is no day.
        return days
