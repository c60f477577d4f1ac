"""One import: files one after another, few in memory at once, stored in whole messages."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from django.db import OperationalError, connection, transaction

from faza.collection import deliveries as cutting
from faza.collection import registers, rules
from faza.collection.deliveries import Cut, Delivery, Late
from faza.collection.intake import storing
from faza.collection.intake.cutting import Given
from faza.collection.intake.directory import Directory
from faza.collection.models import ImportFile, ImportRun
from faza.collection.points import Owner, PointBook, Zones
from faza.collection.summary import ImportOptions, ImportSummary
from faza.protocols import Document, Malformed, Problem, espi, tabular, telemetry, xml80020
from faza.readings import rules as readings_rules
from faza.readings import services as readings
from faza.readings.blocks import BlockBatch, WrongInterval
from faza.readings.services import Recorded

FLUSH = 8_000
"""Blocks that are gathered from small files before they are stored: some 4 MB, and under half a
second of the only writer's place on SQLite."""
SHOWN = 20
"""Problems of a file that are kept in its row."""
TRIES = 20
HEAD = 4096
LATE = "Values lie after the moment of the import: look at clocks, dates and the time zone."
LIMIT = 512 * 2**20
"""Bytes of a table; `protocols.files` refuses most that are larger before."""


@dataclass(slots=True)
class File:
    """A file that was read and waits to be stored."""

    name: str
    digest: str
    format: str = ""
    sender: str = ""
    number: int | None = None
    day: date | None = None
    cut: Cut = field(default_factory=Cut)
    problems: list[Problem] = field(default_factory=list)
    n_problems: int = 0
    state: str = ImportFile.State.COMPLETE


