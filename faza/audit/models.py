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


class Entry(models.Model):
    """One deed: who, what, to which object, from what to what.

    `person` is null where the system itself acted. `before` and `after` hold no personal values.
    """

    person = models.ForeignKey(PersonRef, models.PROTECT, null=True, related_name="entries")
    action = models.CharField(max_length=100)
    object_kind = models.CharField(max_length=100)
    object_id = models.CharField(max_length=100)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    at = models.DateTimeField(db_index=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [models.Index(fields=["object_kind", "object_id", "at"], name="audit_by_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_kind} {self.object_id}"
