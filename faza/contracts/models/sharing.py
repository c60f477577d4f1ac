"""Applications of others, what a person agreed to give away, and the keys that are used once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts.models.tokens import Token


class OAuthClient(models.Model):
    """An application of others that may ask people for their data (RFC 6749, section 2).

    `owner` is who answers for it. `redirect_uris` are the addresses to which people are led back,
    compared as they are. `scopes` are those that it may ask for. `secret_digest` is the hash of
    the secret of a confidential one, "" for a public one. With `closed_at` it asks no longer, and
    what was given to it has ended.
    """

    client_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100)
    owner = models.CharField(max_length=300)
    site = models.URLField(max_length=200)
    email = models.EmailField(max_length=254, blank=True)
    is_confidential = models.BooleanField(default=False)
    secret_digest = models.CharField(max_length=64, blank=True)
    redirect_uris = models.JSONField(default=list)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class AccessConsent(models.Model):
    """That a person agreed to let others read: to what words, when and from where.

    Of every link and of every application's token there is one. `client` is None of a link.
    `shows_address` and `shows_name` say whether a link tells the points' addresses and the
    customers' names too.
    """

    token = models.OneToOneField(Token, models.CASCADE, related_name="consent")
    client = models.ForeignKey(OAuthClient, models.PROTECT, null=True, related_name="consents")
    text = models.TextField()
    given_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    shows_address = models.BooleanField(default=False)
    shows_name = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.token_id}: {self.given_at:%Y-%m-%d %H:%M}"


class OneTimeSecret(models.Model):
    """A code or a refresh token of an application: used once, then gone.

    `digest` is the hash of its text. `redirect_uri` and `challenge` (S256 of RFC 7636) are those
    that the code was asked for with.
    """

    class Kind(models.TextChoices):
        CODE = "code", _("authorization code")
        REFRESH = "refresh", _("refresh token")

    token = models.ForeignKey(Token, models.CASCADE, related_name="secrets")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True)
    redirect_uri = models.CharField(max_length=500, blank=True)
    challenge = models.CharField(max_length=128, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.token_id}: {self.kind}"
