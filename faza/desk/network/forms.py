"""Forms of places, points, instruments and complexes.

They only read and check: what they say is done by `faza.metering.services`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from faza.desk.dates import validate_day
from faza.desk.forms import dressed
from faza.desk.network.fields import RatioField, ScaledField, TransformersField, ratio_of
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    MeterModel,
    NetworkNode,
    UsagePoint,
)


class DayField(forms.DateField):
    """A day, picked or typed."""

    default_validators = [validate_day]

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        told: dict[str, Any] = {"required": False, "widget": widget}
        super().__init__(**(told | kwargs))


class PlainForm(forms.Form):
    """A form in the look of the desk, whose fields are arranged before anything is checked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        self.arrange()
        dressed(self)

    def arrange(self) -> None:
        """Add, take away and fill in fields."""


class ModelForm(forms.ModelForm):
    """A model's form in the look of the desk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        dressed(self)


TAKEN = {"code": {"unique": _("This code is taken already.")}}


def once(words: Any) -> dict[str, Any]:
    """What is said where a number is taken already in its type."""
    return {NON_FIELD_ERRORS: {"unique_together": words}}


class NodeForm(ModelForm):
    class Meta:
        model = NetworkNode
        error_messages = TAKEN
        fields = ("name", "kind", "code")
        labels = {"name": _("Name"), "kind": _("Kind"), "code": _("Code")}
        help_texts = {"code": _("Under this code tables of a whole grid know the place.")}


class PlaceForm(PlainForm):
    """A place to move something to: by its code, which the search fills in, or its whole name."""

    to = forms.CharField(max_length=50, label=_("Where to: code or name of the place"))

    def __init__(self, *args: Any, nodes: QuerySet[NetworkNode], **kwargs: Any) -> None:
        self.nodes = nodes
        super().__init__(*args, **kwargs)

    def arrange(self) -> None:
        self.fields["to"].widget.attrs |= {"list": "places", "autocomplete": "off"}

    def clean_to(self) -> NetworkNode:
        text = self.cleaned_data["to"].strip()
        found = list(self.nodes.filter(code=text)) or list(
            self.nodes.filter(name__iregex=rf"^{re.escape(text)}$")[:2]
        )
        if not found:
            raise forms.ValidationError(
                _("There is no place with this code or name in your areas.")
            )
        if len(found) > 1:
            raise forms.ValidationError(_("Several places have this name: choose one by its code."))
        return found[0]


class PointForm(ModelForm):
    """What of a point is changed freely."""

    max_power = ScaledField(scale=1000, required=False, label=_("Greatest power, kW"))

    class Meta:
        model = UsagePoint
        fields: tuple[str, ...] = (
            *("name", "code", "address", "phases", "max_power", "voltage_level"),
            *("installation_place_code", "is_common"),
        )
        labels = {
            "name": _("Name"),
            "code": _("Code"),
            "address": _("Address"),
            "phases": _("Phases"),
            "voltage_level": _("Voltage level"),
            "installation_place_code": _("Code of the installation place"),
            "is_common": _("The meter of a whole house"),
        }
        help_texts = {
            "code": _("15 digits where the point takes part in 80020 exchange."),
            "installation_place_code": _("By Order 1021 of 06.10.2021."),
        }
        widgets = {"phases": forms.Select(choices=[(1, "1"), (3, "3")])}
        error_messages = TAKEN


class NewPointForm(PointForm):
    """A new point: its zone and resource are told once."""

    class Meta(PointForm.Meta):
        fields = (*PointForm.Meta.fields, "zone", "resource")
        labels = PointForm.Meta.labels | {"zone": _("Time zone"), "resource": _("Resource")}
        help_texts = PointForm.Meta.help_texts | {
            "zone": _("Days of the point are counted in it; it is not changed later."),
        }


class VerifiedForm(ModelForm):
    """What all instruments have."""

    verified_on = DayField(label=_("Verified on"))
    verification_due = DayField(
        label=_("Verified until"),
        help_text=_("Left empty, it follows from the day and the interval of the type."),
    )


OF_VERIFICATION = ("made_in", "verified_on", "verification_due", "certificate")
LABELS = {
    "number": _("Number"),
    "made_in": _("Year"),
    "certificate": _("Certificate"),
    "type_approval": _("Type approval"),
    "verification_interval": _("Verification interval, months"),
}


class MeterForm(VerifiedForm):
    """A meter; seals are lines of number, place and day."""

    seals = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Seals"),
        widget=forms.Textarea(attrs={"rows": 3, "wide": "1"}),
        help_text=_("A line each: number; where it is; day."),
    )

    class Meta:
        model = Meter
        fields = ("model", "number", *OF_VERIFICATION, "firmware", "interface", "seals")
        labels = LABELS | {
            "model": _("Type"),
            "firmware": _("Firmware"),
            "interface": _("Interface"),
        }
        error_messages = once(_("A meter of this type has this number already."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seals"] = "\n".join(
                "; ".join(str(seal.get(name) or "") for name in ("number", "place", "set_on"))
                for seal in self.instance.seals
            )

    def clean_seals(self) -> list[dict[str, str]]:
        seals = []
        for line in self.cleaned_data["seals"].splitlines():
            parts = [part.strip() for part in line.split(";")]
            if not any(parts):
                continue
            if len(parts) > 3 or not parts[0]:
                raise forms.ValidationError(
                    _("A seal is a line of number; place; day: %(line)s"),
                    params={"line": line[:80]},
                )
            number, place, set_on = [*parts, "", ""][:3]
            seals.append({"number": number, "place": place, "set_on": set_on})
        return seals


class MeterModelForm(ModelForm):
    nominal_voltage = ScaledField(scale=10, required=False, label=_("Nominal voltage, V"))
    nominal_current = ScaledField(scale=1000, required=False, label=_("Nominal current, A"))
    max_current = ScaledField(scale=1000, required=False, label=_("Greatest current, A"))

    class Meta:
        model = MeterModel
        fields = (
            *("name", "manufacturer", "phases", "accuracy_active", "accuracy_reactive"),
            *("nominal_voltage", "nominal_current", "max_current", "constant", "digits"),
            *("decimals", "tariffs", "has_relay", "type_approval", "verification_interval"),
        )
        labels = LABELS | {
            "name": _("Name of the type"),
            "manufacturer": _("Manufacturer"),
            "phases": _("Phases"),
            "accuracy_active": _("Accuracy class, active"),
            "accuracy_reactive": _("Accuracy class, reactive"),
            "constant": _("Constant, impulses per kWh"),
            "digits": _("Whole digits of the register"),
            "decimals": _("Decimal digits of the register"),
            "tariffs": _("Tariffs"),
            "has_relay": _("Has a relay"),
        }
        error_messages = once(_("The manufacturer has a type of this name already."))
        widgets = {"phases": forms.Select(choices=[(1, "1"), (3, "3")])}


class TransformerForm(VerifiedForm):
    class Meta:
        model = InstrumentTransformer
        fields = (
            *("kind", "type_name", "number", "phase", "ratio_numerator", "ratio_denominator"),
            *("accuracy", "type_approval", "verification_interval", *OF_VERIFICATION),
        )
        labels = LABELS | {
            "kind": _("Kind"),
            "type_name": _("Type"),
            "phase": _("Phase"),
            "ratio_numerator": _("Primary"),
            "ratio_denominator": _("Secondary"),
            "accuracy": _("Accuracy class"),
        }
        help_texts = {"ratio_numerator": _("As on the plate: 200 of 200/5.")}
        error_messages = once(_("A transformer of this type has this number already."))


class ComplexForm(PlainForm):
    """Role, transformers and ratios of a complex that stands."""

    role = forms.ChoiceField(choices=MeteringComplex.Role.choices, label=_("Role"))
    transformers = TransformersField(
        label=_("Transformers: numbers by commas"),
        widget=forms.TextInput(attrs={"wide": "1"}),
    )
    ct = RatioField(label=_("CT ratio"), help_text=_("Left empty, it is that of the plates."))
    vt = RatioField(label=_("VT ratio"), help_text=_("Left empty, it is that of the plates."))

    def __init__(
        self, *args: Any, reachable: QuerySet[InstrumentTransformer], **kwargs: Any
    ) -> None:
        self.reachable = reachable
        super().__init__(*args, **kwargs)

    def arrange(self) -> None:
        field = self.fields["transformers"]
        assert isinstance(field, TransformersField)
        field.reachable = self.reachable

    def clean(self) -> dict[str, Any]:
        return with_ratios(self, super().clean() or {})


def with_ratios(form: forms.Form, told: dict[str, Any]) -> dict[str, Any]:
    """Fill in ratios that were not typed from the plates of the transformers; else 1."""
    for name, kind in (("ct", "CT"), ("vt", "VT")):
        if "transformers" not in told or name not in told or told[name] is not None:
            continue
        try:
            told[name] = ratio_of(told["transformers"], kind) or Fraction(1)
        except forms.ValidationError as different:
            form.add_error(name, different)
    return told
