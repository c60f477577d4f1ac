"""At which points readings may be typed, which registers, what the last ones were; what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import AgreementPoint
from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.manual_entry.dials import LOOK_BACK, Dial, dials_of
from faza.manual_entry.models import Entry, EntryException, EntryRule
from faza.manual_entry.rules import opening
from faza.manual_entry.rules.moves import WAITING
from faza.manual_entry.rules.opening import Standing
from faza.metering.models import UsagePoint
from faza.metering.queries import Installed, ratios_of
from faza.metering.rules import chain
from faza.readings import queries as readings
from faza.readings import register_latest

MOST_PERIODS = 200
"""Conditions of one question; SQLite takes a thousand."""


@dataclass(frozen=True, slots=True)
class Due:
    """A point whose meter may be read by a person, or why it may not be now."""

    point: UsagePoint
    installed: Installed | None
    standing: Standing
    rule: EntryRule | None
    dials: tuple[Dial, ...]
    waiting: Entry | None
    """What was sent and is not decided yet."""


def may_type(user: User, *, at: datetime) -> Windows:
    """Where a person reads meters as a subscriber, up to `at`.

    The own agreements, and common meters of houses that are run; a supplier does not type for
    those whom it supplies.
    """
    if user.role in {User.Role.SUPPLIER, *access.EVERYWHERE, User.Role.OPERATOR}:
        return access.own_windows_of(user, at=at)
    return access.windows_of(user, at=at)


def own_entries(user: User, *, at: datetime) -> QuerySet[Entry]:
    """What was typed at the own points in the own time, by whomever, the newest first."""
    return entries_in(may_type(user, at=at), at=at)


def entries_in(windows: Windows, *, at: datetime) -> QuerySet[Entry]:
    """What was typed of points within windows, which `at` ends: that moment belongs to them.

    The newest first. Of two who had a point one after another each finds the own time.
    """
    points: dict[Period, list[int]] = defaultdict(list)
    for window in windows:
        points[window.period].append(window.usage_point)
    if len(points) > MOST_PERIODS:
        found = Entry.objects.filter(pk__in=_keys_in(windows, at))
    else:
        mine = Q(pk__in=())
        for period, some in points.items():
            mine |= Q(
                usage_point__in=some, of_at__gte=period.start, of_at__lt=_stop(period, at),
            )  # fmt: skip
        found = Entry.objects.filter(mine)
    return found.order_by("-of_at", "-pk")


def _stop(period: Period, at: datetime) -> datetime:
    """Until when, exclusively, something may be of a window that `at` has cut."""
    return at + timedelta(microseconds=1) if period.end >= at else period.end


def _keys_in(windows: Windows, at: datetime) -> list[int]:
    """As `entries_in` of windows of very many periods: conditions are not nested so deep."""
    held: dict[int, list[Period]] = defaultdict(list)
    for window in windows:
        held[window.usage_point].append(window.period)
    rows = Entry.objects.filter(usage_point__in=list(held))
    return [
        key
        for key, point, of_at in rows.values_list("pk", "usage_point", "of_at").iterator()
        if any(one.start <= of_at < _stop(one, at) for one in held[point])
    ]


def desk_entries(user: User, *, at: datetime) -> QuerySet[Entry]:
    """What was typed at the points that a person of the desk works with."""
    points = access.worked_points_of(user, at=at)
    return Entry.objects.filter(usage_point__in=points.values("pk"))


def due(points: Collection[UsagePoint], *, at: datetime) -> list[Due]:
    """What may be typed at points now, in their order; ten queries at most, however many."""
    keys = [point.pk for point in points]
    windows = Windows.merged(
        Window(point.pk, point.zone, Period(at - LOOK_BACK, at)) for point in points
    )
    rules = rules_of(points, at=at)
    exceptions = exceptions_of(points, at=at)
    until = data_until(windows, at=at)
    standing = {
        installed[-1].usage_point: installed[-1]
        for installed in ratios_of(keys, Period(at, at + timedelta(seconds=1))).values()
    }
    told = {key: rule[0].registers if rule else () for key, rule in rules.items()}
    dials = dials_of(points, standing, told, windows, at=at)
    waits = {
        entry.usage_point_id: entry
        for entry in Entry.objects.filter(usage_point__in=keys, state__in=WAITING)
    }
    return [
        Due(
            point=point,
            installed=standing.get(point.pk),
            standing=opening.standing(
                _plain(rules[point.pk]), [one.plain() for one in exceptions[point.pk]],
                zone=point.zone, at=at, data_until=until.get(point.pk),
            ),
            rule=opening_rule[0] if (opening_rule := rules[point.pk]) else None,
            dials=dials.get(point.pk, ()),
            waiting=waits.get(point.pk),
        )
        for point in points
    ]  # fmt: skip


def _plain(rule: tuple[EntryRule, int] | None) -> opening.Rule | None:
    return None if rule is None else rule[0].plain(rule[1])


def rules_of(
    points: Collection[UsagePoint], *, at: datetime
) -> dict[int, tuple[EntryRule, int] | None]:
    """The rule that holds for each point, with the depth of its node. Three queries."""
    by_place: dict[tuple[str, int], list[EntryRule]] = defaultdict(list)
    for rule in EntryRule.objects.select_related("approves_by").order_by("pk"):
        by_place[_place(rule)].append(rule)
    agreements = _agreements(points, at)
    # Thousands of points have few places, and so few answers.
    known: dict[object, tuple[EntryRule, int] | None] = {}
    found: dict[int, tuple[EntryRule, int] | None] = {}
    for point in points:
        bound = tuple(agreements.get(point.pk, ()))
        own = by_place.get(("point", point.pk), ())
        place = point.node.path, bound, point.pk if own else None
        if place not in known:
            known[place] = _holding(by_place, chain(point.node.path), bound, own)
        found[point.pk] = known[place]
    return found


def _holding(
    by_place: Mapping[tuple[str, int], Sequence[EntryRule]], nodes: Sequence[int],
    bound: Sequence[tuple[int, str]], own: Sequence[EntryRule],
) -> tuple[EntryRule, int] | None:  # fmt: skip
    """The rule that holds in a place, with the depth of its node.

    nodes: from the root down; bound: agreements with the kind of their customer; own: rules of
    the point itself.
    """
    groups = {"", *(group for _, group in bound)}
    listed = [
        *((rule, 0) for rule in by_place.get(("", 0), ())),
        *((rule, 0) for rule in own),
        *((rule, 0) for key, _ in bound for rule in by_place.get(("agreement", key), ())),
        *(
            (rule, depth)
            for depth, node in enumerate(nodes)
            for rule in by_place.get(("node", node), ())
        ),
    ]
    mine = [(rule, 2 * depth + bool(rule.group)) for rule, depth in listed if rule.group in groups]
    held = opening.holding(rule.plain(depth) for rule, depth in mine)
    return next(((rule, depth) for rule, depth in mine if held and rule.pk == held.number), None)


def _place(row: EntryRule | EntryException) -> tuple[str, int]:
    if row.usage_point_id:
        return "point", row.usage_point_id
    if row.agreement_id:
        return "agreement", row.agreement_id
    return ("node", row.node_id) if row.node_id else ("", 0)


def exceptions_of(
    points: Collection[UsagePoint], *, at: datetime
) -> dict[int, list[EntryException]]:
    """What the desk has opened and closed by date, of each point, from now on. Two queries."""
    by_place: dict[tuple[str, int], list[EntryException]] = defaultdict(list)
    for one in EntryException.objects.filter(ends_at__gt=at).order_by("pk"):
        by_place[_place(one)].append(one)
    if not by_place:
        return {point.pk: [] for point in points}
    agreements = _agreements(points, at)
    return {
        point.pk: [
            *by_place["", 0],
            *by_place["point", point.pk],
            *(one for key, _ in agreements.get(point.pk, ()) for one in by_place["agreement", key]),
            *(one for node in chain(point.node.path) for one in by_place["node", node]),
        ]
        for point in points
    }


def _agreements(
    points: Collection[UsagePoint], at: datetime
) -> Mapping[int, list[tuple[int, str]]]:
    """The agreements that cover points now, with the kind of their customer."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = AgreementPoint.objects.covering_at(at).filter(usage_point__in=points)
    for point, agreement, kind in rows.values_list(
        "usage_point", "agreement", "agreement__customer__kind"
    ):
        found[point].append((agreement, kind))
    return found


def data_until(windows: Windows, *, at: datetime) -> dict[int, datetime]:
    """Until when something came from the meters of points by itself; absent where nothing did.

    Intervals, and registers that were not typed: of water and gas there is nothing else. Within
    the windows, which end with `at`. Six queries.
    """
    types = {kind for kinds in readings.reading_types_of(
        windows, (at - LOOK_BACK).date(), at.date() + timedelta(days=1)
    ).values() for kind in kinds}  # fmt: skip
    ends: dict[int, datetime] = {}
    if types:
        found = readings.latest(windows, types, before=at)
        for point, end in zip(found.usage_points.tolist(), found.ends.tolist(), strict=True):
            if end:
                moment = datetime.fromtimestamp(end, at.tzinfo)
                ends[point] = max(ends.get(point, moment), moment)
    for point, moment in register_latest.read_until(windows, before=at).items():
        ends[point] = max(ends.get(point, moment), moment)
    return ends
