"""The jobs of this room: see `jobs.registry`."""

from __future__ import annotations

from collections.abc import Mapping

from faza.jobs.registry import Cancelled, Running, daily, every, handler
from faza.manual_entry import filing
from faza.manual_entry.photos import keeping


@daily("manual_entry.photos.sweep")
def sweep_photos(job: Running) -> Mapping[str, object]:
    """Deleting photos whose readings were never sent, and files that nothing names."""
    return {"unsent": keeping.sweep_unsent(job.at), "litter": keeping.sweep_litter(job.at)}


@handler(filing.CHECK)
def check_file(job: Running) -> Mapping[str, object]:
    """Looking through a file of readings."""
    try:
        return filing.check(
            job.arguments["file"], at=job.at, progress=job.progress,
            is_cancelled=lambda: job.is_cancelled,
        )  # fmt: skip
    except filing.Stopped as stopped:
        raise Cancelled from stopped


@handler(filing.APPLY)
def apply_file(job: Running) -> Mapping[str, object]:
    """Sending the readings of a file."""
    try:
        return filing.run(
            job.arguments["file"], at=job.at, progress=job.progress,
            is_cancelled=lambda: job.is_cancelled,
        )  # fmt: skip
    except filing.Stopped as stopped:
        raise Cancelled from stopped


@every("manual_entry.file.settle", minutes=5)
def settle_files(job: Running) -> Mapping[str, object]:
    """Marking files of readings whose job was cancelled or failed."""
    return {"stopped": filing.settle(at=job.at)}


@daily("manual_entry.file.sweep")
def sweep_files(job: Running) -> Mapping[str, object]:
    """Deleting what came of old files of readings."""
    return {"deleted": filing.sweep(before=job.at - filing.KEPT)}