class Importer:
    """One run. `take` files, then `finish`; what `take` has stored stays whatever comes later."""

    def __init__(self, *, options: ImportOptions, at: datetime) -> None:
        self.options = options
        self.at = at
        self.summary = ImportSummary(dry_run=options.dry_run)
        self._book = PointBook(at=at, dry_run=options.dry_run, only=options.only)
        self._zones = Zones(options.zone)
        self._table = tabular.Options(
            zone=options.zone or rules.MOSCOW,
            stamped=options.stamped,
            channel=options.channel,
            unit=options.unit,
            interval=options.interval,
        )
        self._sender = ""
        self._waiting: list[File] = []
        self._rows = 0
        self._run: ImportRun | None = None
        if not options.dry_run:
            self._run = ImportRun.objects.create(started_at=at, by=options.by)
            self.summary.run = self._run.pk

    def take(self, name: str, data: bytes, modified: datetime) -> None:
        """Read a plain file; store it and those before it once they are many.

        A file that is no such file is complained of, and nothing of it is stored.
        """
        file = File(name, hashlib.blake2b(data, digest_size=16).hexdigest())
        try:
            format_ = self.options.format or _format_of(data)
            if format_ in ("80020", "80040"):
                self._message(file, data)
            elif format_ not in ("profiles", "espi") and self.options.only is not None:
                reason = "It names meters, and meters of other areas too; an administrator may."
                raise Malformed(reason, code="not-allowed")
            elif format_ == "registers":
                self._registers(file, data, modified)
            elif format_ == "telemetry":
                self._telemetry(file, data, modified)
            else:
                self._profiles(file, data, modified, format_)
        except Malformed as problem:
            if not self.options.format and problem.code in {"no-header", "not-text", "no-values"}:
                reason = f"It is no XML and no table of readings. {problem.reason}"
                problem = Malformed(reason, code=problem.code, line=problem.line)
            self.refuse(file, problem)
            return
        self.summary.files += 1
        self._waiting.append(file)
        self._rows += cutting.rows_of(file.cut.deliveries)
        if self._rows >= FLUSH:
            self.flush()

    def refuse(self, file: File, problem: Malformed) -> None:
        """Complain of a file of which nothing is stored."""
        self._complain(file, problem.line, problem.reason, problem.code)
        file.state = ImportFile.State.REFUSED
        file.cut = Cut()
        self.summary.refused += 1
        self._waiting.append(file)

    def finish(self) -> ImportSummary:
        """Store what waits and end the run."""
        self.flush()
        summary = self.summary
        summary.created = self._book.n_created
        if self._run:
            states = ImportRun.State
            self._run.state = states.REFUSED if summary.refused else states.COMPLETE
            self._save_run()
        return summary

    # Reading

    def _message(self, file: File, data: bytes) -> None:
        document = xml80020.read(data, file=file.name, zone=self._zone_of)
        message = document.values
        if message.sender_inn != self._sender:
            # Zones are agreed with a sender, who is known only now: read once more if need be.
            assumed = [self._zone_of(area) for area in message.areas]
            self._sender = message.sender_inn
            if assumed != [self._zone_of(area) for area in message.areas]:
                document = xml80020.read(data, file=file.name, zone=self._zone_of)
                message = document.values
        if self.options.senders and message.sender_inn not in self.options.senders:
            reason = f"Messages of sender {message.sender_inn} are not agreed for this way."
            raise Malformed(reason, code="sender")
        if message.number >= rules.NUMBERS:
            raise Malformed(
                f"The message's number is {message.number}; expected one below {rules.NUMBERS}.",
                code="number",
            )
        file.format, file.sender = message.class_, message.sender_inn[: cutting.SHOWN]
        file.number, file.day = message.number, message.day
        self._take_problems(file, document)
        file.cut = cutting.of_message(
            message,
            sequence=readings_rules.sequence(message.number, data),
            book=self._book,
            zones=self._zones,
            options=self.options,
            complain=self._complainer(file),
            note=self.summary.note,
            at=self.at,
        )
        self._tell_late(file, file.cut.late)

    def _zone_of(self, area: xml80020.Area) -> str:
        return self._zones.of(self._sender, area.inn, area.timezone)

    def _profiles(self, file: File, data: bytes, modified: datetime, format_: str) -> None:
        if format_ == "espi":
            document = espi.read(data, file=file.name, zone=self._table.zone)
        else:
            document = tabular.read_profiles(data, file=file.name, options=self._table)
        file.format = format_
        self._take_problems(file, document)
        file.cut = cutting.of_profiles(
            document.values,
            sequence=self._sequence(data, modified),
            book=self._book,
            options=self.options,
            complain=self._complainer(file),
            at=self.at,
        )
        file.cut.zones.add(self._table.zone)
        self._tell_late(file, file.cut.late)

    def _registers(self, file: File, data: bytes, modified: datetime) -> None:
        document = tabular.read_registers(data, file=file.name, options=self._table)
        file.format = "registers"
        self._take_problems(file, document)
        with transaction.atomic() if self.options.dry_run else nullcontext():
            done, points = registers.store(
                document.values,
                sequence=self._sequence(data, modified),
                book=self._book,
                at=self.at,
                complain=self._complainer(file),
                zone=self._table.zone,
            )
            if self.options.dry_run:
                transaction.set_rollback(True)
        file.cut.points, file.cut.zones = points, {self._table.zone}
        self._tell_late(file, registers.late(document.values, self.at))
        file.cut.values = done.changed + done.unchanged + done.superseded
        self.summary.add_registers(done)

    def _telemetry(self, file: File, data: bytes, modified: datetime) -> None:
        document = telemetry.read(data, file=file.name)
        file.format = "telemetry"
        self._take_problems(file, document)
        so = self.options.as_of or modified
        given = [
            Given(
                message,
                storing.sequence_of(message, data, so),
                lambda place, reason, code: self._complain(file, None, f"{place}: {reason}", code),
            )
            for message in document.values
        ]
        if self.options.create_points:
            self._create_points(file, storing.codes_of(document.values))
        directory = Directory(self._book)
        storing.learn(given, directory)
        days = storing.cut(given, directory, sender=storing.FILES, at=self.at)
        cut = file.cut = Cut(
            days.deliveries, days.points, days.values, days.virtual, days.rounded, days.zones
        )
        with transaction.atomic() if self.options.dry_run else nullcontext():
            cut.points |= storing.store_rest(
                given, directory, self.summary, sender=storing.FILES, at=self.at
            )
            if self.options.dry_run:
                transaction.set_rollback(True)

    def _create_points(self, file: File, codes: set[str]) -> None:
        """Make usage points that are not there yet, of nobody, as tables have them made."""
        unknown = codes - self._book.find(Owner(), codes).keys()
        zone = self._table.zone
        _, refused = self._book.create(Owner(), dict.fromkeys(unknown, ""), zone=zone)
        for code, reason in refused.items():
            text = f"Usage point {code} cannot be made: {reason}"
            self._complain(file, None, text, "point-unknown")

    def _sequence(self, data: bytes, modified: datetime) -> int:
        so = self.options.as_of or modified
        return readings_rules.sequence(readings_rules.moment(so), data)

    def _tell_late(self, file: File, late: Late) -> None:
        """Complain of values that nobody can have measured yet; they are stored all the same."""
        if late.count:
            first = late.first.astimezone(ZoneInfo(self._table.zone)).isoformat(" ", "minutes")
            number = f"{late.count:,} value{'s lie' if late.count > 1 else ' lies'}"
            reason = f"{number} after the moment of the import (first {first}); all are stored."
            self._complain(file, None, reason, "value-late")
            self.summary.note(LATE)

    def _take_problems(self, file: File, document: Document) -> None:
        file.problems += document.problems[:SHOWN]
        file.n_problems += self.summary.take(document)
        for note in document.notes:
            if note.code not in ("zone", "rounded"):
                self.summary.note(note.text)

    def _complainer(self, file: File) -> Callable[[int | None, str, str], None]:
        return lambda line, reason, code: self._complain(file, line, reason, code)

    def _complain(self, file: File, line: int | None, reason: str, code: str) -> None:
        self.summary.problem(file.name, line, reason, code)
        file.n_problems += 1
        if len(file.problems) < SHOWN:
            file.problems.append(Problem(file.name, line, reason, code))

    # Storing

    def flush(self) -> None:
        """Store the files that wait; then, in a transaction of its own, that they are stored."""
        waiting, self._waiting, self._rows = self._waiting, [], 0
        if not waiting:
            return
        try:
            self._store(waiting)
        except WrongInterval:
            # One of them does not fit; each by itself tells which.
            for file in waiting:
                try:
                    self._store([file])
                except WrongInterval as problem:
                    self._complain(file, None, f"Nothing was stored: {problem}.", "interval")
                    file.state, file.cut = ImportFile.State.REFUSED, Cut()
                    self.summary.refused += 1
                    self.summary.files -= 1
        summary = self.summary
        for file in waiting:
            summary.changed += file.cut.virtual
            summary.rounded += file.cut.rounded
            summary.points |= file.cut.points
            summary.zones |= file.cut.zones
        if self._run:
            self._mark(self._run, waiting)

    def _store(self, files: list[File]) -> None:
        found = [delivery for file in files for delivery in file.cut.deliveries]
        tables = [delivery for delivery in found if delivery.kind == "table"]
        messages = [delivery for delivery in found if delivery.kind != "table"]
        if self.options.dry_run:
            with transaction.atomic():
                done = record_all(found, at=self.at, by=self.options.by)
                transaction.set_rollback(True)
        else:
            done = record_wholly(messages, at=self.at, by=self.options.by)
            done += record_all(tables, at=self.at, by=self.options.by)
        self.summary.add(done)

    def _mark(self, run: ImportRun, files: list[File]) -> None:
        """Say that files are stored. Source: reference/citus.md, 18."""
        with transaction.atomic():
            ImportFile.objects.bulk_create(
                ImportFile(
                    run=run,
                    name=file.name[-300:],
                    content_hash=file.digest,
                    format=file.format,
                    state=file.state,
                    sender_inn=file.sender,
                    number=file.number,
                    day=file.day,
                    values=file.cut.values,
                    n_problems=file.n_problems,
                    problems=[{"line": p.line, "reason": p.reason} for p in file.problems],
                )
                for file in files
            )
            self._save_run()

    def _save_run(self) -> None:
        run, summary = self._run, self.summary
        if run is None:
            return
        run.files, run.points, run.values = summary.files, len(summary.points), summary.values
        run.changed, run.unchanged = summary.changed, summary.unchanged
        run.superseded, run.problems = summary.superseded, summary.n_problems
        run.save()


