"""Words for ways, states and formats of files."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise

WAYS: dict[str, Words] = {
    "upload": _("upload"),
    "mail": _("mail"),
    "sftp": "SFTP",
    "folder": _("watched folder"),
    "mqtt": "MQTT",
    "push": _("push"),
    "command": _("command"),
}
FORMATS: dict[str, Words] = {
    "80020": "80020",
    "80040": "80040",
    "profiles": _("interval values"),
    "registers": _("register readings"),
    "telemetry": _("telemetry"),
    "espi": "Green Button",
}
RUN_STATES: dict[str, tuple[str, Words]] = {
    "running": ("warn", _("broke off or runs")),
    "complete": ("good", pgettext_lazy("import", "read")),
    "refused": ("bad", _("files refused")),
}
FILE_STATES: dict[str, tuple[str, Words]] = {
    "complete": ("good", _("read")),
    "refused": ("bad", pgettext_lazy("file", "refused")),
}
ARRIVALS: dict[str, tuple[str, Words]] = {
    "waiting": ("info", _("waits to be read")),
    "done": ("good", _("read")),
    "failed": ("bad", _("not read")),
    "held": ("warn", _("held back")),
}
DELIVERIES: dict[str, tuple[str, Words]] = {
    "waiting": ("info", _("waits to be sent")),
    "sending": ("info", _("is being sent")),
    "sent": ("good", pgettext_lazy("file", "sent")),
    "given_up": ("bad", _("not sent")),
}
STATES = ARRIVALS | DELIVERIES
