"""Photos of readings: what somebody sends is drawn anew, and only what was drawn is kept.

`clean` takes bytes and gives a Picture, or raises BadPhoto with the reason. `keeping` keeps it,
`queries` find it again, `words` tell why one was not taken.
"""

from __future__ import annotations

from faza.manual_entry.photos.cleaning import ACCEPTED, MOST_BYTES, clean, taken
from faza.manual_entry.photos.picture import BadPhoto, Picture, Reason

__all__ = ["ACCEPTED", "MOST_BYTES", "BadPhoto", "Picture", "Reason", "clean", "taken"]
