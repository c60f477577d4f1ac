"""What is stored of a demo grid, for its tests."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from faza.core.quality import Quality
from faza.demo import making, plan
from faza.demo.making import Prepared
from faza.demo.plan import POINTS
from faza.demo.profiles import SLOTS
from faza.demo.scenario import Scenario
from faza.metering.models import NetworkNode, UsagePoint
from faza.readings.store import fetch

AT = datetime(2026, 11, 21, 12, 17, tzinfo=UTC)
MONTHS = 2
KINDS = (1, 2, 3, 4, 11, 12, 13, 16, 17, 18)


@dataclass(frozen=True)
class Made:
    """A demo grid, and what is stored of it by (code, reading type): days, values, quality."""

    prepared: Prepared
    scenario: Scenario
    channels: dict[tuple[str, int], tuple[list[date], np.ndarray, np.ndarray]]
    ids: dict[str, int]

    def of(self, name: str, kind: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Values and quality of a point over all days, flat; days without a block are missing."""
        code = POINTS[plan.BY_NAME[name]].code
        days, values, quality = self.channels[code, kind]
        total = (self.prepared.until.date() - self.scenario.since).days + 2
        flat = np.zeros((total, SLOTS), np.int64)
        good = np.full((total, SLOTS), Quality.MISSING, np.uint8)
        places = [(day - self.scenario.since).days for day in days]
        flat[places], good[places] = values, quality
        return flat.reshape(-1), good.reshape(-1)


def look(prepared: Prepared) -> Made:
    ids = dict(UsagePoint.objects.values_list("code", "id"))
    found = fetch(list(ids.values()), KINDS, prepared.since, date(2100, 1, 1))
    codes = {number: code for code, number in ids.items()}
    channels = {}
    keys = np.column_stack([found.usage_points, found.reading_types])
    for point, kind in np.unique(keys, axis=0).tolist():
        rows = (keys == (point, kind)).all(axis=1)
        days = found.days[rows].tolist()
        channels[codes[point], kind] = (days, found.values[rows], found.quality[rows])
    root = NetworkNode.objects.get(code="ZS")
    return Made(prepared, making._read_mark(root)[0], channels, ids)
