"""Forms of cases. Moments are typed by the clock on the wall at the point."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.cases.models import Case
from faza.cases.rules import LONGEST, LONGEST_TEXT, Subject
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS, BY_CHANNEL, ENERGIES, ReadingType

TYPED = "%Y-%m-%dT%H:%M"
FIRST, LAST = 1990, 2199
ANY_CHANNEL = "any"


def read_moment(text: str) -> datetime | None:
    """A wall-clock moment of an address or a field, to the minute; None where it is none."""
    for form in (TYPED, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007  the zone is the point's
        except ValueError:
            continue
        return found.replace(second=0) if FIRST <= found.year <= LAST else None
    return None


class WallClockField(forms.Field):
    """A moment without a zone, as a browser's picker writes it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateTimeInput({"type": "datetime-local"}, TYPED), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value.strftime(TYPED) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        found = read_moment(str(value))
        if found is None:
            raise forms.ValidationError(_("Give a day and a time, such as 17.11.2026 20:00."))
        return found


class CaseForm(forms.Form):
    """A new case about a point, whose code stands in `point`."""

    subject = forms.ChoiceField(
        label=gettext_lazy("What is it about"), choices=Case.Subject.choices
    )
    channel = forms.ChoiceField(label=gettext_lazy("Channel"))
    start = WallClockField(label=gettext_lazy("From"))
    end = WallClockField(label=gettext_lazy("Until"))
    question = forms.CharField(
        label=gettext_lazy("What do you think is wrong, and why"), max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        self.zone = ZoneInfo(zone)
        every = (ANY_CHANNEL, _("not about one channel"))
        channel = self.fields["channel"]
        assert isinstance(channel, forms.ChoiceField)
        channel.choices = [*((kind.channel, kind.channel) for kind in ENERGIES), every]
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if not (told.get("start") and told.get("end")):
            return told
        period = self._period(told)
        if period is None:
            self.add_error("end", _("The end stands before the beginning."))
        elif period.length > LONGEST:
            self.add_error("end", _("Ask about a year at most."))
        return told

    def _period(self, told: dict[str, Any]) -> Period | None:
        # An hour that the clocks give twice is meant wholly.
        start = told["start"].replace(tzinfo=self.zone, fold=0)
        end = told["end"].replace(tzinfo=self.zone, fold=1)
        return Period(start, end) if start.timestamp() < end.timestamp() else None

    @property
    def period(self) -> Period:
        period = self._period(self.cleaned_data)
        assert period is not None  # `clean` has seen to it
        return period

    @property
    def kind(self) -> ReadingType | None:
        return BY_CHANNEL.get(self.cleaned_data["channel"])


class WordForm(forms.Form):
    """A word in the talk of a case."""

    text = forms.CharField(
        label=gettext_lazy("Your message"), max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control"}),
    )  # fmt: skip


def from_address(query: QueryDict, *, today: datetime) -> dict[str, object]:
    """What an address says of a new case; what it says wrongly is yesterday, A+.

    today: now, by the clock at the point.
    """
    # A plus that was not written as %2B arrives as a space.
    channel = query.get("channel", A_PLUS.channel).replace(" ", "+").upper()
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    start = read_moment(query.get("from", "")) or midnight - timedelta(days=1)
    end = read_moment(query.get("to", ""))
    subject = query.get("subject", "")
    return {
        "channel": channel if channel in BY_CHANNEL else A_PLUS.channel,
        "start": start,
        "end": end if end and end > start else start + timedelta(days=1),
        "subject": subject if subject in Case.Subject.values else Subject.ESTIMATE.value,
    }
