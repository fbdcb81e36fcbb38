"""How the site writes numbers, days, telephone numbers and addresses."""

from functools import lru_cache
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.text import get_text_list
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pratik.living.models import PHOTO_SIZES
from pratik.reference.identifiers import format_phone

register = template.Library()

TONES = 4


@register.simple_tag
def contact_link():
    """The address where people write to the team, as a link."""
    return format_html('<a href="mailto:{0}">{0}</a>', settings.CONTACT_EMAIL)


@register.filter
def grouped(number):
    """A whole number with its thousands apart: « 1 234 »."""
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)


@register.filter
def day(date):
    """A day in full: « 1er mars 2027 »."""
    return _written(date, " F Y")


@register.filter
def period(row):
    """When a placement is: « du 4 au 22 janvier 2027 », without repeating what both days share."""
    return _period_in_words(row.start_on, row.end_on, get_language())


@lru_cache(maxsize=4096)
def _period_in_words(start, end, language):
    if (start.year, start.month) == (end.year, end.month):
        first = _written(start, "")
    elif start.year == end.year:
        first = _written(start, " F")
    else:
        first = _written(start, " F Y")
    return _("du %(start)s au %(end)s") % {"start": first, "end": _written(end, " F Y")}


def _written(date, rest):
    return _in_words(date, rest, get_language())


@lru_cache(maxsize=4096)
def _in_words(date, rest, language):
    """A page of placements names the same days again and again."""
    number = _("1er") if date.day == 1 else str(date.day)
    # An empty format would mean the usual one.
    return number + (date_format(date, rest) if rest else "")


@register.filter
def short_day(date):
    """The day of the month and the month, as a leaf of a calendar shows them: (« 4 », « jan. »)."""
    return _leaf(date, get_language())


@lru_cache(maxsize=4096)
def _leaf(date, language):
    return date_format(date, "j"), date_format(date, "N")


@register.filter
def telephone(number):
    """A telephone number as it is read, on one line."""
    return format_phone(number.as_e164).replace(" ", "\u00a0")


@register.filter
def web_address(address):
    """An address that is safe to follow, http or https; nothing for any other."""
    return address if urlsplit(address).scheme in ("http", "https") else ""


@register.filter
def site_name(address):
    """The name of a site, without what browsers need around it: « pratik.gf »."""
    return urlsplit(address).netloc.rpartition("@")[2].removeprefix("www.")


@register.filter
def tone(row):
    """One of the tones of the tiles, always the same for the same row."""
    return row.pk % TONES + 1


@register.filter
def page_numbers(page):
    """The numbers of a list's pages: the first, the last, those around this one, and gaps between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def euros(amount):
    """A sum in euros, with cents only where there are any: « 450 € », « 4,50 € »."""
    places = 0 if amount == amount.to_integral_value() else 2
    written = number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
    return _("%(amount)s €") % {"amount": written}


@register.filter
def weekdays(offer):
    """On which days of the week a regular trip is made: « du lundi au vendredi », « lundi et jeudi »."""
    numbers = [int(number) for number in offer.weekdays]
    names = [str(WEEKDAYS[number - 1]) for number in numbers]
    if len(numbers) == 7:
        return _("tous les jours")
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return _("du %(first)s au %(last)s") % {"first": names[0], "last": names[-1]}
    return get_text_list(names, _("et"))


@register.filter
def srcset(photo):
    """The sizes of a photo for a browser to choose from; one that is no larger than another is left out."""
    sizes = {min(size, photo.width): photo.small(size).url for size in PHOTO_SIZES}
    return ", ".join(f"{url} {width}w" for width, url in sizes.items())


@register.filter
def small(photo, size):
    """The address of one of the small sizes of a photo, by its width."""
    return photo.small(size).url


@register.filter
def stars(rating):
    """Five stars, of which as many are lit as the rating says."""
    return [step <= rating for step in range(1, 6)]
