"""What search engines read of a page, in the words of schema.org."""

import datetime
import json
from urllib.parse import urljoin

from django.conf import settings
from django.template.defaultfilters import linebreaks
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate

from pratik.core.calendar import CAYENNE

# Within a script nothing may look like markup: « </script> » in a title would end it.
ESCAPES = {ord(character): f"\\u{ord(character):04X}" for character in "<>&\u2028\u2029"}
# How PRATIK names the territory to the world (ISO 3166-1).
COUNTRY = "GF"


def as_script(data):
    """The data as the element that holds them in a page; no text in them ends it or runs."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


def job_posting(offer):
    """An internship offer as a `JobPosting`; `offer` comes with its company, commune and activity.

    What is not known is left out. The stipend is told in euros an hour, as the law counts it (Code de
    l’éducation, article L124-6).
    """
    company = offer.company
    data = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": offer.title,
        "description": linebreaks(offer.description, autoescape=True),
        "url": urljoin(settings.SITE_URL, offer.get_absolute_url()),
        "identifier": {"@type": "PropertyValue", "name": "PRATIK", "value": str(offer.pk)},
        "datePosted": localdate(offer.published_at, CAYENNE).isoformat(),
        "validThrough": _last_moment(offer.apply_until).isoformat(),
        "employmentType": "INTERN",
        "hiringOrganization": _organisation(company),
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "addressLocality": offer.commune.name,
                "addressRegion": "Guyane",
                "addressCountry": COUNTRY,
            },
        },
        "jobStartDate": offer.start_on.isoformat(),
        "totalJobOpenings": offer.places,
        "directApply": True,
    }
    if offer.skills:
        data["skills"] = ", ".join(offer.skills)
    if company.activity:
        data["industry"] = company.activity.section.label
    if offer.remote_share == 100:
        data["jobLocationType"] = "TELECOMMUTE"
        data["applicantLocationRequirements"] = {"@type": "Country", "name": COUNTRY}
    if offer.stipend_hourly:
        data["baseSalary"] = {
            "@type": "MonetaryAmount",
            "currency": "EUR",
            "value": {
                "@type": "QuantitativeValue",
                "value": float(offer.stipend_hourly),
                "unitText": "HOUR",
            },
        }
    return data


def _organisation(company):
    found = {"@type": "Organization", "name": company.name}
    if company.is_public:
        found["sameAs"] = urljoin(settings.SITE_URL, company.get_absolute_url())
    return found


def _last_moment(day):
    """The end of a day in French Guiana."""
    return datetime.datetime.combine(day, datetime.time(23, 59, 59), tzinfo=CAYENNE)
