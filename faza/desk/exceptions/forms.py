"""Forms of decisions: a reason, values typed in, a method for many."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.core.reading_types import ReadingType
from faza.desk.exceptions import words
from faza.desk.forms import DeskForm
from faza.readings.vee.choosing import CHOICES

LONGEST = 255
GREATEST = 10**15
"""Of a stored value: what 64 bits hold with all sums over it."""


class ReasonForm(DeskForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST, required=False, strip=True
    )


class EditForm(DeskForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST, strip=True)


class MethodForm(ReasonForm):
    """For many at once."""

    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=lambda: [
        (method, words.METHODS[method]) for method in CHOICES
    ])  # fmt: skip
    field_order = ("method", "reason")


def values_of(texts: Sequence[str], kind: ReadingType, count: int) -> list[int | None]:
    """Stored integers of what was typed in, None where a field is empty.

    Raises ValidationError for what is no such energy, or finer than it is stored.
    """
    if len(texts) != count:
        raise ValidationError(_("The intervals are others now: look at them anew."))
    found = [_value(text, kind) for text in texts]
    if all(value is None for value in found):
        raise ValidationError(_("Type in at least one value."))
    return found


def _value(text: str, kind: ReadingType) -> int | None:
    plain = "".join(text.split()).replace(",", ".")
    if not plain:
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or len(plain) > 30 or value < 0:
        raise ValidationError(_("“%(text)s” is no energy.") % {"text": text[:30]})
    stored = value * kind.quantum.denominator / kind.quantum.numerator
    if stored > GREATEST:
        raise ValidationError(_("“%(text)s” is no energy.") % {"text": text[:30]})
    if stored != int(stored):
        raise ValidationError(_("“%(text)s”: three places are kept at most.") % {"text": text[:30]})
    return int(stored)
