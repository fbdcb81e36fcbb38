"""What is typed about lodgings, trips, photos and requests."""

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from pratik.living.enums import Weekday
from pratik.living.models import CarpoolOffer, HousingOffer, HousingPhoto, Request, read_days, write_days

from .display import days_text

ALT_LENGTH = HousingPhoto._meta.get_field("alt").max_length
MESSAGE_LENGTH = Request._meta.get_field("message").max_length


class OfferForm(forms.ModelForm):
    """A listing as its owner types it. Whose it is, is not typed."""

    actor = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and self.instance.owner_id is None and self.actor is not None:
            setattr(self.instance, self.instance.owner_field, self.actor)

    def _get_validation_exclusions(self):
        # The title is one's own only beside one's other titles.
        return super()._get_validation_exclusions() - {self.instance.owner_field}


class LodgingForm(OfferForm):
    class Meta:
        model = HousingOffer
        fields = "__all__"  # noqa: DJ007 - the page names its own


class WeekdaysField(forms.MultipleChoiceField):
    """Days of the week, ticked."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def prepare_value(self, value):
        return list(value) if isinstance(value, str) else value

    def clean(self, value):
        return "".join(sorted(super().clean(value)))


class DaysField(forms.CharField):
    """Single days, typed one after the other as people write them."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})

    def clean(self, value):
        return write_days(read_days(super().clean(value)))


class TripForm(OfferForm):
    weekdays = WeekdaysField(
        label=gettext_lazy("Jours de la semaine"),
        required=False,
        choices=Weekday.choices,
        help_text=gettext_lazy("Pour un trajet régulier."),
    )
    days = DaysField(
        label=gettext_lazy("Dates"),
        required=False,
        max_length=1_000,
        help_text=gettext_lazy("Pour un trajet à dates choisies, par exemple 01/12/2026, 08/12/2026."),
    )

    class Meta:
        model = CarpoolOffer
        fields = "__all__"  # noqa: DJ007 - the page names its own

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["days"] = days_text(self.instance.days)

    def clean(self):
        data = super().clean()
        # The first and the last of single days are those that were typed.
        if data.get("days") and not data.get("weekdays"):
            days = read_days(data["days"])
            data["starts_on"], data["ends_on"] = days[0], days[-1]
        return data

    def _post_clean(self):
        super()._post_clean()
        if "days" in self.errors:
            # What days the trip has is not known yet: nothing is said of what follows from them.
            for name in ("weekdays", "starts_on", "ends_on"):
                self.errors.pop(name, None)


# Photos


class PhotoForm(forms.Form):
    """A photo to add, and what it shows."""

    image = forms.FileField(
        label=gettext_lazy("Photo"),
        widget=forms.FileInput(
            attrs={"class": "pratik-input", "accept": "image/jpeg,image/png,image/heic,.heic"}
        ),
        error_messages={
            "required": gettext_lazy("Choisissez une photo."),
            "empty": gettext_lazy("Ce fichier est vide : choisissez-en un autre."),
        },
    )
    alt = forms.CharField(
        label=gettext_lazy("Ce que l’on voit"),
        max_length=ALT_LENGTH,
        help_text=gettext_lazy(
            "Une courte phrase, lue à voix haute aux personnes qui ne voient pas la photo : « La chambre,"
            " avec un lit et un bureau »."
        ),
        widget=forms.TextInput(attrs={"class": "pratik-input"}),
        error_messages={"required": gettext_lazy("Dites en quelques mots ce que l’on voit.")},
    )


class AltForm(forms.Form):
    """What a photo shows, put otherwise."""

    alt = PhotoForm.base_fields["alt"]


# Asking for a place


def _day_field(label):
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "pratik-input"}),
        error_messages={
            "required": gettext_lazy("Indiquez cette date."),
            "invalid": gettext_lazy("Cette date n’existe pas : écrivez-la comme 31/12/2027."),
        },
    )


class AskForm(forms.Form):
    """What a student asks of any listing."""

    message = forms.CharField(
        label=gettext_lazy("Message (facultatif)"),
        required=False,
        max_length=MESSAGE_LENGTH,
        help_text=gettext_lazy("Votre stage, vos horaires, ce qui aide à vous répondre."),
        widget=forms.Textarea(attrs={"class": "pratik-input", "rows": 4}),
    )
    wait = forms.BooleanField(
        label=gettext_lazy("Si c’est complet, m’inscrire sur la liste d’attente"), required=False
    )

    def __init__(self, *args, offer, departures=(), **kwargs):
        super().__init__(*args, **kwargs)

    @property
    def own_fields(self):
        """The boxes in their order, but for the one that is ticked."""
        return [field for field in self if field.name != "wait"]

    def take(self, error):
        """Shows what the service refused, each sentence at its box."""
        by_field = error.error_dict if hasattr(error, "error_dict") else {None: [error]}
        for name, errors in by_field.items():
            self.add_error(name if name in self.fields else None, errors)


class StayForm(AskForm):
    """A lodging, from the day of arrival to that of departure."""

    from_on = _day_field(gettext_lazy("Arrivée"))
    until_on = _day_field(gettext_lazy("Départ"))
    field_order = ("from_on", "until_on", "message", "wait")


class RegularRideForm(AskForm):
    """Each trip of a regular one for a while."""

    from_on = _day_field(gettext_lazy("Du"))
    until_on = _day_field(gettext_lazy("Au"))
    field_order = ("from_on", "until_on", "message", "wait")


class DatedRideForm(AskForm):
    """Some of the dates of a trip; `departures` are those that may still be had."""

    days = forms.MultipleChoiceField(
        label=gettext_lazy("Dates"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "pratik-boxes"}),
        error_messages={
            "required": gettext_lazy("Choisissez une ou plusieurs dates du trajet."),
            "invalid_choice": gettext_lazy("Le trajet n’a pas lieu ce jour-là."),
        },
    )
    field_order = ("days", "message", "wait")

    def __init__(self, *args, departures=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [(row.day.isoformat(), _told(row)) for row in departures]

    def clean_days(self):
        return write_days(read_days(" ".join(self.cleaned_data["days"])))


def _told(departure):
    number = _("1er") if departure.day.day == 1 else departure.day.day
    told = f"{date_format(departure.day, 'l')} {number} {date_format(departure.day, 'F Y')}"
    left = max(departure.seats_left, 0)
    seats = ngettext("%(number)d place libre", "%(number)d places libres", left) % {"number": left}
    return _("%(day)s (%(seats)s)") % {"day": told, "seats": seats if left else _("complet")}
