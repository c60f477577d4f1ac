"""Forms of the collection. They read and check; `collection.polling.services` does what they say.

Secrets go in and never come out: a field of a secret is empty, and empty it changes nothing.
"""

from __future__ import annotations

import json
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from faza.collection.drivers import REGISTRY
from faza.collection.models import CollectionPlan, CredentialSet, Device, Line
from faza.collection.polling.work import Kind
from faza.collection.secrets import Secrets
from faza.desk.forms import DeskForm, dressed
from faza.desk.polling import words
from faza.metering.models import NetworkNode

MOST_SHIFT = 900
ACCESS_TO_READ = _("Access for reading")
ACCESS_TO_CHANGE = _("Access for commands")


class ModelForm(forms.ModelForm):
    """A model's form in the look of the desk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        dressed(self)


class LineForm(ModelForm):
    """A line; its place is one of those within reach."""

    class Meta:
        model = Line
        fields = ("name", "host", "port", "node", "timeout", "pause", "is_enabled")
        labels = {
            "name": _("Name"),
            "host": _("Host or address"),
            "port": _("Port"),
            "node": _("Place"),
            "timeout": _("Patience for an answer, s"),
            "pause": _("Pause between sessions, s"),
            "is_enabled": _("Sessions are made on it"),
        }

    def __init__(self, *args: Any, nodes: QuerySet[NetworkNode], is_bound_to: bool, **kw: Any):
        super().__init__(*args, **kw)
        field = cast(forms.ModelChoiceField, self.fields["node"])
        field.queryset = nodes.order_by("path")
        # An operator's line without a place would be everybody's, and at once nobody's.
        field.required = is_bound_to


class DeviceForm(ModelForm):
    """How a meter is reached."""

    line = forms.CharField(
        label=_("Line"), max_length=255, help_text=_("Its name, or host:port, as in the list.")
    )
    driver = forms.ChoiceField(label=_("Language"))
    address = forms.CharField(
        label=_("Address"), required=False, max_length=300,
        help_text=_('As its language has it: server 1; physical 17; address 90.'),
    )  # fmt: skip

    class Meta:
        model = Device
        fields = ("line", "position", "driver", "address", "plan", "credentials", "control",
                  "is_enabled")  # fmt: skip
        labels = {
            "position": _("Turn on the line"),
            "plan": _("Group"),
            "credentials": ACCESS_TO_READ,
            "control": ACCESS_TO_CHANGE,
            "is_enabled": _("It is read by plan"),
        }

    def __init__(self, *args: Any, lines: QuerySet[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["driver"])
        choice.choices = [(name, words.driver(name)) for name in REGISTRY]
        self._lines = lines
        for name, rows in (
            ("plan", CollectionPlan.objects.order_by("priority", "name")),
            ("credentials", CredentialSet.objects.order_by("name")),
            ("control", CredentialSet.objects.order_by("name")),
        ):
            cast(forms.ModelChoiceField, self.fields[name]).queryset = rows
        for name in ("credentials", "control"):
            cast(forms.ModelChoiceField, self.fields[name]).empty_label = _("that of the group")
        if self.instance.pk:
            self.initial["address"] = typed(self.instance.address)
            self.initial["line"] = self.instance.line.name

    def clean_line(self) -> Line:
        """A line within reach, by its name or by where it is; there may be very many."""
        text = self.cleaned_data["line"].strip()
        host, _colon, port = text.rpartition(":")
        at = Q(host=host, port=port) if port.isdecimal() and len(port) < 6 else Q(pk=None)
        found = self._lines.filter(Q(name=text) | at).first()
        if found is None:
            raise ValidationError(_("There is no such line within your reach."))
        return found

    def clean_address(self) -> dict[str, Any]:
        return address_of(self.cleaned_data["address"])


def typed(address: dict[str, Any]) -> str:
    """An address as people type it: `logical 1, physical 17`."""
    return ", ".join(f"{name} {value}" for name, value in address.items())


def address_of(text: str) -> dict[str, Any]:
    """What was typed as an address: words with values, or JSON. Raises ValidationError."""
    text = text.strip()
    if text.startswith("{"):
        try:
            told = json.loads(text)
        except ValueError as problem:
            raise ValidationError(_("This is no address.")) from problem
        return dict(told)
    found: dict[str, Any] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _space, value = part.partition(" ")
        if not value or not name.isidentifier():
            raise ValidationError(_("Give pairs of a word and a value between commas."))
        found[name] = int(value) if value.isdecimal() and value.isascii() else value
    return found


class PlanForm(ModelForm):
    """A group: what is read, how often, when, and what is done about clocks."""

    class Meta:
        model = CollectionPlan
        fields = (
            *("name", "zone", "window_from", "window_to", "priority", "retries", "back_off"),
            *("too_old", "most_days", "credentials", "control"),
            *("tell_from", "correct_from", "correct_to", "per_day", "corrects"),
        )
        labels = {
            "name": _("Name"),
            "zone": _("Time zone"),
            "window_from": _("Sessions from"),
            "window_to": _("Sessions until"),
            "priority": _("Priority, 1 first"),
            "retries": _("Tries after a failure"),
            "back_off": _("First try after, min"),
            "too_old": _("Gaps older than, days, are not asked for"),
            "most_days": _("Days of profile in one session"),
            "credentials": ACCESS_TO_READ,
            "control": ACCESS_TO_CHANGE,
            "tell_from": _("Clock: tell from, s"),
            "correct_from": _("Clock: correct from, s"),
            "correct_to": _("Clock: correct up to, s"),
            "per_day": _("Clock: corrections a day"),
            "corrects": _("Clocks are corrected without being asked"),
        }
        widgets = {
            "window_from": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "window_to": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        }

    def __init__(self, *args: Any, every: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Kind:
            label = _("%(kind)s: every so many minutes") % {"kind": words.KINDS[kind]}
            self.fields[f"every_{kind}"] = forms.IntegerField(
                label=label, required=False, min_value=1, max_value=525_600,
                initial=every.get(kind),
            )  # fmt: skip
        dressed(self)

    @property
    def items(self) -> dict[Kind, int]:
        """Minutes by kind, of those that are read."""
        told = self.cleaned_data
        return {kind: told[f"every_{kind}"] for kind in Kind if told.get(f"every_{kind}")}


class SecretField(forms.CharField):
    """A secret to be typed in; it is never shown."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(required=False, max_length=64, strip=False, widget=widget, **kwargs)


