"""Messages 80020 and 80040: reading, writing, names of files.

    document = xml80020.read(data, file="80020_….xml", zone="Europe/Moscow")
    for grid in document.values.grids:            # one BlockBatch.from_series call each
        grid.start, grid.interval, grid.zone, grid.channels, grid.values, grid.quality

Format: reference/domain.md, 3.1. Values are kWh and kvarh on the primary side over an interval.
"""

from __future__ import annotations

from faza.protocols.xml80020.reader import looks_like, read
from faza.protocols.xml80020.values import (
    CHANNELS,
    CODES,
    Area,
    Channel,
    Grid,
    Kind,
    Message,
    Series,
)
from faza.protocols.xml80020.writer import file_name, write, write_zip

__all__ = [
    "CHANNELS",
    "CODES",
    "Area",
    "Channel",
    "Grid",
    "Kind",
    "Message",
    "Series",
    "file_name",
    "looks_like",
    "read",
    "write",
    "write_zip",
]
