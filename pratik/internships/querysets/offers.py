from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role, role_of
from pratik.core.calendar import today as today_in_cayenne
from pratik.core.querysets import ScopedQuerySet
from pratik.core.text import fold

from ..enums import ANSWERING_STATES, OPEN_APPLICATIONS, ApplicationState, OfferState

# What a list of offers may be sorted by.
ORDERS = {
    "published": ("-published_at", "-pk"),
    "start": ("start_on", "pk"),
    "closing": ("apply_until", "pk"),
    "stipend": (F("stipend_hourly").desc(nulls_last=True), "start_on", "pk"),
}


class OfferQuerySet(ScopedQuerySet):
    def open_to_applicants(self, today):
        """Offers that students may answer: published, and their last day is not over. Anybody sees them."""
        return self.filter(self._open(today))

    @staticmethod
    def _open(today):
        return Q(state=OfferState.PUBLISHED, apply_until__gte=today)

    def of_companies_of(self, user):
        """Offers of the companies that this account is an active member of."""
        return self.filter(company__memberships__user_id=user.pk, company__memberships__is_active=True)

    def visible_to(self, user):
        """Staff see every offer; a company's members its own; students those that are open and those that
        they applied for; everyone else those that are open.
        """
        role = role_of(user)
        if role in STAFF_ROLES:
            return self
        if role == Role.COMPANY:
            return self.of_companies_of(user)
        condition = self._open(today_in_cayenne())
        if role == Role.STUDENT:
            own = self._applications().filter(offer=OuterRef("pk"), student__user_id=user.pk)
            condition |= Exists(own.order_by())
        return self.filter(condition)

    def editable_by(self, user):
        """Administrators and editors look after every offer; a company's members after its own."""
        role = role_of(user)
        if role in KEEPERS:
            return self.with_names()
        return self.of_companies_of(user).with_names() if role == Role.COMPANY else self.none()

    def with_names(self):
        """With the company, its sector and the commune, in one query."""
        return self.select_related("company__activity__section", "company__commune", "commune")

    def with_numbers(self):
        """Says of each offer how many places are free (`places_left`), how many students applied
        (`applications_received`) and how many of them wait for an answer (`applications_waiting`).
        """
        rows = self._applications().order_by()
        taken = rows.filter(state=ApplicationState.ACCEPTED)
        return self.annotate(
            places_left=F("places") - self._number(taken),
            applications_received=self._number(rows),
            applications_waiting=self._number(rows.filter(state__in=OPEN_APPLICATIONS)),
        )

    def awaiting_moderation(self):
        """What somebody of the team has to read, what waits longest first."""
        return self.filter(state=OfferState.SUBMITTED).order_by("submitted_at", "pk")

    def over(self, today):
        """Offers that nobody may answer any more and that are not closed yet: the last day to apply for one
        that is published has passed, or the internship has begun.
        """
        published = Q(state=OfferState.PUBLISHED) & (Q(apply_until__lt=today) | Q(start_on__lte=today))
        return self.filter(published | Q(state=OfferState.FILLED, start_on__lte=today))

    def ending_between(self, first, last):
        """Published offers whose last day to apply is one of these days."""
        return self.filter(state=OfferState.PUBLISHED, apply_until__range=(first, last))

    def answering(self):
        """Offers whose applications are answered just now."""
        return self.filter(state__in=ANSWERING_STATES)

    def matching(
        self,
        *,
        kind="",
        level=None,
        commune="",
        sector="",
        start_from=None,
        start_to=None,
        paid=False,
        remote=False,
        words="",
    ):
        """Offers of a kind, for a level (or for any), in a commune (INSEE code), of a company of a sector
        (NAF section), that start between two days; with a stipend, with some work from home.
        """
        rows = self
        if kind:
            rows = rows.filter(kind=kind)
        if level:
            rows = rows.filter(Q(level=level) | Q(level=None))
        if commune:
            rows = rows.filter(commune__insee_code=commune)
        if sector:
            rows = rows.filter(company__activity__section__code=sector)
        if start_from:
            rows = rows.filter(start_on__gte=start_from)
        if start_to:
            rows = rows.filter(start_on__lte=start_to)
        if paid:
            rows = rows.filter(stipend_hourly__gt=0)
        if remote:
            rows = rows.filter(remote_share__gt=0)
        for word in fold(words).split():
            rows = rows.filter(
                Q(search_text__contains=word)
                | Q(company__sort_name__contains=word)
                | Q(commune__search_text__contains=word)
            )
        return rows

    def sorted_by(self, order):
        """In one of the orders of `ORDERS`; in that of publication for any other word, the latest first."""
        return self.order_by(*ORDERS.get(order, ORDERS["published"]))

    def _applications(self):
        return self.model._meta.get_field("applications").related_model.objects

    @staticmethod
    def _number(applications):
        """How many of these applications an offer has, as a part of a larger query."""
        mine = applications.filter(offer=OuterRef("pk"))
        return Coalesce(Subquery(mine.values("offer").annotate(number=Count("pk")).values("number")), 0)
