"""Jobs of this room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from faza.jobs.registry import Cancelled, Running, daily, every
from faza.readings import months
from faza.readings.vee import marking, running

VALIDATE = "readings.validate"
AGE = "readings.age"
MONTHS = "readings.months.make"


@every(VALIDATE, minutes=1)
def validate(job: Running) -> Mapping[str, object]:
    """Judge and estimate what changed."""

    def tell(done: int, total: int) -> None:
        if job.is_cancelled:
            raise Cancelled
        job.progress(done, total)

    return asdict(running.validate(at=job.at, run=job.id, progress=tell))


@every(AGE, minutes=360)
def age(job: Running) -> Mapping[str, object]:
    """Mark gaps that have waited long enough."""
    return {"days": marking.mark_aged(at=job.at)}


@daily(MONTHS, hour=1)
def make_months(job: Running) -> Mapping[str, object]:
    """Make the partitions of the months to come, so that no delivery has to."""
    return {"made": months.make_ahead(at=job.at)}
