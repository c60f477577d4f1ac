"""Load profiles 1 (energy) and 2 (parameters of the network)."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from faza.protocols import metered
from faza.protocols.dlms import Column, Columns, Malformed
from faza.protocols.metered import I64, Mask, ProfileRows
from faza.protocols.spodes.asking import Step
from faza.protocols.spodes.captures import layout
from faza.protocols.spodes.kinds import UNTRUSTED, plan
from faza.protocols.spodes.layouts import Layout
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import LOAD
from faza.protocols.spodes.rows import rows, stamps

SECOND = timedelta(seconds=1)
LONGEST = 24 * 3600
FINEST = 10**6
"""Floating-point values are taken to this part of their unit."""


def profile(meter: Meter, which: int, first: datetime, last: datetime) -> Step[ProfileRows]:
    """Rows of load profile 1 or 2 of the intervals within [first, last), both aware.

    The ends are asked for a second apart from the neighbours' clocks, so that it is the same
    whether a meter includes its ends or not. No such profile: no rows, `interval` 0, no columns.
    Raises Denied if the meter refuses to tell, Malformed if rows make no sense.
    """
    found = yield from layout(meter, LOAD[which])
    if found is None:
        return _none()
    if meter.habits.stamped_at_end:
        begin, end = first + SECOND, last
    else:
        begin, end = first, last - SECOND
    found, columns = yield from rows(meter, found, begin, end)
    return decoded(meter, found, columns, energies=which == 1)


def decoded(meter: Meter, found: Layout, columns: Columns, *, energies: bool) -> ProfileRows:
    """Rows of a load profile as values of reading types."""
    if not 60 <= found.period <= LONGEST or found.period % 60:
        raise Malformed(f"{found.name}: a period of {found.period} s.", code="layout")
    read = plan(found, energies=energies)
    shape = len(read.places), columns.count
    if not columns.count:
        return ProfileRows(
            read.columns, found.period // 60, np.empty(0, "M8[s]"), np.zeros(shape, np.int64).T,
            np.zeros(shape, np.bool_).T, np.zeros(0, np.bool_),
        )  # fmt: skip
    told = [numbers_of(columns.columns[place]) for place in read.places]
    values = np.array([numbers for numbers, _, _ in told], np.int64).reshape(shape).T
    present = np.array([there for _, there, _ in told], np.bool_).reshape(shape).T
    kinds = [
        column if finer == 1 else metered.Column(column.kind, column.scale / finer)
        for column, (_, _, finer) in zip(read.columns, told, strict=True)
    ]
    ends, doubtful = stamps(meter, found, columns)
    if not meter.habits.stamped_at_end:
        ends = ends + np.timedelta64(found.period, "s")
    for index in read.states:
        state, there, _ = numbers_of(columns[index])
        doubtful = doubtful | (there & ((state & UNTRUSTED) != 0))
    return ProfileRows(tuple(kinds), found.period // 60, ends, values, present, doubtful)


def numbers_of(column: Column) -> tuple[I64, Mask, int]:
    """Integers of a column, where they are, and how many of them one of the meter's is.

    What is neither integer nor float is not there.
    """
    values = column.values
    if values.ndim == 1 and values.dtype == np.int64:
        return values.view(np.int64), column.present, 1
    if values.ndim == 1 and values.dtype == np.float64:
        there = column.present & np.isfinite(values) & (np.abs(values) < 1e12)
        return np.where(there, np.rint(values * FINEST), 0).astype(np.int64), there, FINEST
    return np.zeros(len(values), np.int64), np.zeros(len(values), np.bool_), 1


def _none() -> ProfileRows:
    empty = np.zeros((0, 0), np.int64)
    return ProfileRows(
        (), 0, np.empty(0, "M8[s]"), empty, empty.astype(np.bool_), np.zeros(0, np.bool_)
    )
