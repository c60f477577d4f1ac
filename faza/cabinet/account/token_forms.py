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
from faza.contracts.rules.tokens import DAYS, FOREIGN, NAME, Scope

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
    Scope.ENTRY: gettext_lazy("Sending of readings: the program writes for you"),
    Scope.REPORTS: pgettext_lazy("scope", "Reports"),
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
    "me": gettext_lazy("the token itself"),
    "comparison": gettext_lazy("comparison with earlier days"),
    "green_button": gettext_lazy("Green Button file"),
    "entry": gettext_lazy("what is to be typed"),
    "send_entry": gettext_lazy("sending of a reading"),
    "send_photo": gettext_lazy("photo of a meter"),
    "sent_entries": gettext_lazy("readings sent"),
    "sent_entry": gettext_lazy("a reading sent"),
    "answer_entry": gettext_lazy("answer to a question about a reading"),
    "read_notices": gettext_lazy("marking of notices as read"),
    "push": gettext_lazy("push to the device"),
    "start_push": gettext_lazy("push to the device: on"),
    "stop_push": gettext_lazy("push to the device: off"),
    "report_kinds": gettext_lazy("kinds of reports"),
    "report": gettext_lazy("report at once"),
    "reports": gettext_lazy("list of reports"),
    "start_report": gettext_lazy("start of a report"),
    "run": gettext_lazy("how far a report is"),
    "run_file": gettext_lazy("file of a report"),
    "cancel_run": gettext_lazy("stopping of a report"),
    "share_page": gettext_lazy("page of the link"),
    "share_file": gettext_lazy("file of the link"),
}
"""Words for operations of the API, by their names in the log."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A box to tick."""

    value: str
    label: str | Promise
    is_on: bool


class OfPoints(forms.Form):
    """A form that chooses among the points that a user reads."""

    reach = forms.ChoiceField(choices=[(ALL, ALL), (CHOSEN, CHOSEN)])
    point = forms.CharField(required=False)
    codes = forms.CharField(required=False, max_length=CODES, widget=forms.Textarea)
    terms: tuple[int, ...] = DAYS
    """Days that may be chosen; the second is the one by default."""

    def __init__(self, *args: Any, user: User, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        found = access.points_visible(user, at=at).order_by("name_key", "code")
        self.points = list(found.values_list("code", "name")[: LISTED + 1])

    @property
    def is_listed(self) -> bool:
        """Whether there are so few points that they are ticked."""
        return len(self.points) <= LISTED

    @property
    def day_choices(self) -> list[Choice]:
        chosen = str(self.data.get("days", self.terms[1]))
        return [
            Choice(
                str(day),
                ngettext("%(count)s day", "%(count)s days", day) % {"count": day},
                str(day) == chosen,
            )
            for day in self.terms
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


class NewToken(OfPoints):
    """A new token of a user; its points are those that the user reads."""

    name = forms.CharField(label=gettext_lazy("What the token is for"), max_length=NAME)
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, label) for scope, label in SCOPES.items()],
        error_messages={"required": gettext_lazy("Choose what the program may read.")},
    )
    days = forms.TypedChoiceField(choices=[(day, day) for day in DAYS], coerce=int)

    @property
    def scope_choices(self) -> list[Choice]:
        """What changes something is to be ticked by the person."""
        on = set(self._listed("scopes")) if self.is_bound else {scope.value for scope in FOREIGN}
        return [Choice(scope.value, label, scope.value in on) for scope, label in SCOPES.items()]
