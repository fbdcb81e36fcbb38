from django.db import migrations

from pratik.core.indexes import ordered, trigrams, words

TABLE = "calendars_internshipcalendar"
SHOWN = "is_visible_to_companies AND state = 'published'"


class Migration(migrations.Migration):
    """What keeps the list of a country's calendars fast; on PostgreSQL alone."""

    atomic = False
    dependencies = [("calendars", "0001_initial")]

    operations = [
        trigrams(),
        words("calendar_words", TABLE),
        ordered(
            "calendar_list_order", TABLE, "start_on", "program_key", then=("end_on",), include=("state",)
        ),
        # The site's list, without what is over, and how long it is.
        ordered("calendar_shown_order", TABLE, "start_on", "program_key", then=("end_on",), where=SHOWN),
        ordered("calendar_shown", TABLE, "end_on", include=("start_on", "school_id"), where=SHOWN),
        ordered(
            "calendar_shown_of_level", TABLE, "level", "end_on", include=("start_on", "school_id"), where=SHOWN
        ),
        ordered("calendar_shown_of_school", TABLE, "school_id", "end_on", include=("start_on",), where=SHOWN),
        ordered("calendar_by_program", TABLE, "program_name"),
        ordered("calendar_by_level", TABLE, "level"),
        ordered("calendar_by_end", TABLE, "end_on"),
        ordered("calendar_by_students", TABLE, "number_of_students"),
        ordered("calendar_by_state", TABLE, "state"),
        ordered("calendar_hidden", TABLE, where="NOT is_visible_to_companies"),
    ]
