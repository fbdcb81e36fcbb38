"""Lodgings in the console."""

from functools import partial

from django.contrib import admin
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    MultipleChoicesDropdownFilter,
    RangeDateFilter,
    RangeNumericFilter,
)
from unfold.decorators import display
from unfold.enums import ActionVariant

from backoffice.base.display import euros
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter
from pratik.core.calendar import today
from pratik.living import services
from pratik.living.enums import OfferState
from pratik.living.models import HousingOffer

from .filters import OnlineFilter
from .forms import LodgingForm
from .offers import OfferAdmin, verbs_of
from .photos import PHOTOS, PhotoPages


@admin.register(HousingOffer)
class HousingOfferAdmin(PhotoPages, OfferAdmin):
    form = LodgingForm
    resource_classes = [
        list_resource(
            HousingOffer,
            "title",
            "landlord",
            "kind",
            "commune",
            "neighbourhood",
            "address",
            "rent",
            "charges",
            "deposit",
            "surface",
            "places",
            "is_furnished",
            "is_accessible",
            "available_from",
            "available_until",
            "state",
            "submitted_at",
            "published_at",
        )
    ]
    verbs = verbs_of(HousingOffer)
    assess_verb = staticmethod(partial(services.assess_offers, model=HousingOffer))
    list_display = (
        "shown_title",
        "shown_owner",
        "commune",
        "shown_cost",
        "shown_places",
        "shown_state",
        "shown_online",
        "shown_age",
    )
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        OnlineFilter,
        ("kind", MultipleChoicesDropdownFilter),
        ("commune", ScopedAutocompleteFilter),
        ("monthly_cost", RangeNumericFilter),
        ("is_furnished", BooleanRadioFilter),
        ("is_accessible", BooleanRadioFilter),
        ("available_from", RangeDateFilter),
        ("submitted_at", DaysFilter),
    )
    told_in_words = ("landlord",)
    search_fields = ("search_text", "commune__search_text", "landlord__search_text")
    search_help_text = gettext_lazy("Titre, quartier, commune ou propriétaire")
    autocomplete_fields = ("commune",)
    readonly_fields = (
        "owner_page",
        "shown_photos",
        "state",
        "online_text",
        "submitted_at",
        "published_at",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (
            gettext_lazy("Logement"),
            {
                "classes": ["tab"],
                "fields": (
                    "owner_page",
                    "title",
                    ("kind", "commune"),
                    ("neighbourhood", "address"),
                    ("surface", "places"),
                    ("is_furnished", "is_accessible"),
                    "description",
                ),
            },
        ),
        (
            gettext_lazy("Prix et dates"),
            {
                "classes": ["tab"],
                "fields": (("rent", "charges", "deposit"), ("available_from", "available_until")),
            },
        ),
        (gettext_lazy("Photos"), {"classes": ["tab"], "fields": ("shown_photos",)}),
        (
            gettext_lazy("Suivi"),
            {
                "classes": ["tab"],
                "fields": (
                    ("state", "online_text"),
                    ("submitted_at", "published_at"),
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    ("kind", "commune"),
                    ("neighbourhood", "address"),
                    ("surface", "places"),
                    ("is_furnished", "is_accessible"),
                    ("rent", "charges", "deposit"),
                    ("available_from", "available_until"),
                    "description",
                )
            },
        ),
    )

    def get_queryset(self, request):
        rows = super().get_queryset(request).with_names().with_covers()
        return rows.with_places_left(today())

    def buttons(self, request, obj):
        """The photos come before the verbs: a lodging is looked at, then decided on."""
        photos = {
            "title": _("Photos"),
            "icon": "photo_library",
            "variant": ActionVariant.DEFAULT,
            "path": reverse(PHOTOS, args=[obj.pk]),
        }
        return [photos, *super().buttons(request, obj)]

    def next_step(self, obj):
        if obj.state != OfferState.DRAFT:
            return super().next_step(obj)
        told = _(
            "Cette annonce est un brouillon : ajoutez des photos, puis « Proposer » l’envoie à l’équipe"
            " PRATIK, qui la lit."
        )
        return "info", told, reverse(PHOTOS, args=[obj.pk]), _("Photos")

    @display(description=gettext_lazy("logement"), ordering="title")
    def shown_title(self, obj):
        cover = obj.cover
        picture = (
            format_html('<img class="living-cover" src="{}" alt="" loading="lazy">', cover.small(320).url)
            if cover
            else format_html('<span class="{}" aria-hidden="true">{}</span>', "living-cover", "")
        )
        return format_html(
            '<span class="living-title">{}<span>{}<span class="living-sub">{}</span></span></span>',
            picture,
            obj.title,
            obj.get_kind_display(),
        )

    @display(description=gettext_lazy("par mois"), ordering="monthly_cost")
    def shown_cost(self, obj):
        return euros(obj.monthly_cost)

    @display(description=gettext_lazy("places libres"))
    def shown_places(self, obj):
        return _("%(left)d sur %(all)d") % {"left": max(obj.places_left, 0), "all": obj.places}

    @display(description=gettext_lazy("photos"))
    def shown_photos(self, obj):
        """The photos, small, with the way to the page where they are looked after."""
        # Asked for once: the page calls this for each thing that it wants to know of the field.
        prefetch_related_objects([obj], "photos")
        photos = list(obj.photos.all())
        page = reverse(PHOTOS, args=[obj.pk])
        told = ngettext("%(number)d photo", "%(number)d photos", len(photos)) % {"number": len(photos)}
        return format_html(
            '<span class="living-strip">{}</span><a class="underline" href="{}">{}</a>',
            _pictures(photos),
            page,
            _("%(photos)s : voir, ajouter, mettre en ordre") % {"photos": told},
        )


def _pictures(photos):
    return format_html_join(
        "", '<img src="{}" alt="{}" loading="lazy">', [(photo.small(320).url, photo.alt) for photo in photos]
    )
