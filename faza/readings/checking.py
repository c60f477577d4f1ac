"""Whether stored days say of themselves what their values say: for `faza verify`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from faza.core.quality import is_present
from faza.core.reading_types import BY_CODE
from faza.metering.models import UsagePoint
from faza.readings import packing
from faza.readings.packing import WIDTHS
from faza.readings.store.reading import day_number, rows

BATCH = 20_000
"""Days in memory at once: 48 values each take 8 MB."""
MOST = 1_000
"""Days that are told one by one."""
TABLES = ("readings_block", "readings_delivered")

I64 = npt.NDArray[np.int64]


@dataclass(slots=True)
class Checked:
    """Days that were read, and what is wrong with some, in words; the first MOST of them."""

    days: int = 0
    wrong: list[str] = field(default_factory=list)


def check() -> Checked:
    """Compare counters, total and peak of every effective and delivered day with its values.

    One query for each 20,000 days, in the order of the key; what is written meanwhile may be seen
    or not, but never half of it.
    """
    checked = Checked()
    for table in TABLES:
        after: tuple[Any, ...] = (0, 0, "0001-01-01")
        while found := _page(table, after):
            checked.days += len(found)
            if len(checked.wrong) < MOST:
                checked.wrong += _told(table, found)
            point, kind, day = found[-1][:3]
            after = (point, kind, str(np.datetime64(day, "D")))
    return checked


def _page(table: str, after: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return rows(
        f"SELECT usage_point_id, reading_type, {day_number()} AS day_number, n_valid, n_missing,"
        f' n_estimated, total, peak, "values", quality FROM {table}'
        " WHERE (usage_point_id, reading_type, day) > (%s, %s, %s)"
        " ORDER BY usage_point_id, reading_type, day LIMIT %s",
        (*after, BATCH),
    )


def _told(table: str, found: list[tuple[Any, ...]]) -> list[str]:
    """What is wrong with rows of `_page`, in words."""
    numbers = np.array([row[3:7] for row in found], np.int64).reshape(len(found), 4)
    lengths = numbers[:, :3].sum(axis=1)
    sizes = np.array([(len(row[8]), len(row[9])) for row in found], np.int64)
    is_whole = _are_whole(lengths, sizes)
    whole = np.flatnonzero(is_whole)
    of_whole = [found[n] for n in whole.tolist()]
    values, quality = packing.unpack(
        [bytes(row[8]) for row in of_whole], [bytes(row[9]) for row in of_whole], lengths[whole]
    )
    counted = packing.count(values, quality, lengths[whole].astype(np.int16))
    peaks = np.array([row[7] or 0 for row in of_whole], np.int64)
    has_peak = np.array([row[7] is not None for row in of_whole], bool)
    kinds = {
        "its counters": np.stack([counted.valid, counted.missing, counted.estimated], axis=1)
        != numbers[whole, :3],
        "its total": counted.total != numbers[whole, 3],
        "its peak": (counted.has_peak != has_peak) | (counted.peak != peaks),
        "missing intervals have values": (~is_present(quality) & (values != 0)).any(axis=1),
    }
    wrong = [(int(n), "its bytes") for n in np.flatnonzero(~is_whole)]
    for words, mask in kinds.items():
        rows_of = np.flatnonzero(mask.reshape(len(whole), -1).any(axis=1))
        wrong += [(int(whole[n]), words) for n in rows_of]
    return _words(table, found, sorted(wrong)[:MOST])


def _are_whole(lengths: I64, sizes: I64) -> npt.NDArray[np.bool_]:
    """Which days have as many bytes as their layout says."""
    n = np.maximum(lengths, 1)
    widths = np.isin(sizes[:, 0], [0]) | (
        (sizes[:, 0] % n == 0) & np.isin(sizes[:, 0] // n, list(WIDTHS))
    )
    return (lengths > 0) & widths & ((sizes[:, 1] == 0) | (sizes[:, 1] == lengths))


def _words(table: str, found: list[tuple[Any, ...]], wrong: list[tuple[int, str]]) -> list[str]:
    ids = {found[n][0] for n, _ in wrong}
    codes = dict(UsagePoint.objects.filter(pk__in=ids).values_list("pk", "code"))
    told = []
    for n, words in wrong:
        point, kind, day = found[n][:3]
        channel = BY_CODE[kind].channel if kind in BY_CODE else str(kind)
        name = codes.get(point, f"usage point {point}, which is not there")
        tail = words if words.startswith("missing") else f"{words} and its values differ"
        told.append(f"{table}: {name}, {channel}, {np.datetime64(day, 'D')}: {tail}")
    return told
