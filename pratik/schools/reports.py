"""Answers about schools that are not rows of schools."""

from pratik.accounts.reports import EXPECTED_OF_ORGANISATIONS

from .models import SchoolProfile, TrainingCenterProfile

# What a reader of the profile looks for, beside what the platform fills in itself.
EXPECTED = {
    SchoolProfile: ("number_of_students", *EXPECTED_OF_ORGANISATIONS),
    TrainingCenterProfile: ("specialities", "activity_declaration_number", *EXPECTED_OF_ORGANISATIONS),
}
