from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts import rules
from faza.contracts.querysets import AgreementPointQuerySet, ApplicationQuerySet
from faza.contracts.rules import keys
from faza.contracts.rules.applications import OPEN, State
from faza.metering.fields import KeyField
from faza.metering.models import NetworkNode, UsagePoint
from faza.metering.validity import Validity
from faza.tariffs.models import Tariff


def validate_inn(text: str) -> None:
    if not rules.is_inn(text):
        raise ValidationError(_("This is not a taxpayer number."))


class Customer(models.Model):
    """Who has agreements: a person or an organisation (CIM Customer); suppliers too.

    `phone` and `email` are those that the papers name, not those of the users.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("private person")
        ENTREPRENEUR = "entrepreneur", _("individual entrepreneur")
        ORGANISATION = "organisation", _("organisation")
        BUDGET = "budget", _("budget organisation")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=300)
    inn = models.CharField(max_length=12, blank=True, db_index=True, validators=[validate_inn])
    legal_address = models.CharField(max_length=300, blank=True)
    actual_address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    name_key = KeyField(of="name", by=keys.name_key)
    phone_key = KeyField(of="phone", by=keys.phone_key)

    def __str__(self) -> str:
        return self.name


class CustomerMember(Validity):
    """A user who may read for a customer while the membership holds.

    It says who may look, not from when on data are seen: the agreements say that.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            *Validity.Meta.constraints,
            models.UniqueConstraint(
                fields=["user", "customer"],
                condition=Q(valid_to__isnull=True),
                name="customer_member_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} -> {self.customer_id}"


class CustomerAgreement(Validity):
    """An agreement of a customer (CIM CustomerAgreement), with its supplier where it has one."""

    class Kind(models.TextChoices):
        ENERGY_SUPPLY = "energy_supply", _("energy supply")
        TRANSMISSION = "transmission", _("transmission")
        NETWORK_SERVICE = "network_service", _("network service")
        HOUSEHOLD = "household", _("household supply")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    number = models.CharField(max_length=100, db_index=True)
    number_key = KeyField(of="number", by=keys.number_key)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    signed_on = models.DateField(null=True, blank=True)
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Validity.Meta):
        pass

    def __str__(self) -> str:
        return self.number


class AgreementPoint(Validity):
    """A usage point that an agreement covers for a time."""

    agreement = models.ForeignKey(CustomerAgreement, models.PROTECT, related_name="points")
    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="+")

    # The plugin types an inherited manager otherwise than one set here.
    objects = AgreementPointQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            *Validity.Meta.constraints,
            # What an index can hold of "once at a time"; services.bind_point holds the whole.
            models.UniqueConstraint(
                fields=["agreement", "usage_point"],
                condition=Q(valid_to__isnull=True),
                name="agreement_point_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.usage_point_id}"


class OperatorArea(models.Model):
    """A part of the network that an operator works in."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    node = models.ForeignKey(NetworkNode, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "node"], name="operator_area_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.node_id}"


class HouseManagement(Validity):
    """A house that a manager runs for a time: its common meters are theirs to read, no flat's."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    node = models.ForeignKey(NetworkNode, models.PROTECT, related_name="+")

    class Meta(Validity.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.user_id}: {self.node_id}"


class PersonalRight(Validity):
    """A right that somebody has by name, whatever the role; which ones: `permissions.PERSONAL`."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    right = models.CharField(max_length=30)

    class Meta:
        constraints = [
            *Validity.Meta.constraints,
            models.UniqueConstraint(
                fields=["user", "right"],
                condition=Q(valid_to__isnull=True),
                name="personal_right_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.right}"


class Application(models.Model):
    """What somebody asks for who registers: to read for the customer of an agreement.

    The fields are as the person wrote them. `due_at`: by when it is to be decided. `added` is
    what the approval added, so that it can be taken back: see `services.applications`.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("private person")
        ORGANISATION = "organisation", _("organisation")

    class State(models.TextChoices):
        UNCONFIRMED = State.UNCONFIRMED.value, _("address not confirmed")
        WAITING = State.WAITING.value, _("waits for a check")
        CORRECTION = State.CORRECTION.value, _("being corrected")
        APPROVED = State.APPROVED.value, _("approved")
        REFUSED = State.REFUSED.value, _("refused")

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PERSON)
    full_name = models.CharField(max_length=300)
    organisation = models.CharField(max_length=300, blank=True)
    agreement_number = models.CharField(max_length=100, blank=True)
    number_key = KeyField(of="agreement_number", by=keys.number_key)
    phone = models.CharField(max_length=50, blank=True)
    email = models.EmailField(max_length=254)
    address = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.UNCONFIRMED)
    submitted_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(db_index=True)
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    agreement = models.ForeignKey(
        CustomerAgreement, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added = models.JSONField(default=dict, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=sorted(state.value for state in OPEN)),
                name="application_one_open_a_user",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "refused"], decided_at__isnull=False)
                | Q(state__in=sorted(state.value for state in OPEN), decided_at__isnull=True),
                name="application_decided_has_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="application_queue")]

    def __str__(self) -> str:
        return f"{self.pk}: {self.agreement_number} ({self.state})"


class ApplicationNote(models.Model):
    """A word in the talk of a subscriber and the desk about an application; kept in its order."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("message")
        CORRECTION = "correction", _("correction asked for")
        REFUSAL = "refusal", _("refusal")

    application = models.ForeignKey(Application, models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.MESSAGE)
    text = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.application_id}: {self.kind} {self.at:%Y-%m-%d %H:%M}"


class Token(models.Model):
    """A key with which a person's own program reads for that person, until it ends or is revoked.

    `digest` is the hash of its text, which is shown once and kept nowhere. `scopes` are
    rules.tokens.Scope. With `is_limited` only the points of TokenPoint are read, else all that the
    person reads at the time of the question. In the minute `counted_since` it was asked
    `counted` times.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=20)
    scopes = models.JSONField(default=list)
    is_limited = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    counted_since = models.DateTimeField(null=True)
    counted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("made_at")), name="token_ends_after_start"
            )
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
