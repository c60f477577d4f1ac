"""What is given away: by a link, or to an application of others."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from faza.accounts.models import User
from faza.cabinet.account.token_forms import CHOSEN, SCOPES, Choice, OfPoints
from faza.contracts.rules.tokens import DAYS, LINK_DAYS, NAME, Resolution, Scope

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
RESOLUTIONS: dict[str, str | Promise] = {
    "": gettext_lazy("every interval, as it is metered"),
    Resolution.HOUR.value: gettext_lazy("sums of hours"),
    Resolution.DAY.value: gettext_lazy("sums of days"),
    Resolution.MONTH.value: gettext_lazy("sums of months"),
}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
    )


class WithPeriod(OfPoints):
    """Points and the days of a period, both ends included; an empty end is open."""

    first = _day(gettext_lazy("From"))
    last = _day(gettext_lazy("To, this day too"))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        first, last = told.get("first"), told.get("last")
        for name, day in (("first", first), ("last", last)):
            if day and not EARLIEST <= day <= LATEST:
                self.add_error(name, gettext_lazy("Expected a day from 2000 to 2099."))
        if first and last and last < first:
            self.add_error("last", gettext_lazy("The end has to be after the beginning."))
        return told


class NewLink(WithPeriod):
    """A link to some points."""

    terms = LINK_DAYS
    name = forms.CharField(label=gettext_lazy("What the link is for"), max_length=NAME)
    resolution = forms.ChoiceField(choices=list(RESOLUTIONS.items()), required=False)
    days = forms.TypedChoiceField(choices=[(day, day) for day in LINK_DAYS], coerce=int)
    shows_address = forms.BooleanField(required=False)
    shows_name = forms.BooleanField(required=False)
    agreed = forms.BooleanField(
        error_messages={"required": gettext_lazy("Without your consent nothing is given away.")}
    )

    def __init__(self, *args: Any, user: User, at: datetime, **options: Any) -> None:
        super().__init__(*args, user=user, at=at, **options)
        self.fields["reach"].required = False

    def clean_reach(self) -> str:
        """A link is always of chosen points."""
        return CHOSEN

    @property
    def resolution_choices(self) -> list[Choice]:
        chosen = str(self.data.get("resolution", Resolution.DAY.value))
        return [Choice(value, label, value == chosen) for value, label in RESOLUTIONS.items()]

    @property
    def finest(self) -> Resolution | None:
        told = self.cleaned_data["resolution"]
        return Resolution(told) if told else None


class Consent(WithPeriod):
    """What an application of others is given, of what it asked for."""

    scopes = forms.MultipleChoiceField(
        error_messages={"required": gettext_lazy("Choose what the program may read.")}
    )
    days = forms.TypedChoiceField(choices=[(day, day) for day in DAYS], coerce=int)

    def __init__(
        self, *args: Any, user: User, at: datetime, asked: list[str], **options: Any
    ) -> None:
        super().__init__(*args, user=user, at=at, **options)
        self.asked = [scope for scope in Scope if scope.value in asked]
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(scope.value, SCOPES[scope]) for scope in self.asked]

    @property
    def scope_choices(self) -> list[Choice]:
        told = self._listed("scopes") if self.is_bound else [scope.value for scope in self.asked]
        return [Choice(scope.value, SCOPES[scope], scope.value in told) for scope in self.asked]
