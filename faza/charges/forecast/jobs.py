"""The job of forecasts."""

from __future__ import annotations

from collections.abc import Mapping

from faza.charges.forecast import keeping
from faza.jobs.registry import Cancelled, Running, every

FORECAST = "charges.forecast"


@every(FORECAST, minutes=20)
def forecast(job: Running) -> Mapping[str, object]:
    """Make the forecasts that are due."""

    def tell(done: int, total: int) -> None:
        if job.is_cancelled:
            raise Cancelled
        job.progress(done, total)

    return {"points": keeping.keep(at=job.at, progress=tell)}