def record_wholly(found: list[Delivery], *, at: datetime, by: str = "") -> Recorded:
    """Record deliveries in one transaction, so that none is ever seen half."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return record_all(found, at=at, by=by)
        except OperationalError as problem:
            # A deadlock with another import: ours is rolled back whole and may come again.
            state = getattr(problem.__cause__, "sqlstate", None)
            if (
                state not in {"40P01", "40001"}
                or connection.in_atomic_block
                or attempt == TRIES - 1
            ):
                raise
    raise AssertionError("unreachable")


def record_all(found: Iterable[Delivery], *, at: datetime, by: str = "") -> Recorded:
    """Record deliveries, those of a source together."""
    by_source: dict[tuple[str, Owner], list[Delivery]] = defaultdict(list)
    for delivery in found:
        by_source[delivery.kind, delivery.owner].append(delivery)
    done = Recorded()
    for (kind, owner), group in sorted(by_source.items(), key=lambda item: item[0]):
        source = readings.get_source(kind, sender=owner.sender, area=owner.area)
        batch = BlockBatch.concatenate([delivery.batch for delivery in group])
        sequences = np.concatenate(
            [np.broadcast_to(np.int64(one.sequence), len(one.batch)) for one in group]
        )
        for part, numbers in rules.waves(batch, sequences):
            done += readings.record(part, source=source, sequence=numbers, at=at, by=by)
    return done


def _format_of(data: bytes) -> str:
    head = data[:HEAD]
    if espi.looks_like(head):
        return "espi"
    if xml80020.looks_like(head) or head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<"):
        return "80020"
    if telemetry.looks_like(head):
        return "telemetry"
    return "registers" if registers.is_of_registers(data, limit=LIMIT) else "profiles"
