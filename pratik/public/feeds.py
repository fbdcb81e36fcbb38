"""Calendars of placements for diary programs (iCalendar, RFC 5545)."""

import datetime
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event

# Diary programs keep a feed for years, whoever reads it: it speaks the schools' language.
LANGUAGE = "fr"
REFRESHED_EVERY = datetime.timedelta(hours=12)
# No diary shows more; who wants others follows a narrower search.
LONGEST_FEED = 2_000


def feed_response(calendars, *, name):
    """The calendars as a feed, those that begin first; `name` is called for its title once the language is
    set.
    """
    with translation.override(LANGUAGE):
        body = calendar_file(calendars[:LONGEST_FEED], name=name())
    response = _answer(body)
    response["Cache-Control"] = "public, max-age=3600"
    return response


def event_response(calendar):
    """One placement as a file to open in a diary."""
    with translation.override(LANGUAGE):
        body = calendar_file([calendar], name=calendar.program_name)
    response = _answer(body)
    response["Content-Disposition"] = f'attachment; filename="{slugify(calendar.program_name)[:60]}.ics"'
    return response


def _answer(body):
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Language"] = LANGUAGE
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
