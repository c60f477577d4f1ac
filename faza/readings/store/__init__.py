"""The interval store on the two engines: days in bulk, in and out. ADR 3 and 8.

`stage` puts days into a temporary table of the connection, by COPY or executemany; from there
the same SQL works on both. Only `services` writes through it; `queries` read with `fetch`.
"""

from faza.readings.store.reading import (
    Fetch,
    Fetched,
    Reader,
    amending,
    changes,
    fetch,
    fetch_as_of,
    fetch_delivered,
    find_sources,
    reader,
    totals,
)
from faza.readings.store.writing import Staged, Stored, Writer, moments, writer

__all__ = [
    "Fetch",
    "Fetched",
    "Reader",
    "Staged",
    "Stored",
    "Writer",
    "amending",
    "changes",
    "fetch",
    "fetch_as_of",
    "fetch_delivered",
    "find_sources",
    "moments",
    "reader",
    "totals",
    "writer",
]
