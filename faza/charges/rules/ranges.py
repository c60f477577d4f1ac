"""Consumption ranges: which part of each zone's volume falls into which range."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from faza.core.units import round_half_up


def range_volumes(total: int, bounds: Sequence[Decimal | None]) -> list[int]:
    """How many of `total` kWh fall into each range; bounds are upper ones, None: without end.

    Without bounds all is one range. A total beyond the last bound stays in the last range.
    """
    if not bounds:
        return [total]
    volumes, below = [], 0
    for bound in bounds:
        upper = total if bound is None else min(round_half_up(Fraction(bound)), total)
        volumes.append(max(upper - below, 0))
        below = max(upper, below)
    volumes[-1] += total - below
    return volumes


def shared(volumes: Sequence[int], ranges: Sequence[int]) -> list[list[int]]:
    """The volumes (cells of zones and stretches, whole kWh) divided among ranges, a row a cell.

    Each range is shared in proportion to the cells' consumption; what rounding leaves goes to
    the greatest remainders, so that rows sum to the cells and columns to the ranges.
    Source: reference/domain.md, 4.1.
    """
    left = list(volumes)
    columns: list[list[int]] = []
    for part in ranges:
        column = _largest_remainders(part, left)
        left = [have - took for have, took in zip(left, column, strict=True)]
        columns.append(column)
    return [list(row) for row in zip(*columns, strict=True)]


def _largest_remainders(part: int, weights: Sequence[int]) -> list[int]:
    """`part` divided by weights into whole numbers, none greater than its weight; part <= sum."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    shares = [divmod(part * weight, total) for weight in weights]
    found = [whole for whole, _ in shares]
    order = sorted(range(len(weights)), key=lambda place: (-shares[place][1], place))
    for place in order[: part - sum(found)]:
        found[place] += 1
    return found
