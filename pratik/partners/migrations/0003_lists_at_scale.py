from django.db import migrations

from pratik.core.indexes import ordered, trigrams, words

TABLE = "partners_companyprofile"


class Migration(migrations.Migration):
    """What keeps the list of a country's companies fast; on PostgreSQL alone."""

    atomic = False
    dependencies = [("partners", "0002_headcount")]

    operations = [
        trigrams(),
        words("company_words", TABLE),
        ordered("company_list_order", TABLE, "sort_name"),
        ordered("company_by_name", TABLE, "name"),
        ordered("company_by_size", TABLE, "size_band"),
        ordered("company_by_partnership", TABLE, "partnership"),
        ordered("company_by_partner_since", TABLE, "partner_since"),
        ordered("company_not_shown", TABLE, where="NOT is_visible_on_partners_page"),
    ]
