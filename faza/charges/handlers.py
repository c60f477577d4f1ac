"""Jobs of this room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from faza.charges import keeping, services
from faza.charges.advice import jobs as advice
from faza.charges.forecast import jobs as forecasts
from faza.jobs.registry import Cancelled, Running, daily, every

KEEP = "charges.keep"
CHECK = "charges.check"
FORECAST = forecasts.FORECAST
ADVICE = advice.ADVICE


@every(KEEP, minutes=2)
def keep(job: Running) -> Mapping[str, object]:
    """Make the months anew whose readings, prices or agreements changed."""

    def tell(done: int, waiting: int) -> None:
        if job.is_cancelled:
            raise Cancelled
        job.progress(done, done + waiting)

    return asdict(keeping.keep(at=job.at, progress=tell))


@daily(CHECK, hour=4)
def check(job: Running) -> Mapping[str, object]:
    """Find what was kept by other prices or agreements than those of now."""
    return {"points": services.check(at=job.at)}
