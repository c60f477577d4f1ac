"""Forms of a rule of entry and of an exception by date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.access import EVERYWHERE
from faza.contracts.models import Customer
from faza.core.reading_types import A_PLUS
from faza.desk.dates import FirstDayField, LastDayField
from faza.desk.forms import DeskForm
from faza.desk.windows import words
from faza.desk.windows.reach import own_agreements
from faza.manual_entry.models import EntryRule
from faza.manual_entry.windows import Place, Terms, place_of, terms_of
from faza.readings.registers import register

REGISTERS = [(str(register(A_PLUS.code)), "Σ")] + [
    (str(register(A_PLUS.code, tariff)), f"T{tariff}") for tariff in range(1, 5)
]
LONGEST_SILENCE = 365


class PlaceForm(DeskForm):
    """Of which points something is; a place out of reach is not there."""

    scope = forms.ChoiceField(
        label=pgettext_lazy("rule", "Of what"), choices=lambda: list(words.SCOPES.items())
    )
    where = forms.CharField(
        label=_("Which one"), required=False, max_length=200,
        help_text=_("Name or code of the part, number of the agreement, code of the point."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, at: datetime, **kwargs: Any) -> None:
        self.user, self.at = user, at
        super().__init__(*args, **kwargs)
        if user.role not in EVERYWHERE:
            # Everywhere is the administrator's.
            chosen = [pair for pair in words.SCOPES.items() if pair[0] != "everywhere"]
            self.fields["scope"].choices = chosen  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        scope, text = told.get("scope"), str(told.get("where", "")).strip()
        if scope is None:
            return told
        if scope == "everywhere":
            told["place"] = Place(group=str(told.get("group") or ""))
            return told
        try:
            told["place"] = self._place(scope, text, str(told.get("group") or ""))
        except ValidationError as wrong:
            self.add_error("where", wrong)
        return told

    def _place(self, scope: str, text: str, group: str) -> Place:
        """Raises ValidationError."""
        if not text:
            raise ValidationError(gettext("Say which one."))
        if scope == "point":
            point = access.worked_points_of(self.user, at=self.at).filter(code=text).first()
            if point is None:
                raise ValidationError(gettext("No such point: %(code)s") % {"code": text})
            return Place(usage_point=point, group=group)
        found: list[Any]
        if scope == "agreement":
            found = list(own_agreements(self.user, at=self.at).filter(number=text)[:2])
        else:
            nodes = access.nodes_of(self.user, at=self.at)
            found = list(nodes.filter(code=text)[:2]) or list(nodes.filter(name=text)[:2])
        if not found:
            raise ValidationError(
                gettext("Nothing within your area is called “%(name)s”.") % {"name": text}
            )
        if len(found) > 1:
            raise ValidationError(
                gettext("Several are called “%(name)s”: give the code.") % {"name": text}
            )
        if scope == "agreement":
            return Place(agreement=found[0], group=group)
        return Place(node=found[0], group=group)


class RuleForm(PlaceForm):
    """A rule, or its terms alone where it stands already (its place never changes)."""

    group = forms.ChoiceField(
        label=_("Customers"), required=False,
        choices=lambda: [("", gettext("all")), *Customer.Kind.choices],
    )  # fmt: skip
    first_day = forms.IntegerField(label=_("From day of the month"), min_value=1, max_value=31)
    last_day = forms.IntegerField(
        label=_("To day of the month, that day included"), min_value=1, max_value=31,
        help_text=_("Less than the first: in the next month. Where a month is shorter, its last "
                    "day."),
    )  # fmt: skip
    every = forms.TypedChoiceField(
        label=_("How often"), coerce=int, choices=lambda: list(words.EVERY.items())
    )
    silent_days = forms.IntegerField(
        label=_("Opens by itself after so many days without data"), required=False,
        min_value=1, max_value=LONGEST_SILENCE, help_text=_("Empty: never."),
    )  # fmt: skip
    registers = forms.TypedMultipleChoiceField(
        label=_("Registers"), required=False, coerce=int, choices=REGISTERS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: those that the meter counts by."),
    )  # fmt: skip
    is_allowed = forms.BooleanField(label=_("Readings may be typed"), required=False)
    wants_photo = forms.BooleanField(label=_("A photo of the meter is wanted"), required=False)
    approves = forms.BooleanField(
        label=_("Accept by itself what lies inside the band"), required=False,
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, over: EntryRule | None = None, **kwargs: Any) -> None:
        self.over = over
        super().__init__(*args, **kwargs)
        if over is not None:
            for name in ("scope", "where", "group"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        if self.over is None:
            return super().clean()
        return self.cleaned_data | {"place": place_of(self.over)}

    @property
    def terms(self) -> Terms:
        """What was typed."""
        told = self.cleaned_data
        return Terms(
            is_allowed=told["is_allowed"], first_day=told["first_day"],
            last_day=told["last_day"], every=told["every"], wants_photo=told["wants_photo"],
            silent_days=told["silent_days"], registers=tuple(sorted(told["registers"])),
            approves=told["approves"],
        )  # fmt: skip

    @property
    def place(self) -> Place:
        found: Place = self.cleaned_data["place"]
        return found


class ExceptionForm(PlaceForm):
    """Entry opened or closed for some days."""

    deed = forms.ChoiceField(
        label=pgettext_lazy("exception", "What"),
        choices=[("open", _("open entry")), ("close", _("close entry"))],
    )  # fmt: skip
    starts_at = FirstDayField(label=_("From day"))
    ends_at = LastDayField(label=_("To day, that day included"))
    reason = forms.CharField(label=_("Reason"), max_length=300, strip=True)

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        start, end = told.get("starts_at"), told.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", gettext("It ends before it begins."))
        elif end and end <= self.at:
            self.add_error("ends_at", gettext("That time is over."))
        return told


def beginning(rule: EntryRule | None) -> dict[str, Any]:
    """What the form begins with: a rule's terms, or those of most network companies."""
    told = terms_of(rule) if rule is not None else Terms()
    return {
        "is_allowed": told.is_allowed, "first_day": told.first_day, "last_day": told.last_day,
        "every": told.every, "wants_photo": told.wants_photo, "silent_days": told.silent_days,
        "registers": [str(one) for one in told.registers], "approves": told.approves,
    }  # fmt: skip
