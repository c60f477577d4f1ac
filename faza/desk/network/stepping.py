"""The forms of putting in, replacing and taking away a meter, a step each.

What was typed in earlier steps goes along in the page; nothing is kept between requests.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from faza.core.reading_types import A_PLUS
from faza.desk.network import counted
from faza.desk.network.fields import RatioField, TransformersField, read_number
from faza.desk.network.forms import DayField, PlainForm, with_ratios
from faza.metering.models import InstrumentTransformer, Meter, MeterModel, UsagePoint
from faza.readings import registers

ANOTHER, RATIO = "meter", "ratio"
TARIFFS = 4


class WhenForm(PlainForm):
    """What happened, and when; the moment is on the wall clock of the point."""

    what = forms.ChoiceField(
        label=_("What was done"),
        choices=[(ANOTHER, _("another meter was put in")), (RATIO, _("other transformers"))],
        widget=forms.RadioSelect,
        initial=ANOTHER,
    )
    moment = forms.DateTimeField(
        label=_("Date and time"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("As written in the act, in the time of the point."),
    )

    def __init__(
        self, *args: Any, zone: str, at: datetime, since: datetime | None, is_choice: bool,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """since: from when on something stands, which the moment has to follow."""
        self.zone, self.at, self.since = ZoneInfo(zone), at, since
        self.is_choice = is_choice
        super().__init__(*args, **kwargs)

    def arrange(self) -> None:
        if not self.is_choice:
            del self.fields["what"]

    def clean_moment(self) -> datetime:
        told: datetime = self.cleaned_data["moment"]
        moment = told.replace(tzinfo=self.zone)
        if moment > self.at:
            raise forms.ValidationError(_("This moment has not come yet."))
        if self.since is not None and moment <= self.since:
            since = self.since.astimezone(self.zone)
            raise forms.ValidationError(
                _("The meter that stands there came only on %(since)s."),
                params={"since": f"{since:%d.%m.%Y %H:%M}"},
            )
        return moment


class ShownForm(PlainForm):
    """What a meter shows, register by register in their units; what is not told stays unknown.

    Meters of water, gas and heat have one register, without zones.
    """

    def __init__(self, *args: Any, model: MeterModel | None, resource: str, **kwargs: Any) -> None:
        self.model, self.resource = model, resource
        super().__init__(*args, **kwargs)

    def arrange(self) -> None:
        tariffs = min(self.model.tariffs if self.model else TARIFFS, TARIFFS)
        for kind in counted.kinds(self.resource):
            zones = tariffs if kind is A_PLUS and tariffs > 1 else 0
            for tariff in range(zones + 1):
                number = registers.register(kind.code, tariff)
                self.fields[f"r{number}"] = forms.CharField(
                    label=f"{counted.words(number)}, {counted.unit(number)}",
                    required=False,
                    max_length=30,
                    widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal"}),
                )

    def clean(self) -> dict[str, Any]:
        """Registers as integers in their quantum (Wh, varh, l, dm³, kcal) under `shown`."""
        told = super().clean() or {}
        shown: dict[int, int] = {}
        for name in [name for name in self.fields if name.startswith("r") and name[1:].isdecimal()]:
            text = str(told.get(name) or "").strip()
            if not text:
                continue
            try:
                shown[int(name[1:])] = self._quanta(int(name[1:]), text)
            except forms.ValidationError as wrong:
                self.add_error(name, wrong)
        self._add_sum(shown)
        told["shown"] = shown
        return told

    def _quanta(self, register: int, text: str) -> int:
        number = read_number(text)
        if number < 0:
            raise forms.ValidationError(_("A register shows no negative numbers."))
        quanta = number * counted.whole(register)
        if quanta != int(quanta):
            raise forms.ValidationError(_("There are too many decimal places."))
        if self.model and number >= Decimal(10) ** self.model.digits:
            raise forms.ValidationError(
                _("The register of this meter has %(digits)s digits before the comma."),
                params={"digits": self.model.digits},
            )
        return int(quanta)

    def _add_sum(self, shown: dict[int, int]) -> None:
        """The sum over the zones where it was not typed and all zones were."""
        whole = registers.register(A_PLUS.code)
        zones = [
            registers.register(A_PLUS.code, tariff)
            for tariff in range(1, TARIFFS + 1)
            if f"r{registers.register(A_PLUS.code, tariff)}" in self.fields
        ]
        if zones and whole not in shown and all(zone in shown for zone in zones):
            shown[whole] = sum(shown[zone] for zone in zones)


class ClosingForm(ShownForm):
    """What the meter showed when it went; one register at least."""

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        if not told["shown"] and not self.errors:
            raise forms.ValidationError(_("Tell at least one register: the meter is read for it."))
        return told


class NewMeterForm(PlainForm):
    """The meter that comes: from stock by its number, or a new one."""

    model = forms.ModelChoiceField(
        queryset=MeterModel.objects.order_by("name"), label=_("Type"), empty_label=_("choose")
    )
    number = forms.CharField(max_length=50, label=_("Number"))
    made_in = forms.IntegerField(min_value=1950, max_value=2100, required=False, label=_("Year"))
    verified_on = DayField(
        label=_("Verified on"), help_text=_("Year and day are taken for a new meter only.")
    )

    def __init__(
        self, *args: Any, reachable: QuerySet[Meter], points: QuerySet[UsagePoint], resource: str,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """reachable: meters the person may take; points: those that may be named to them."""
        self.reachable, self.points, self.resource = reachable, points, resource
        super().__init__(*args, **kwargs)

    def arrange(self) -> None:
        field = self.fields["model"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = models_of(self.resource)

    def clean(self) -> dict[str, Any]:
        """`meter`: the row of it, not stored yet where the number is new."""
        told = super().clean() or {}
        if "model" not in told or "number" not in told:
            return told
        found = Meter.objects.filter(model=told["model"], number=told["number"].strip()).first()
        if found is None:
            told["meter"] = Meter(
                model=told["model"], number=told["number"].strip(), made_in=told.get("made_in"),
                verified_on=told.get("verified_on"),
            )  # fmt: skip
            return told
        standing = found.complexes.filter(valid_to=None).select_related("usage_point").first()
        if standing is not None and self.points.filter(pk=standing.usage_point_id).exists():
            raise forms.ValidationError(
                _("This meter stands at another point: %(name)s."),
                params={"name": standing.usage_point.name},
            )
        if standing is not None or not self.reachable.filter(pk=found.pk).exists():
            raise forms.ValidationError(_("This meter stands at another point."))
        told["meter"] = found
        return told


def models_of(resource: str) -> QuerySet[MeterModel]:
    """Types of meters that may count a resource: those that stood at none, or at one of it."""
    stood = Meter.objects.filter(model=OuterRef("pk"), complexes__isnull=False)
    here = stood.filter(complexes__usage_point__resource=resource)
    return MeterModel.objects.filter(Exists(here) | ~Exists(stood)).order_by("name")


class OpeningForm(ShownForm):
    """What the new meter showed when it came, its transformers and ratios.

    Only electricity is metered through transformers; elsewhere the ratio is 1.
    """

    transformers = TransformersField(
        label=_("Transformers: numbers by commas"),
        widget=forms.TextInput(attrs={"wide": "1"}),
    )
    ct = RatioField(label=_("CT ratio"), help_text=_("200/5; left empty, that of the plates or 1."))
    vt = RatioField(label=_("VT ratio"), help_text=_("Left empty, that of the plates or 1."))

    def __init__(
        self, *args: Any, reachable: QuerySet[InstrumentTransformer], is_read: bool, **kwargs: Any
    ) -> None:
        """is_read: whether the meter is read now; where it stays, its closing reading opens."""
        self.reachable, self.is_read = reachable, is_read
        super().__init__(*args, **kwargs)

    def arrange(self) -> None:
        if not counted.is_electric(self.resource):
            for name in ("transformers", "ct", "vt"):
                del self.fields[name]
            super().arrange()
            return
        if self.is_read:
            super().arrange()
            # The registers first: they are read off before anything else.
            self.order_fields([name for name in self.fields if name[1:].isdecimal()])
        field = self.fields["transformers"]
        assert isinstance(field, TransformersField)
        field.reachable = self.reachable

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        if counted.is_electric(self.resource):
            return with_ratios(self, told)
        return told | {"transformers": [], "ct": Fraction(1), "vt": Fraction(1)}
