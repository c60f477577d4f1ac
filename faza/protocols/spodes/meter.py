"""What is known of a meter from earlier sessions and from the present association."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal

from faza.protocols.dlms import Associated, Conformance, Data, DateTime
from faza.protocols.metered import Json
from faza.protocols.spodes.layouts import Layout

Access = Literal["range", "entries", "whole"]
CIPHERING = 48
"""Bytes of a PDU that protection may take."""
RANGED = 75
"""Bytes of an attribute in a question, with a range of clocks."""
DAY = 24 * 60
MOST_IN_LIST = 16
"""Attributes in one question; greater lists are refused by real meters."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a model differs from others.

    stamped_at_end: rows of load profiles have the end of the interval, not its start.
    names_offset: the ends of a range are given with their offset from UTC, not without.
    access: how rows are asked for: by range, by number, or all there are. Learnt.
    lists: several attributes in one question work, if the meter says so at all. Learnt.
    """

    stamped_at_end: bool = True
    names_offset: bool = True
    access: Access = "range"
    lists: bool = True

    def to_json(self) -> dict[str, Json]:
        return {
            "stamped_at_end": self.stamped_at_end,
            "names_offset": self.names_offset,
            "access": self.access,
            "lists": self.lists,
        }


@dataclass(slots=True)
class Meter:
    """A meter as it is known. `offset`: minutes east of UTC of its clock, where it doesn't say.

    shown_offset: what its clock last said. layouts: by name of the profile. units: (scaler, unit)
    of registers by name, None for plain data. absent: attributes that it said it has not.
    """

    offset: int
    habits: Habits = field(default_factory=Habits)
    shown_offset: int | None = None
    layouts: dict[str, Layout] = field(default_factory=dict)
    units: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    list_most: int = 1
    """Attributes in one question now."""
    ranges_most: int = 1
    """The same, where each has a range of rows."""
    special_due: tuple[tuple[int, int, int | None, int], ...] = ()
    """Special days that wait for the calendar to become active, in this session."""

    def agreed(self, terms: Associated, *, ciphered: bool = False) -> None:
        """Take what an association allows: it holds until the next one."""
        self.list_most = self.ranges_most = 1
        if self.habits.lists and Conformance.MULTIPLE_REFERENCES in terms.conformance:
            room = terms.max_pdu - (CIPHERING if ciphered else 0) - 8
            self.list_most = max(1, min(MOST_IN_LIST, room // 10))
            self.ranges_most = max(1, min(MOST_IN_LIST, room // RANGED))

    @property
    def local_offset(self) -> int:
        """Minutes east of UTC of the meter's wall time."""
        return self.offset if self.shown_offset is None else self.shown_offset

    def local(self, moment: datetime) -> Data:
        """A moment as this meter compares it: in its wall time."""
        return _local(moment, self.local_offset, names_offset=self.habits.names_offset)

    def forget(self) -> None:
        """Forget layouts, units and what is absent: after new firmware or another meter."""
        self.layouts.clear()
        self.units.clear()
        self.absent.clear()

    def to_json(self) -> dict[str, Json]:
        """All that is worth keeping between sessions."""
        return {
            "habits": self.habits.to_json(),
            "shown_offset": self.shown_offset,
            "layouts": [layout.to_json() for layout in self.layouts.values()],
            "units": {
                name: None if unit is None else list(unit) for name, unit in self.units.items()
            },
            "absent": list[Json](sorted(self.absent)),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Json], *, offset: int) -> Meter:
        """As kept by `to_json`; what does not look so is not known. Never raises for `kept`."""
        meter = cls(offset, _habits(kept.get("habits")))
        shown, units, absent = kept.get("shown_offset"), kept.get("units"), kept.get("absent")
        meter.shown_offset = shown if isinstance(shown, int) and abs(shown) < DAY else None
        layouts = kept.get("layouts")
        for known in layouts if isinstance(layouts, list) else []:
            layout = Layout.from_json(known)
            if layout is not None:
                meter.layouts[layout.name] = layout
        for name, unit in units.items() if isinstance(units, dict) else ():
            if unit is None:
                meter.units[name] = None
            elif isinstance(unit, list) and len(unit) == 2:
                scaler, code = unit
                if isinstance(scaler, int) and isinstance(code, int):
                    meter.units[name] = scaler, code
        meter.absent = {str(name) for name in absent} if isinstance(absent, list) else set()
        return meter


@lru_cache(maxsize=256)
def _local(moment: datetime, offset: int, *, names_offset: bool) -> Data:
    """Many meters are asked for the same days."""
    there = moment.astimezone(timezone(timedelta(minutes=offset)))
    return DateTime.of(there if names_offset else there.replace(tzinfo=None)).data()


def _habits(kept: Json) -> Habits:
    if not isinstance(kept, dict):
        return Habits()
    kinds: dict[str, Access] = {"entries": "entries", "whole": "whole"}
    access = kept.get("access")
    return Habits(
        kept.get("stamped_at_end") is not False,
        kept.get("names_offset") is not False,
        kinds.get(access, "range") if isinstance(access, str) else "range",
        kept.get("lists") is not False,
    )
