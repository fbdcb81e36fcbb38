from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.hashers import make_password
from django.db import models

from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import create_rows

from .enums import AccountType, StaffRole, VerificationState
from .querysets import UserQuerySet

SYSTEM_EMAIL = "taches@systeme.pratik.invalid"


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, email):
        """The account of this address; case does not matter in an e-mail address that people type."""
        return self.with_address(email).get()

    def system_actor(self):
        """The account that tasks and the setting-up of a platform work under; nobody can sign in with it.

        It is its own beginning: there is nobody before it, so it is written without an operation.
        """
        actor = self.with_address(SYSTEM_EMAIL).first()
        if actor is None:
            actor = self.model(
                email=SYSTEM_EMAIL,
                first_name="PRATIK",
                account_type=AccountType.STAFF,
                staff_role=StaffRole.ADMINISTRATOR,
                password=make_password(None),
                is_active=False,
            )
            actor.derive()
            models.QuerySet(self.model).bulk_create([actor], ignore_conflicts=True)
            actor = self.get(email=SYSTEM_EMAIL)
        return actor

    def create_superuser(self, email, password=None, **fields):
        """An administrator made from the command line, as the first person of a new platform."""
        user = self.model(
            email=email,
            account_type=AccountType.STAFF,
            staff_role=StaffRole.ADMINISTRATOR,
            verification=VerificationState.VERIFIED,
            password=make_password(password),
            **fields,
        )
        user.derive()
        user.full_clean()
        with operation(kind=OperationKind.SETUP, actor=self.system_actor(), subject=self.model):
            create_rows([user])
        return user
