from itertools import islice

from django.db import migrations

from faza.contracts.rules import keys

KEYS = {
    "Customer": {"name_key": ("name", keys.name_key)},
    "CustomerAgreement": {"number_key": ("number", keys.number_key)},
}
"""By model: the column of a key, the column it is made of, and how. Nobody has a phone yet."""

BATCH = 2_000


def fill(apps, schema_editor):
    """Rows that were there before; 100,000 agreements take about a minute."""
    for name, columns in KEYS.items():
        model = apps.get_model("contracts", name)
        rows = model.objects.order_by("pk").iterator(chunk_size=BATCH)
        while batch := list(islice(rows, BATCH)):
            for row in batch:
                for key, (of, by) in columns.items():
                    setattr(row, key, by(getattr(row, of)))
            model.objects.bulk_update(batch, list(columns), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("contracts", "0002_applications")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
