"""Verdicts on what is installed where, from plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SEPARATOR = "\\"
"""Between the names of a full path, as people write it: АО "Сети"\\ТП-369\\ВРУ-0,4 кВ\\КЛ-1."""

MOST_LEVELS = 22
"""Levels of the tree whose paths fit into their column."""

VERIFICATION_SOON = 90
"""So many days before its end a verification is due soon. A choice of ours."""


def is_zone(name: str) -> bool:
    """Whether a name is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def verification_due(verified: date, months: int) -> date:
    """The first day on which a verification made on a day holds no longer.

    The last days of months count as one: 31 August and six months give 28 or 29 February.
    """
    year, month = divmod(verified.year * 12 + verified.month - 1 + months, 12)
    for day in range(verified.day, 0, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def path_of(node: int, parent_path: str) -> str:
    """The path of a node under a parent's path (empty for a root).

    Ids are padded, so that any collation orders the paths as the tree stands.
    """
    return f"{parent_path}{node:010d}/"


def chain(path: str) -> list[int]:
    """The node ids on the way from the root to a node, the node itself last."""
    return [int(part) for part in path.split("/") if part]


def natural_key(name: str) -> str:
    """A key by which names stand as people count: «кв. 2» before «кв. 10», «Ёлка» beside «Елка».

    Numbers are padded to twelve digits; a longer one stands as it is.
    """
    plain = name.casefold().replace("ё", "е")
    return re.sub(r"[0-9]+", lambda found: found.group().zfill(12), plain)


@dataclass(frozen=True, slots=True)
class Place:
    """A node as the derivation of balances sees it.

    gathers: whether it stands for all that hangs at a single board of it (a substation, a house);
    is_board: whether it is such a board.
    """

    id: int
    parent: int | None
    gathers: bool = False
    is_board: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """Usage points by which energy comes into a place and leaves it; in the order given."""

    inward: tuple[int, ...]
    outward: tuple[int, ...]


def derived_balances(
    places: Sequence[Place], points: Mapping[int, Sequence[tuple[int, bool]]]
) -> dict[int, Sides]:
    """The balances that a tree tells by itself, by node.

    places: parents before children. points: by node, (usage point, is it common to a house).

    Points at a place below which others stand measure what flows into it, and the topmost points
    below it what leaves it; at a place with common points only these come in. A balance of a
    single board is that of the substation or house it hangs in. A substation or house of several
    boards, each fed through points of its own, has the balance of all of them together too.
    """
    children: dict[int, list[Place]] = {}
    known = {place.id: place for place in places}
    for place in places:
        if place.parent in known:
            children.setdefault(place.parent, []).append(place)
    topmost: dict[int, tuple[int, ...]] = {}
    fed: dict[int, Sides] = {}
    found: dict[int, Sides] = {}
    for place in reversed(places):
        own = points.get(place.id, ())
        under = [child for child in children.get(place.id, ()) if topmost[child.id]]
        below = tuple(point for child in under for point in topmost[child.id])
        topmost[place.id] = tuple(point for point, _ in own) or below
        if own and below:
            common = tuple(point for point, is_common in own if is_common)
            inward = common or tuple(point for point, _ in own)
            others = tuple(point for point, _ in own if point not in inward)
            fed[place.id] = found[place.id] = Sides(inward, others + below)
            if common:
                # What feeds the house is the one way in; its other points lie behind it.
                topmost[place.id] = common
        elif place.gathers and under and all(one.is_board and one.id in fed for one in under):
            boards = [fed[child.id] for child in under]
            whole = Sides(
                tuple(point for one in boards for point in one.inward),
                tuple(point for one in boards for point in one.outward),
            )
            fed[place.id] = found[place.id] = whole
            if len(under) == 1:
                del found[under[0].id]
    return found


def accuracy_class(text: str) -> float | None:
    """The number of an accuracy class as a plate says it: "0,5S" is 0.5; None: it says none."""
    told = re.match(r"\s*([0-9]+(?:[.,][0-9]+)?)", text)
    number = float(told.group(1).replace(",", ".")) if told else 0.0
    return number if 0 < number <= 10 else None
