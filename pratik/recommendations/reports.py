"""Answers about recommendations that are not rows of one model."""

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role, role_of
from pratik.core.calendar import CAYENNE, day_label
from pratik.papers.reports import Certified

from .models import InternRecommendation


def recommendations_to_answer(user):
    """Which recommendations about me wait for my answer?"""
    rows = InternRecommendation.objects.visible_to(user).proposed()
    return rows if role_of(user) == Role.STUDENT else rows.none()


def paper_values(row, *, day):
    """What a recommendation says on paper on this day, by the names of the fields that templates use.

    The person bears the name that they want shown. Empty where nothing was said.
    """
    placement, company = row.placement, row.company
    return {
        "paper_date": date_format(day, "j F Y"),
        "student_name": row.shown_name,
        "program_name": placement.enrolment.program_name if placement.enrolment else "",
        "school_name": placement.school.name if placement.school else "",
        "company_name": company.name,
        "company_siret": company.siret,
        "company_commune": company.commune.name if company.commune else "",
        "author_name": row.author_name,
        "author_role": row.author_role,
        "post": placement.post,
        "start_on": date_format(placement.start_on, "j F Y"),
        "end_on": date_format(placement.last_day, "j F Y"),
        "rating": _("%(rating)s sur 5") % {"rating": row.rating},
        "strengths": [str(name) for name in row.strengths],
        "skills_validated": row.skills_validated,
        "recommended_domains": row.recommended_domains,
        "comment": row.comment,
    }


def certified(code):
    """What a code of verification stands for: an accepted recommendation, or one that was taken back, of
    which nothing is told; None for any other.
    """
    row = InternRecommendation.objects.filter(code=code, accepted_at__isnull=False).with_names().first()
    if row is None:
        return None
    if not row.is_accepted or not row.student.user.is_active:
        return Certified(
            title=_("Recommandation retirée"),
            warning=_("Cette recommandation a été retirée : elle ne vaut plus."),
        )
    return Certified(
        title=_("Recommandation d’une entreprise"),
        lines=(
            (_("Étudiant"), row.shown_name),
            (_("Entreprise"), row.company.name),
            (_("Stage"), row.placement.post),
            (_("Du"), day_label(row.placement.start_on)),
            (_("Au"), day_label(row.placement.last_day)),
            (_("Appréciation générale"), _("%(rating)s sur 5") % {"rating": row.rating}),
            (_("Acceptée le"), day_label(localdate(row.accepted_at, CAYENNE))),
        ),
    )
