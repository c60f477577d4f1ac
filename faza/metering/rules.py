"""Verdicts on what is installed where, from plain values."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SEPARATOR = "\\"
"""Between the names of a full path, as people write it: АО "Сети"\\ТП-369\\ВРУ-0,4 кВ\\КЛ-1."""

MOST_LEVELS = 22
"""Levels of the tree whose paths fit into their column."""


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
