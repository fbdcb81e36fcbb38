from django.db.models import Avg, Count, Q, Sum

from pratik.accounts.enums import Role, role_of
from pratik.accounts.querysets import OrganisationQuerySet
from pratik.core.text import fold

from .enums import Partnership


class CompanyQuerySet(OrganisationQuerySet):
    def partners(self):
        """Companies that have joined PRATIK."""
        return self.filter(partnership=Partnership.PARTNER)

    def public(self):
        """Partner companies that agreed to be shown on the partners' page."""
        return self.partners().filter(is_visible_on_partners_page=True)

    def visible_to(self, user):
        """As of any organisation; schools see every company, since any of them may host a student."""
        return self.all() if role_of(user) == Role.SCHOOL else super().visible_to(user)

    def matching(self, *, sector="", commune="", words=""):
        """Companies of a NAF section, a commune (INSEE code), with all these words in what they are called or
        in their public numbers; their address for mail is shown to no visitor, and not looked through.
        """
        rows = self
        if sector:
            rows = rows.filter(activity__section__code=sector)
        if commune:
            rows = rows.filter(commune__insee_code=commune)
        for word in fold(words).split():
            rows = rows.filter(
                Q(sort_name__contains=word)
                | Q(acronym__icontains=word)
                | Q(siret__contains=word)
                | Q(postcode__contains=word)
            )
        return rows

    def figures(self):
        """Totals of the rows: companies, interns hosted, and the mean of the ratings that exist."""
        return self.aggregate(
            companies=Count("pk"),
            interns=Sum("total_interns_hosted", default=0),
            sectors=Count("activity__section", distinct=True),
            communes=Count("commune", distinct=True),
            rated=Count("pk", filter=Q(average_rating__isnull=False)),
            rating=Avg("average_rating"),
        )
