from django.contrib.auth.base_user import BaseUserManager

from .querysets import UserQuerySet


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, email):
        """The account of this address; case does not matter in an e-mail address that people type."""
        return self.get(email__iexact=email.strip())

    def create_superuser(self, email, password=None, **fields):
        """The first administrator, made from the command line."""
        from .services import create_first_administrator

        return create_first_administrator(email=email, password=password, **fields)
