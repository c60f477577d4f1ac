"""Published editions never change; those who sign in already have proven their address."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER accounts_legaltext_published BEFORE UPDATE ON accounts_legaltext
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a published edition never changes'); END
"""
POSTGRES = """
CREATE FUNCTION accounts_refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published edition never changes' USING ERRCODE = '23000';
END $$;
CREATE TRIGGER accounts_legaltext_published BEFORE UPDATE ON accounts_legaltext
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION accounts_refuse_published()
"""
NOT_SQLITE = """
DROP TRIGGER accounts_legaltext_published ON accounts_legaltext;
DROP FUNCTION accounts_refuse_published()
"""


def guard(apps, editor):
    editor.execute(SQLITE if editor.connection.vendor == "sqlite" else POSTGRES)


def unguard(apps, editor):
    sqlite = "DROP TRIGGER accounts_legaltext_published"
    editor.execute(sqlite if editor.connection.vendor == "sqlite" else NOT_SQLITE)


def vouch(apps, editor):
    """Users were made by staff until now, who vouched for their addresses."""
    address = apps.get_model("account", "EmailAddress")
    known = address.objects.values("user")
    address.objects.bulk_create(
        address(user=user, email=user.email, verified=True, primary=True)
        for user in apps.get_model("accounts", "User").objects.exclude(id__in=known)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_texts_and_sign_ins"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
        migrations.RunPython(vouch, migrations.RunPython.noop),
    ]
