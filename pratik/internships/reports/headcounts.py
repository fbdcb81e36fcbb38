"""How many people work at hosts, on which their caps hang, and whose word that is."""

import datetime
from dataclasses import dataclass

from pratik.accounts.enums import AccountType
from pratik.partners.models import CompanyProfile


@dataclass(frozen=True)
class Headcount:
    """How many people work at a host: `number` is None where nobody knows, `is_floor` says that it is the
    lower end of a band. `by_host` says that the host itself typed the exact number, `since` when that was.
    """

    number: int | None
    is_floor: bool
    by_host: bool = False
    since: datetime.datetime | None = None


def headcounts(companies):
    """The headcounts of these hosts, and whose word they are: {key: `Headcount`}; one query."""
    companies = list(companies)
    lines = CompanyProfile.history.filter(id__in=[company.pk for company in companies])
    last, said = {}, {}
    for pk, number, moment, account_type in lines.order_by("history_id").values_list(
        "id", "headcount", "history_date", "history_user__account_type"
    ):
        if number != last.get(pk):
            said[pk] = {"by_host": account_type == AccountType.COMPANY, "since": moment}
        last[pk] = number
    return {
        company.pk: Headcount(company.headcount_floor, is_floor=True)
        if company.headcount is None
        else Headcount(company.headcount, is_floor=False, **said.get(company.pk, {}))
        for company in companies
    }
