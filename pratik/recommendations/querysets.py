from django.db.models import Avg, Count, Exists, Max, OuterRef, Prefetch, Q, Subquery

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role, role_of
from pratik.core.querysets import ScopedQuerySet
from pratik.core.text import fold
from pratik.partners.models import CompanyProfile

from .enums import RecommendationState, Visibility

# Those who may read what a person lets the companies read.
READERS = STAFF_ROLES | {Role.COMPANY}


class RecommendationQuerySet(ScopedQuerySet):
    """What companies write of people whom they hosted."""

    def visible_to(self, user):
        """Staff see every recommendation that was sent; a company those that it wrote, drafts too; a student
        those about them that were sent to them. What a student lets others read is asked by `for_companies`
        and `public`.
        """
        role = role_of(user)
        if role in STAFF_ROLES:
            return self.exclude(state=RecommendationState.DRAFT)
        return self._of(user, role)

    def editable_by(self, user):
        """A company looks after those that it wrote, a student answers those about them; administrators and
        editors put accepted ones forward.
        """
        role = role_of(user)
        if role in KEEPERS:
            return self.accepted().with_names()
        return self.none() if role in STAFF_ROLES else self._of(user, role).with_names()

    def _of(self, user, role):
        match role:
            case Role.COMPANY:
                return self.filter(company__in=CompanyProfile.objects.of_member(user).values("pk"))
            case Role.STUDENT:
                return self.filter(student__user=user.pk).exclude(state=RecommendationState.DRAFT)
            case _:
                return self.none()

    def with_names(self):
        """With the people, the company and the placement that they speak of, in one query."""
        return self.select_related("student__user", "company", "placement")

    def about(self, user):
        """The recommendations about one person, given as an account or by its key."""
        return self.filter(student__user=user)

    def proposed(self):
        """Those that wait for the person's answer."""
        return self.filter(state=RecommendationState.PROPOSED)

    def accepted(self):
        """Those that the person agreed to, and still does."""
        return self.filter(state=RecommendationState.ACCEPTED)

    def never_agreed_to(self, before):
        """Those that were never sent, or never answered, and that nobody touched since this moment."""
        waiting = (RecommendationState.DRAFT, RecommendationState.PROPOSED)
        return self.filter(state__in=waiting, updated_at__lt=before)

    def for_companies(self):
        """What companies with an account may read: accepted, whatever else the person chose."""
        return self.accepted().filter(student__user__is_active=True)

    def public(self):
        """What visitors may read: accepted, and shown to everybody by the person's own choice."""
        return self.for_companies().filter(visibility=Visibility.PUBLIC)

    def figures(self):
        """Totals of the rows: recommendations, students, companies, and the mean of the ratings."""
        return self.order_by().aggregate(
            number=Count("pk"),
            students=Count("student", distinct=True),
            companies=Count("company", distinct=True),
            rating=Avg("rating"),
        )


class RecommendedStudentQuerySet(ScopedQuerySet):
    """People whom companies recommend, and who agreed that companies read it."""

    def visible_to(self, user):
        """Companies with an account, and the team, see those who agreed; nobody else does."""
        found = self.recommended()
        # Rows that are none are sorted by the same figures.
        return found if role_of(user) in READERS else found.none()

    def editable_by(self, user):
        """What is read here is changed where it was written, or by the person."""
        return self.none()

    def _recommendations(self):
        return self.model._meta.get_field("recommendations").related_model.objects.for_companies()

    def _accepted(self, **conditions):
        return self._recommendations().filter(student=OuterRef("pk"), **conditions).order_by()

    def _figure(self, figure):
        rows = self._accepted().values("student").annotate(figure=figure)
        return Subquery(rows.values("figure"))

    def recommended(self):
        """Those with an accepted recommendation, with how many they have, the mean of their ratings, the
        moment of the latest, and whether their full name is shown: only when each of them says so.
        """
        return self.filter(Exists(self._accepted())).annotate(
            recommendations_number=self._figure(Count("pk")),
            average_rating=self._figure(Avg("rating")),
            latest_at=self._figure(Max("accepted_at")),
            hides_name=Exists(self._accepted(shows_full_name=False)),
        )

    def with_recommendations(self):
        """With the recommendations that companies may read (`accepted_recommendations`), the latest first."""
        rows = self._recommendations().with_names().order_by("-accepted_at", "-pk")
        found = Prefetch("recommendations", queryset=rows, to_attr="accepted_recommendations")
        return self.select_related("user", "commune").prefetch_related(found)

    def with_strength(self, strength):
        """Those of whom a company named this strength."""
        return self.filter(Exists(self._accepted(**{strength: True})))

    def for_domain(self, words):
        """Those recommended for a domain in whose name all these words stand."""
        return self._telling("domains_key", words)

    def with_skill(self, words):
        """Those of whom a company validated a skill in whose name all these words stand."""
        return self._telling("skills_key", words)

    def told_of(self, words):
        """Those whose skills or domains hold all these words."""
        return self._telling("search_text", words)

    def _telling(self, column, words):
        held = Q()
        for word in fold(words).split():
            held &= Q(**{f"{column}__contains": word})
        return self.filter(Exists(self._accepted().filter(held)))
