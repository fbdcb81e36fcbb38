"""The forms of the pages by which people come in; what they hold is checked by the services."""

import re
import unicodedata

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import AccountType
from pratik.accounts.models import User
from pratik.joining.models import CODE_DIGITS, KINDS, read_claim

from .forms import LONGEST_PASSWORD, say, say_code


def _name(label, autocomplete):
    field = forms.CharField(max_length=100)
    say(field, label=label, autocomplete=autocomplete)
    return field


def _password():
    field = forms.CharField(strip=False, max_length=LONGEST_PASSWORD, widget=forms.PasswordInput)
    say(
        field,
        label=_("Mot de passe"),
        help_text=password_validators_help_text_html(),
        autocomplete="new-password",
        maxlength=LONGEST_PASSWORD,
    )
    return field


class RefusingForm(forms.Form):
    """A form that shows what a service refused."""

    def refuse(self, error):
        """Each sentence at its field where the form has it."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


def _organisation_fields(account_type):
    """What a person says about the organisation that they act for."""
    name = forms.CharField(max_length=200)
    say(name, label=_("Nom de l’organisme"), autocomplete="organization")
    number = forms.CharField(max_length=40)
    if account_type == AccountType.SCHOOL:
        say(
            number,
            label=_("UAI de l’établissement"),
            help_text=_("7 chiffres et une lettre, par exemple 9730001N. C’est l’ancien numéro RNE."),
            autocapitalize="characters",
        )
    else:
        say(
            number,
            label=_("SIRET"),
            help_text=_("14 chiffres, avec ou sans espaces\u00a0: celui du site où vous travaillez."),
            inputmode="numeric",
        )
    message = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}), empty_value=""
    )
    say(
        message,
        label=_("Un mot pour ceux qui liront votre demande"),
        help_text=_("Par exemple votre fonction dans l’organisme."),
    )
    return {"organisation_name": name, "identifier": number, "message": message}


class ClaimForm(RefusingForm):
    """The organisation that a person acts for."""

    def __init__(self, *args, account_type, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields |= _organisation_fields(account_type)


class NewAccountForm(RefusingForm):
    """What every new account is opened with, and its organisation where it acts for one.

    What is wrong is said in one go: a service would hear of the number and of the password only once the
    rest is right.
    """

    first_name = _name(_("Prénom"), "given-name")
    last_name = _name(_("Nom de famille"), "family-name")
    password = _password()
    field_order = (
        "organisation_name",
        "identifier",
        "first_name",
        "last_name",
        "email",
        "password",
        "message",
    )

    def __init__(self, *args, account_type, asks_for_organisation, email="", **kwargs):
        super().__init__(*args, **kwargs)
        self.account_type, self.email_of_account = account_type, email
        if asks_for_organisation:
            self.fields |= _organisation_fields(account_type)
        self.order_fields(self.field_order)

    def clean(self):
        data = super().clean()
        if data.get("password"):
            names = {name: data.get(name, "") for name in ("first_name", "last_name")}
            person = User(email=data.get("email", self.email_of_account), **names)
            try:
                validate_password(data["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        if {"identifier", "organisation_name"} <= data.keys():
            try:
                read_claim(KINDS[self.account_type], data["identifier"], data["organisation_name"])
            except ValidationError as error:
                self.refuse(error)
        elif "identifier" in data:
            try:
                KINDS[self.account_type].read(data["identifier"])
            except ValidationError as error:
                self.add_error("identifier", error)
        return data


class SignUpForm(NewAccountForm):
    """A person's own request for an account of one type."""

    email = forms.EmailField(max_length=254)

    def __init__(self, *args, account_type, **kwargs):
        super().__init__(
            *args, account_type=account_type, asks_for_organisation=account_type in KINDS, **kwargs
        )
        say(
            self.fields["email"],
            label=_("Adresse e-mail"),
            help_text=_("Un code y est envoyé pour vérifier qu’elle est bien la vôtre."),
            autocomplete="email",
        )


class CodeForm(forms.Form):
    """The code that the e-mail brought, as people type or paste it."""

    code = forms.CharField(max_length=40)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_code(self.fields["code"], label=_("Code reçu par e-mail"))
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "pattern": "[0-9 ]*"}

    def clean_code(self):
        """Six digits; what is none is no try."""
        code = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", self.cleaned_data["code"]))
        if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", code):
            raise ValidationError(_("Le code a 6 chiffres."), code="malformed")
        return code
