"""What the console's templates ask: where a page stands in the menus, how many rows a list has."""

from urllib.parse import urlencode

from django import template
from django.contrib.admin.views.main import PAGE_VAR
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.base.display import grouped
from backoffice.navigation import heading_of, waiting
from pratik.notifications.models import Notice

register = template.Library()


@register.simple_tag(takes_context=True)
def trail(context):
    """The way to a page as [{title, link}]: its menu, its list, its row, the page itself."""
    if not (opts := context.get("opts")):
        return [{"title": context.get("title", ""), "link": ""}]
    parts = [{"title": heading, "link": ""}] if (heading := heading_of(opts.label_lower)) else []
    name = f"admin:{opts.app_label}_{opts.model_name}"
    on_list = "cl" in context
    link = "" if on_list else reverse(f"{name}_changelist")
    parts.append({"title": opts.verbose_name_plural, "link": link})
    if on_list:
        return parts
    row = context.get("original") or context.get("object") or context.get("operation")
    if row is None or isinstance(row, str):
        parts.append({"title": context.get("title", ""), "link": ""})
        return parts
    try:
        link = reverse(f"{name}_change", args=[row.pk])
    except NoReverseMatch:
        link = ""
    parts.append({"title": str(row), "link": "" if link == context["request"].path else link})
    return parts


@register.simple_tag(takes_context=True)
def unread(context):
    """How much the person was told and has not read; None to whoever is not signed in."""
    request = context["request"]
    return waiting(request, Notice._meta.label_lower) if request.user.is_authenticated else None


@register.simple_tag(takes_context=True)
def unread_url(context):
    """The list of what the person was told: the team's list holds what others were told, too."""
    url = reverse("admin:notifications_notice_changelist")
    user = context["request"].user
    return f"{url}?{urlencode({'recipient__id__exact': user.pk})}" if user.is_staff else url


@register.simple_tag
def rows_of(changelist):
    """How many rows a list has, in words: « Aucun calendrier », « 1 calendrier », « 1 234 calendriers »."""
    found, opts = changelist.found, changelist.opts
    if found.number == 0:
        return _("Aucun résultat\u00a0: %(rows)s") % {"rows": opts.verbose_name_plural}
    return found.of(opts.verbose_name, opts.verbose_name_plural)


@register.simple_tag
def results_of(changelist):
    """How many rows a search or the filters left: « 12 résultats »."""
    found = changelist.found
    return found.of(_("résultat"), _("résultats")) if found.number else _("Aucun résultat")


@register.filter
def figures(number):
    """A whole number as people read it: 1 234; anything else as it is."""
    return grouped(number) if isinstance(number, int) and not isinstance(number, bool) else number


@register.filter
def sentence(text):
    """A heading with its capital: « état » → « État »."""
    return capfirst(str(text))


@register.simple_tag
def page_url(changelist, number):
    """The address of a page of a list as it is filtered and sorted; a negative number counts from its end."""
    return changelist.get_query_string({PAGE_VAR: number})


@register.simple_tag
def page_name(number):
    """What a page is called whose list was not counted: « Page 3 », « Page 2 en partant de la fin »."""
    if number > 0:
        return _("Page %(number)s") % {"number": grouped(number)}
    if number == -1:
        return _("Dernière page")
    return _("Page %(number)s en partant de la fin") % {"number": grouped(-number)}
