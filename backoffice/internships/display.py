"""What the pages of offers and applications tell in the same words."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from pratik.core.calendar import today
from pratik.internships.enums import OfferState
from pratik.law.enums import SEVERITY_COLORS

ONLINE_COLORS = {"on": "success", "off": "danger"}


def online_state(offer):
    """Whether visitors see an offer, or why they do not although it is published; else nothing."""
    if offer.is_open_on(today()):
        return "on", _("En ligne")
    if offer.state != OfferState.PUBLISHED:
        return None
    return "off", _("Hors ligne : dates passées")


def link(address, text):
    """A way to another page, in the middle of a row or of a form."""
    return format_html('<a class="pratik-link" href="{}">{}</a>', address, text)


def applications_url(offer):
    """The list of the applications for one offer."""
    page = reverse("admin:internships_application_changelist")
    return f"{page}?{urlencode({'offer__id__exact': offer.pk})}"


def finding_notes(findings):
    """What the law says of an offer, as notes above it in the colour of their gravity."""
    return [(SEVERITY_COLORS[finding.severity], finding_text(finding), "", "") for finding in findings]


def finding_text(finding):
    """What the law says, in one sentence with the article."""
    return _("%(explanation)s (%(article)s)") % {
        "explanation": finding.explanation,
        "article": finding.article,
    }
