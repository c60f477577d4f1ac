"""Days as people type them, as the half-open moments that are kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from faza.core.periods import start_of_day

ONE_DAY = timedelta(days=1)
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""Days outside are slips of the pen; those at the ends of the calendar have no moment in UTC."""


def validate_day(day: date) -> None:
    """Refuse a day that nobody means. Raises ValidationError."""
    if not FIRST <= day <= LAST:
        raise ValidationError(_("Give a day of the years 1900 to 2199."))


def last_day(end: datetime | None) -> date | None:
    """The last day on which something holds that ends at a moment (that moment excluded)."""
    if end is None:
        return None
    local = timezone.localtime(end)
    return (local - timedelta(microseconds=1)).date()


class FirstDayField(forms.DateField):
    """A day from which something holds; its value is the moment at which the day begins."""

    default_validators = [validate_day]

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(**({"widget": widget} | kwargs))

    def prepare_value(self, value: Any) -> Any:
        return timezone.localtime(value).date() if isinstance(value, datetime) else value

    def clean(self, value: Any) -> datetime | None:
        day = super().clean(value)
        return None if day is None else start_of_day(day, settings.TIME_ZONE)


class LastDayField(FirstDayField):
    """The last day on which something holds; its value is the moment at which the next begins."""

    def prepare_value(self, value: Any) -> Any:
        return last_day(value) if isinstance(value, datetime) else value

    def clean(self, value: Any) -> datetime | None:
        day = forms.DateField.clean(self, value)
        return None if day is None else start_of_day(day + ONE_DAY, settings.TIME_ZONE)
