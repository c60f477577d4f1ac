from __future__ import annotations

from django.db import models

from faza.accounts.models import User


class KeptFilter(models.Model):
    """Filters of a list that a person keeps under a name; nobody else sees them."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    listing = models.CharField(max_length=50)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "listing", "name"], name="kept_filter_once")
        ]

    def __str__(self) -> str:
        return f"{self.listing}: {self.name}"
