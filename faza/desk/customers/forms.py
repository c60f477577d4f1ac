"""Forms of customers, agreements and access; they read and check, services do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts.models import Customer, CustomerAgreement
from faza.desk.dates import FirstDayField, LastDayField, validate_day
from faza.desk.forms import DeskForm, dressed
from faza.metering.models import UsagePoint
from faza.tariffs.models import Tariff


class CustomerForm(forms.ModelForm):
    class Meta:
        model = Customer
        fields = ("kind", "name", "inn", "phone", "email", "legal_address", "actual_address")
        labels = {
            "kind": _("Kind"),
            "name": _("Full name or name of the organisation"),
            "inn": _("Taxpayer number"),
            "phone": _("Telephone"),
            "email": _("E-mail"),
            "legal_address": _("Legal address"),
            "actual_address": _("Actual address"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        for wide in ("name", "legal_address", "actual_address"):
            self.fields[wide].widget.attrs["wide"] = True
        dressed(self)


class PeriodForm(DeskForm):
    """A stretch of time by its first and last day."""

    valid_from = FirstDayField(label=_("In force from"))
    valid_to = LastDayField(
        label=_("To, this day included"), required=False, help_text=_("Empty: without an end.")
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        start, end = told.get("valid_from"), told.get("valid_to")
        if start and end and end <= start:
            self.add_error("valid_to", _("The last day is before the first."))
        return told


class AgreementForm(PeriodForm):
    number = forms.CharField(max_length=100, label=_("Number of the agreement"))
    kind = forms.ChoiceField(choices=CustomerAgreement.Kind.choices, label=_("Kind"))
    signed_on = forms.DateField(
        required=False,
        validators=[validate_day],
        label=_("Signed on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    supplier = forms.CharField(
        required=False,
        max_length=12,
        label=_("Taxpayer number of the supplier"),
        help_text=_("Empty: the agreement has no supplier."),
    )
    tariff = forms.ModelChoiceField(
        queryset=Tariff.objects.order_by("code"), required=False, label=_("Tariff")
    )
    field_order = ("number", "kind", "valid_from", "valid_to", "signed_on", "tariff", "supplier")

    def __init__(self, *args: Any, suppliers: QuerySet[Customer], **kwargs: Any) -> None:
        """suppliers: the customers within reach that may be one."""
        self.suppliers = suppliers
        super().__init__(*args, **kwargs)

    def clean_supplier(self) -> Customer | None:
        inn = self.cleaned_data["supplier"].strip()
        if not inn:
            return None
        found = list(self.suppliers.filter(inn=inn)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("There is no organisation with this taxpayer number among the customers.")
                if not found
                else _("Several customers have this taxpayer number.")
            )
        return found[0]


class NormativeForm(DeskForm):
    """A group of dwellings and how many live there, from a month on."""

    group = forms.ChoiceField(required=False, label=_("Group of dwellings"))
    residents = forms.IntegerField(min_value=1, max_value=99, initial=1, label=_("Residents"))
    since = forms.DateField(
        validators=[validate_day],
        label=_("From the month of"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, groups: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """groups: code and name of those that have normatives."""
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("not known")), *groups]


class BindForm(PeriodForm):
    """A usage point for an agreement, by its code."""

    point = forms.CharField(max_length=50, label=_("Code of the usage point"))
    field_order = ("point", "valid_from", "valid_to")

    def __init__(self, *args: Any, points: QuerySet[UsagePoint], **kwargs: Any) -> None:
        self.points = points
        super().__init__(*args, **kwargs)

    def clean_point(self) -> UsagePoint:
        found = self.points.filter(code=self.cleaned_data["point"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no usage point with this code in your areas."))
        return found


class AdmitForm(PeriodForm):
    """A user of the cabinet who is to read for a customer, by the e-mail address."""

    email = forms.EmailField(label=_("E-mail of the user"))
    field_order = ("email", "valid_from", "valid_to")

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        self.people = people
        super().__init__(*args, **kwargs)

    def clean_email(self) -> User:
        found = self.people.filter(email=self.cleaned_data["email"].lower(), is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                _("No user with this address is known to you: the person registers first.")
            )
        return found


class EndForm(DeskForm):
    """The last day of something."""

    last_day = LastDayField(label=_("Last day, included"))
