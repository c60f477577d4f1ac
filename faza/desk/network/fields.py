"""Fields of the network's forms: numbers in their units, ratios as plates write them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, DecimalException
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from faza.metering.models import InstrumentTransformer

SPACES = str.maketrans("", "", " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
GREATEST = 2**31 - 1


class ScaledField(forms.IntegerField):
    """A number that people type in a greater unit than it is kept in: 15,5 kW is 15500 W.

    `scale` is how many of the kept unit one typed unit has.
    """

    widget = forms.TextInput

    def __init__(self, *, scale: int, **kwargs: Any) -> None:
        self.scale = scale
        kwargs.setdefault("min_value", 0)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("inputmode", "decimal")

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            told = Decimal(value) / self.scale
            return f"{told.normalize():f}".replace(".", ",")
        return value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        number = read_number(str(value)) * self.scale
        if number != int(number):
            raise ValidationError(_("There are too many decimal places."), code="precision")
        if number > GREATEST:
            raise ValidationError(_("The number is too large."), code="large")
        return int(number)


def read_number(text: str) -> Decimal:
    """A typed number, with a comma or a point and with spaces. Raises ValidationError."""
    try:
        number = Decimal(text.translate(SPACES).replace(",", "."))
    except DecimalException as wrong:
        raise ValidationError(_("This is not a number."), code="number") from wrong
    if not number.is_finite():
        raise ValidationError(_("This is not a number."), code="number")
    return number


class RatioField(forms.Field):
    """A ratio: 200/5, or 40. Nothing typed is None."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"required": False} | kwargs))
        self.widget.attrs.setdefault("maxlength", 23)

    def to_python(self, value: Any) -> Fraction | None:
        text = str(value or "").translate(SPACES)
        if not text:
            return None
        parts = text.split("/")
        if len(parts) > 2 or not all(part.isascii() and part.isdecimal() for part in parts):
            raise ValidationError(_("A ratio is written as 200/5 or 40."), code="ratio")
        over, under = int(parts[0][:12]), int(parts[-1][:12]) if len(parts) == 2 else 1
        if not over or not under or max(over, under) > GREATEST:
            raise ValidationError(_("A ratio is written as 200/5 or 40."), code="ratio")
        return Fraction(over, under)


class TransformersField(forms.CharField):
    """Numbers of transformers, by commas; their rows, in the order typed.

    `reachable` are those the person may take; it is set for each form.
    """

    reachable: QuerySet[InstrumentTransformer] = InstrumentTransformer.objects.none()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_length": 400, "required": False} | kwargs))

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return ", ".join(one.number for one in value)

    def clean(self, value: Any) -> list[InstrumentTransformer]:
        numbers = split_numbers(str(super().clean(value)))
        found = list(self.reachable.filter(number__in=numbers))
        by_number: dict[str, list[InstrumentTransformer]] = {}
        for one in found:
            by_number.setdefault(one.number, []).append(one)
        missing = [number for number in numbers if number not in by_number]
        if missing:
            raise ValidationError(
                _("There is no transformer %(numbers)s. Add it to the list of transformers first."),
                params={"numbers": ", ".join(f"№ {number}" for number in missing)},
                code="missing",
            )
        several = [number for number in numbers if len(by_number[number]) > 1]
        if several:
            raise ValidationError(
                _("Several transformers have the number %(numbers)s; their types differ."),
                params={"numbers": ", ".join(several)},
                code="several",
            )
        return [by_number[number][0] for number in numbers]


def split_numbers(text: str) -> list[str]:
    """Numbers typed by commas, semicolons or lines, each once."""
    parts = text.replace(";", ",").replace("\n", ",").split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def ratio_of(transformers: Iterable[InstrumentTransformer], kind: str) -> Fraction | None:
    """The ratio that all transformers of a kind have on their plates. Raises ValidationError."""
    ratios = {one.ratio for one in transformers if one.kind == kind}
    if len(ratios) > 1:
        raise ValidationError(
            _("The transformers have different ratios: %(ratios)s."),
            params={"ratios": ", ".join(sorted(str(ratio) for ratio in ratios))},
            code="ratios",
        )
    return ratios.pop() if ratios else None
