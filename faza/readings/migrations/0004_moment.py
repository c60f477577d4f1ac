import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("metering", "0002_natural_order"),
        ("readings", "0003_mark_purpose"),
    ]

    operations = [
        migrations.CreateModel(
            name="Moment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "usage_point_id",
                        "at",
                        "meter_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("meter_id", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("source", models.SmallIntegerField()),
                ("kinds", models.BinaryField()),
                ("values", models.BinaryField()),
                (
                    "usage_point",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="metering.usagepoint",
                    ),
                ),
            ],
            options={
                "db_table": "readings_moment",
            },
        ),
    ]
