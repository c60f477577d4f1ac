"""How balances of places are made up: by a group that somebody set, else as the tree tells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from faza.core.periods import Period
from faza.metering import rules
from faza.metering.models import (
    BalanceGroup,
    BalanceLoss,
    BalanceMember,
    MeteringComplex,
    NetworkNode,
    UsagePoint,
)

Kind = NetworkNode.Kind
GATHERS = frozenset({Kind.SUBSTATION, Kind.TRANSFORMER_SUBSTATION, Kind.BUILDING})
AT_ONCE = 10_000
"""Points that one question names: a database takes only so many numbers."""
LEAST_COMPLETE, LOSSES_ERROR = Decimal(90), Decimal(10)
"""Of a balance that nobody has set up; the defaults of a group, too."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A part of the computed losses; see BalanceLoss."""

    name: str
    kind: str
    power: int
    rated: int
    percents: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a place's balance is made of, for a time.

    group: None where the tree tells it; then it is told for all time. number: how many groups
    the place has had up to this one. reverse: points whose meters stand the other way round.
    """

    node: int
    sides: rules.Sides
    group: int | None = None
    number: int = 0
    period: Period = Period.open(None, None)
    reverse: frozenset[int] = frozenset()
    losses: tuple[Loss, ...] = ()
    least_complete: Decimal = LEAST_COMPLETE
    permitted: Decimal | None = None
    losses_error: Decimal = LOSSES_ERROR

    @property
    def points(self) -> tuple[int, ...]:
        """Those that come in, then those that go out."""
        return self.sides.inward + self.sides.outward


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy classes of what stands at a point, as their plates say; empty: not known.

    due: the first day on which something of it is not verified; None: not known.
    since: when the complex was put there.
    """

    meter: str
    ct: str
    vt: str
    has_ct: bool
    has_vt: bool
    due: date | None
    since: datetime
    number: str
    model: str


def schemes(nodes: QuerySet[NetworkNode], *, period: Period) -> dict[int, list[Scheme]]:
    """The balances of places that hold in a period, by node, in the order of the tree.

    nodes: with all that stands below them, or the tree of each is cut there. Groups oldest first,
    and last what the tree tells of the time in which there is none; `scheme_at` chooses.
    Five queries.
    """
    rows = nodes.order_by("path").values_list("id", "parent_id", "kind")
    places = [
        rules.Place(pk, parent, gathers=kind in GATHERS, is_board=kind == Kind.SWITCHBOARD)
        for pk, parent, kind in rows
    ]
    here = nodes.order_by().values("id")
    points = UsagePoint.objects.filter(node__in=here, resource=UsagePoint.Resource.ELECTRICITY)
    standing: dict[int, list[tuple[int, bool]]] = {}
    for pk, node, is_common in points.order_by("name_key", "id").values_list(
        "id", "node_id", "is_common"
    ):
        standing.setdefault(node, []).append((pk, is_common))
    derived = rules.derived_balances(places, standing)
    groups: dict[int, list[BalanceGroup]] = {}
    found_groups = BalanceGroup.objects.filter(node__in=here).order_by("node", "valid_from")
    for group in found_groups.prefetch_related("members", "losses"):
        groups.setdefault(group.node_id, []).append(group)
    found: dict[int, list[Scheme]] = {}
    for place in places:
        held = [
            _scheme(group, number)
            for number, group in enumerate(groups.get(place.id, ()), 1)
            if group.period.intersect(period)
        ]
        if place.id in derived:
            held.append(Scheme(place.id, derived[place.id]))
        if held:
            found[place.id] = held
    return found


def scheme_at(held: Sequence[Scheme], moment: datetime) -> Scheme | None:
    """What a place's balance is made of at a moment: its group, else what the tree tells."""
    return next((scheme for scheme in held if moment in scheme.period), None)


def _scheme(group: BalanceGroup, number: int) -> Scheme:
    members = sorted(group.members.all(), key=lambda one: one.pk)

    def side(name: str) -> tuple[int, ...]:
        return tuple(one.usage_point_id for one in members if one.side == name)

    return Scheme(
        node=group.node_id,
        sides=rules.Sides(side(BalanceMember.Side.IN), side(BalanceMember.Side.OUT)),
        group=group.pk,
        number=number,
        period=group.period,
        reverse=frozenset(one.usage_point_id for one in members if one.is_reversed),
        losses=tuple(_loss(one) for one in sorted(group.losses.all(), key=lambda one: one.pk)),
        least_complete=group.least_complete,
        permitted=group.permitted,
        losses_error=group.losses_error,
    )


def _loss(row: BalanceLoss) -> Loss:
    percents = tuple(Decimal(one) for one in row.percents)
    return Loss(row.name, row.kind, row.power or 0, row.rated or 0, percents)


def accuracies(points: Collection[int], period: Period) -> dict[int, Accuracy]:
    """What stands at points for billing, the last of a period, by point.

    Points without a complex are absent. Two queries for each AT_ONCE points.
    """
    numbers = sorted(points)
    found: dict[int, Accuracy] = {}
    for start in range(0, len(numbers), AT_ONCE):
        found |= _accuracies(numbers[start : start + AT_ONCE], period)
    return found


def _accuracies(points: Sequence[int], period: Period) -> dict[int, Accuracy]:
    rows = MeteringComplex.objects.filter(usage_point__in=points).billing().within(period)
    link = MeteringComplex.transformers.through.objects
    plates: dict[int, list[tuple[str, str, date | None]]] = {}
    told = link.filter(meteringcomplex__usage_point__in=points)
    for complex_id, kind, accuracy, due in told.values_list(
        "meteringcomplex_id",
        "instrumenttransformer__kind",
        "instrumenttransformer__accuracy",
        "instrumenttransformer__verification_due",
    ):
        plates.setdefault(complex_id, []).append((kind, accuracy, due))
    found = {}
    for pk, point, ct, ct_by, vt, vt_by, meter, due, since, number, model in rows.order_by(
        "valid_from"
    ).values_list(
        "id", "usage_point_id", "ct_numerator", "ct_denominator", "vt_numerator",
        "vt_denominator", "meter__model__accuracy_active", "meter__verification_due",
        "valid_from", "meter__number", "meter__model__name",
    ):  # fmt: skip
        of = plates.get(pk, [])
        dues = [one for one in (due, *(plate[2] for plate in of)) if one is not None]
        found[point] = Accuracy(
            meter=meter,
            ct=_worst(of, "CT"),
            vt=_worst(of, "VT"),
            has_ct=ct != ct_by or any(plate[0] == "CT" for plate in of),
            has_vt=vt != vt_by or any(plate[0] == "VT" for plate in of),
            due=min(dues, default=None),
            since=since,
            number=number,
            model=model,
        )
    return found


def _worst(plates: Collection[tuple[str, str, date | None]], kind: str) -> str:
    """The coarsest class of the transformers of a kind: the three phases may differ."""
    told = [accuracy for of, accuracy, _ in plates if of == kind]
    return max(told, key=lambda one: rules.accuracy_class(one) or 99, default="")
