from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """Opens the console to every active account, staff or not; what each sees is its role's matter."""

    error_messages = {
        "invalid_login": gettext_lazy(
            "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les majuscules, puis réessayez."
        ),
        "inactive": gettext_lazy("Ce compte est fermé."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Adresse e-mail")
        self.fields["username"].widget.input_type = "email"
        self.fields["username"].widget.attrs["autocomplete"] = "username"

    def confirm_login_allowed(self, user):
        if not user.is_active:
            raise ValidationError(self.error_messages["inactive"], code="inactive")
