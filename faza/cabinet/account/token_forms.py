"""What a new token is to be: its name, what it may read, of which points, for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.rules.tokens import DAYS, NAME, Scope

LISTED = 100
"""Points that are ticked in a list; of more than that codes are typed."""
CODES = 100_000
"""Characters of typed codes."""
ALL, CHOSEN = "all", "chosen"

SCOPES: dict[Scope, Promise] = {
    Scope.POINTS: gettext_lazy("Usage points, agreements and meters"),
    Scope.READINGS: gettext_lazy("Profile, consumption, registers, network parameters, forecast"),
    Scope.EVENTS: pgettext_lazy("scope", "Events"),
    Scope.CHARGES: gettext_lazy("Reference cost of months"),
    Scope.NOTICES: pgettext_lazy("scope", "Notices"),
}
OPERATIONS: dict[str, Promise] = {
    "customers": gettext_lazy("customers"),
    "agreements": gettext_lazy("agreements"),
    "usage_points": gettext_lazy("list of usage points"),
    "usage_point": gettext_lazy("a usage point"),
    "meters": gettext_lazy("meters"),
    "complexes": gettext_lazy("metering complexes"),
    "profile": gettext_lazy("profile of intervals"),
    "consumption": gettext_lazy("consumption"),
    "registers": gettext_lazy("registers"),
    "network": gettext_lazy("network parameters"),
    "events": gettext_lazy("events"),
    "charges": gettext_lazy("reference cost"),
    "forecast": gettext_lazy("forecast"),
    "notices": gettext_lazy("notices"),
}
"""Words for operations of the API, by their names in the log."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A box to tick."""

    value: str
    label: str | Promise
    is_on: bool


class NewToken(forms.Form):
    """A new token of a user; its points are those that the user reads."""

    name = forms.CharField(label=gettext_lazy("What the token is for"), max_length=NAME)
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, label) for scope, label in SCOPES.items()],
        error_messages={"required": gettext_lazy("Choose what the program may read.")},
    )
    days = forms.TypedChoiceField(choices=[(day, day) for day in DAYS], coerce=int)
    reach = forms.ChoiceField(choices=[(ALL, ALL), (CHOSEN, CHOSEN)])
    point = forms.CharField(required=False)
    codes = forms.CharField(required=False, max_length=CODES, widget=forms.Textarea)

    def __init__(self, *args: Any, user: User, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        found = access.points_visible(user, at=at).order_by("name_key", "code")
        self.points = list(found.values_list("code", "name")[: LISTED + 1])

    @property
    def is_listed(self) -> bool:
        """Whether there are so few points that they are ticked."""
        return len(self.points) <= LISTED

    @property
    def scope_choices(self) -> list[Choice]:
        on = set(self._listed("scopes")) if self.is_bound else {scope.value for scope in Scope}
        return [Choice(scope.value, label, scope.value in on) for scope, label in SCOPES.items()]

    @property
    def day_choices(self) -> list[Choice]:
        chosen = str(self.data.get("days", DAYS[1]))
        return [
            Choice(
                str(day),
                ngettext("%(count)s day", "%(count)s days", day) % {"count": day},
                str(day) == chosen,
            )
            for day in DAYS
        ]

    @property
    def point_choices(self) -> list[Choice]:
        on = set(self._listed("point"))
        return [Choice(code, f"{name} · {code}", code in on) for code, name in self.points]

    @property
    def is_limited(self) -> bool:
        return self.data.get("reach") == CHOSEN

    @property
    def chosen(self) -> list[str] | None:
        """Codes of the chosen points; None for all. Of a valid form."""
        if self.cleaned_data["reach"] == ALL:
            return None
        typed = str(self.cleaned_data["codes"]).replace(",", " ").replace(";", " ").split()
        return [*self._listed("point"), *typed]

    def _listed(self, name: str) -> list[str]:
        told = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        return [str(one) for one in told]
