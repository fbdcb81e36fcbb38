from django.db import migrations

from pratik.core.indexes import ordered, trigrams, words

TABLE = "calendars_internshipcalendar"


class Migration(migrations.Migration):
    """What keeps the list of a country's calendars fast; on PostgreSQL alone."""

    atomic = False
    dependencies = [("calendars", "0001_initial")]

    operations = [
        trigrams(),
        words("calendar_words", TABLE),
        ordered("calendar_list_order", TABLE, "start_on", "program_key", include=("state", "end_on")),
        # The site's list leaves out what is over.
        ordered(
            "calendar_shown_order",
            TABLE,
            "start_on",
            "program_key",
            then=("end_on",),
            where="is_visible_to_companies AND state = 'published'",
        ),
        ordered("calendar_by_program", TABLE, "program_name"),
        ordered("calendar_by_level", TABLE, "level"),
        ordered("calendar_by_end", TABLE, "end_on"),
        ordered("calendar_by_students", TABLE, "number_of_students"),
        ordered("calendar_by_state", TABLE, "state"),
        ordered("calendar_hidden", TABLE, where="NOT is_visible_to_companies"),
    ]
