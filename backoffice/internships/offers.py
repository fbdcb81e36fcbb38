"""Internship offers in the console: companies write theirs, the team reads them before they appear."""

from dataclasses import replace

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, Q, Sum, When
from django.http import Http404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import (
    MultipleChoicesDropdownFilter,
    RangeDateFilter,
)
from unfold.decorators import display
from unfold.enums import ActionVariant

from backoffice.base.actions import SHOWN, Act
from backoffice.base.display import AGE_COLORS, BLANK, period, waited
from backoffice.base.filters import DaysFilter, SchoolYearFilter, ScopedAutocompleteFilter
from backoffice.base.importing import ImportableAdmin
from pratik.core.calendar import today
from pratik.internships import services
from pratik.internships.enums import OFFER_COLORS, OfferState
from pratik.internships.models import InternshipOffer
from pratik.internships.reports import law_findings, look_alikes
from pratik.partners.models import CompanyProfile

from .display import ONLINE_COLORS, applications_url, finding_notes, link, online_state
from .filters import OpenFilter, PaidFilter
from .forms import OfferForm
from .law import Told
from .resources import OfferResource

COPY = "copy"
# What is copied for the year after from its own page; the list copies any offer.
OVER = (OfferState.FILLED, OfferState.CLOSED, OfferState.ARCHIVED)
# Nobody but its company and the team has seen it.
NOT_READ_YET = (OfferState.DRAFT, OfferState.SUBMITTED)


