from django.db import migrations, models

TOPICS = [
    ("warnings", "warnings of the meter"),
    ("outages", "power cuts"),
    ("verification", "verification of meters"),
    ("threshold", "consumption above a limit"),
    ("events", "other events"),
    ("orders", "limiting and switching on"),
    ("cases", "answers to questions"),
    ("news", "news"),
    ("reports", "reports"),
    ("entry", "typed readings"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_reports"),
    ]

    operations = [
        migrations.AlterField(
            model_name=model,
            name="topic",
            field=models.CharField(choices=TOPICS, max_length=20),
        )
        for model in ("notice", "subscription")
    ]
