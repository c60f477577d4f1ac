"""What is asked of the database for one file, in a handful of questions, as plain rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    MeterModel,
    NetworkNode,
    UsagePoint,
)
from faza.readings.models import IntervalBlock, RegisterReading, UnassignedReading
from faza.tariffs.models import Tariff

PIECE = 5_000
"""Keys of one question: SQLite takes some 30,000."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose import it is and what was chosen for it.

    `base`: where paths begin that do not begin at a root; None: at the root. `since`: from when
    meters stand and agreements hold where the file does not say. `replace`: lines whose row says
    that a meter was replaced or moved. `create`: what may be made that is usually there: "models".
    """

    user: User
    since: date
    base: int | None = None
    replace: frozenset[int] = frozenset()
    create: frozenset[str] = frozenset()


class Node(NamedTuple):
    id: int
    parent_id: int | None
    name: str
    path: str


class Point(NamedTuple):
    id: int
    code: str
    name: str
    node_id: int
    address: str
    zone: str
    resource: str
    phases: int
    max_power: int | None
    voltage_level: str
    is_common: bool


class MeterRow(NamedTuple):
    id: int
    model_id: int
    number: str
    made_in: int | None
    verified_on: date | None
    verification_due: date | None
    certificate: str


class Complex(NamedTuple):
    id: int
    usage_point_id: int
    meter_id: int
    role: str
    valid_from: datetime
    valid_to: datetime | None
    ct_numerator: int
    ct_denominator: int
    vt_numerator: int
    vt_denominator: int


class Transformer(NamedTuple):
    id: int
    kind: str
    type_name: str
    number: str
    phase: str
    ratio_numerator: int
    ratio_denominator: int


class Agreement(NamedTuple):
    id: int
    number_key: str
    number: str
    kind: str
    customer_id: int
    customer__name: str
    customer__inn: str
    tariff_id: int | None
    valid_from: datetime
    valid_to: datetime | None


class Binding(NamedTuple):
    id: int
    usage_point_id: int
    agreement_id: int
    agreement__number: str
    agreement__kind: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(slots=True)
class Asked:
    """What a file speaks of."""

    codes: set[str] = field(default_factory=set)
    nodes: set[int] = field(default_factory=set)
    meters: set[str] = field(default_factory=set)
    transformers: set[str] = field(default_factory=set)
    agreements: set[str] = field(default_factory=set)
    inns: set[str] = field(default_factory=set)
    firms: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Existing:
    """What there is of it. `own` are the nodes the person works in."""

    points: dict[str, Point] = field(default_factory=dict)
    at_nodes: dict[tuple[int, str], list[Point]] = field(default_factory=dict)
    models: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    meters: dict[int, MeterRow] = field(default_factory=dict)
    by_number: dict[str, list[MeterRow]] = field(default_factory=dict)
    at_point: dict[int, list[Complex]] = field(default_factory=dict)
    of_meter: dict[int, list[Complex]] = field(default_factory=dict)
    transformers: dict[tuple[str, str, str], Transformer] = field(default_factory=dict)
    by_id: dict[int, Transformer] = field(default_factory=dict)
    mounted: dict[int, frozenset[int]] = field(default_factory=dict)
    mounted_in: dict[int, list[Complex]] = field(default_factory=dict)
    places: dict[int, tuple[int, str]] = field(default_factory=dict)
    tariffs: dict[str, tuple[int, str]] = field(default_factory=dict)
    agreements: dict[str, list[Agreement]] = field(default_factory=dict)
    agreements_seen: set[int] = field(default_factory=set)
    customers_by_inn: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    customers_by_name: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    bindings: dict[int, list[Binding]] = field(default_factory=dict)


def read_nodes(user: User, *, at: datetime, lock: bool = False) -> tuple[list[Node], set[int]]:
    """The nodes of a person's areas and those above them, and the ids of the areas' own.

    With `lock` nobody else changes the shape of the tree until the transaction ends: whoever
    does takes the first node (`metering.services.nodes`).
    """
    if lock:
        NetworkNode.objects.select_for_update().order_by("id").first()
    own = [Node(*row) for row in access.nodes_of(user, at=at).values_list(*Node._fields)]
    ids = {node.id for node in own}
    above = {int(part) for node in own for part in node.path.split("/") if part} - ids
    rows = NetworkNode.objects.filter(id__in=above).values_list(*Node._fields)
    return [*own, *(Node(*row) for row in rows)], ids


def read(asked: Asked, user: User, *, at: datetime, lock: bool = False) -> Existing:
    """What there is of what a file speaks of.

    The number of questions grows by one for each PIECE rows, for no row. With `lock` nobody else
    changes points, meters and complexes until the transaction ends.
    """
    found = Existing()
    _read_points(found, asked, lock)
    _read_meters(found, asked, lock)
    _read_transformers(found, asked)
    _read_papers(found, asked, user, at)
    return found


def _read_points(found: Existing, asked: Asked, lock: bool) -> None:
    points = _locked(UsagePoint.objects.all(), lock)
    rows = [Point(*row) for row in _pieces(points, "code__in", asked.codes, Point)]
    rows += (Point(*row) for row in _pieces(points, "node__in", asked.nodes, Point))
    by_node = defaultdict(list)
    for point in {row.id: row for row in rows}.values():
        found.points[point.code] = point
        by_node[point.node_id, point.name].append(point)
    found.at_nodes = dict(by_node)


def _read_meters(found: Existing, asked: Asked, lock: bool) -> None:
    for key, maker, name, phases in MeterModel.objects.values_list(
        "id", "manufacturer", "name", "phases"
    ):
        found.models[key] = (maker, name, phases)
    meters, complexes = Meter.objects.all(), MeteringComplex.objects.order_by("valid_from")
    named = [
        MeterRow(*row)
        for row in _pieces(_locked(meters, lock), "number__in", asked.meters, MeterRow)
    ]
    points = {point.id for point in found.points.values()}
    rows = [
        Complex(*row)
        for row in _pieces(_locked(complexes, lock), "usage_point__in", points, Complex)
    ]
    rows += (
        Complex(*row)
        for row in _pieces(_locked(complexes, lock), "meter__in", {m.id for m in named}, Complex)
    )
    rows = list({row.id: row for row in rows}.values())
    there = {meter.id for meter in named}
    others = {row.meter_id for row in rows} - there
    named += (MeterRow(*row) for row in _pieces(meters, "id__in", others, MeterRow))
    found.meters = {meter.id: meter for meter in named}
    found.by_number = _grouped(named, "number")
    found.at_point = _grouped(rows, "usage_point_id")
    found.of_meter = _grouped(rows, "meter_id")
    elsewhere = {row.usage_point_id for row in rows} - points
    found.places = {point.id: (point.node_id, point.name) for point in found.points.values()}
    for key, node, name in _values(
        UsagePoint.objects.all(), "id__in", elsewhere, ("id", "node_id", "name")
    ):
        found.places[key] = (node, name)


def _read_transformers(found: Existing, asked: Asked) -> None:
    link = MeteringComplex.transformers.through.objects
    complexes = {row.id: row for rows in found.at_point.values() for row in rows}
    named = {
        row[0]: Transformer(*row)
        for row in _pieces(
            InstrumentTransformer.objects.all(), "number__in", asked.transformers, Transformer
        )
    }
    pairs = ("meteringcomplex_id", "instrumenttransformer_id")
    mounted = set(_values(link.all(), "meteringcomplex__in", complexes, pairs))
    mounted |= set(_values(link.all(), "instrumenttransformer__in", named, pairs))
    others = {transformer for _, transformer in mounted} - set(named)
    for row in _pieces(InstrumentTransformer.objects.all(), "id__in", others, Transformer):
        named[row[0]] = Transformer(*row)
    found.transformers = {(t.kind, t.type_name, t.number): t for t in named.values()}
    found.by_id = named
    foreign = {complex_ for complex_, _ in mounted} - set(complexes)
    for row in _pieces(MeteringComplex.objects.all(), "id__in", foreign, Complex):
        complexes[row[0]] = Complex(*row)
    of_complex, of_transformer = defaultdict(set), defaultdict(list)
    for complex_, transformer in mounted:
        of_complex[complex_].add(transformer)
        of_transformer[transformer].append(complexes[complex_])
    found.mounted = {key: frozenset(ids) for key, ids in of_complex.items()}
    found.mounted_in = dict(of_transformer)


def _read_papers(found: Existing, asked: Asked, user: User, at: datetime) -> None:
    for key, code, zones in Tariff.objects.values_list("id", "code", "zones_count"):
        found.tariffs[code] = (key, str(zones))
    rows = [
        Agreement(*row)
        for row in _pieces(
            CustomerAgreement.objects.all(), "number_key__in", asked.agreements, Agreement
        )
    ]
    found.agreements = _grouped(rows, "number_key")
    seen = access.agreements_of(user, at=at).values_list("id", flat=True)
    found.agreements_seen = set()
    for piece in _in_pieces({row.id for row in rows}):
        found.agreements_seen |= set(seen.filter(id__in=piece))
    customers = access.customers_of(user, at=at)
    told = ("id", "name", "kind", "inn", "name_key")
    by_inn, by_name = defaultdict(list), defaultdict(list)
    for key, name, kind, inn, _ in _values(customers, "inn__in", asked.inns, told):
        by_inn[inn].append((key, name, kind))
    for key, name, kind, _, name_key in _values(customers, "name_key__in", asked.firms, told):
        if kind != Customer.Kind.PERSON:
            by_name[name_key].append((key, name, kind))
    found.customers_by_inn, found.customers_by_name = dict(by_inn), dict(by_name)
    points = {point.id for point in found.points.values()}
    bound = AgreementPoint.objects.order_by("valid_from")
    found.bindings = _grouped(
        [Binding(*row) for row in _pieces(bound, "usage_point__in", points, Binding)],
        "usage_point_id",
    )


def points_with_readings(points: Collection[int]) -> set[int]:
    """Those of some points that have any reading. Two questions for each PIECE points."""
    found: set[int] = set()
    for model in (IntervalBlock, RegisterReading):
        for piece in _in_pieces(points):
            rows = model.objects.filter(usage_point__in=piece).order_by()
            found.update(rows.values_list("usage_point_id", flat=True).distinct())
    return found


def meters_with_readings(numbers: Collection[str]) -> set[str]:
    """Those of some numbers for which a reading waits that nobody could place yet."""
    found: set[str] = set()
    for piece in _in_pieces(numbers):
        rows = UnassignedReading.objects.filter(meter_number__in=piece)
        found.update(rows.values_list("meter_number", flat=True).distinct())
    return found


def _in_pieces(keys: Iterable[Any]) -> Iterator[list[Any]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), PIECE):
        yield ordered[first : first + PIECE]


def _pieces(
    rows: QuerySet[Any], condition: str, keys: Iterable[Any], shape: type[Any]
) -> Iterator[tuple[Any, ...]]:
    """Plain rows of a named tuple's fields: instances cost ten times as much."""
    return _values(rows, condition, keys, shape._fields)


def _values(
    rows: QuerySet[Any], condition: str, keys: Iterable[Any], fields: tuple[str, ...]
) -> Iterator[tuple[Any, ...]]:
    for piece in _in_pieces(keys):
        yield from rows.filter(Q(**{condition: piece})).values_list(*fields)


def _grouped(rows: Iterable[Any], name: str) -> dict[Any, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return dict(found)


def _locked(rows: QuerySet[Any], lock: bool) -> QuerySet[Any]:
    return rows.select_for_update(of=("self",)) if lock else rows
