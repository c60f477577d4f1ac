"""What goes wrong in the demo grid, and when: gaps, doubts, a replacement, a day sent twice.

All is dated back from the day on which the grid was made first, so that it stays where it was
when days are added later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.demo import plan
from faza.demo.loads import Stand, Truth
from faza.demo.plan import MOSCOW, POINTS
from faza.demo.profiles import SLOTS, Calendar

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]

STEP = timedelta(minutes=30)
REPLACED = 'Магазин "Берег"'
NEW_CT = (200, 5)
SILENT = "Квартира 44"
CAUGHT_UP = 'Кафе "Пристань"'
LATE_NODE = "TP-412"
WINDOW = 15, 25
"""Days of the month on which readings may be typed."""
BY_MESSAGE = ("Ввод 1 10 кВ", "Ввод 2 10 кВ")
"""The factory's own system reads these and sends messages 80020."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Half-hours [first, end) of a point that are not as they should be."""

    point: int
    first: int
    end: int
    quality: Quality = Quality.MISSING


@dataclass(frozen=True, slots=True)
class Flaw:
    """Half-hours [first, end) of A+ that were read otherwise than they were counted.

    kind: "spike" (fourteen times), "half", "held" (the first one's value), "zero", "jump" (the
    last holds the energy of all). Registers are right.
    """

    point: int
    kind: str
    first: int
    end: int

    def spoilt(self, values: I64) -> I64:
        """The series (slots,) as it was read."""
        found, span = values.copy(), slice(self.first, self.end)
        match self.kind:
            case "spike":
                found[span] *= 14
            case "half":
                found[span] //= 2
            case "held":
                found[span] = values[self.first]
            case "zero":
                found[span] = 0
            case "jump":
                found[self.end - 1] = values[span].sum()
        return found


@dataclass(frozen=True)
class Scenario:
    """A grid with data since a day, made first when they were known up to `first_until`."""

    since: date
    first_until: datetime

    @cached_property
    def today(self) -> date:
        return self.first_until.astimezone(ZoneInfo(MOSCOW)).date()

    def ago(self, days: int) -> date:
        """A day so long before the first one made; two to three weeks where data are shorter."""
        total = (self.today - self.since).days
        return self.today - timedelta(days=days if days < total - 10 else 13 + days % 7)

    def slot(self, day: date, hour: float = 0) -> int:
        """The place of a local half-hour in the series."""
        return (day - self.since).days * SLOTS + int(hour * 2)

    @property
    def sold(self) -> date:
        """When the flat changed hands."""
        return self.ago(152)

    @property
    def replaced(self) -> tuple[date, int]:
        """Day and place of the half-hour in which the new meter began to count, 11:30."""
        day = self.ago(137)
        return day, self.slot(day, 11.5)

    @property
    def sent_twice(self) -> date:
        return self.ago(9)

    @property
    def awaited(self) -> date:
        """The day of which the factory's message lies in a file that nobody has imported yet."""
        return self.ago(3)

    @property
    def late(self) -> date:
        """The day that came hours late from one substation."""
        return self.ago(2)

    @cached_property
    def window_opened(self) -> date:
        """The first day of the last window that has been open for a day."""
        day = self.today.replace(day=WINDOW[0])
        if self.today <= day:
            day = (day.replace(day=1) - timedelta(days=1)).replace(day=WINDOW[0])
        return day

    def known(self, n: int, until: datetime) -> int:
        """How many half-hours of a point's series are there at a moment."""
        point = POINTS[n]
        count = (until - start_of_day(self.since, point.zone)) // STEP
        return count // SLOTS * SLOTS if point.name in BY_MESSAGE else count

    def stands(self, calendar: Calendar) -> tuple[Stand, ...]:
        """Which meter counted when, with its ratio."""
        _, at = self.replaced
        found = []
        for n, point in enumerate(POINTS):
            if point.name == REPLACED:
                found.append(Stand(n, 0, at, point.ratio))
                found.append(Stand(n, at, calendar.slots, Fraction(*NEW_CT)))
            else:
                found.append(Stand(n, 0, calendar.slots, point.ratio))
        return tuple(found)

    def stretches(self) -> Iterator[Stretch]:
        """All that was not read, or is doubted by its meter."""
        of, at = plan.BY_NAME, self.slot

        def of_day(days: int, first: float, end: float) -> tuple[int, int]:
            """From an hour to another of a day so long ago; hours past 24 are of those after."""
            return at(self.ago(days), first), at(self.ago(days), end)

        yield Stretch(of["Мастерская"], *of_day(4, 20, 34))
        # A meter that has not answered since the day before yesterday.
        yield Stretch(of[SILENT], *of_day(2, 14, 24 * 3660))
        # The concentrator of a substation lost a night.
        for n, point in enumerate(POINTS):
            if point.node in plan.nodes_below("TP-374"):
                yield Stretch(n, *of_day(40, 2, 8))
        for name, days, hours in (
            ("Дом 11", 75, (0, 120)), ("Аптека", 100, (9, 42)), ("Дом", 17, (23, 29)),
            (CAUGHT_UP, 19, (2, 8)),
        ):  # fmt: skip
            yield Stretch(of[name], *of_day(days, *hours))
        for name, days, span in (
            ('Пекарня "Каравай"', 6, (13, 15.5)), ("Дом 12", 9, (3, 5)), ("Дом", 12, (18, 20)),
        ):  # fmt: skip
            yield Stretch(of[name], *of_day(days, *span), Quality.QUESTIONABLE)

    def flaws(self) -> Iterator[Flaw]:
        """What was read wrongly, for the rules to find."""
        for name, kind, days, (start, end) in (
            ("Базовая станция", "spike", 8, (14.5, 15)),
            ("Дом 19", "half", 5, (17, 21)),
            ("Тепличное хозяйство", "held", 11, (1, 9)),
            (REPLACED, "zero", 23, (1, 24)),
            (CAUGHT_UP, "jump", 19, (2, 8.5)),
        ):
            day = self.ago(days)
            yield Flaw(plan.BY_NAME[name], kind, self.slot(day, start), self.slot(day, end))

    def quality(self, truth: Truth) -> U8:
        """How good each half-hour of each point is as its meter delivered it, (n, slots)."""
        found = np.where(truth.unread, Quality.MISSING, Quality.VALID).astype(np.uint8)
        for stretch in self.stretches():
            span = slice(max(stretch.first, 0), max(stretch.end, 0))
            found[stretch.point, span] = stretch.quality
        return found
