from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(db_index=True, max_length=100)),
                ("number", models.PositiveBigIntegerField(default=1)),
            ],
            options={"verbose_name": "génération", "verbose_name_plural": "générations"},
        ),
    ]
