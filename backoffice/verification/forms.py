"""What is typed about documents: a decision, a paper that is sent, a record that was seen."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import today
from pratik.verification.enums import WITHOUT_FILE, DocumentType, RejectionReason
from pratik.verification.models import VerificationDocument
from pratik.verification.services import Sent

REFERENCE_LENGTH = VerificationDocument._meta.get_field("reference").max_length
TEXT_LENGTH = VerificationDocument._meta.get_field("rejection_text").max_length


def day_field(label, *, required=False, help_text="", **attributes):
    """A day, typed in the browser's own calendar."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(
            format="%Y-%m-%d", attrs={"type": "date", "class": "pratik-input", **attributes}
        ),
        error_messages={
            "required": gettext_lazy("Indiquez une date."),
            "invalid": gettext_lazy("Cette date n’existe pas : écrivez-la comme 31/12/2027."),
        },
    )


def text_field(label, length, **options):
    return forms.CharField(
        label=label,
        required=False,
        max_length=length,
        widget=options.pop("widget", forms.TextInput)(attrs={"class": "pratik-input", **options}),
    )


def choice_field(label, choices, **options):
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.Select(attrs={"class": "pratik-input"}),
        error_messages={"required": gettext_lazy("Choisissez dans la liste.")},
        **options,
    )


# Deciding on many at once: the confirmed actions ask these


class BulkApproval(forms.Form):
    """The last day of all the documents that are accepted together, unless one ends sooner by itself."""

    expires_on = day_field(
        gettext_lazy("Valables au plus tard jusqu’au (facultatif)"),
        help_text=gettext_lazy(
            "Une pièce qui finit plus tôt garde sa propre date, saisie à l’envoi ; pour en donner une plus "
            "lointaine, relisez la pièce. La validité maximale de l’exigence s’applique dans tous les cas."
        ),
    )


class BulkRejection(forms.Form):
    """Why documents are refused, or no longer accepted: from the list, with words besides."""

    reason_label = gettext_lazy("Précision, que la personne lira")

    why = choice_field(
        gettext_lazy("Motif"),
        [("", gettext_lazy("Autre motif, à préciser ci-dessous")), *RejectionReason.choices],
        required=False,
    )

    def clean_why(self):
        return self.cleaned_data["why"] or RejectionReason.OTHER


# Deciding on one, beside it


class Approval(forms.Form):
    """The last day of the document, as the reviewer reads it."""

    expires_on = day_field(gettext_lazy("Valable jusqu’au"))


class Rejection(forms.Form):
    """Why a document is refused."""

    why = choice_field(
        gettext_lazy("Motif"), [("", gettext_lazy("Choisissez un motif")), *RejectionReason.choices]
    )
    reason = text_field(
        gettext_lazy("Précision, que la personne lira"), TEXT_LENGTH, widget=forms.Textarea, rows=3
    )


# Sending


class PaperInput(forms.FileInput):
    """Chooses one file, or the photographs of all sides of a paper."""

    allow_multiple_selected = True


# Papers that say something on both sides.
TWO_SIDED = (DocumentType.ID_CARD, DocumentType.DRIVER_LICENSE)


class PaperField(forms.FileField):
    """The files of one paper, in the order in which they were chosen; None where there are none."""

    widget = PaperInput

    def clean(self, data, initial=None):
        return [super(PaperField, self).clean(file) for file in data or ()] or None


class PaperForm(forms.Form):
    """One paper for one need: which of the accepted ones it is, the file, and the dates that are on it.

    Nothing of it is required as long as nothing of it is filled in: a page has one for each need.
    """

    document_type = choice_field(gettext_lazy("Pièce"), [])
    file = PaperField(
        label=gettext_lazy("Fichier"),
        required=False,
        # An empty one is refused with the others, by what looks into them.
        allow_empty_file=True,
        widget=PaperInput(
            attrs={
                "class": "pratik-input",
                "accept": ".pdf,.jpg,.jpeg,.png,.heic,.heif,application/pdf,image/*",
            }
        ),
    )
    issued_on = day_field(gettext_lazy("Date qui figure sur le document"))
    expires_on = day_field(gettext_lazy("Fin de validité"))
    reference = text_field(gettext_lazy("Numéro de la pièce (facultatif)"), REFERENCE_LENGTH)

    def __init__(self, *args, requirements, **kwargs):
        super().__init__(*args, **kwargs)
        self.requirements = requirements
        sendable = [row for row in requirements if row.document_type not in WITHOUT_FILE]
        choices = [(row.document_type, DocumentType(row.document_type).label) for row in sendable]
        self.fields["document_type"].choices = choices
        self.initial["document_type"] = choices[0][0]
        two_sides = any(row.document_type in TWO_SIDED for row in sendable)
        self.fields["file"].help_text = (
            _("Recto et verso : choisissez les deux photos.")
            if two_sides
            else _("Plusieurs pages : un seul PDF, ou toutes les photos.")
        )
        if len(choices) == 1:
            self.fields["document_type"].widget = forms.HiddenInput()
        if not any(row.asks_for_issue_day for row in sendable):
            del self.fields["issued_on"]
        else:
            self.fields["issued_on"].widget.attrs["max"] = today().isoformat()
        if not any(row.expiry_required for row in sendable):
            del self.fields["expires_on"]
            del self.fields["reference"]

    @property
    def is_filled(self):
        """Whether the person typed or chose anything in it."""
        typed = [self.add_prefix(name) for name in ("issued_on", "expires_on", "reference")]
        return bool(self.files.get(self.add_prefix("file"))) or any(
            self.data.get(name, "").strip() for name in typed
        )

    def clean_file(self):
        files = self.cleaned_data["file"]
        if files is None:
            raise forms.ValidationError(_("Choisissez le fichier à envoyer."), code="file_missing")
        return files

    @property
    def sent(self):
        """What the service is given."""
        data = self.cleaned_data
        first, *further = data["file"]
        return Sent(
            document_type=data["document_type"],
            upload=first,
            name=first.name,
            further=tuple(further),
            issued_on=data.get("issued_on"),
            expires_on=data.get("expires_on"),
            reference=data.get("reference", ""),
        )

    def take(self, error):
        """Shows what the service refused, beside the field that it is about."""
        by_field = getattr(error, "error_dict", {None: [error]})
        for name, problems in by_field.items():
            self.add_error(name if name in self.fields else None, problems)


class StatementForm(forms.Form):
    """A criminal record that somebody showed: when it was seen, and until when that counts."""

    seen_on = day_field(gettext_lazy("Vu le"), required=True)
    expires_on = day_field(gettext_lazy("Compte jusqu’au (facultatif)"))
