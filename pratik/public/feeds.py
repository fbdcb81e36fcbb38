"""Calendars of placements for diary programs (iCalendar, RFC 5545)."""

import datetime
import hashlib
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event

from pratik.calendars.reports import latest_change
from pratik.core.calendar import CAYENNE, today

# Diary programs keep a feed for years, whoever reads it: it speaks the schools' language.
LANGUAGE = "fr"
REFRESHED_EVERY = datetime.timedelta(hours=12)


def feed_response(request, calendars, *, name, asked=""):
    """The calendars as a feed, or 304 when the reader's copy is still right.

    `name` is called for the feed's title once the language is set; `asked` is the query that chose the
    calendars, since each choice is a document of its own.
    """
    changed, number = latest_change()
    # Placements leave the feed when they are over: a new day makes a new feed.
    morning = datetime.datetime.combine(today(), datetime.time(), tzinfo=CAYENNE)
    changed = max(changed or morning, morning)
    fingerprint = f"{request.path}?{asked} {changed.isoformat()} {number} {settings.SITE_URL}"
    etag = quote_etag(hashlib.sha256(fingerprint.encode()).hexdigest()[:32])
    response = get_conditional_response(request, etag=etag, last_modified=int(changed.timestamp()))
    if response is None:
        with translation.override(LANGUAGE):
            body = calendar_file(calendars, name=name())
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Language"] = LANGUAGE
    response["ETag"] = etag
    response["Last-Modified"] = http_date(int(changed.timestamp()))
    response["Cache-Control"] = "public, max-age=3600"
    return response


def event_response(calendar):
    """One placement as a file to open in a diary."""
    with translation.override(LANGUAGE):
        body = calendar_file([calendar], name=calendar.program_name)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Language"] = LANGUAGE
    response["Content-Disposition"] = f'attachment; filename="{slugify(calendar.program_name)[:60]}.ics"'
    return response


def calendar_file(calendars, *, name):
    """The bytes of an iCalendar file; each calendar's school and commune must be loaded."""
    file = Calendar()
    file.add("prodid", "-//PRATIK//Calendriers de stages//FR")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    file.add("name", name)
    file.add("x-wr-calname", name)
    file.add("x-wr-timezone", settings.TIME_ZONE)
    file.add("refresh-interval", REFRESHED_EVERY, parameters={"VALUE": "DURATION"})
    file.add("x-published-ttl", "PT12H")
    for calendar in calendars:
        file.add_component(_event(calendar))
    return file.to_ical()


def _event(calendar):
    school = calendar.school
    address = urljoin(settings.SITE_URL, calendar.get_absolute_url())
    changed = calendar.updated_at.astimezone(datetime.UTC)
    event = Event()
    event.add("uid", f"calendrier-{calendar.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", calendar.start_on)
    # The end of a whole-day event is the first day after it.
    event.add("dtend", calendar.end_on + datetime.timedelta(days=1))
    event.add(
        "summary",
        _("Stage\u00a0: %(program)s, %(school)s") % {"program": calendar.program_name, "school": school.name},
    )
    event.add("description", "\n".join(_details(calendar, address)))
    if school.commune:
        event.add("location", _("%(commune)s, Guyane") % {"commune": school.commune.name})
    event.add("categories", [_("Stage"), calendar.level_label])
    event.add("url", address)
    # A placement does not make the reader busy.
    event.add("transp", "TRANSPARENT")
    return event


def _details(calendar, address):
    yield calendar.school.name
    yield ngettext(
        "%(level)s, %(number)d élève", "%(level)s, %(number)d élèves", calendar.number_of_students
    ) % {"level": calendar.level_label, "number": calendar.number_of_students}
    if calendar.skills_sought:
        yield _("Compétences recherchées\u00a0: %(skills)s") % {"skills": ", ".join(calendar.skills_sought)}
    if calendar.description:
        yield calendar.description
    yield address
