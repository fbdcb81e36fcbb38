"""What is typed about papers of placements."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext, gettext_lazy

from backoffice.base.fields import TextListFormField
from pratik.core.calendar import today
from pratik.internships.models import HostTutor, Placement, ReferentTeacher
from pratik.internships.services import AMENDABLE
from pratik.law.enums import RuleCode

from .law import Told
from .placement_forms import DAYS, Taking, day_box
from .week import WeekField

DOCUMENT_BOX = {"class": "pratik-input", "accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/*"}


class ScanForm(Taking, forms.Form):
    """The signed copy of a paper."""

    file = forms.FileField(
        label=gettext_lazy("Copie signée"),
        # An empty one is refused with the others, by what looks into them.
        allow_empty_file=True,
        widget=forms.FileInput(attrs=DOCUMENT_BOX),
        help_text=gettext_lazy("Le PDF ou la photographie du document signé par toutes les parties."),
        error_messages={"required": gettext_lazy("Choisissez le fichier.")},
    )
    signed_on = forms.DateField(
        label=gettext_lazy("Jour de la dernière signature"), initial=today, widget=day_box(), **DAYS
    )


class CertificateForm(Taking, forms.Form):
    """What the certificate of an internship tells besides its dates."""

    absence_hours = forms.DecimalField(
        label=gettext_lazy("Heures d’absence"),
        initial=Decimal(0),
        min_value=0,
        max_digits=7,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"class": "pratik-input", "inputmode": "decimal"}),
        help_text=gettext_lazy("Elles sont retirées des heures de présence convenues."),
    )
    stipend_paid = forms.DecimalField(
        label=gettext_lazy("Gratification versée (€)"),
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"class": "pratik-input", "inputmode": "decimal"}),
        help_text=gettext_lazy("Le montant total ; vide s’il n’y en a pas eu."),
    )


OVERRIDE = "override_"


class LawBoxes(Taking):
    """A form that tells what the law says one by one; where it stands in the way and may be set aside, a box
    for each rule asks why.
    """

    # What the law says, as `Told`.
    law = ()

    def _ask_again(self):
        """The boxes that were there when the form was sent."""
        for code in RuleCode:
            if OVERRIDE + code in self.data:
                self._ask_why(code)

    def take(self, error):
        """What the law forbids is told rule by rule, with a box for each that may be set aside."""
        findings = getattr(error, "findings", ())
        if not findings:
            super().take(error)
            return
        self.add_error(None, gettext("Le droit s’oppose à ces changements."))
        self.tell(findings)

    def tell(self, findings, overrides=None):
        """Shows what the law says; `overrides` are the rules that are set aside, {code: RuleOverride}."""
        overrides = overrides or {}
        may = gettext("Pour écarter cette règle, donnez un motif plus bas.")
        never = gettext("Cette règle ne s’écarte pas.")
        self.law = []
        for finding in findings:
            aside = overrides.get(str(finding.code))
            stands = finding.blocks and aside is None
            note = (may if finding.overridable else never) if stands else ""
            self.law.append(Told(finding, aside, note=note))
            if stands and finding.overridable:
                self._ask_why(finding.code)

    def _ask_why(self, code):
        self.fields[OVERRIDE + code] = forms.CharField(
            label=gettext("Écarter la règle « %(rule)s » : motif") % {"rule": RuleCode(code).label},
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"class": "pratik-input", "rows": 3}),
            help_text=gettext("Le motif reste au dossier du stage."),
        )

    @property
    def overrides(self):
        """Why rules are set aside, by the rule's code; an empty box sets none aside."""
        given = {code: self.cleaned_data.get(OVERRIDE + code, "") for code in RuleCode}
        return {code: why for code, why in given.items() if why}


class AmendmentSignatureForm(LawBoxes, forms.Form):
    """The day on which the last party signed an amendment, and its signed copy where it is at hand."""

    signed_on = forms.DateField(
        label=gettext_lazy("Jour de la dernière signature"), initial=today, widget=day_box(), **DAYS
    )
    file = forms.FileField(
        label=gettext_lazy("Copie signée (facultatif)"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs=DOCUMENT_BOX),
        help_text=gettext_lazy(
            "Le PDF ou la photographie de l’avenant signé. Vous pourrez aussi la verser plus tard."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._ask_again()


class AmendmentForm(LawBoxes, forms.ModelForm):
    """A signed placement with what the parties change in it."""

    schedule = WeekField(label=gettext_lazy("Horaires de la semaine"))
    skills = TextListFormField(label=gettext_lazy("Compétences visées"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Motif de l’avenant"),
        max_length=500,
        widget=forms.Textarea(attrs={"class": "pratik-input", "rows": 3}),
        help_text=gettext_lazy("Il est écrit sur l’avenant."),
        error_messages={"required": gettext_lazy("Donnez un motif.")},
    )

    class Meta:
        model = Placement
        fields = AMENDABLE

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tutor"].queryset = HostTutor.objects.filter(
            company=self.instance.company_id, is_active=True
        )
        self.fields["teacher"].queryset = ReferentTeacher.objects.filter(
            school=self.instance.school_id, is_active=True
        )
        for name, field in self.fields.items():
            if isinstance(field, forms.DateField):
                field.widget = day_box()
                field.input_formats = DAYS["input_formats"]
            elif name not in ("schedule", "reason"):
                field.widget.attrs["class"] = "pratik-input"
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 3
        self._ask_again()

    @property
    def changes(self):
        """What was changed, by field; the reason is none of it."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in AMENDABLE}
