from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """The user with an address, in whatever case it is typed. Raises User.DoesNotExist."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """Somebody who signs in with an e-mail address.

    The address is kept in small letters, which makes it unique whatever its case.
    `closed_at`: when the person closed the account; `erased_at`: when what names the person was
    erased after that.
    """

    class Role(models.TextChoices):
        SUBSCRIBER = "subscriber", _("subscriber")
        SUPPLIER = "supplier", _("energy supplier")
        HOUSE_MANAGER = "house_manager", _("house manager")
        OPERATOR = "operator", _("operator")
        ADMINISTRATOR = "administrator", _("administrator")
        AUDITOR = "auditor", _("auditor")

    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=300)
    phone = models.CharField(max_length=30, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.SUBSCRIBER)
    language = models.CharField(max_length=8, default="ru")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    acting_for: int | None = None
    member_of: tuple[datetime, frozenset[int]] | None = None
    """The customers of the memberships open as this request began. As `acting_for`."""
    """The customer chosen in the header for this request. No column; `contracts.access` asks it."""

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_in_small_letters"
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email


class LegalText(models.Model):
    """An edition of a text that people accept: the licence agreement, the consent to processing.

    Editions are numbered within their kind. A draft is not published and can be rewritten; there
    is at most one of a kind. A published edition never changes: a trigger of the database keeps it.
    The body is Markdown; `accounts.texts` renders it.
    """

    class Kind(models.TextChoices):
        LICENCE = "licence", _("licence agreement")
        CONSENT = "consent", _("consent to the processing of personal data")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    body = models.TextField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="legal_text_edition_once"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(published_at__isnull=True),
                name="legal_text_one_draft",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="legal_text_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.number}"


class Acceptance(models.Model):
    """That a person accepted an edition: when, and from which network address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="acceptances")
    text = models.ForeignKey(LegalText, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "text"],
                condition=Q(withdrawn_at__isnull=True),
                name="acceptance_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.text_id}"


class Withdrawal(models.Model):
    """Somebody took the consent back: what the operator of personal data has to do, and by when."""

    user = models.ForeignKey(User, models.CASCADE, related_name="withdrawals")
    kind = models.CharField(max_length=20, choices=LegalText.Kind.choices)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=Q(handled_at__isnull=True),
                name="withdrawal_open_once",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=models.F("at")), name="withdrawal_due"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"


class OrganisationCard(models.Model):
    """Who runs this installation: shown at sign-in, registration, in help, reports and mails.

    There is one row at most.
    """

    name = models.CharField(max_length=300)
    operator_of_personal_data = models.CharField(max_length=500, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phones = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    site = models.URLField(blank=True)
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="organisation_card_is_one"),
        ]

    def __str__(self) -> str:
        return self.name


class SignIn(models.Model):
    """An attempt to sign in; of an account that does not exist only the address is known."""

    class Outcome(models.TextChoices):
        DONE = "done", _("signed in")
        WRONG_PASSWORD = "wrong_password", _("wrong password")
        WRONG_CODE = "wrong_code", _("wrong second factor")
        LOCKED = "locked", _("too many attempts")
        INACTIVE = "inactive", _("access is closed")
        UNCONFIRMED = "unconfirmed", _("the address is not confirmed")

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="sign_ins")
    at = models.DateTimeField(db_index=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=120, blank=True)
    method = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="sign_in_of_user")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user_id} {self.outcome}"


class Retention(models.Model):
    """How long a kind of personal values is kept; without days it is kept for ever.

    A kind without a row has the days that its room registered it with.
    """

    kind = models.CharField(max_length=60, unique=True)
    days = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind}: {self.days}"