@admin.register(InternshipOffer)
class InternshipOfferAdmin(ImportableAdmin):
    """Offers: companies look after theirs, the team reads and publishes them.

    The first rows are those that wait to be read, whoever waits longest before the others.
    """

    class Media:
        css = {"all": ("backoffice/internships.css",)}

    form = OfferForm
    resource_classes = [OfferResource]
    change_form_outer_before_template = "backoffice/internships/notes.html"
    verbs = {
        "submit": services.submit_offers,
        "publish": services.publish_offers,
        "refuse": services.refuse_offers,
        "rework": services.rework_offers,
        "fill": services.fill_offers,
        "reopen": services.reopen_offers,
        "close": services.close_offers,
        "archive": services.archive_offers,
    }
    assess_verb = staticmethod(services.assess_offers)
    list_display = (
        "shown_title",
        "shown_company",
        "commune",
        "shown_days",
        "shown_places",
        "shown_applications",
        "shown_state",
        "shown_online",
        "shown_age",
    )
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        OpenFilter,
        ("kind", MultipleChoicesDropdownFilter),
        ("level", MultipleChoicesDropdownFilter),
        ("commune", ScopedAutocompleteFilter),
        ("company", ScopedAutocompleteFilter),
        SchoolYearFilter,
        PaidFilter,
        ("start_on", RangeDateFilter),
        ("submitted_at", DaysFilter),
    )
    told_in_words = ("company", "level", "diploma", "copied_from")
    search_fields = ("search_text", "company__search_text", "commune__search_text")
    search_help_text = gettext_lazy("Titre, compétence, entreprise ou commune")
    autocomplete_fields = ("company", "commune")
    readonly_fields = (
        "state",
        "online_text",
        "applications_text",
        "origin",
        "submitted_at",
        "published_at",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (
            gettext_lazy("Offre"),
            {
                "classes": ["tab"],
                "fields": (
                    "company",
                    "title",
                    ("kind", "level_text"),
                    "description",
                    "skills",
                ),
            },
        ),
        (
            gettext_lazy("Dates et lieu"),
            {
                "classes": ["tab"],
                "fields": (
                    ("start_on", "end_on"),
                    ("hours_per_week", "places"),
                    ("commune", "remote_share"),
                ),
            },
        ),
        (
            gettext_lazy("Candidatures"),
            {"classes": ["tab"], "fields": (("stipend_hourly", "apply_until"), "asks_for_cv", "questions")},
        ),
        (
            gettext_lazy("Suivi"),
            {
                "classes": ["tab"],
                "fields": (
                    ("state", "online_text"),
                    ("applications_text", "origin"),
                    ("submitted_at", "published_at"),
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )
    add_fieldsets = ((None, {"fields": tuple(name for _t, o in fieldsets[:3] for name in o["fields"])}),)
    add_title = gettext_lazy("Proposer une offre de stage")

    # What the person sees

    def get_queryset(self, request):
        return super().get_queryset(request).with_names().with_numbers()

    def get_ordering(self, request):
        waiting = Case(When(state=OfferState.SUBMITTED, then="submitted_at")).asc(nulls_last=True)
        return (waiting, *super().get_ordering(request))

    def done_with(self, today):
        return Q(state=OfferState.ARCHIVED) | Q(state=OfferState.CLOSED) | Q(end_on__lt=today)

    def get_list_display(self, request):
        """A member of one company need not read its name in each row."""
        if request.user.is_staff:
            return self.list_display
        return tuple(name for name in self.list_display if name != "shown_company")

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.company = self._only_company(request)
        return form

    def get_fieldsets(self, request, obj=None):
        """Whoever acts for one company does not choose it."""
        fieldsets = self.add_fieldsets if obj is None else self.fieldsets
        if self._only_company(request) is None:
            return fieldsets
        return tuple(
            (name, {**options, "fields": tuple(one for one in options["fields"] if one != "company")})
            for name, options in fieldsets
        )

    def _only_company(self, request):
        """The company of a person who acts for one; asked once for each request."""
        if request.user.is_staff:
            return None
        if not hasattr(request, "_only_company"):
            own = list(CompanyProfile.objects.editable_by(request.user)[:2])
            request._only_company = own[0] if len(own) == 1 else None
        return request._only_company

    def view_on_site_path(self, obj):
        return obj.get_absolute_url() if obj.is_open_on(today()) else None

    def totals(self, rows):
        is_open = Q(state=OfferState.PUBLISHED, apply_until__gte=today())
        found = rows.order_by().aggregate(
            number=Count("pk"),
            online=Count("pk", filter=is_open),
            offered=Sum("places", filter=is_open, default=0),
            waiting=Count("pk", filter=Q(state=OfferState.SUBMITTED)),
        )
        number, offered = found["number"], found["offered"]
        return [
            (number, ngettext("offre", "offres", number)),
            (found["online"], _("en ligne")),
            (offered, ngettext("place offerte", "places offertes", offered)),
            (found["waiting"], _("à examiner")),
        ]

    def get_readonly_fields(self, request, obj=None):
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if obj is None else (*fields, *obj.reserved_fields(request.user))

    def acts(self, request):
        """What a company offers, it offers in its own name."""
        return [] if request.impersonator is not None else super().acts(request)

    # What stands above an offer, and is asked before it is published

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        kept = self.as_kept(request, obj)
        context["notes"] = self.notes(request, kept) if kept is not None else []
        return super().render_change_form(request, context, add, change, form_url, obj)

    def notes(self, request, obj):
        """Why it came back, what is done next, what the law says of it, and what looks like it."""
        notes = []
        if why := _why_it_came_back(obj):
            notes.append(("warning", why, "", ""))
        if not request.user.is_staff and (step := _next_step(obj)):
            notes.append(("info", step, "", ""))
        if obj.applications_received:
            notes.append(("info", _received(obj), applications_url(obj), _("Voir les candidatures")))
        if obj.state in NOT_READ_YET:
            notes += finding_notes(law_findings([obj], today()).get(obj.pk, ()))
            notes += [
                (
                    "warning",
                    _("Une offre du même titre existe déjà cette année : %(offer)s, %(period)s.")
                    % {"offer": other, "period": period(other.start_on, other.end_on)},
                    self.change_url(other),
                    _("Voir cette offre"),
                )
                for other in look_alikes([obj]).get(obj.pk, ())
            ]
        return notes

    def confirm_notes(self, act, rows):
        """What looks like the offers that are about to be read or published."""
        if act.verb not in ("submit", "publish"):
            return []
        others = look_alikes(rows)
        return [
            _("%(offer)s : une offre du même titre existe déjà cette année.") % {"offer": row}
            for row in rows
            if row.pk in others
        ]

    def confirm_law(self, request, act, outcome):
        """What the law says of offers that are about to be read or published, and of those that it keeps
        from it.
        """
        if act.verb not in ("submit", "publish"):
            return []
        rows = [row for row, why in outcome.refused if hasattr(why, "findings")] + outcome.changed
        found = law_findings(rows, today())
        note = _("Une offre ne passe pas outre : elle est à corriger.")
        return [
            (
                row,
                self.change_url(row),
                [Told(finding, note=note if finding.blocks else "") for finding in found[row.pk]],
            )
            for row in rows
            if row.pk in found
        ][:SHOWN]

    # Copying

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/copier/", view(self.copy_view), name="internships_internshipoffer_copy"),
            *super().get_urls(),
        ]

    def copying(self):
        """« Copier pour l’année suivante », as an action like the others."""
        return Act(
            verb=COPY,
            label=gettext_lazy("Copier pour l’année suivante"),
            question=gettext_lazy(
                "Ces offres auront chacune une copie en brouillon, un an plus tard. Les originaux restent."
            ),
            question_one=gettext_lazy(
                "Cette offre aura une copie en brouillon, un an plus tard. L’original reste."
            ),
            assess=services.assess_copies,
            perform=services.copy_offers,
            icon="content_copy",
        )

    def get_actions(self, request):
        actions = super().get_actions(request)
        if self.may(request, "add"):
            act = self.copying()
            actions[f"do_{COPY}"] = (self._bulk(act), f"do_{COPY}", act.label)
        return actions

    def copy_view(self, request, object_id):
        """Asks, then copies one offer."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.may(request, "add"):
            raise PermissionDenied
        return self.confirm(request, self.copying(), [obj.pk], one=obj)

    def say(self, request, act, outcome):
        """Copies are told with the way to them; what was refused, as of any other action."""
        if act.verb != COPY:
            super().say(request, act, outcome)
            return
        if copies := outcome.changed:
            told = ngettext(
                "%(number)d copie est en brouillon.", "%(number)d copies sont en brouillon.", len(copies)
            ) % {"number": len(copies)}
            page = self.change_url(copies[0]) if len(copies) == 1 else f"{self.list_url()}?state__exact=draft"
            messages.success(
                request,
                format_html('{} <a class="underline" href="{}">{}</a>', told, page, _("Relire et compléter")),
            )
        super().say(request, act, replace(outcome, changed=[]))

    def buttons(self, request, obj):
        """The verbs, then the copy of an offer that is over with."""
        buttons = super().buttons(request, obj)
        if obj.state not in OVER or not self.may(request, "add"):
            return buttons
        copy = {
            "title": _("Copier"),
            "icon": "content_copy",
            "variant": ActionVariant.DEFAULT,
            "path": reverse("admin:internships_internshipoffer_copy", args=[obj.pk]),
        }
        return [*buttons, copy]

    # Columns

    @display(description=gettext_lazy("offre"), ordering="title")
    def shown_title(self, obj):
        return format_html('{}<span class="offer-sub">{}</span>', obj.title, obj.get_kind_display())

    @display(description=gettext_lazy("entreprise"), ordering="company__sort_name")
    def shown_company(self, obj):
        return str(obj.company)

    @display(description=gettext_lazy("niveau"))
    def level_text(self, obj):
        """The level on a page that is read only, in place of its box."""
        return obj.level_label or _("tous les niveaux")

    @display(description=gettext_lazy("dates"), ordering="start_on")
    def shown_days(self, obj):
        return period(obj.start_on, obj.end_on)

    @display(description=gettext_lazy("places libres"))
    def shown_places(self, obj):
        return _("%(left)d sur %(all)d") % {"left": max(obj.places_left, 0), "all": obj.places}

    @display(description=gettext_lazy("candidatures"))
    def shown_applications(self, obj):
        """How many there are, and how many wait for an answer; the way to them."""
        if not obj.applications_received:
            return BLANK
        told = ngettext("%(number)d candidature", "%(number)d candidatures", obj.applications_received) % {
            "number": obj.applications_received
        }
        waiting = obj.applications_waiting
        if not waiting:
            return link(applications_url(obj), told)
        to_answer = ngettext("%(number)d à traiter", "%(number)d à traiter", waiting) % {"number": waiting}
        return format_html(
            '{}<span class="offer-sub">{}</span>', link(applications_url(obj), told), to_answer
        )

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in OFFER_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("site"), label=ONLINE_COLORS)
    def shown_online(self, obj):
        return online_state(obj)

    @display(description=gettext_lazy("sur le site"))
    def online_text(self, obj):
        found = online_state(obj)
        return found[1] if found else _("Hors ligne : offre non publiée")

    @display(description=gettext_lazy("candidatures"))
    def applications_text(self, obj):
        return self.shown_applications(obj)

    @display(description=gettext_lazy("reprise de"))
    def origin(self, obj):
        if obj.copied_from_id is None:
            return BLANK
        return link(self.change_url(obj.copied_from), obj.copied_from)

    @display(description=gettext_lazy("attend depuis"), ordering="submitted_at", label=AGE_COLORS)
    def shown_age(self, obj):
        waits = obj.state == OfferState.SUBMITTED and obj.submitted_at
        return waited(obj.submitted_at) if waits else None


def _why_it_came_back(offer):
    """Why the team sent a draft back; None for any other offer."""
    if offer.state != OfferState.DRAFT:
        return None
    line = (
        offer.history.filter(operation__verb__in=("refuse", "rework", "submit"))
        .select_related("operation")
        .order_by("-history_id")
        .first()
    )
    if line is None or line.operation.verb != "refuse" or not line.operation.reason:
        return None
    return _("Offre renvoyée à corriger. Motif : %(why)s") % {"why": line.operation.reason}


def _next_step(offer):
    """What a company does next with an offer; None while people may apply for it."""
    if offer.state == OfferState.DRAFT:
        return _("Cette offre est un brouillon : « Proposer » l’envoie à l’équipe PRATIK, qui la lit.")
    return offer.edit_refusal() if offer.state != OfferState.PUBLISHED else None


def _received(offer):
    """How many students applied for an offer, and how many of them wait for an answer."""
    number, waiting = offer.applications_received, offer.applications_waiting
    told = ngettext("%(number)d candidature reçue", "%(number)d candidatures reçues", number)
    told %= {"number": number}
    if not waiting:
        return _("%(received)s.") % {"received": told}
    return _("%(received)s, dont %(waiting)d à traiter.") % {"received": told, "waiting": waiting}
