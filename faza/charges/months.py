"""Months of points as rows to be kept: volumes by zone, and charges. Reads, writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.charges import reading
from faza.charges.models import ChargeMonth
from faza.charges.rules import charge as charges
from faza.charges.rules.charge import Charge
from faza.charges.rules.grids import Series
from faza.charges.rules.laying import Layer
from faza.charges.rules.pricing import HOURLY_FROM, Pricer
from faza.charges.rules.volumes import following
from faza.charges.stays import Stay, Tariffs
from faza.charges.store import ChargeRow, ZoneRow
from faza.core.periods import Period
from faza.core.quality import is_estimated, is_present
from faza.core.reading_types import A_MINUS, A_PLUS, ENERGIES, READING_TYPES
from faza.core.windows import Window, Windows
from faza.readings.queries import Profile, profiles
from faza.readings.register_queries import FAR
from faza.readings.store.reading import among, day_param, rows
from faza.tariffs.rules.book import PriceBook

KINDS = tuple(kind.code for kind in READING_TYPES if kind.additive)
OF_ENERGY = frozenset(kind.code for kind in ENERGIES)
Basis = ChargeMonth.Basis
BASES = {
    charges.NONE: Basis.NONE,
    charges.REGISTERS: Basis.REGISTERS,
    charges.INTERVALS: Basis.INTERVALS,
    charges.MIXED: Basis.MIXED,
    charges.SUBSTITUTED: Basis.SUBSTITUTED,
}
WATTS = 1000
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Made:
    """Rows of months, made anew."""

    zones: list[ZoneRow] = field(default_factory=list)
    charges: list[ChargeRow] = field(default_factory=list)


@dataclass(slots=True)
class Books:
    """Price books made ready to lay and to price, with their fingerprints of months."""

    books: Mapping[int, PriceBook]
    _ready: dict[int, tuple[Layer, Pricer]] = field(default_factory=dict)
    _digests: dict[tuple[int, date], str] = field(default_factory=dict)

    def layer(self, tariff: int) -> Layer:
        return self.of(tariff)[0]

    def of(self, tariff: int) -> tuple[Layer, Pricer]:
        if tariff not in self._ready:
            book = self.books[tariff]
            self._ready[tariff] = Layer(book), Pricer(book)
        return self._ready[tariff]

    def digest(self, tariff: int, month: date) -> str:
        """What tells the prices of a month from other ones."""
        key = (tariff, month)
        if key not in self._digests:
            book = self.books[tariff]
            self._digests[key] = book.fingerprint(month, following(month))
        return self._digests[key]


@dataclass(frozen=True, slots=True)
class _Part:
    """A stay in the month: what of it has passed, and by which tariff it is charged.

    cut: the last midnight, of a month that goes on: registers may have been read then.
    """

    stay: Stay
    periods: tuple[Period, ...]
    tariff: int | None
    first: date
    end: date
    cut: date | None

    @property
    def whole(self) -> Period:
        return Period(self.periods[0].start, self.periods[-1].end)

    def stretches(self, layer: Layer, zone: str) -> dict[date, Period]:
        """The stretches of one set of prices, by their first day, as far as the stay has them."""
        found = {}
        for first, end in layer.stretches(self.first, self.end, self.cut):
            shared = Period.of_days(first, end, zone).intersect(self.whole)
            if shared and len(self.periods) == 1:
                found[first] = shared
        return found


def make(
    points: Collection[int],
    zone: str,
    month: date,
    stays: Mapping[int, Sequence[Stay]],
    tariffs: Tariffs,
    books: Books,
    *,
    at: datetime,
) -> Made:
    """The rows of a month of points in one zone, as of `at`; nothing where nothing is known.

    About eight queries, and four for each different stretch that registers may bound, four more
    where points have nothing but readings.
    """
    period = Period.of_days(month, following(month), zone)
    passed = period.intersect(Period(period.start, at)) if at > period.start else None
    if passed is None:
        return Made()
    parts = {p: _parts(stays.get(p, ()), period, passed, zone, tariffs) for p in points}
    channels = _channels(points, zone, period, passed, parts)
    zones = dict.fromkeys(points, zone)
    found = reading.shown(_wanted(parts, books, zone), zones)
    near = reading.nearest(_silent(parts, channels, books, at), zones)
    made = Made()
    for point in sorted(points):
        of_point = channels.get(point, {})
        month_of = _Month(point, zone, month, period, at, of_point, made)
        month_of.whole()
        for part in parts[point]:
            if part.tariff is None or A_PLUS.code not in of_point:
                month_of.without_tariff(part)
            else:
                month_of.priced(part, books, part.tariff, found, near)
    return made


def _parts(
    stays: Iterable[Stay], period: Period, passed: Period, zone: str, tariffs: Tariffs
) -> list[_Part]:
    found = []
    for stay in stays:
        periods = stay.within(passed)
        if not periods:
            continue
        first, end = Period(periods[0].start, periods[-1].end).days(zone)
        today = passed.end.astimezone(ZoneInfo(zone)).date()
        goes_on = passed.end < period.end and periods[-1].end == passed.end
        found.append(
            _Part(
                stay,
                periods,
                tariffs.of(stay.agreement, first.replace(day=1)),
                first,
                end,
                today if goes_on else None,
            )
        )
    return found


def _wanted(parts: Mapping[int, Sequence[_Part]], books: Books, zone: str) -> Iterable[reading.Key]:
    for point, of_point in parts.items():
        for part in of_point:
            if part.tariff is not None:
                for period in part.stretches(books.layer(part.tariff), zone).values():
                    yield point, period


def _silent(
    parts: Mapping[int, Sequence[_Part]], channels: Mapping[int, Mapping[int, Profile]],
    books: Books, at: datetime,
) -> dict[reading.Key, Sequence[Period]]:  # fmt: skip
    """The parts without a single interval, which readings away from their ends may tell of, with
    the time of the same agreement. Prices of hours are no use there."""
    wanted: dict[reading.Key, Sequence[Period]] = {}
    for point, of_point in parts.items():
        energy = channels.get(point, {}).get(A_PLUS.code)
        if energy is None or is_present(energy.quality).any():
            continue
        for part in of_point:
            if part.tariff is None or len(part.periods) > 1:
                continue
            if books.books[part.tariff].tariff.category < HOURLY_FROM:
                wide = Period(part.whole.start - FAR, min(part.whole.end + FAR, at))
                wanted[point, part.whole] = part.stay.within(wide)
    return wanted


def _channels(
    points: Collection[int], zone: str, period: Period, passed: Period,
    parts: Mapping[int, Sequence[_Part]],
) -> dict[int, dict[int, Profile]]:  # fmt: skip
    """Profiles of the month by point and reading type: of types that are stored of it, and of
    active energy wherever an agreement has a tariff. Two or three queries."""
    first, end = period.days(zone)
    of_points, point_param = among("usage_point_id", points)
    of_types, type_param = among("reading_type", KINDS)
    stored = rows(
        "SELECT DISTINCT usage_point_id, reading_type FROM readings_block"  # noqa: S608
        f" WHERE {of_points} AND {of_types} AND day >= %s AND day < %s",
        (point_param, type_param, day_param(first), day_param(end)),
    )
    by_kind: dict[int, set[int]] = defaultdict(set)
    for point, kind in stored:
        by_kind[kind].add(point)
    charged = {p for p, of in parts.items() if any(part.tariff is not None for part in of)}
    by_kind[A_PLUS.code] |= charged
    groups: dict[frozenset[int], list[int]] = defaultdict(list)
    for kind, of_kind in by_kind.items():
        groups[frozenset(of_kind)].append(kind)
    found: dict[int, dict[int, Profile]] = defaultdict(dict)
    for having, kinds in groups.items():
        windows = Windows.merged(Window(point, zone, period) for point in having)
        for profile in profiles(windows, kinds, period, until=passed.end):
            found[profile.usage_point][profile.reading_type] = profile
    return found


@dataclass(frozen=True, slots=True)
class _Month:
    """A point's month in the making: adds rows to `made`."""

    point: int
    zone: str
    month: date
    period: Period
    at: datetime
    channels: Mapping[int, Profile]
    made: Made

    def whole(self) -> None:
        """The rows of the whole month, whoever had it."""
        for profile in self.channels.values():
            counted = _Counted.of(_series(profile))
            self._zone(profile.reading_type, 0, 0, self.period, counted, slice(None))

    def without_tariff(self, part: _Part) -> None:
        """The rows of an agreement without a tariff, or of a point that is no electric one."""
        cut = {kind: self._cut(kind, part) for kind in self.channels}
        for kind, series in cut.items():
            counted = _Counted.of(series)
            self._zone(kind, part.stay.agreement, 0, part.whole, counted, slice(None))
        energy = cut.get(A_PLUS.code)
        if part.tariff is None and energy is not None:
            empty = Charge(self.month, part.first, part.end, problem=charges.NO_TARIFF)
            self._charge(part, empty, energy, "", int(energy.values.sum()))

    def priced(
        self, part: _Part, books: Books, tariff: int,
        found: Mapping[reading.Key, reading.Shown], near: Mapping[reading.Key, reading.Shown],
    ) -> None:  # fmt: skip
        """The rows of an agreement with a tariff: volumes by its zones, and the charge."""
        layer, pricer = books.of(tariff)
        digest = books.digest(tariff, self.month)
        cut = {kind: self._cut(kind, part) for kind in self.channels}
        for kind, series in cut.items():
            self._zones(kind, part, layer, series)
        imported = cut[A_PLUS.code]
        count = layer.book.tariff.zones_count
        stretches = part.stretches(layer, self.zone)
        reads, exported = reading.reads(found, self.point, stretches, count)
        beside = near.get((self.point, part.whole)) if not reads else None
        if beside is not None:
            reads = reading.shared(beside, stretches, count)
        volumes = layer.lay(
            imported, part.first, part.end,
            export=cut.get(A_MINUS.code),
            reads=reads, exported=exported, cut=part.cut,
        )  # fmt: skip
        if beside is not None and reads:
            volumes = replace(volumes, notes=(*volumes.notes, charges.NEAREST))
        charge = pricer.price(volumes)
        self._charge(part, charge, imported, digest, int(charge.volume * WATTS))

    def _cut(self, kind: int, part: _Part) -> Series:
        """A channel's intervals that lie wholly in the stay."""
        series = _series(self.channels[kind])
        if part.periods == (self.period,):
            return series
        cut = [
            series.within(int(p.start.timestamp()), int(p.end.timestamp())) for p in part.periods
        ]
        if len(cut) == 1:
            return cut[0]
        return Series(
            series.zone,
            np.concatenate([one.starts for one in cut]),
            np.concatenate([one.minutes for one in cut]),
            np.concatenate([one.values for one in cut]),
            np.concatenate([one.quality for one in cut]),
        )

    def _zones(self, kind: int, part: _Part, layer: Layer, series: Series) -> None:
        """The rows of an agreement's time: of all zones, and of each that the tariff knows."""
        counted = _Counted.of(series)
        agreement, period = part.stay.agreement, part.whole
        self._zone(kind, agreement, 0, period, counted, slice(None))
        if kind in OF_ENERGY:
            for zone, places in layer.places(series):
                self._zone(kind, agreement, zone, period, counted, places)

    def _zone(
        self, kind: int, agreement: int, zone: int, period: Period, counted: _Counted,
        places: I64 | slice,
    ) -> None:  # fmt: skip
        power = int(counted.power[places].max(initial=-1))
        self.made.zones.append(
            ZoneRow(
                usage_point_id=self.point,
                month=self.month,
                reading_type=kind,
                agreement_id=agreement,
                zone=zone,
                starts_at=period.start,
                ends_at=self._end(period),
                total=int(counted.values[places].sum()),
                n_expected=len(counted.values[places]),
                n_present=int(np.count_nonzero(counted.present[places])),
                n_estimated=int(np.count_nonzero(counted.estimated[places])),
                power=None if power < 0 else power,
                as_of=self.at,
            )
        )

    def _end(self, period: Period) -> datetime:
        """When the row's time ends: a stay that goes on ends with the month."""
        return self.period.end if period.end >= min(self.at, self.period.end) else period.end

    def _charge(
        self, part: _Part, charge: Charge, series: Series, digest: str, volume: int
    ) -> None:
        present = is_present(series.quality)
        # Whoever sends no intervals lacks none of them.
        expected = 0 if charges.NEAREST in charge.notes else len(series.values)
        self.made.charges.append(
            ChargeRow(
                usage_point_id=self.point,
                month=self.month,
                agreement_id=part.stay.agreement,
                starts_at=part.whole.start,
                ends_at=self._end(part.whole),
                n_expected=expected,
                n_present=int(present.sum()),
                n_estimated=int(is_estimated(series.quality).sum()),
                tariff_id=part.tariff,
                kopecks=None if charge.total is None else int(charge.total * 100),
                volume=volume,
                exported=int(charge.exported * WATTS),
                basis=int(BASES[charge.basis]),
                is_example=charge.is_example,
                problem=charge.problem,
                digest=digest,
                lines=charges.as_json(charge),
                as_of=self.at,
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """Intervals ready to be counted, all (n,): power is -1 where nothing was measured."""

    values: I64
    present: Mask
    estimated: Mask
    power: I64

    @classmethod
    def of(cls, series: Series) -> _Counted:
        present, estimated = is_present(series.quality), is_estimated(series.quality)
        per_hour = 60 // series.minutes.astype(np.int64)
        power = np.where(present & ~estimated, series.values * per_hour, -1)
        return cls(series.values, present, estimated, power)


def _series(profile: Profile) -> Series:
    return Series(profile.zone, profile.starts, profile.minutes, profile.values, profile.quality)
