"""Taking register readings back: a typed reading that was approved by mistake.

The row stays with no register present and the next version, so that questions find nothing, a
later reading of any rank takes its place, and the versions tell what stood there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction

from faza.core.quality import Quality
from faza.readings import marks, register_store
from faza.readings.models import Source

I64 = npt.NDArray[np.int64]


@transaction.atomic
def withdraw_registers(keys: I64, *, source: Source, at: datetime) -> int:
    """Take back readings (n, 4: usage point, meter, moment, kind) that a source delivered.

    Returns how many were: what another source has replaced meanwhile stands, and what was
    withdrawn before stays so. The days at the moments are marked for validation.
    """
    keys = np.unique(np.asarray(keys, np.int64).reshape(-1, 4), axis=0)
    taken = 0
    while len(keys):
        places = np.unique(keys[:, :3], axis=0)
        stored = register_store.at_moments(*places.T)
        wanted = {tuple(key) for key in keys.tolist()}
        chosen = np.array([tuple(key) in wanted for key in stored.keys().tolist()], bool)
        chosen &= (stored.sources == source.pk) & stored.present.any(axis=1)
        found = stored.take(chosen)
        if not len(found):
            break
        register_store.keep(found.keys(), found.versions, at=at)
        empty = replace(
            found,
            quality=np.full(len(found), Quality.MISSING, np.uint8),
            versions=found.versions + 1,
            values=np.zeros_like(found.values),
            present=np.zeros_like(found.present),
        )
        written = register_store.put(empty, at=at)
        marks.mark_moments(found.usage_points[written], found.moments[written], at=at)
        taken += int(written.sum())
        keys = found.keys()[~written]  # somebody was faster: look again
    return taken
