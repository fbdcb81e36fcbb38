import datetime

from django.db.models import Q

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role, role_of
from pratik.core.searching import with_words
from pratik.schools.querysets import OfSchoolQuerySet

from .enums import CalendarState

# A placement ends within a year (`InternshipCalendar.clean`).
LONGEST = datetime.timedelta(days=366)
# What visitors may see of a school that is shown; the indexes of the site's lists hold these rows alone.
SHOWN = Q(state=CalendarState.PUBLISHED, is_visible_to_companies=True)


class CalendarQuerySet(OfSchoolQuerySet):
    def public(self):
        """Calendars that visitors may see: published, shown to companies, of a school that is shown."""
        return self.filter(SHOWN, school__is_visible=True)

    def visible_to(self, user):
        """Staff see all; a school's members its own; everyone else what is public."""
        role = role_of(user)
        if role in STAFF_ROLES:
            return self
        return self.of_schools_of(user) if role == Role.SCHOOL else self.public()

    def editable_by(self, user):
        """Administrators and editors change all; a school's members its own."""
        role = role_of(user)
        if role in KEEPERS:
            return self
        return self.of_schools_of(user) if role == Role.SCHOOL else self.none()

    def awaiting_publication(self, today):
        """Drafts whose placement has not ended: what staff still have to read and publish."""
        return self.filter(state=CalendarState.DRAFT, end_on__gte=today)

    def not_over(self, today):
        """Placements that have not ended.

        They began within the last year at the earliest, which spares the index of starts all years before.
        """
        return self.filter(end_on__gte=today, start_on__gte=today - LONGEST)

    def starting_within(self, today, days):
        """Placements that start today or in the days after it."""
        return self.filter(start_on__gte=today, start_on__lte=today + datetime.timedelta(days=days))

    def touching(self, start, end):
        """Placements that share at least one day with this stretch of days."""
        return self.filter(start_on__lte=end, end_on__gte=start)

    def matching(self, *, school="", level=None, commune="", start_from=None, start_to=None, words=""):
        """Calendars of a school (UAI), a level, a commune (INSEE code), that start between two days."""
        rows = self
        if school:
            rows = rows.filter(school__uai=school)
        if level:
            rows = rows.filter(level=level)
        if commune:
            rows = rows.filter(school__pk__among=self._keys_of_schools_in(commune))
        if start_from:
            rows = rows.filter(start_on__gte=start_from)
        if start_to:
            rows = rows.filter(start_on__lte=start_to)
        return with_words(rows, words, ("search_text", "school__search_text"))

    def _keys_of_schools_in(self, commune):
        """Schools are few beside their calendars: named by their keys, the calendars' indexes serve."""
        schools = self.model._meta.get_field("school").related_model.objects
        rows = schools.filter(commune__insee_code=commune).order_by()
        return list(rows.values_list("pk", flat=True))
