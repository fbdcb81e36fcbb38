"""One placement in a list of the site."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .site_text import period, short_day

register = template.Library()

PLACEMENT = """<article class="placement level-{level}">
  <p class="placement-day" aria-hidden="true">
    <span class="placement-number">{day}</span> <span class="placement-month">{month}</span>
  </p>
  <div class="placement-what">
    <h3 lang="fr"><a href="{url}">{program}</a></h3>
    <p class="placement-where">{school}{place}</p>
  </div>
  <p class="placement-when">
    {period}
    <span class="placement-length">{length}</span>
    {tag}
  </p>
  <p class="placement-facts">
    <span class="level" lang="fr">{level_label}</span>
    <span class="students">{students}</span>
  </p>
</article>
"""


@register.simple_tag
def placement(calendar, today):
    """A placement with its day, its school and its students, written at once: a template for each of thirty
    would cost more than the page around them.
    """
    school, weeks, students = calendar.school, calendar.number_of_weeks, calendar.number_of_students
    day, month = short_day(calendar.start_on)
    return format_html(
        PLACEMENT,
        level=calendar.level,
        day=day,
        month=month,
        url=calendar.get_absolute_url(),
        program=calendar.program_name,
        school=school.name,
        place=format_html('<span class="place">{}</span>', school.commune.name) if school.commune else "",
        period=period(calendar),
        length=ngettext("%(weeks)s semaine", "%(weeks)s semaines", weeks) % {"weeks": weeks},
        tag=_tag(calendar, today),
        level_label=calendar.level_label,
        students=ngettext("%(number)s élève", "%(number)s élèves", students) % {"number": students},
    )


def _tag(calendar, today):
    if calendar.end_on < today:
        return format_html('<span class="tag">{}</span>', _("terminé"))
    if calendar.start_on <= today:
        return format_html('<span class="tag tag-now">{}</span>', _("en cours"))
    return ""
