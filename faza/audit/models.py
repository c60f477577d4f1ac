from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class PersonRef(models.Model):
    """A person as the trail names them; the name can be erased, the reference stays."""

    user = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=300, blank=True)
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name or f"#{self.user}"


class PersonalValue(models.Model):
    """What an entry tells of a person, kept apart from the entry so that it can be erased.

    `name` is the field's (`full_name`, `network_address`), `about_kind` and `about_id` say whose
    it is. The row stays when the value is erased: entries refer to it.
    """

    about_kind = models.CharField(max_length=100)
    about_id = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    value = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["about_kind", "about_id"], name="audit_value_by_owner"),
            models.Index(fields=["name", "at"], name="audit_value_by_age"),
        ]

    def __str__(self) -> str:
        return "" if self.value is None else str(self.value)


class Entry(models.Model):
    """One deed: who, what, to which object, from what to what, from where.

    Never changed and never taken away: the database refuses it. So `before` and `after` hold no
    personal values but references to them, {"$personal": id of the PersonalValue}; `address` is
    such a reference too. `person` is null where the system itself acted.
    """

    person = models.ForeignKey(PersonRef, models.PROTECT, null=True, related_name="entries")
    action = models.CharField(max_length=100)
    object_kind = models.CharField(max_length=100)
    object_id = models.CharField(max_length=100)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    at = models.DateTimeField(db_index=True)
    address = models.ForeignKey(PersonalValue, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id", "at"], name="audit_by_object"),
            models.Index(fields=["action", "at"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_kind} {self.object_id}"
