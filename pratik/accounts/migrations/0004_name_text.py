from django.db import migrations, models
from django.db.models.functions import Left, Length, Trim


def names_of_those_who_are_there(apps, schema_editor):
    """The folded name stands in front of the address in what is searched."""
    users = apps.get_model("accounts", "User")._base_manager
    name = Left("search_text", Length("search_text") - Length("email"))
    users.exclude(search_text="").update(name_text=Trim(name))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_verified_until"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="name_text",
            field=models.CharField(default="", editable=False, max_length=500),
        ),
        migrations.RunPython(names_of_those_who_are_there, migrations.RunPython.noop, elidable=True),
    ]
