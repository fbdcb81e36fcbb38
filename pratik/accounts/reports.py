"""Answers about accounts and profiles that are not rows of them."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from .enums import StaffRole
from .models import DriverProfile, LandlordProfile, StudentProfile, User

# What a reader of the profile looks for, beside what the platform fills in itself. The date of birth is
# not among it: nobody is pressed to give it.
EXPECTED_OF_ACCOUNT = ("first_name", "last_name", "phone")
EXPECTED_OF_ORGANISATIONS = (
    "description",
    "address",
    "postcode",
    "commune",
    "phone",
    "email",
    "website",
    "logo",
)
EXPECTED = {
    StudentProfile: ("level", "domain", "skills", "bio", "commune"),
    LandlordProfile: ("lodging_kind", "address", "commune", "description"),
    DriverProfile: ("vehicle", "registration_number", "licence_number", "licence_expires_on", "commune"),
}


@dataclass(frozen=True)
class Completeness:
    """How much of what is expected a profile says: `missing` are the fields left empty."""

    expected: int
    missing: tuple

    @property
    def filled(self):
        return self.expected - len(self.missing)

    @property
    def percent(self):
        """From 0 to 100, rounded down: 100 means that nothing is missing."""
        return 100 * self.filled // self.expected


def completeness(row, expected):
    """What is still missing from my profile? Makes no query; `expected` names the fields that count."""
    fields = [row._meta.get_field(name) for name in expected]
    missing = tuple(field for field in fields if not getattr(row, field.attname))
    return Completeness(expected=len(fields), missing=missing)


def accounts_to_verify(user):
    """Whose accounts, among those I may see, has nobody checked yet? Those that wait longest first."""
    return User.objects.visible_to(user).awaiting_verification().order_by("created_at", "pk")


def stopped_being_administrators(pks, operation, left):
    """Was one of these accounts, which an operation has just written, an administrator's who could sign in,
    and is not among those that are `left`?
    """
    earlier = User.history.model.objects.exclude(operation=operation)
    newer = earlier.filter(id=OuterRef("id"), history_id__gt=OuterRef("history_id"))
    were = earlier.filter(~Exists(newer), id__in=pks, staff_role=StaffRole.ADMINISTRATOR, is_active=True)
    return were.exclude(id__in=left.values("pk")).exists()
