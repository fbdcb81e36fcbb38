"""Answers about partner companies that are not rows of companies."""

from django.db.models import Count, Q

from pratik.accounts.reports import EXPECTED_OF_ORGANISATIONS

from .enums import Partnership
from .models import CompanyProfile, PartnerProfile, RecruiterProfile

# What a reader of the profile looks for, beside what the platform fills in itself.
EXPECTED = {
    CompanyProfile: ("activity", "size_band", *EXPECTED_OF_ORGANISATIONS),
    RecruiterProfile: ("specialities", *EXPECTED_OF_ORGANISATIONS),
    PartnerProfile: ("mission", *EXPECTED_OF_ORGANISATIONS),
}


def partnership_figures(user):
    """How many companies do I see, and how many of them are partners?"""
    return (
        CompanyProfile.objects.visible_to(user)
        .order_by()
        .aggregate(companies=Count("pk"), partners=Count("pk", filter=Q(partnership=Partnership.PARTNER)))
    )


def public_partners_by_sector():
    """Partners shown to visitors, for each NAF section: [{code, label, number}], the largest sector first."""
    return _counted("activity__section", code="activity__section__code", label="activity__section__label")


def public_partners_by_commune():
    """Partners shown to visitors, for each commune: [{code, label, number}], the largest number first."""
    return _counted("commune", code="commune__insee_code", label="commune__name")


def _counted(relation, *, code, label):
    found = (
        CompanyProfile.objects.public()
        .exclude(**{relation: None})
        .order_by()
        .values_list(code, label)
        .annotate(number=Count("pk"))
        .order_by("-number", label)
    )
    return [{"code": code, "label": label, "number": number} for code, label, number in found]
