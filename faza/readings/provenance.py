"""Where intervals came from: provenance rows as arrays of cells, and back.

A label is an origin with its circumstances, kept once and told by a number; an array (m, k) of
numbers says of each interval of m days which label a layer has there, 0 for none. So layers are
cut, laid and compared as arrays, and the stretches [first, end) of the rows are its runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from faza.readings.blocks import BlockBatch
from faza.readings.models import Provenance
from faza.readings.queries.grid import ranges
from faza.readings.store import Writer

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

DELIVERED, ESTIMATE, OVERRIDE, VERDICT = (
    int(Provenance.Layer.DELIVERED), int(Provenance.Layer.ESTIMATE),
    int(Provenance.Layer.OVERRIDE), int(Provenance.Layer.VERDICT),
)  # fmt: skip
AMENDING = (VERDICT, ESTIMATE, OVERRIDE)
"""The layers over a delivery, in the order in which they stand."""

TABLE = "readings_provenance"
LABEL = "source, sequence, recorded_at, method, inputs, reason, by, run"
COLUMNS = f'usage_point_id, reading_type, day, layer, first, "end", {LABEL}'


class Label(NamedTuple):
    """An origin; fields as in models.Provenance, `inputs` as text, `recorded_at` the driver's."""

    source: int
    sequence: int
    recorded_at: Any
    method: str = ""
    inputs: str = "{}"
    reason: str = ""
    by: str = ""
    run: int | None = None


Plain = tuple[Any, ...]
"""A label as a plain tuple: there are as many as stretches, and making a Label costs the most."""
_PLACES = {name: place for place, name in enumerate(Label._fields)}


