"""Forms of files, counterparties and places."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from faza.collection.models import ExchangePlace, ExchangeProfile
from faza.collection.services import SUFFIXES
from faza.core.reading_types import BY_CHANNEL
from faza.desk.dates import validate_day
from faza.desk.forms import DeskForm
from faza.protocols import xml80020
from faza.protocols.tabular.words import UNITS

FILE_LIMIT = 256 * 2**20
CODES_LIMIT = 8 * 2**20
RUSSIAN = (
    *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk"),
    *("Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan"),
    "Asia/Kamchatka",
)
ADDRESSES = re.compile(r"[\s,;]+")
WIDE = {"wide": "1"}


def _zones(empty: Any) -> list[tuple[str, Any]]:
    known = available_timezones()
    return [("", empty), *((zone, zone) for zone in RUSSIAN if zone in known)]


class UploadForm(DeskForm):
    """A file of readings, and what its tables do not say themselves."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(sorted(SUFFIXES)), "wide": "1"}),
        help_text=_(
            "Messages 80020 and 80040, tables CSV and XLSX of interval values or register"
            " readings, telemetry JSON; a zip of them. What it is, is found out by itself."
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
    zone = forms.ChoiceField(
        label=_("Time zone"), required=False,
        choices=lambda: _zones(_("as agreed with the sender, else Moscow")),
    )  # fmt: skip
    stamped = forms.ChoiceField(
        label=_("Times of a table are"), required=False,
        choices=[
            ("", _("found out")),
            ("start", _("starts of intervals")),
            ("end", _("ends of intervals")),
        ],
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=_("Channel, where a table names none"), required=False,
        choices=[("", "—"), *((name, name) for name in BY_CHANNEL)],
    )  # fmt: skip
    unit = forms.ChoiceField(
        label=_("Unit, where a table names none"), required=False,
        choices=[("", "—"), *dict.fromkeys((u.name, u.name) for u in UNITS.values())],
    )  # fmt: skip
    create_points = forms.BooleanField(
        label=_("Make usage points that are not known yet"), required=False
    )

    def __init__(self, *args: Any, sees_whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_whole:
            del self.fields["create_points"]

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if not (file.name or "").lower().endswith(tuple(SUFFIXES)):
            raise forms.ValidationError(_("Choose a file XML, ZIP, CSV, TXT, XLSX or JSON."))
        if file.size is None or file.size > FILE_LIMIT:
            raise forms.ValidationError(_("The file is larger than 256 MB."))
        return file


class AddressesField(forms.CharField):
    """Words parted by spaces, commas or lines; its value is a list."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2})
        super().__init__(required=False, widget=widget, max_length=4000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return list(dict.fromkeys(filter(None, ADDRESSES.split(super().clean(value) or ""))))


class ProfileForm(DeskForm):
    """What is agreed with a counterparty."""

    counterparty = forms.CharField(label=_("Counterparty"), max_length=200)
    sender_inn = forms.RegexField(
        r"^\d{10}(\d\d)?$", label=_("Sender, INN"),
        help_text=_("Who stands as the sender in the messages."),
        error_messages={"invalid": _("An INN has 10 or 12 digits.")},
    )  # fmt: skip
    sender_name = forms.CharField(label=_("Sender, name"), max_length=200, required=False)
    area_inn = forms.RegexField(
        r"^\d{10}(\d\d)?$", label=_("Area, INN"), required=False,
        error_messages={"invalid": _("An INN has 10 or 12 digits.")},
    )  # fmt: skip
    area_name = forms.CharField(label=_("Area, name"), max_length=200, required=False)
    zone = forms.ChoiceField(
        label=_("Time zone of the days"), required=False, choices=lambda: _zones(_("Moscow"))
    )
    rounding = forms.ChoiceField(label=_("Rounding"), choices=ExchangeProfile.Rounding.choices)
    channels = forms.MultipleChoiceField(
        label=_("Channels that are sent"), required=False,
        choices=[(name, name) for name in xml80020.CODES],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    sends_from = forms.DateField(
        label=_("Send by itself from the day"), required=False, validators=[validate_day],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Empty: nothing is sent by itself."),
    )  # fmt: skip
    send_hour = forms.IntegerField(label=_("Hour of sending"), min_value=0, max_value=23)
    resend_days = forms.IntegerField(
        label=_("Days that are sent again when they change"), min_value=1, max_value=400
    )
    addresses = AddressesField(label=_("Send to addresses"))
    place = forms.ModelChoiceField(
        label=_("Send to a place (SFTP)"), required=False,
        queryset=ExchangePlace.objects.none(), empty_label="—",
    )  # fmt: skip
    senders = AddressesField(
        label=_("Take files from addresses"),
        help_text=_("Mails from these addresses to our mailbox are read; others are held back."),
    )

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = places  # type: ignore[attr-defined]

    @classmethod
    def first(cls, profile: ExchangeProfile) -> dict[str, Any]:
        """What the form begins with."""
        return {name: getattr(profile, name) for name in cls.base_fields}


class CodesForm(DeskForm):
    """A table of codes."""

    file = forms.FileField(
        label=_("Table CSV: their code; our usage point"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
    replace = forms.BooleanField(
        label=_("Take off codes that the table does not name"), required=False
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > CODES_LIMIT:
            raise forms.ValidationError(_("The file is larger than 8 MB."))
        return file


class PlaceForm(DeskForm):
    """A place on an SFTP server. The secret is typed and never shown."""

    name = forms.CharField(label=_("Name"), max_length=100)
    host = forms.RegexField(
        r"^[\w.:-]+$", label=_("Server"), max_length=200,
        error_messages={"invalid": _("A name or an address of a server.")},
    )  # fmt: skip
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=22)
    user = forms.CharField(label=_("User"), max_length=100)
    host_key = forms.CharField(
        label=_("Key of the server"), max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "wide": "1", "spellcheck": "false"}),
        help_text=_("A line as ssh-keyscan or the counterparty gives it: ssh-ed25519 AAAA…"),
    )  # fmt: skip
    is_key = forms.BooleanField(label=_("Enter by a private key"), required=False)
    secret = forms.CharField(
        label=_("Password or private key"), required=False, max_length=20_000, strip=False,
        widget=forms.Textarea(
            attrs={"rows": 3, "wide": "1", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=_("It is never shown again. Empty leaves the one that is kept."),
    )  # fmt: skip
    inbox = forms.CharField(label=_("Folder to take from"), max_length=300, required=False)
    outbox = forms.CharField(label=_("Folder to put into"), max_length=300, required=False)
    senders = AddressesField(
        label=_("Senders whose messages are taken, INN"), help_text=_("Empty: all.")
    )
    is_enabled = forms.BooleanField(label=_("Look into it"), required=False, initial=True)

    @classmethod
    def first(cls, place: ExchangePlace) -> dict[str, Any]:
        """What the form begins with: all but the secret."""
        return {name: getattr(place, name) for name in cls.base_fields if name != "secret"}
