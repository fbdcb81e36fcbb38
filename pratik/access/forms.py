"""The forms of the access door: the library's, in our words and by our rules."""

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base import forms as factors
from allauth.mfa.totp import forms as app
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.translation import gettext_lazy as _

from pratik.core.queue import enqueue
from pratik.security.rules import REASON_AT_LEAST

from . import lockout, second_factor

LONGEST_PASSWORD = 1000


def say(field, *, label, help_text="", **attrs):
    """Gives a field of the library our words; the browser shows no example in place of a label."""
    field.label = label
    field.help_text = help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)
    field.error_messages["required"] = _("Remplissez ce champ.")
    if isinstance(field, forms.EmailField):
        wrong = _("Écrivez une adresse complète, comme prenom.nom@exemple.gf.")
        field.error_messages["invalid"] = wrong
        for validator in field.validators:
            if validator.code == "invalid":
                validator.message = wrong


def say_new_passwords(form):
    """The two fields of a new password."""
    say(
        form.fields["password1"],
        label=_("Nouveau mot de passe"),
        help_text=password_validators_help_text_html(),
        maxlength=LONGEST_PASSWORD,
    )
    say(form.fields["password2"], label=_("Le même, une seconde fois"), maxlength=LONGEST_PASSWORD)


def say_code(field, *, label, help_text=""):
    """A field for a code that a telephone shows."""
    say(field, label=label, help_text=help_text, autocomplete="one-time-code", autocapitalize="none")
    field.widget.attrs["class"] = "code-input"
    field.max_length = field.widget.attrs["maxlength"] = 40


class SignInForm(account.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say(self.fields["login"], label=_("Adresse e-mail"), autocomplete="username")
        say(self.fields["password"], label=_("Mot de passe"))
        self.fields["remember"].label = _("Rester connecté sur cet appareil")


class ConfirmByPasswordForm(account.ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say(self.fields["password"], label=_("Mot de passe"))


class ChangePasswordForm(account.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say(self.fields["oldpassword"], label=_("Mot de passe actuel"))
        say_new_passwords(self)

    def clean_oldpassword(self):
        """Wrong ones count as at sign-in: a session left open is no way to guess a password."""
        typed = self.cleaned_data["oldpassword"]
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, typed):
            raise adapter.validation_error("enter_current_password")
        return typed

    def clean(self):
        cleaned = super().clean()
        if "password1" in cleaned and cleaned["password1"] == cleaned.get("oldpassword"):
            self.add_error("password1", _("C’est votre mot de passe actuel\u00a0: choisissez-en un autre."))
        return cleaned


class AskForResetForm(forms.Form):
    """An address; whether an account has it is found out by the task, so the answer takes as long."""

    email = account.EmailField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say(self.fields["email"], label=_("Adresse e-mail de votre compte"), autocomplete="username")

    def save(self, request):
        enqueue("pratik.access.tasks.send_reset_link", self.cleaned_data["email"])


class ResetPasswordForm(account.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_new_passwords(self)


class _Code(factors.BaseAuthenticateForm):
    """A code of the second factor, used up by the act; wrong ones count as wrong passwords do."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_code(
            self.fields["code"],
            label=_("Code"),
            help_text=_("Les 6 chiffres de votre application, ou l’un de vos codes de secours."),
        )

    def clean_code(self):
        usage = lockout.count_attempt(
            context.request,
            key=f"second-factor:{self.user.pk}",
            actor=self.user,
            who=self.user.email,
        )
        self.authenticator = second_factor.accept(user=self.user, code=self.cleaned_data["code"])
        if self.authenticator is None:
            self._tell_of_failure()
            raise get_factor_adapter().validation_error("incorrect_code")
        usage.rollback()
        self.authenticator.user = self.user
        return self.cleaned_data["code"]

    def _tell_of_failure(self):
        main = self.user.authenticator_set.order_by("-type").first()
        if main:
            self._emit_authentication_failed(main)


class SecondFactorForm(_Code, factors.AuthenticateForm):
    pass


class ConfirmByCodeForm(_Code, factors.ReauthenticateForm):
    pass


class ActivateAppForm(app.ActivateTOTPForm):
    """The first code of an authenticator app, which proves that it has the secret."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_code(self.fields["code"], label=_("Code affiché par l’application"))

    def clean_code(self):
        code = self.cleaned_data["code"]
        self.step = second_factor.step_of(self.secret, code)
        if self.step is None:
            raise forms.ValidationError(
                _(
                    "Ce code n’est pas celui de cette clé. Vérifiez l’heure du téléphone, puis écrivez "
                    "le code suivant."
                ),
                code="incorrect_code",
            )
        return code


class ReasonForm(forms.Form):
    """Why an administrator does something to another person's account."""

    reason = forms.CharField(
        label=_("Pourquoi\u00a0?"),
        max_length=500,
        min_length=REASON_AT_LEAST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("La personne le lit dans « Mes données »."),
        error_messages={
            "required": _("Dites pourquoi\u00a0: la personne le lira."),
            "min_length": _("Dites-en un peu plus\u00a0: %(limit_value)d signes au moins."),
        },
    )


class ActForForm(ReasonForm):
    """Why an administrator acts in another person's name."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "Par exemple l’appel auquel vous répondez. La personne en est prévenue aussitôt, et le lit dans "
            "« Mes données »."
        )


class RescueForm(ReasonForm):
    """How an administrator made sure of who asks for their second factor to be taken away."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Comment vous êtes-vous assuré de son identité\u00a0?")
