from django.contrib import admin
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.exports import list_resource
from pratik.core.calendar import today
from pratik.law.models import LegalParameter, plain

from .rules import RulesPage


class Standing(models.TextChoices):
    """Whether a number holds today."""

    IN_FORCE = "in_force", gettext_lazy("en vigueur")
    COMING = "coming", gettext_lazy("à venir")
    REPLACED = "replaced", gettext_lazy("remplacé")


STANDING_COLORS = {Standing.IN_FORCE: "success", Standing.COMING: "info", Standing.REPLACED: "default"}


@admin.register(LegalParameter)
class LegalParameterAdmin(RulesPage, ScopedAdmin):
    """The numbers of the law, each from a day on; a change is a new row, and the former stays."""

    list_before_template = "backoffice/law/list.html"
    resource_classes = [list_resource(LegalParameter, "code", "value", "valid_from", "source")]
    list_display = ("code", "shown_value", "valid_from", "shown_standing", "source")
    list_filter = (("code", ChoicesDropdownFilter), ("valid_from", RangeDateFilter))
    search_help_text = gettext_lazy("Paramètre ou texte de référence")
    fieldsets = ((None, {"fields": ("code", ("value", "valid_from"), "source")}),)

    def get_queryset(self, request):
        return super().get_queryset(request).with_standing(today())

    @display(description=gettext_lazy("valeur"), ordering="value")
    def shown_value(self, obj):
        return number_format(plain(obj.value))

    @display(
        description=gettext_lazy("aujourd’hui"),
        label={str(standing): color for standing, color in STANDING_COLORS.items()},
    )
    def shown_standing(self, obj):
        if obj.valid_from > today():
            standing = Standing.COMING
        elif obj.valid_from == obj.held_from:
            standing = Standing.IN_FORCE
        else:
            standing = Standing.REPLACED
        return str(standing), standing.label
