"""Register readings in tables: a row per meter and moment, a column per register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np

from faza.core.reading_types import A_PLUS, BY_CHANNEL, ReadingType
from faza.core.units import I64
from faza.protocols import numbers
from faza.protocols.numbers import I32, Parsed, State
from faza.protocols.problems import Document, Malformed, Note, Problems
from faza.protocols.tabular import moments
from faza.protocols.tabular.columns import (
    is_total,
    moment_texts,
    numbers_of,
    whole_rows,
    with_offsets,
)
from faza.protocols.tabular.reader import AUTOMATIC, LIMIT
from faza.protocols.tabular.series import Key, fits, scale_of
from faza.protocols.tabular.sheets import Chunk, Row, Sheet, open_sheets
from faza.protocols.tabular.values import (
    REGISTERS,
    SINGLE,
    TARIFFS,
    Bools,
    Options,
    ReadingKind,
    Registers,
)
from faza.protocols.tabular.words import (
    KINDS,
    Role,
    Unit,
    channel_of,
    heading,
    plain,
    register_of,
    unguarded,
    unit_of,
)

SHAPE = (len(REGISTERS), TARIFFS)


@dataclass(frozen=True, slots=True)
class RegisterColumn:
    """A column of a register: its place in SHAPE, and the unit of its header."""

    index: int
    title: str
    row: int
    tariff: int
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class _Plan:
    line: int
    roles: dict[Role, int]
    registers: tuple[RegisterColumn, ...]
    width: int


def read_registers(
    data: bytes, *, file: str = "", options: Options = AUTOMATIC, limit: int = LIMIT
) -> Document[Registers]:
    """The register readings in a CSV, TXT or XLSX file.

    Columns are found by their headers: "A+ T1", "T1", "Сумма", "A+" (T0); a column of channels
    says whose T1 and so on a row has. Water, gas and heat have one register, without a T: "Вода,
    м3", "HEAT, Gcal". Rows of one point, meter, moment and kind are put
    together. Values are kept as the meter shows them; what is finer than a quantum is rounded.

    Raises Malformed and TooLarge as read_profiles does.
    """
    problems, notes = Problems(file), list[Note]()
    collected = _Collected(options, problems, notes)
    failed: Malformed | None = None
    for sheet in open_sheets(data, options=options, limit=limit, problems=problems, notes=notes):
        try:
            plan = _plan(sheet)
        except Malformed as error:
            failed = error
            problems.add(error.code, error.reason, file=f"{file}:{sheet.name}")
            continue
        collected.sheets += 1
        for chunk in sheet.chunks(plan.line, plan.width):
            collected.read(chunk, plan)
    if failed is not None and not collected.sheets:
        raise failed
    registers = collected.registers()
    if not len(registers):
        problems.add("no-readings", "The file has no reading of a known meter and moment.")
    return Document(registers, problems.in_order(), dict(problems.counts), tuple(notes))


def _plan(sheet: Sheet) -> _Plan:
    for line, row in sheet.head:
        plan = _plan_of(line, row)
        if plan is not None:
            return plan
    place = f"Sheet {sheet.name!r}" if sheet.name else "The file"
    raise Malformed(
        f"{place} has no header of register readings: expected a point or meter, a date, and "
        "registers such as A+ T1, T1 or Сумма.",
        code="no-header",
    )


def _plan_of(line: int, row: Row) -> _Plan | None:
    roles: dict[Role, int] = {}
    registers = []
    for index, cell in enumerate(row):
        if not cell.strip() or len(cell) > 200:
            continue
        h = heading(cell)
        place = (0, 0) if h.role is Role.VALUE else register_of(cell)
        if place is not None:
            registers.append(RegisterColumn(index, cell.strip(), *place, h.unit))
        elif h.role is not None:
            roles.setdefault(h.role, index)
    dated = roles.keys() & {Role.MOMENT, Role.DATE, Role.START, Role.END}
    if not dated or not roles.keys() & {Role.POINT, Role.METER} or not registers:
        return None
    width = 1 + max([*roles.values(), *(column.index for column in registers)])
    return _Plan(line, roles, tuple(registers), width)


Place = tuple[str, str, int, ReadingKind]
"""Point, meter, second (UTC), kind: what makes a row one reading."""


@dataclass(slots=True)
class _Collected:
    """Readings of all sheets so far."""

    options: Options
    problems: Problems
    notes: list[Note]
    sheets: int = 0
    rounded: int = 0
    places: dict[Place, int] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    # Told values as flat columns: reading, register in SHAPE, quanta, line.
    told: list[tuple[I64, I64, I64, I32]] = field(default_factory=list)

    def read(self, chunk: Chunk, plan: _Plan) -> None:
        values = [(column.index, column.title) for column in plan.registers]
        chunk = whole_rows(chunk, plan.roles, values, self.problems)
        columns, lines = chunk.columns, chunk.lines
        if not len(lines):
            return
        rows, bases = self._rows(columns, lines, plan)
        good = (rows >= 0).astype(np.uint8)
        for column in plan.registers:
            texts = columns[column.index]
            parsed = numbers_of(texts, lines, column.title, self.problems, good)
            present = (parsed.state == State.NUMBER) & (rows >= 0)
            # A header without a channel is of A+, or of the row's channel.
            kinds = bases if column.row == 0 else np.full(len(rows), column.row, np.int64)
            for kind in np.unique(kinds[present]).tolist():
                mine = present & (kinds == kind)
                self._tell(column, BY_CHANNEL[REGISTERS[kind]], texts, parsed, mine, rows, lines)

    def _tell(
        self, column: RegisterColumn, kind: ReadingType, texts: Sequence[str], parsed: Parsed,
        present: Bools, rows: I64, lines: I32,
    ) -> None:  # fmt: skip
        """Keep the values of a column that are of one channel."""
        unit = column.unit or (unit_of(self.options.unit) if self.options.unit else None)
        if unit is not None and not fits(kind, unit):
            self._refuse(column, kind, unit, int(lines[np.flatnonzero(present)[0]]))
            return
        if column.tariff and kind.channel in SINGLE:
            return
        scale = scale_of(Key("", kind, unit), 60)
        bad = (parsed.mantissa < 0) | numbers.too_large(
            parsed, numerator=scale.numerator, denominator=scale.denominator
        )
        for n in np.flatnonzero(bad & present).tolist():
            self.problems.add(
                "value-negative" if parsed.mantissa[n] < 0 else "value-too-large",
                f"The register shows {texts[n]!r}; expected a number that a meter can show.",
                line=int(lines[n]), column=column.title, found=texts[n],
            )  # fmt: skip
        at = np.flatnonzero(present & ~bad)
        # Each value is a row of its own: a register carries no remainder to another.
        quanta, rounded = numbers.to_quanta(
            parsed.take(at).reshape(-1, 1), np.ones((len(at), 1), bool),
            numerator=scale.numerator, denominator=scale.denominator,
        )  # fmt: skip
        self.rounded += int(rounded.sum())
        register = np.full(len(at), REGISTERS.index(kind.channel) * TARIFFS + column.tariff)
        self.told.append((rows[at], register, quanta[:, 0], lines[at]))

    def _refuse(self, column: RegisterColumn, kind: ReadingType, unit: Unit, line: int) -> None:
        self.problems.add(
            "unit-misfit",
            f"The unit {unit.name} does not fit {kind.channel}, expected {kind.unit}.",
            line=line, column=column.title,
        )  # fmt: skip

    def _rows(self, columns: list[Sequence[str]], lines: I32, plan: _Plan) -> tuple[I64, I64]:
        """The reading of each row, -1 for none; and which of REGISTERS its T columns are of."""
        roles, count = plan.roles, len(lines)
        starts, _ = moment_texts(roles, columns)
        stamps = moments.parse(starts)
        written = stamps.good
        stamps = with_offsets(stamps, roles, columns, lines, self.problems)
        utc = moments.to_utc(stamps, self.options.zone, np.arange(count, dtype=np.int64))
        rows, bases = np.full(count, -1, np.int64), np.zeros(count, np.int64)
        for n in range(count):
            line = int(lines[n])
            if not stamps.good[n] or utc[n] == moments.ABSENT:
                if not (is_total(columns, n) or (written[n] and not stamps.good[n])):
                    self.problems.add(
                        "moment-junk", f"The moment is {starts[n]!r}; expected a date and time.",
                        line=line, found=starts[n],
                    )  # fmt: skip
                continue
            point, meter = (
                unguarded(columns[roles[role]][n].strip()) if role in roles else ""
                for role in (Role.POINT, Role.METER)
            )
            if not point and not meter:
                self.problems.add("point-empty", "The row names no point or meter.", line=line)
                continue
            base = self._base(columns[roles[Role.CHANNEL]][n], line) if (
                Role.CHANNEL in roles
            ) else 0  # fmt: skip
            if base < 0:
                continue
            text = columns[roles[Role.KIND]][n] if Role.KIND in roles else ""
            place = (point, meter, int(utc[n]), self._kind(text, int(utc[n]), line))
            if place not in self.places:
                self.places[place] = len(self.places)
                self.lines.append(line)
            rows[n], bases[n] = self.places[place], base
        return rows, bases

    def _base(self, text: str, line: int) -> int:
        kind = channel_of(unguarded(text.strip())) if text.strip() else A_PLUS
        if kind is None or kind.channel not in REGISTERS:
            self.problems.add(
                "channel-unknown", f"Channel {text!r} is unknown; expected one of "
                f"{', '.join(REGISTERS)}.",
                line=line, found=text,
            )  # fmt: skip
            return -1
        return REGISTERS.index(kind.channel)

    def _kind(self, text: str, second: int, line: int) -> ReadingKind:
        found = KINDS.get(plain(text))
        if found is not None:
            return found
        if text.strip():
            self.problems.add(
                "kind-unknown",
                f"The kind of reading is {text!r}; it is judged by the moment.",
                line=line,
                found=text,
            )
        else:
            note = Note("kind", "moment", "The kind of a reading is judged by its moment.")
            if note not in self.notes:
                self.notes.append(note)
        local = moments.aware(second).astimezone(ZoneInfo(self.options.zone))
        if local.hour or local.minute:
            return ReadingKind.ON_DEMAND
        return ReadingKind.START_OF_MONTH if local.day == 1 else ReadingKind.START_OF_DAY

    def registers(self) -> Registers:
        """All readings that have a register, in the order of the file."""
        values = np.zeros((len(self.places), SHAPE[0] * SHAPE[1]), np.int64)
        present = np.zeros(values.shape, bool)
        for rows, register, quanta, lines in self.told:
            for n in self._repeated(values, present, rows, register, quanta):
                self.problems.add(
                    "reading-repeated",
                    "The register of that moment has another value before; the first is kept.",
                    line=int(lines[n]),
                )
        if self.rounded:
            text = f"{self.rounded} readings were finer than can be kept and were rounded."
            self.notes.append(Note("rounded", str(self.rounded), text))
        kept = np.flatnonzero(present.any(axis=1)).tolist()
        places = list(self.places)
        return Registers(
            points=tuple(places[n][0] for n in kept),
            meters=tuple(places[n][1] for n in kept),
            moments=np.array([places[n][2] for n in kept], np.int64).astype("datetime64[s]"),
            values=values[kept].reshape(-1, *SHAPE),
            present=present[kept].reshape(-1, *SHAPE),
            kinds=tuple(places[n][3] for n in kept),
            lines=tuple(self.lines[n] for n in kept),
        )

    @staticmethod
    def _repeated(
        values: I64, present: Bools, rows: I64, register: I64, quanta: I64
    ) -> Iterator[int]:
        """Fill in a column's values; gives those that differ from an earlier one."""
        _, first = np.unique(rows * values.shape[1] + register, return_index=True)
        new = np.zeros(len(rows), bool)
        new[first] = True
        new &= ~present[rows, register]
        values[rows[new], register[new]] = quanta[new]
        present[rows[new], register[new]] = True
        yield from np.flatnonzero(~new & (values[rows, register] != quanta)).tolist()
