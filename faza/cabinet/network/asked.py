"""What an address of the page asks for: a moment, a quantity, how long a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

QUANTITIES = ("U", "I", "P", "Q", "PF", "F")
SPANS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}
SIDES = ("before", "after")


@dataclass(frozen=True, slots=True)
class Asked:
    """at: the moment, None where the address names none: then it is the last one with data.

    side: before or after it only. `is_unclear`: what stood for a moment is none.
    """

    at: datetime | None
    side: str
    quantity: str
    span: str
    is_unclear: bool = False

    @property
    def length(self) -> timedelta:
        return SPANS[self.span]


def read(query: QueryDict, zone: str, *, now: datetime) -> Asked:
    """What is asked for; what is not to be understood is as if it was not there."""
    text = query.get("at", "")
    at = moment(text, zone) if text else None
    quantity, span = query.get("q", ""), query.get("span", "")
    side = query.get("side", "")
    return Asked(
        min(at, now) if at else None,
        side if side in SIDES and at else "",
        quantity if quantity in QUANTITIES else "U",
        span if span in SPANS else "day",
        is_unclear=bool(text) and at is None,
    )


def moment(text: str, zone: str) -> datetime | None:
    """A moment as addresses write it, on the wall clock of a zone; None if it is none."""
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1990 <= wall.year <= 2200:
        return None
    return (wall if wall.tzinfo else wall.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def written(at: datetime, zone: str) -> str:
    """A moment for an address: on the wall clock, with its offset where the clock goes back."""
    local = at.astimezone(ZoneInfo(zone))
    twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    naive = local if twice else local.replace(tzinfo=None)
    return naive.isoformat(timespec="seconds" if local.second else "minutes")
