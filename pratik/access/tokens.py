"""The link of an e-mail by which a forgotten password is replaced."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class ResetTokens(PasswordResetTokenGenerator):
    """Holds for `PASSWORD_RESET_TIMEOUT`, until the password, the address or the last sign-in changes, and
    only for an account that is open.

    The library's own generator would copy each address into a table of its own, where it would outlive a
    change of the account's address.
    """

    def check_token(self, user, token):
        return bool(user and user.is_active) and super().check_token(user, token)


reset_tokens = ResetTokens()
