"""A grid to look at: invented network and people, load from real measurements.

`prepare` makes it in the configured database and continues it on later days; `run.run` is the
command `faza demo`. Nothing else may live in a database that holds it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faza.demo.making import Prepared

# Django loads this package before there are models: what needs them is imported when called.


def prepare(*, at: datetime, progress: Callable[[str, float], None] | None = None) -> Prepared:
    """Make the demo grid, or add to it what has come since. See `making.prepare`."""
    from faza.demo import making

    return making.prepare(at=at, progress=progress)
