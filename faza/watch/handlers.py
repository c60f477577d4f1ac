"""Jobs of this room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from faza.jobs.registry import Cancelled, Running, every
from faza.watch import measuring

MEASURE = "watch.measure"


@every(MEASURE, minutes=30)
def measure(job: Running) -> Mapping[str, object]:
    """Measure how complete and how new the data are; the figures tell its result."""

    def tell(done: int, total: int) -> None:
        if job.is_cancelled:
            raise Cancelled
        job.progress(done, total)

    return asdict(measuring.measure(at=job.at, progress=tell))
