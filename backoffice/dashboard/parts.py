"""What a home page is made of, and the ways to the lists behind it."""

from dataclasses import dataclass, field

from django.db.models import Count, Window
from django.urls import reverse
from django.utils import formats
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.roles import verbs_of
from pratik.core.calendar import CAYENNE

# How many rows a block names; the rest is in the list behind it.
SHOWN = 4


@dataclass(frozen=True)
class Card:
    """A figure; the list at `url` has exactly this number of rows."""

    number: int
    label: str
    url: str
    icon: str
    note: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Action:
    """A way to do something at once."""

    label: str
    url: str
    icon: str
    is_main: bool = False


@dataclass(frozen=True)
class Badge:
    text: str
    tone: str = "plain"


@dataclass(frozen=True)
class Item:
    """One line of a block: what it is, where it leads, and what helps to decide."""

    title: str
    url: str
    details: tuple = ()
    badge: Badge | None = None
    quote: str = ""


@dataclass(frozen=True)
class Block:
    """A list under a heading. An empty one says so in a sentence; `number` counts beyond what is shown."""

    title: str
    icon: str
    items: list
    empty: str
    number: int | None = None
    more: Action | None = None


@dataclass
class Home:
    """A home page, from top to bottom; `main` and `side` stand beside each other where there is room."""

    greeting: str
    lead: str
    badges: list = field(default_factory=list)
    actions: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    cards: list = field(default_factory=list)
    chart: object = None
    profiles: list = field(default_factory=list)
    heading: str = ""
    main: list = field(default_factory=list)
    side: list = field(default_factory=list)
    below: list = field(default_factory=list)


def first_of(rows):
    """The first rows of a list with how many there are, in one query: (rows, number)."""
    shown = list(rows.annotate(total=Window(Count("pk")))[:SHOWN])
    return shown, shown[0].total if shown else 0


def may(user, verb, model):
    """Whether the person's role has this verb on the model."""
    return verb in verbs_of(user.role, model._meta.label_lower)


def console_url(model, view, *args):
    """The address of one of a model's pages in the console: `changelist`, `add`, `change`, `import`."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{view}", args=args)


def list_url(model, **filters):
    """The address of a model's list under these filters, by the names they have in an address."""
    url = console_url(model, "changelist")
    return f"{url}?{urlencode(filters, doseq=True)}" if filters else url


def site_calendars_url():
    """Where visitors see the published placements."""
    return reverse("public:calendars")


def day(date):
    """A day in figures: 05/01/2027."""
    return formats.date_format(date, "SHORT_DATE_FORMAT")


def since(moment, today):
    """For how long something waits, in words."""
    days = (today - localdate(moment, CAYENNE)).days
    if days <= 0:
        return _("en attente depuis aujourd’hui")
    return ngettext("en attente depuis %(days)d jour", "en attente depuis %(days)d jours", days) % {
        "days": days
    }
