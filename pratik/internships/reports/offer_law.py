"""What the law says of offers, before anybody is taken."""

from pratik.law.reports import parameters_on
from pratik.law.rules import OFFER_RULES, Facts, WeekSchedule, check
from pratik.reference.models import PublicHoliday


def law_findings(offers, today):
    """What the law says of these offers: {offer: [Finding]}, the gravest first; those without are left out.
    As `offers_judged`.
    """
    offers = list(offers)
    judged = zip(offers, offers_judged(offers, today), strict=True)
    return {offer.pk: findings for offer, findings in judged if findings}


def offers_judged(offers, today):
    """What the law says of each of these offers, written or not yet, in their order: a list of findings each,
    the gravest first.

    The hours are those of a usual week from Monday to Friday, without public holidays: what an intern would
    be present for, if nothing else is agreed. Two queries, however many offers.
    """
    complete = [offer for offer in offers if _is_complete(offer)]
    if not complete:
        return [[] for _offer in offers]
    parameters = parameters_on(today)
    first, last = min(offer.start_on for offer in complete), max(offer.end_on for offer in complete)
    holidays = frozenset(
        PublicHoliday.objects.filter(day__range=(first, last)).order_by().values_list("day", flat=True)
    )
    return [_findings(offer, parameters, holidays, today) if _is_complete(offer) else [] for offer in offers]


def _is_complete(offer):
    return bool(offer.start_on and offer.end_on and offer.hours_per_week)


def _findings(offer, parameters, holidays, today):
    facts = Facts(
        kind=offer.kind,
        start=offer.start_on,
        end=offer.end_on,
        schedule=WeekSchedule.even(offer.hours_per_week),
        holidays=holidays,
        stipend_hourly=offer.stipend_hourly,
        today=today,
    )
    return list(check(facts, parameters, only=OFFER_RULES))
