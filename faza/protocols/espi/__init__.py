"""Green Button files (NAESB REQ.21 ESPI, Atom): reading and writing of interval series.

    chunks = espi.write(series, zone="Europe/Moscow", made_at=…)   # bytes, piece by piece
    document = espi.read(data, file="january.xml")                 # Document[tabular.Profiles]

Both speak in series of `tabular`, so a feed is stored as any table of profiles is.
Format: reference/domain.md, 3.3; docs/reference/formats.md.
"""

from __future__ import annotations

from faza.protocols.espi.reader import looks_like, read
from faza.protocols.espi.writer import CHANNELS, write

__all__ = ["CHANNELS", "looks_like", "read", "write"]
