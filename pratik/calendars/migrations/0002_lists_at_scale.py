from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from pratik.core.indexes import ordered, words

TABLE = "calendars_internshipcalendar"


class Migration(migrations.Migration):
    """What keeps the list of a country's calendars fast; on PostgreSQL alone."""

    dependencies = [("calendars", "0001_initial")]

    operations = [
        TrigramExtension(),
        words("calendar_words", TABLE),
        ordered("calendar_list_order", TABLE, "start_on", "program_key", include=("state", "end_on")),
        ordered("calendar_by_program", TABLE, "program_name"),
        ordered("calendar_by_level", TABLE, "level"),
        ordered("calendar_by_end", TABLE, "end_on"),
        ordered("calendar_by_students", TABLE, "number_of_students"),
        ordered("calendar_by_state", TABLE, "state"),
        ordered("calendar_hidden", TABLE, where="NOT is_visible_to_companies"),
    ]
