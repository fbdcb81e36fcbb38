from django.db.models import OuterRef, Subquery

from pratik.accounts.enums import Role, role_of
from pratik.core.querysets import ScopedQuerySet


class LegalParameterQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Anyone may read what the law says."""
        return self.all()

    def editable_by(self, user):
        """Administrators alone keep the numbers of the law."""
        return self.all() if role_of(user) == Role.ADMINISTRATOR else self.none()

    def with_standing(self, day):
        """Each with `held_from`, the day on which the value in force on this day began; None before one."""
        others = self.model.objects.filter(code=OuterRef("code"), valid_from__lte=day)
        latest = others.order_by("-valid_from").values("valid_from")[:1]
        return self.annotate(held_from=Subquery(latest))
