from django.db import migrations

from pratik.core.indexes import trigrams, words


class Migration(migrations.Migration):
    """Schools are looked for in their own list and in that of their calendars; on PostgreSQL alone."""

    atomic = False
    dependencies = [("schools", "0002_enrolments")]

    operations = [trigrams(), words("school_words", "schools_schoolprofile")]
