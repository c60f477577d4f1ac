"""Forms of orders, protections and calendars; they read and check, services do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from faza.collection.models import SupplyOrder, SupplyProtection
from faza.collection.orders.papers import Document
from faza.collection.orders.rules import Deed, Ground, Initiator
from faza.collection.orders.services import Wanted
from faza.desk.dates import FirstDayField, validate_day
from faza.desk.forms import DeskForm

LONGEST_REASON = 500
"""Characters."""


def day_field(label: Any, **about: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, validators=[validate_day], widget=widget, **about)


class OrderForm(DeskForm):
    """What an order says, with its documents."""

    deed = forms.ChoiceField(label=_("What is ordered"), choices=SupplyOrder.Deed.choices)
    initiator = forms.ChoiceField(label=_("Initiator"), choices=SupplyOrder.Initiator.choices)
    ground = forms.ChoiceField(label=_("Ground"), choices=SupplyOrder.Ground.choices)
    words = forms.CharField(
        label=_("The ground in words"), max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "wide": True}),
        help_text=_("Amount, period, number of the act."),
    )  # fmt: skip
    noticed_on = day_field(
        _("Notice given on"), required=False,
        help_text=_("Needed to limit; the term counts from it."),
    )  # fmt: skip
    reminded_on = day_field(_("Second notice on"), required=False)
    not_before = FirstDayField(
        label=_("Not before"), required=False,
        help_text=_("Empty: as soon as confirmed and told; to limit, a day after it was told."),
    )  # fmt: skip
    power = forms.DecimalField(
        label=_("Up to which power, kW"), required=False, min_value=0, max_value=100_000,
        decimal_places=3,
    )  # fmt: skip
    document = forms.FileField(
        label=_("Document"), required=False, help_text=_("PDF, JPEG or PNG, 5 MB at most.")
    )
    second_document = forms.FileField(label=_("Second document"), required=False)
    to_on = forms.BooleanField(
        label=_("Switch on directly, without the button at the meter"), required=False
    )
    presence = forms.CharField(
        label=_("Who is at the meter, and who has seen it"), required=False, max_length=300,
        help_text=_("Needed to switch on directly."),
    )  # fmt: skip

    def wanted(self, at: datetime) -> Wanted:
        told = self.cleaned_data
        deed, power = Deed(told["deed"]), told["power"]
        return Wanted(
            deed=deed, ground=Ground(told["ground"]), words=told["words"],
            initiator=Initiator(told["initiator"]), not_before=told["not_before"] or at,
            noticed_on=told["noticed_on"], reminded_on=told["reminded_on"],
            to_on=told["to_on"] and deed is Deed.RESTORE, presence=told["presence"],
            threshold=int(power * 1000) if power and deed is Deed.LIMIT else None,
        )  # fmt: skip

    def documents(self) -> list[Document]:
        files = [self.cleaned_data[name] for name in ("document", "second_document")]
        return [_document(file) for file in files if file]


def _document(file: UploadedFile) -> Document:
    return Document((file.name or "")[-200:], file.read())


class ReasonForm(DeskForm):
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON)


class ProtectionForm(DeskForm):
    """A point by its code, or a customer by the number of an agreement: all its points."""

    kind = forms.ChoiceField(label=_("Why"), choices=SupplyProtection.Kind.choices)
    code = forms.CharField(label=_("Code of the point"), required=False, max_length=50)
    agreement = forms.CharField(
        label=_("or number of an agreement"), required=False, max_length=100,
        help_text=_("All points of its customer are protected."),
    )  # fmt: skip
    ground = forms.CharField(label=_("By which paper"), max_length=300)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if bool(told.get("code")) == bool(told.get("agreement")):
            self.add_error("code", _("Give one of the two: a point or an agreement."))
        return told


class ActivateForm(DeskForm):
    activate_on = day_field(
        _("In force from the day"), required=False,
        help_text=_("From midnight at the place of the meter; empty: at once."),
    )  # fmt: skip
