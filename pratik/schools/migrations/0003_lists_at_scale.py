from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from pratik.core.indexes import words


class Migration(migrations.Migration):
    """Schools are looked for in their own list and in that of their calendars; on PostgreSQL alone."""

    dependencies = [("schools", "0002_enrolments")]

    operations = [TrigramExtension(), words("school_words", "schools_schoolprofile")]
