"""Customers, their agreements, and who may look for whom."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts import rules
from faza.contracts.querysets import AgreementPointQuerySet
from faza.contracts.rules import keys
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
