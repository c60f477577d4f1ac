"""The jobs of this room: see `jobs.registry`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from faza.collection.grid import working
from faza.collection.grid.services import APPLY, CHECK, UNDO
from faza.collection.grid.undoing import CannotUndo
from faza.jobs.registry import Cancelled, Failed, Running, handler
from faza.protocols.problems import Malformed


def _telling(job: Running) -> Callable[[int, int, str], None]:
    def tell(done: int, total: int, note: str) -> None:
        if job.is_cancelled:
            raise Cancelled
        job.progress(done, total, note)

    return tell


@handler(CHECK)
def check_grid(job: Running) -> Mapping[str, object]:
    """The trial of a file with a whole grid."""
    try:
        return working.run_trial(job.arguments["import"], at=job.at, progress=_telling(job))
    except Malformed as problem:
        raise Failed(str(problem)) from problem


@handler(APPLY)
def apply_grid(job: Running) -> Mapping[str, object]:
    """Making what the trial found. Once begun it is not cancelled: it can be taken back."""
    try:
        return working.run_applying(job.arguments["import"], at=job.at, progress=job.progress)
    except working.Changed as problem:
        raise Failed(_("The network has changed since the trial; nothing was made.")) from problem


@handler(UNDO)
def undo_grid(job: Running) -> Mapping[str, object]:
    """Taking an import back."""
    try:
        return working.run_undoing(job.arguments["import"], at=job.at, progress=job.progress)
    except CannotUndo as problem:
        raise Failed(str(problem)) from problem
