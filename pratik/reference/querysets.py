from django.db.models import Q

from pratik.core.querysets import ScopedQuerySet


class ReferenceQuerySet(ScopedQuerySet):
    """Public nomenclatures: everyone reads them, administrators keep them."""

    def visible_to(self, user):
        """Anyone may read a public nomenclature."""
        return self.all()

    def editable_by(self, user):
        """Administrators alone correct a nomenclature."""
        return self.all() if getattr(user, "is_administrator", False) else self.none()


class SchoolHolidayQuerySet(ReferenceQuerySet):
    def for_pupils(self):
        """Holidays of the pupils, not those of the staff alone."""
        return self.exclude(population="Enseignants")

    def touching(self, start, end):
        """Holidays that share at least one day with this stretch of days."""
        return self.filter(Q(start_on__lte=end) & Q(end_on__gte=start))
