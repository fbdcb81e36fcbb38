from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from pratik.core.indexes import words


class Migration(migrations.Migration):
    """Accounts are looked for in their own list and in those of what is theirs; on PostgreSQL alone."""

    dependencies = [("accounts", "0004_name_text")]

    operations = [
        TrigramExtension(),
        words("account_words", "accounts_user"),
        words("account_name_words", "accounts_user", "name_text"),
    ]
