"""What questions have in common: civil days, months, moments, channels, sizes of pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import AwareDatetime, BeforeValidator, WithJsonSchema

from faza.api.v1.errors import invalid
from faza.core.reading_types import BY_CHANNEL, OF_COMMODITY, Commodity, ReadingType

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
"""Days that may be asked for; no meter kept intervals before."""
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
CHANNELS = 8
"""Channels of a question at most."""
PARAMETERS: dict[str, frozenset[str]] = {}
"""What each operation knows, by its name; filled where the API is put together."""
NAMES: dict[tuple[str, str], str] = {}
"""Operations by the name of their address and the method; filled there too."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
CHANNEL_LIST = r"^[A-Z0-9+ -]{1,8}(,[A-Z0-9+ -]{1,8}){0,7}$"


def _day(told: Any) -> Any:
    """Only YYYY-MM-DD: pydantic would take a number for seconds since 1970."""
    if isinstance(told, str) and not DAY.fullmatch(told):
        raise ValueError("expected YYYY-MM-DD")
    return told


def _month(told: Any) -> Any:
    if not (isinstance(told, str) and MONTH.fullmatch(told)):
        raise ValueError("expected YYYY-MM")
    return f"{told}-01"


def _moment(told: Any) -> Any:
    if isinstance(told, str) and not DAY.match(told):
        raise ValueError("expected a moment with its offset")
    return told


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Month = Annotated[
    date,
    BeforeValidator(_month),
    WithJsonSchema({"type": "string", "pattern": r"^20[0-9]{2}-(0[1-9]|1[0-2])$"}),
]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Cursor = Annotated[
    str | None, Field(default=None, max_length=200, description="`next` of the page before.")
]


class Page(Schema):
    """A page of a list."""

    limit: int = Field(100, ge=1, le=500, description="Rows of a page.")
    cursor: str | None = Field(None, max_length=200, description="`next` of the page before.")


class Days(Schema):
    """Civil days [from, to) of the usage point's zone."""

    first: Day = Field(alias="from", description="First day, by the clock of the point.",
                       examples=["2026-10-01"])  # fmt: skip
    end: Day = Field(alias="to", description="The day after the last one.", examples=["2026-11-01"])
    cursor: str | None = Field(None, max_length=200, description="`next` of the page before.")


class Months(Schema):
    """Months [from, to)."""

    first: Month = Field(alias="from", description="First month.", examples=["2026-01"])
    end: Month = Field(alias="to", description="The month after the last.", examples=["2026-11"])


def learn(
    parameters: Mapping[str, frozenset[str]], names: Mapping[tuple[str, str], str]
) -> None:  # fmt: skip
    """Keep what each operation knows, and what is called by an address's name and a method."""
    PARAMETERS.clear()
    NAMES.clear()
    for operation, told in parameters.items():
        PARAMETERS[operation] = told
    for place, name in names.items():
        NAMES[place] = name


def operation_of(name: str | None, method: str | None) -> str:
    """The operation that is asked for, by the name of its address."""
    return NAMES.get((name or "", method or ""), name or "")


def known(operation: str, told: Iterable[str]) -> None:
    """Raises Problem if an operation is told what it does not know: a typing error, mostly."""
    for name in told:
        if name not in PARAMETERS.get(operation, frozenset()):
            raise invalid(name[:50], _("There is no such parameter."))


def checked(first: date, end: date) -> tuple[date, date]:
    """Days that may be asked for. Raises Problem."""
    if not FIRST <= first <= LAST:
        raise invalid("from", _("Expected a day from 2000 to 2099."))
    if not FIRST <= end <= LAST:
        raise invalid("to", _("Expected a day from 2000 to 2099."))
    if first >= end:
        raise invalid("to", _("The end has to be after the beginning."))
    return first, end


def known_at(moment: datetime | None, name: str = "as_of") -> datetime | None:
    """A moment that may be asked for, in UTC. Raises Problem."""
    if moment is None:
        return None
    if not EARLIEST <= moment <= LATEST:
        raise invalid(name, _("Expected a day from 2000 to 2099."))
    return moment.astimezone(UTC)


def channels_of(told: str | None, resource: str) -> list[ReadingType]:
    """The channels asked for, by code; without any what the resource is consumed by.

    A plus that was not escaped arrives as a space. Raises Problem.
    """
    if not told:
        return [OF_COMMODITY[Commodity(resource)][0]]
    names = [name.replace(" ", "+") for name in told.split(",")]
    if unknown := [name for name in names if name not in BY_CHANNEL]:
        expected = ", ".join(BY_CHANNEL)
        raise invalid("channels", _("%(name)s is none of %(expected)s.")
                      % {"name": unknown[0], "expected": expected})  # fmt: skip
    return sorted({BY_CHANNEL[name] for name in names}, key=lambda kind: kind.code)
