"""The kinds of reports: what each is called, what it asks for, and how it is made.

A kind is one module of `reports.kinds` with a `KIND`; that it lies there is enough.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from importlib import import_module

from django.utils.functional import Promise

from faza.core.windows import Windows
from faza.reports.parameters import UNITS, Asked, Parameters, Resolution, read
from faza.reports.table import Table
from faza.ui import periods

Make = Callable[[Windows, Parameters, datetime], Table]
"""Makes a report of what somebody may see (up to now at most), asked for at a moment."""
Rows = Callable[[Parameters, int], int]
"""About how many rows a report of so many usage points has; asks nothing."""


class Field(StrEnum):
    """Parameters beside the period, by their names in the address."""

    RESOURCE = "resource"
    CHANNEL = "channel"
    RESOLUTION = "resolution"
    LAYOUT = "layout"
    DIGITS = "digits"
    TARIFFS = "tariffs"
    FIXED = "fixed"
    REPLACEMENTS = "replacements"
    INTERVAL = "interval"


class Format(StrEnum):
    """What a report is rendered to."""

    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"
    JSON = "json"
    X80020 = "80020"


TABLES = (Format.HTML, Format.PDF, Format.XLSX, Format.XLS, Format.CSV, Format.JSON)


@dataclass(frozen=True, slots=True)
class KindOfReport:
    """A kind of report. `description` tells in a few words what it shows."""

    code: str
    title: str | Promise
    description: str | Promise
    icon: str
    make: Make
    rows: Rows
    fields: frozenset[Field]
    place: int
    """In the list of kinds, from 1."""
    units: tuple[str, ...] = UNITS
    """Lengths of periods, the first one that of the defaults unless a month is among them."""
    resolutions: tuple[Resolution, ...] = (Resolution.DAY,)
    """The first one is the default."""
    formats: tuple[Format, ...] = TABLES

    def defaults(self, today: date) -> Parameters:
        """The month before today's (the unit before today's where the kind knows no months)."""
        unit = "month" if "month" in self.units else self.units[0]
        shown = periods.stepped(periods.around(unit, today), -1)
        return Parameters(self.code, shown, resolution=self.resolutions[0])

    def read(self, query: Mapping[str, str], today: date) -> Asked:
        """The parameters that an address asks for, within what the kind knows."""
        defaults = self.defaults(today)
        return read(query, defaults, units=self.units, resolutions=self.resolutions)


class NoSuchKind(Exception):
    """No kind of report has this code."""


@lru_cache(maxsize=1)
def kinds() -> tuple[KindOfReport, ...]:
    """All kinds in the order of the list."""
    from faza.reports import kinds as package  # its modules import this one

    found = [
        import_module(f"{package.__name__}.{module.name}").KIND
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return tuple(sorted(found, key=lambda kind: kind.place))


def kind(code: str) -> KindOfReport:
    """Raises NoSuchKind."""
    for one in kinds():
        if one.code == code:
            return one
    raise NoSuchKind(code)
