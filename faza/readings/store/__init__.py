"""The interval store on the two engines: days in bulk, in and out. ADR 3 and 8.

`stage` puts days into a temporary table of the connection, by COPY or executemany; from there
the same SQL works on both. Only `services` writes through it; `queries` read with `fetch`.
"""

from faza.readings.store.reading import Fetched, fetch, find_sources, totals
from faza.readings.store.writing import Staged, Stored, Writer, moments, writer

__all__ = [
    "Fetched",
    "Staged",
    "Stored",
    "Writer",
    "fetch",
    "find_sources",
    "moments",
    "totals",
    "writer",
]
