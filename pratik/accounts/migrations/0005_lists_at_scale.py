from django.db import migrations

from pratik.core.indexes import trigrams, words


class Migration(migrations.Migration):
    """Accounts are looked for in their own list and in those of what is theirs; on PostgreSQL alone."""

    atomic = False
    dependencies = [("accounts", "0004_name_text")]

    operations = [
        trigrams(),
        words("account_words", "accounts_user"),
        words("account_name_words", "accounts_user", "name_text"),
    ]
