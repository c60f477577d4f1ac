"""The form of a balance's group: its settings, a row for each point, a row for each loss."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from faza.desk.dates import FirstDayField
from faza.desk.forms import DeskForm, dressed
from faza.metering.balances import Scheme
from faza.metering.models import BalanceLoss, BalanceMember, UsagePoint

SPARE = 2
"""Empty rows for further losses."""
MOST_LOSSES = 20
MONTHS = 12
MOST_CODES = 2_000

Side = BalanceMember.Side


class GroupForm(DeskForm):
    """Since when, and how the balance is judged."""

    valid_from = FirstDayField(
        label=_("From"), help_text=_("The days before keep the group that they had.")
    )
    least_complete = forms.DecimalField(
        label=_("Least known hours, %"), min_value=1, max_value=100, decimal_places=2,
        help_text=_("With fewer the imbalance is not judged."),
    )  # fmt: skip
    permitted = forms.DecimalField(
        label=_("Permitted imbalance, %"), min_value=Decimal("0.01"), max_value=100,
        decimal_places=2, required=False,
        help_text=_("Empty: from the accuracy classes of meters and transformers."),
    )  # fmt: skip
    losses_error = forms.DecimalField(
        label=_("Error of the computed losses, %"), min_value=0, max_value=100, decimal_places=2,
        help_text=_("Of the losses themselves; it widens what is permitted."),
    )  # fmt: skip
    more_in = forms.CharField(
        label=_("Further points that come in"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Codes of points that are not listed below, by spaces or lines."),
    )  # fmt: skip
    more_out = forms.CharField(
        label=_("Further points that go out"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, points: QuerySet[UsagePoint], **kwargs: Any) -> None:
        """points: those that the person works with."""
        self.points = points
        super().__init__(*args, **kwargs)

    def clean_more_in(self) -> list[int]:
        return self._coded("more_in")

    def clean_more_out(self) -> list[int]:
        return self._coded("more_out")

    def _coded(self, name: str) -> list[int]:
        codes = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data[name].strip())))
        asked = [code for code in codes if code]
        if len(asked) > MOST_CODES:
            raise ValidationError(_("Too many codes at once."))
        found = dict(self.points.filter(code__in=asked).values_list("code", "pk"))
        if absent := [code for code in asked if code not in found]:
            told = {"codes": ", ".join(absent[:5])}
            raise ValidationError(_("There is no point with the code %(codes)s."), params=told)
        return [found[code] for code in asked]


class LossForm(forms.Form):
    """A part of the computed losses; without a name there is none."""

    name = forms.CharField(label=_("Loss"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("How it is computed"), choices=BalanceLoss.Kind.choices)
    power = forms.DecimalField(
        label=_("kW"), min_value=0, max_value=1_000_000, decimal_places=3, required=False
    )
    rated = forms.DecimalField(
        label=_("Rated, kVA"), min_value=Decimal("0.001"), max_value=10_000_000,
        decimal_places=3, required=False,
    )  # fmt: skip
    percents = forms.CharField(label=_("%, one or twelve by month"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        usual: dict[str, Any] = {"label_suffix": "", "use_required_attribute": False}
        super().__init__(*args, **(usual | kwargs))
        dressed(self)

    def clean_percents(self) -> list[str]:
        told = self.cleaned_data["percents"].replace(",", ".").split()
        try:
            numbers = [Decimal(one) for one in told]
        except InvalidOperation as wrong:
            raise ValidationError(_("Numbers parted by spaces: 2,1 or twelve of them.")) from wrong
        fits = all(one.is_finite() and 0 <= one < 100 for one in numbers)
        if len(numbers) not in (0, 1, MONTHS) or not fits:
            raise ValidationError(_("One number or twelve, each from 0 to 100."))
        return [f"{one:f}" for one in numbers]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("name") and not self.errors:
            power, rated = told["power"] is not None, bool(told["rated"])
            needed = {"constant": power, "load": power and rated, "share": bool(told["percents"])}
            if not needed[told["kind"]]:
                raise ValidationError(gettext("It is not said how much is lost."))
        return told

    def loss(self) -> BalanceLoss | None:
        """The loss as it is to be kept; None for an empty row."""
        told = self.cleaned_data
        if not told.get("name"):
            return None
        kind = BalanceLoss.Kind(told["kind"])
        is_share, is_load = kind == BalanceLoss.Kind.SHARE, kind == BalanceLoss.Kind.LOAD
        return BalanceLoss(
            name=told["name"],
            kind=kind,
            power=None if is_share else int(told["power"] * 1000),
            rated=int(told["rated"] * 1000) if is_load else None,
            percents=told["percents"] if is_share else [],
        )


LossRows = forms.formset_factory(
    LossForm, extra=SPARE, max_num=MOST_LOSSES, absolute_max=MOST_LOSSES,
    validate_max=True,
)  # fmt: skip


def initial_losses(scheme: Scheme | None) -> list[dict[str, Any]]:
    """The losses of a scheme as the form shows them."""
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "power": Decimal(one.power) / 1000 if one.kind != "share" else None,
            "rated": Decimal(one.rated) / 1000 if one.rated else None,
            "percents": " ".join(f"{percent:f}".replace(".", ",") for percent in one.percents),
        }
        for one in (scheme.losses if scheme else ())
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """A point of the form with the side it is on: "in", "out" or nothing."""

    id: int
    code: str
    name: str
    place: str
    side: str
    is_reversed: bool


def choices(
    rows: Collection[tuple[int, str, str, str]], scheme: Scheme | None,
    data: Mapping[str, str] | None,
) -> list[Choice]:  # fmt: skip
    """The points to choose from, as the scheme has them or as somebody has just chosen."""
    inward = set(scheme.sides.inward) if scheme else set()
    outward = set(scheme.sides.outward) if scheme else set()
    made = []
    for pk, code, name, place in rows:
        side = Side.IN.value if pk in inward else Side.OUT.value if pk in outward else ""
        reverse = scheme is not None and pk in scheme.reverse
        if data is not None:
            side, reverse = data.get(f"side-{pk}", ""), f"reversed-{pk}" in data
        side = side if side in Side.values else ""
        made.append(Choice(pk, code, name, place, side, reverse))
    # What stands in the balance first, as it comes in and goes out.
    order = {Side.IN.value: 0, Side.OUT.value: 1, "": 2}
    return sorted(made, key=lambda one: order[one.side])


def members(
    chosen: Sequence[Choice], more_in: Sequence[int], more_out: Sequence[int]
) -> list[BalanceMember]:
    """The members of a group: of the rows, then those told by codes."""
    made = [
        BalanceMember(usage_point_id=one.id, side=one.side, is_reversed=one.is_reversed)
        for one in chosen
        if one.side
    ]
    made += [BalanceMember(usage_point_id=pk, side=Side.IN) for pk in more_in]
    return made + [BalanceMember(usage_point_id=pk, side=Side.OUT) for pk in more_out]
