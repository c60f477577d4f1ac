"""What was really consumed, and what the meters hold of it: for tests that compare.

    write(file, fleet.meters, at)
    for told in read(file): told.consumed, told.rows, told.lost

Energies are tenths of Wh and varh on the meter's side; `primary` gives Wh and varh as they are
stored. Moments are UTC, datetime64[s].
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from faza.protocols.metered import I64, Mask, Stamps
from faza.simulator import rows as rows_of
from faza.simulator.load import HALF_HOUR, TENTHS
from faza.simulator.meter import Meter
from faza.simulator.state import State, Stay


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """All rows of load profile 1 that were ever made, (n,) each; values (n, 4) tenths.

    ends: by the meter's clock. moments: when they truly ended. held: still there at the end.
    numbers: of the meter that made them, which is another one after a replacement.
    """

    ends: Stamps
    moments: Stamps
    values: I64
    doubtful: Mask
    held: Mask
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """The truth of one place in the fleet, from `since` on until `at`.

    consumed: (4, n) tenths by half-hour, whatever was metered of it, truly timed.
    registers: (4, 9) Wh as shown at the end. days, day_values: registers kept at starts of days,
    (m,) and (m, 4, 9) Wh. events: (k, 3) stamp in seconds since 1970 by the meter's clock,
    journal, code: those it holds.
    """

    number: str
    ratio: Fraction
    interval: int
    offset: int
    since: datetime
    at: datetime
    consumed: I64
    rows: Rows
    registers: I64
    days: Stamps
    day_values: I64
    events: I64

    @property
    def lost(self) -> Stamps:
        """Ends of intervals since the start of which the meter, or one before it, has no row."""
        step = self.interval * 60
        shift = self.offset * 60
        first = (int(self.since.timestamp()) + shift) // step + 1
        last = (int(self.at.timestamp()) + shift) // step
        due = np.arange(first, last + 1) * step - shift
        return np.setdiff1d(due, self.rows.ends[self.rows.held].astype(np.int64)).astype(
            "datetime64[s]"
        )

    @property
    def ambiguous(self) -> Stamps:
        """Ends that different rows have: the clock passed them twice."""
        seen, first, times = np.unique(self.rows.ends, return_index=True, return_counts=True)
        again = seen[times > 1]
        same = [
            len(np.unique(self.rows.values[self.rows.ends == end], axis=0)) == 1 for end in again
        ]
        found: Stamps = again[~np.array(same, bool)]
        return found

    def primary(self, tenths: I64) -> I64:
        """Tenths on the meter's side as Wh and varh on the primary side, (n, …), cut."""
        found: I64 = tenths * self.ratio.numerator // (TENTHS * self.ratio.denominator)
        return found


def write(file: Path, meters: Sequence[Meter], at: datetime) -> None:
    """Write the truth of meters as of a moment (.npz); the file appears whole or not at all."""
    arrays: dict[str, Any] = {}
    told = []
    for n, meter in enumerate(meters):
        meter.advance(at)
        facts, found = _of(meter.state, at)
        told.append(facts)
        arrays |= {f"{n}.{name}": array for name, array in found.items()}
    arrays["meters"] = np.frombuffer(json.dumps(told).encode(), np.uint8)
    part = file.with_name(file.name + ".part")
    with part.open("wb") as opened:
        np.savez_compressed(opened, **arrays)
    os.replace(part, file)


def _of(state: State, at: datetime) -> tuple[dict[str, Any], dict[str, I64]]:
    spec = state.spec
    start, now = int(spec.installed_at.timestamp()), state.now
    rows, numbers = _rows(state)
    days = rows_of.registers(state, rows_of.kept_registers(state, "day"), "day")
    journals = [state.journals.select(n, None, None, None) for n in state.journals.numbers]
    facts = {
        "number": spec.number,
        "ratio": str(spec.ratio),
        "interval": spec.interval,
        "offset": spec.offset,
        "since": spec.installed_at.isoformat(),
        "at": at.isoformat(),
        "numbers": numbers,
    }
    return facts, {
        **rows,
        "consumed": state.counter.flows(start // HALF_HOUR, -(-now // HALF_HOUR)),
        "registers": rows_of.shown(state, np.array([now]))[0],
        "days": days.moments.astype(np.int64),
        "day_values": days.values,
        "events": np.concatenate(
            [
                np.stack([rows.moments.astype(np.int64), rows.journals, rows.codes], axis=1)
                for rows in journals
            ]
        ),
    }


def _rows(state: State) -> tuple[dict[str, I64], list[str]]:
    """Rows of this meter and of those before it, with their numbers."""
    parts, numbers = [], []
    stays: list[State | Stay] = [*state.past, state]
    for stay in stays:
        made = rows_of.ever_made(stay)
        values = rows_of.energies_in_tenths(stay, made)
        held = made.held & (stay is state)
        most = rows_of.capacity(state, 1)
        held[: max(len(held) - most, 0)] = False
        parts.append([made.stamps, made.moments, values, made.doubtful, held])
        numbers += [stay.number] * len(made)
    names = ("ends", "moments", "values", "doubtful", "held")
    return dict(zip(names, map(np.concatenate, zip(*parts, strict=True)), strict=True)), numbers


def read(file: Path) -> list[Told]:
    """What `write` wrote. Raises OSError, and ValueError if the file is something else."""
    with np.load(file) as stored:
        if "meters" not in stored.files:
            raise ValueError(f"{file} holds no truth")
        told = json.loads(stored["meters"].tobytes())
        return [_told(facts, stored, n) for n, facts in enumerate(told)]


def _told(facts: dict[str, Any], stored: Any, n: int) -> Told:
    def stamps(name: str) -> Stamps:
        found: Stamps = stored[f"{n}.{name}"].astype("datetime64[s]")
        return found

    return Told(
        number=facts["number"],
        ratio=Fraction(facts["ratio"]),
        interval=facts["interval"],
        offset=facts["offset"],
        since=datetime.fromisoformat(facts["since"]),
        at=datetime.fromisoformat(facts["at"]),
        consumed=stored[f"{n}.consumed"],
        rows=Rows(
            stamps("ends"),
            stamps("moments"),
            stored[f"{n}.values"],
            stored[f"{n}.doubtful"],
            stored[f"{n}.held"],
            tuple(facts["numbers"]),
        ),
        registers=stored[f"{n}.registers"],
        days=stamps("days"),
        day_values=stored[f"{n}.day_values"],
        events=stored[f"{n}.events"],
    )
