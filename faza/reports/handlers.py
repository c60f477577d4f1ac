"""The jobs of this room: see `jobs.registry`."""

from __future__ import annotations

from collections.abc import Mapping

from faza.jobs.registry import Running, every, handler
from faza.reports import making, services


@handler(services.MAKE)
def make(job: Running) -> Mapping[str, object]:
    """Making one report and keeping its file."""
    return making.make(job)


@every(services.ROUND, minutes=1)
def begin_due(job: Running) -> Mapping[str, object]:
    """Beginning the reports whose time has come."""
    return {"begun": services.begin_due(at=job.at), "settled": making.settle(at=job.at)}