class Labels:
    """Labels by number, from 1."""

    def __init__(self) -> None:
        self._numbers: dict[Plain, int] = {}

    def number(self, label: Plain) -> int:
        """The number of a label, new or known."""
        return self._numbers.setdefault(label, len(self._numbers) + 1)

    def column(self, name: str) -> list[Any]:
        """A field of each label, by number less one."""
        place = _PLACES[name]
        return [label[place] for label in self._numbers]

    def table(self, name: str, of: Callable[[Any], Any], dtype: npt.DTypeLike) -> npt.NDArray:
        """Something of a field of each label, by its number; zero or false for no label."""
        return np.array([0, *map(of, self.column(name))], dtype)

    def alike(self, one: I64, other: I64) -> npt.NDArray[np.bool_]:
        """(n,) whether pairs of labels are of one origin, whenever recorded, by whichever run."""
        every = [*self._numbers]
        width = len(every) + 1
        pairs, place = np.unique(one.astype(np.int64) * width + other, return_inverse=True)
        said = [_is_alike(every[p // width - 1], every[p % width - 1]) for p in pairs.tolist()]
        return np.array(said, bool)[place]

    def some(self, numbers: I64) -> list[Plain]:
        """Labels of these numbers."""
        every = [*self._numbers]
        return [every[number - 1] for number in numbers.tolist()]


def _is_alike(one: Plain, other: Plain) -> bool:
    """Source, sequence, method, inputs, reason and who."""
    if one[:2] != other[:2] or one[3] != other[3] or one[5:7] != other[5:7]:
        return False
    # PostgreSQL gives JSON back with its own order of keys.
    return bool(one[4] == other[4] or json.loads(one[4]) == json.loads(other[4]))


@dataclass(slots=True, eq=False)
class Layers:
    """What the layers of m days of k intervals say: by layer an array of label numbers."""

    shape: tuple[int, int]
    labels: Labels = field(default_factory=Labels)
    numbers: dict[int, I32] = field(default_factory=dict)

    def of(self, layer: int) -> I32:
        """Label numbers of a layer (m, k), to read only."""
        found = self.numbers.get(layer)
        return np.zeros(self.shape, np.int32) if found is None else found

    def covers(self, layer: int) -> npt.NDArray[np.bool_]:
        """(m, k) where a layer says anything."""
        return self.of(layer) != 0

    def having(self, changed: Mapping[int, I32]) -> Layers:
        """The same with other numbers in some layers."""
        return Layers(self.shape, self.labels, {**self.numbers, **changed})

    def take(self, rows: I64) -> Layers:
        """Those of some days, by index."""
        taken = {layer: numbers[rows] for layer, numbers in self.numbers.items()}
        return Layers((len(rows), self.shape[1]), self.labels, taken)

    def amended(self) -> npt.NDArray[np.bool_]:
        """(m,) days over which anything is laid."""
        found = np.zeros(self.shape[0], bool)
        for layer in AMENDING:
            if layer in self.numbers:
                found |= self.numbers[layer].any(axis=1)
        return found

    def other_days(self, before: Layers) -> npt.NDArray[np.bool_]:
        """(m,) days of which some layer says another thing than before; of the same labels."""
        found = np.zeros(self.shape[0], bool)
        for layer in self.numbers.keys() | before.numbers.keys():
            if self.numbers.get(layer) is not before.numbers.get(layer):
                found |= (self.of(layer) != before.of(layer)).any(axis=1)
        return found


_encode = json.JSONEncoder(ensure_ascii=False).encode


def as_json(inputs: Mapping[str, Any] | None) -> str:
    """Inputs as text."""
    return _encode(inputs) if inputs else "{}"


def of_staged(writer: Writer, places: I64, shape: tuple[int, int]) -> Layers:
    """Layers of the staged days; places (n,): which of the m days each is, or -1. One query."""
    layers = Layers(shape)
    found = writer.provenance()
    if not found:
        return layers
    number, layer, first, end, *labels = zip(*found, strict=True)
    place = places[np.array(number, np.int64)]
    told = [layers.labels.number(label) for label in zip(*labels, strict=True)]
    columns = np.array([place, layer, first, end, told], np.int64)
    columns = columns[:, place >= 0]
    for kind in np.unique(columns[1]).tolist():
        row, _, start, stop, label = columns[:, columns[1] == kind]
        cells = np.zeros(shape, np.int32)
        begin = row * shape[1]
        cells.reshape(-1)[ranges(begin + start, begin + stop)] = np.repeat(label, stop - start)
        layers.numbers[kind] = cells
    return layers


def runs(numbers: I32) -> tuple[I64, I64, I64, I64]:
    """Stretches of equal numbers in days (m, k): rows, firsts, ends, numbers; not of 0."""
    edge = np.ones(numbers.shape, bool)
    edge[:, 1:] = numbers[:, 1:] != numbers[:, :-1]
    row, first = np.nonzero(edge)
    if not len(row):
        return row, first, first, first
    end = np.append(first[1:], 0)
    end[end == 0] = numbers.shape[1]
    told = numbers[row, first]
    some = told != 0
    return row[some], first[some], end[some], told[some].astype(np.int64)


def write(
    writer: Writer,
    batch: BlockBatch,
    layers: Layers,
    chosen: npt.NDArray[np.bool_],
    had: npt.NDArray[np.bool_],
) -> None:
    """Put the layers of chosen days of a batch in the place of those they had; masks (m,).

    Past the ORM, which took five sixths of the time to store a day outside Moscow time.
    """
    writer.delete_rows(TABLE, batch.take(chosen & had))
    places = np.flatnonzero(chosen)
    for layer, numbers in sorted(layers.numbers.items()):
        row, first, end, told = runs(numbers[places])
        days = batch.take(places[row])
        keys = zip(
            days.usage_points.tolist(), days.reading_types.tolist(),
            np.datetime_as_string(days.days, unit="D").tolist(), [layer] * len(row),
            first.tolist(), end.tolist(), strict=True,
        )  # fmt: skip
        writer.insert_labelled(TABLE, COLUMNS, keys, layers.labels.some(told))
