"""The job of advice."""

from __future__ import annotations

from collections.abc import Mapping

from faza.charges.advice import keeping
from faza.jobs.registry import Cancelled, Running, daily

ADVICE = "charges.advice"


@daily(ADVICE, hour=5)
def advise(job: Running) -> Mapping[str, object]:
    """Replay whole months by all tariffs that are open to each point."""

    def tell(done: int, total: int) -> None:
        if job.is_cancelled:
            raise Cancelled
        job.progress(done, total)

    return {"points": keeping.keep(at=job.at, progress=tell)}
