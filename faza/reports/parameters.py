"""What a report is asked for, but for its usage points: read from an address, and written to one.

Everything in an address has a default, and what it says wrongly is a named problem beside that
default, so that a form can show both; nothing here raises. Which of the parameters a kind of
report uses, its entry in the registry says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from faza.core.reading_types import BY_CHANNEL, OF_COMMODITY, Commodity, ReadingType
from faza.ui import periods
from faza.ui.periods import Shown

UNITS = ("day", "week", "month", "quarter", "year", "any")
LONGEST = timedelta(days=366 * 10)
"""Of a period of any length."""
MOST_DIGITS = 6
OLDEST, NEWEST = 1990, 2200
"""Years of days that can be asked for; those at the ends of the calendar have no neighbours."""
MAXIMA = (15, 30, 60)
"""Minutes over which a maximum of power is told; an hour is two half-hours."""


class Resolution(StrEnum):
    """The rows of a report over time."""

    INTERVAL = "interval"
    """As it was measured: mostly half-hours."""
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Layout(StrEnum):
    """Where the usage points of a profile stand."""

    COLUMNS = "columns"
    ROWS = "rows"
    """One below another."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that an address says wrongly: the name in the address, and what is wrong with it."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one report is asked for. `kind` is a code of the registry.

    shown: civil days first … last, both in it, in the time of each usage point. digits: after the
    decimal point. interval: minutes over which maxima are told.
    """

    kind: str
    shown: Shown
    reading_type: ReadingType = OF_COMMODITY[Commodity.ELECTRICITY][0]
    resolution: Resolution = Resolution.DAY
    layout: Layout = Layout.COLUMNS
    digits: int = 3
    tariffs: bool = False
    only_fixed: bool = False
    with_replacements: bool = True
    interval: int = 60

    @property
    def commodity(self) -> Commodity:
        return self.reading_type.commodity

    @property
    def first(self) -> date:
        return self.shown.first

    @property
    def end(self) -> date:
        """The day after the last one: the half-open end."""
        return self.shown.end

    def stepped(self, steps: int) -> Parameters:
        """The same of the neighbouring period."""
        return replace(self, shown=periods.stepped(self.shown, steps))

    def last_whole(self, today: date) -> Parameters:
        """The same of the latest period of this length that is over; a schedule asks for it.

        One of any length ends yesterday.
        """
        if self.shown.kind == "any":
            length = self.shown.last - self.shown.first
            last = today - timedelta(days=1)
            return replace(self, shown=Shown("any", last - length, last))
        now = periods.around(self.shown.kind, today)
        return replace(self, shown=periods.stepped(now, -1))

    def to_query(self) -> dict[str, str]:
        """All of it as names and values of an address; `read` makes the same of them."""
        told = {
            "kind": self.kind,
            "period": self.shown.kind,
            "resource": self.commodity.value,
            "channel": self.reading_type.channel,
            "resolution": self.resolution.value,
            "layout": self.layout.value,
            "digits": str(self.digits),
            "tariffs": str(int(self.tariffs)),
            "fixed": str(int(self.only_fixed)),
            "replacements": str(int(self.with_replacements)),
            "interval": str(self.interval),
        }
        if self.shown.kind == "any":
            told["from"], told["to"] = self.first.isoformat(), self.shown.last.isoformat()
        else:
            told["on"] = self.first.isoformat()
        return told


@dataclass(frozen=True, slots=True)
class Asked:
    """What was read of an address, with defaults where it said something wrong."""

    parameters: Parameters
    problems: tuple[Problem, ...] = ()


def read(
    query: Mapping[str, str], defaults: Parameters, *, units: tuple[str, ...] = UNITS,
    resolutions: tuple[Resolution, ...] = tuple(Resolution),
) -> Asked:  # fmt: skip
    """The parameters of an address; what it does not say is taken from the defaults.

    units, resolutions: those that the kind knows (`registry.KindOfReport.read` gives them). Of a
    name that is there twice the last value counts, as Django's QueryDict has it: a box that may
    be cleared stands after a hidden 0 of its name.
    """
    reader = _Reader(query, units)
    kind = reader.channel(defaults.reading_type)
    made = replace(
        defaults,
        shown=reader.shown(defaults.shown),
        reading_type=kind,
        resolution=Resolution(reader.one_of("resolution", resolutions, defaults.resolution)),
        layout=Layout(reader.one_of("layout", tuple(Layout), defaults.layout)),
        digits=reader.number("digits", range(MOST_DIGITS + 1), defaults.digits),
        tariffs=reader.tick("tariffs", is_on=defaults.tariffs),
        only_fixed=reader.tick("fixed", is_on=defaults.only_fixed),
        with_replacements=reader.tick("replacements", is_on=defaults.with_replacements),
        interval=reader.number("interval", MAXIMA, defaults.interval),
    )
    return Asked(made, tuple(reader.problems))


class _Reader:
    """Values of an address one by one, with what is wrong with them."""

    def __init__(self, query: Mapping[str, str], units: tuple[str, ...]) -> None:
        self.query = query
        self.units = units
        self.problems: list[Problem] = []

    def text(self, name: str) -> str:
        value = self.query.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def wrong(self, name: str, text: str) -> None:
        self.problems.append(Problem(name, text))

    def one_of(self, name: str, values: tuple[str, ...], default: str) -> str:
        value = self.text(name)
        if not value or value in values:
            return value or default
        self.wrong(name, _("There is no such choice."))
        return default

    def number(self, name: str, values: range | tuple[int, ...], default: int) -> int:
        value = self.text(name)
        if not value:
            return default
        # Digits of other scripts are digits to str.isdigit and numbers to int.
        known = {str(one): one for one in values}
        if value not in known:
            self.wrong(name, _("There is no such choice."))
        return known.get(value, default)

    def tick(self, name: str, *, is_on: bool) -> bool:
        value = self.one_of(name, ("0", "1", "on"), "1" if is_on else "0")
        return value != "0"

    def channel(self, default: ReadingType) -> ReadingType:
        """The reading type; of a resource alone what is consumed of it."""
        resource = self.one_of("resource", tuple(Commodity), "")
        # A plus in an address is a space where it was not written as %2B.
        name = self.text("channel").upper()
        name = f"{name}+" if name in {"A", "R"} else name
        kind = BY_CHANNEL.get(name)
        if name and (kind is None or kind not in OF_COMMODITY[kind.commodity]):
            self.wrong("channel", _("There is no such parameter."))
            kind = None
        if kind is None:
            return OF_COMMODITY[Commodity(resource)][0] if resource else default
        if resource and kind.commodity != resource:
            # The form's other field was changed, and this one not yet.
            return OF_COMMODITY[Commodity(resource)][0]
        return kind

    def shown(self, default: Shown) -> Shown:
        unit = self.one_of("period", self.units, default.kind)
        if unit == "any":
            return self._between(default)
        on = self.day("on") or default.first
        return periods.around(unit, on)

    def _between(self, default: Shown) -> Shown:
        first, last = self.day("from"), self.day("to")
        wrong = {problem.field for problem in self.problems} & {"from", "to"}
        if wrong:
            return default
        if first is None or last is None:
            if self.text("period"):
                self.wrong("from" if first is None else "to", _("Give both days of the period."))
            return default
        if last < first:
            self.wrong("to", _("The period ends before it begins."))
            return default
        if last - first > LONGEST:
            self.wrong("to", _("The period is longer than ten years."))
            return default
        return Shown("any", first, last)

    def day(self, name: str) -> date | None:
        value = self.text(name)
        if not value:
            return None
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.wrong(name, _("This is no day; expected: year-month-day."))
            return None
        if not OLDEST <= day.year <= NEWEST:
            self.wrong(name, _("This is no day; expected: year-month-day."))
            return None
        return day
