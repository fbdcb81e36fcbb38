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


def lodging_page(offer):
    """The public page of a lodging."""
    return reverse("public:lodging", args=[offer.pk, offer.slug])


def trip_page(offer):
    """The public page of a shared trip."""
    return reverse("public:trip", args=[offer.pk, offer.slug])


def offer_page(offer):
    """The public page of an internship offer."""
    return reverse("public:offer", args=[offer.pk, offer.slug])


def papers_page():
    """Where a person sees and sends their supporting documents."""
    return reverse("admin:verification_papers")


def verification_page(code):
    """Where anybody checks what the code of a document certifies."""
    return reverse("public:verified", args=[code])


def my_data_page():
    """Where a person reads what is held about them."""
    return reverse("access:my_data")


def own_data_page(request):
    """Where a person follows their own request about their data."""
    return my_data_page()


def invitation_page(invitation):
    """Where a person answers an invitation; the address is the secret that they received."""
    return reverse("access:invitation", args=[invitation.token])


def notice_settings_page():
    """Where a person chooses what reaches them by e-mail."""
    return reverse("admin:notifications_preferences")


def unsubscribe_page(token):
    """Where the reader of an e-mail wants no more of them; the address is the secret that they received."""
    return reverse("access:unsubscribe", args=[token])


def sign_in_page():
    """Where people come in."""
    return reverse("account_login")


def security_page():
    """Where a person looks after how their account is protected."""
    return reverse("access:security")


def console_page(row):
    """The page of the console where a row is looked after."""
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