class AccessForm(ModelForm):
    """As whom meters are entered. Whatever of the secrets is typed replaces all of them."""

    password = SecretField(label=_("Password"))
    encryption_key = SecretField(label=_("Encryption key, 32 or 64 hexadecimal digits"))
    authentication_key = SecretField(label=_("Authentication key, the same"))

    class Meta:
        model = CredentialSet
        fields = ("name", "mechanism", "client", "level", "system_title")
        labels = {
            "name": _("Name"),
            "mechanism": _("Proof"),
            "client": _("Client: 16 public, 32 reader, 48 configurator"),
            "level": _("Level of access (Mercury)"),
            "system_title": _("Our system title, 16 hexadecimal digits"),
        }

    def _key(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        try:
            bytes.fromhex(text)
        except ValueError as problem:
            raise ValidationError(_("A key is written in hexadecimal digits.")) from problem
        return text

    def clean_encryption_key(self) -> str:
        return self._key("encryption_key")

    def clean_authentication_key(self) -> str:
        return self._key("authentication_key")

    @property
    def given(self) -> Secrets | None:
        """The secrets that were typed, None where they stay as they are."""
        told = self.cleaned_data
        found = Secrets(
            told["password"].encode(),
            bytes.fromhex(told["encryption_key"]),
            bytes.fromhex(told["authentication_key"]),
        )
        return found if found else None


class ClockForm(DeskForm):
    """Set the clock to the true time, or shift it."""

    how = forms.ChoiceField(
        label=_("What is done"), widget=forms.RadioSelect(attrs={"wide": "1"}),
        choices=[
            ("shift", _("shift it by what it is off: intervals stay whole")),
            ("set", _("set it to the true time: for a clock that is far off")),
        ],
    )  # fmt: skip
    seconds = forms.IntegerField(
        label=_("Shift by, s (above 0: forwards)"), required=False,
        min_value=-MOST_SHIFT, max_value=MOST_SHIFT,
    )  # fmt: skip
    number = forms.CharField(label=_("Number of the meter, to confirm"), max_length=50)

    def __init__(self, *args: Any, meter: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meter = meter

    def clean_number(self) -> str:
        text: str = self.cleaned_data["number"]
        if text.strip() != self.meter:
            raise ValidationError(_("This is another number."))
        return text

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.get("how") == "shift" and not told.get("seconds") and "seconds" in told:
            self.add_error("seconds", _("By how many seconds?"))
        return told


class ReadForm(DeskForm):
    """What is read now: nothing ticked is all of the plan."""

    kinds = forms.MultipleChoiceField(
        label=_("What is read"), required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"wide": "1"}),
        choices=[(kind.value, words.KINDS[kind]) for kind in Kind],
        help_text=_("Nothing ticked: all that the group reads."),
    )  # fmt: skip
