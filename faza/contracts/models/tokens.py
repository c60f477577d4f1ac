"""Keys with which programs, devices and holders of a link read for a person, and their log."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts.rules import tokens as rules
from faza.metering.models import UsagePoint


class Token(models.Model):
    """A key with which somebody reads for a person, until it ends or is revoked.

    `digest` is the hash of its text, which is shown once and kept nowhere; None while no text
    is out. `digest_until` is when the text ends where that is before the token does: an
    application gets another one then. `scopes` are rules.tokens.Scope. With `is_limited` only the
    points of TokenPoint are read, else all that the person reads at the time of the question.
    `resolution` is the finest that is read, "" for intervals as they are metered. What was
    measured is read of [period_from, period_to) only, None is an open end. In the minute
    `counted_since` it was asked `counted` times.
    """

    class Kind(models.TextChoices):
        PERSONAL = rules.Kind.PERSONAL.value, _("own program")
        DEVICE = rules.Kind.DEVICE.value, _("device")
        SHARE = rules.Kind.SHARE.value, _("link")
        APPLICATION = rules.Kind.APPLICATION.value, _("application of others")

    class Resolution(models.TextChoices):
        HOUR = rules.Resolution.HOUR.value, _("by hours")
        DAY = rules.Resolution.DAY.value, _("by days")
        MONTH = rules.Resolution.MONTH.value, _("by months")

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PERSONAL)
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, null=True)
    digest_until = models.DateTimeField(null=True)
    hint = models.CharField(max_length=20)
    scopes = models.JSONField(default=list)
    is_limited = models.BooleanField(default=False)
    resolution = models.CharField(max_length=10, choices=Resolution.choices, blank=True)
    period_from = models.DateTimeField(null=True)
    period_to = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    counted_since = models.DateTimeField(null=True)
    counted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")),
                name="token_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(period_from=None)
                | models.Q(period_to=None)
                | models.Q(period_to__gt=models.F("period_from")),
                name="token_period_has_a_length",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TokenPoint(models.Model):
    """A usage point that a limited token reads."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="points")
    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "usage_point"], name="token_point_once")
        ]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.usage_point_id}"


class TokenUse(models.Model):
    """How often a token asked for something on a day (UTC), and when and from where the last time.

    `operation` is the name of an operation of the API.
    """

    token = models.ForeignKey(Token, models.CASCADE, related_name="uses")
    day = models.DateField()
    operation = models.CharField(max_length=60)
    count = models.PositiveBigIntegerField()
    last_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "day", "operation"], name="token_use_once")
        ]
        indexes = [models.Index(fields=["day"], name="token_use_age")]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.day} {self.operation}"
