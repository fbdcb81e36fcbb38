from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarState(models.TextChoices):
    """Where a calendar stands between its school and the public."""

    DRAFT = "draft", _("Brouillon")
    PUBLISHED = "published", _("Publié")
    WITHDRAWN = "withdrawn", _("Retiré")
    ARCHIVED = "archived", _("Archivé")


CALENDAR_COLORS = {
    CalendarState.DRAFT: "warning",
    CalendarState.PUBLISHED: "success",
    CalendarState.WITHDRAWN: "danger",
    CalendarState.ARCHIVED: "default",
}
