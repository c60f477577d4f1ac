"""Personal values get a store of their own, and network addresses go there."""

import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


def move_addresses(apps, schema_editor):
    """Addresses of entries become references to the erasable store."""
    Entry = apps.get_model("audit", "Entry")
    PersonalValue = apps.get_model("audit", "PersonalValue")
    for entry in Entry.objects.exclude(old_address=None).select_related("person").iterator():
        entry.address = PersonalValue.objects.create(
            about_kind="accounts.user" if entry.person else entry.object_kind,
            about_id=str(entry.person.user) if entry.person else entry.object_id,
            name="network_address",
            value=entry.old_address,
            at=entry.at,
        )
        entry.save(update_fields=["address"])


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PersonalValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("about_kind", models.CharField(max_length=100)),
                ("about_id", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=100)),
                (
                    "value",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder, null=True
                    ),
                ),
                ("at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["about_kind", "about_id"], name="audit_value_by_owner"),
                    models.Index(fields=["name", "at"], name="audit_value_by_age"),
                ],
            },
        ),
        migrations.RenameField("entry", "address", "old_address"),
        migrations.AddField(
            "entry",
            "address",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="audit.personalvalue",
            ),
        ),
        migrations.RunPython(move_addresses, migrations.RunPython.noop, elidable=False),
    ]
