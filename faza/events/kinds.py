"""What can be said of a kind of event: of which device, of what sort, how important, what it does.

Sort, importance, pairs and what people are warned of are Faza's own; the standard numbers and names
events only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Pair = tuple[int, int]
"""Journal and code."""


class Device(TextChoices):
    """Who says it."""

    METER = "meter", pgettext_lazy("device", "meter")
    CONCENTRATOR = "concentrator", pgettext_lazy("device", "data concentrator")
    MODEM = "modem", pgettext_lazy("device", "modem")
    SYSTEM = "system", pgettext_lazy("device", "system")


class Importance(IntegerChoices):
    """How soon somebody should look: never, some day, this week, now."""

    INFO = 0, _("ordinary event")
    NOTICE = 1, _("event to note")
    WARNING = 2, _("event of middling importance")
    ALARM = 3, _("important event")


class Category(TextChoices):
    POWER = "power", _("power supply")
    VOLTAGE = "voltage", _("voltage")
    CURRENT = "current", _("current in phases")
    RELAY = "relay", _("load relay")
    TIME = "time", _("correction of time")
    SETTINGS = "settings", _("settings")
    TAMPER = "tamper", _("opening and influence")
    ACCESS = "access", _("access to the meter")
    LINK = "link", _("communication")
    MODEM = "modem", _("modem")
    CONCENTRATOR = "concentrator", _("data concentrator")
    DIAGNOSTICS = "diagnostics", _("self-diagnosis")
    REACTIVE = "reactive", _("reactive power")
    QUALITY = "quality", _("supply quality")
    IO = "io", _("inputs and outputs")
    DATA = "data", _("data collection")


class Warns(StrEnum):
    """Of what people are told without asking for it. Source: design/rules.md, Warnings (F8)."""

    SEAL = "seal"
    MAGNET = "magnet"
    FAILURE = "failure"
    POWER_OFF = "power_off"
    POWER_ON = "power_on"
    REBOOT = "reboot"


class Found(IntEnum):
    """Codes of journal COLLECTION: what Faza itself finds or does at a meter."""

    LINK_LOST = 1
    LINK_RESTORED = 2
    WRONG_PASSWORD = 3
    OTHER_METER = 4
    CLOCK_OFF = 5
    CLOCK_FAR_OFF = 6
    CLOCK_CORRECTED = 7
    CLOCK_SET = 8
    DATA_MISSING = 9
    DATA_READ = 10
    DATA_LOST = 11
    OTHER_CONFIGURATION = 12
    OTHER_CALENDAR = 13
    OTHER_RELAY = 14


class ModemSays(IntEnum):
    """Codes of journal MODEM."""

    ON = 1
    RESTARTED = 2
    OFF = 3
    NO_POWER = 4
    NO_NETWORK = 5
    NETWORK_BACK = 6


class ConcentratorSays(IntEnum):
    """Codes of journal CONCENTRATOR."""

    ON = 1
    RESTARTED = 2
    OFF = 3
    TIME_CORRECTED = 4
    LINK_LOST = 5
    LINK_RESTORED = 6
    OPENED = 7
    OTHER_SETTINGS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A code of a journal; what is None is as in the journal.

    closes: codes of the same journal whose state this one ends; closes_of: with their journals.
    doubts: from here to what closes it, readings are not to be trusted.
    """

    code: int
    words: StrPromise
    importance: Importance | None = None
    category: Category | None = None
    closes: tuple[int, ...] = ()
    closes_of: tuple[Pair, ...] = ()
    warns: Warns | None = None
    doubts: bool = False


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal with its codes; a code that is not listed has its category and importance."""

    number: int
    words: StrPromise
    category: Category
    importance: Importance
    entries: tuple[Entry, ...] = ()
    device: Device = Device.METER


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event, all told. words: as people read it; closes: what it ends."""

    journal: int
    code: int
    words: StrPromise | str
    category: Category
    importance: Importance
    device: Device
    closes: tuple[Pair, ...] = ()
    warns: Warns | None = None
    doubts: bool = False
