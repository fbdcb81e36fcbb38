"""Where rows are shown: wiring, since only here are all doors known. Areas ask by `get_absolute_url`
(the public page) and `core.links.console_page`; settings name the functions below.
"""

from urllib.parse import urlencode

from django.urls import reverse


def calendar_page(calendar):
    """The public page of a calendar."""
    return reverse("public:calendar", args=[calendar.pk, calendar.slug])


def company_page(company):
    """The public page of a partner company."""
    return reverse("public:partner", args=[company.slug])


def school_page(school):
    """The public list of a school's calendars."""
    return f"{reverse('public:calendars')}?{urlencode({'etablissement': school.uai})}"


def console_page(row):
    """The page of the console where a row is looked after."""
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
