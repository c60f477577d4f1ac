"""The jobs of this room: see `jobs.registry`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from faza.collection.exchange import agreements, arrivals, delivering, rounds, sending
from faza.collection.grid import working
from faza.collection.grid.services import APPLY, CHECK, UNDO
from faza.collection.grid.undoing import CannotUndo
from faza.collection.models import Arrival, ExchangeProfile
from faza.collection.summary import Progress
from faza.jobs.registry import Cancelled, Failed, Running, every, handler
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


ROUND = "collection.exchange.round"


@handler(arrivals.IMPORT)
def import_upload(job: Running) -> Mapping[str, object]:
    """Reading a file that was given at the desk."""
    found = Arrival.objects.filter(pk=job.arguments["arrival"]).select_related("by").first()
    if found is None:
        raise Failed(_("The file is not there any more."))

    def tell(now: Progress) -> None:
        # What was stored stays, and reading it again completes it.
        if job.is_cancelled:
            raise Cancelled
        job.progress(now.done, now.total, now.name[-100:])

    try:
        summary = arrivals.read(found, at=job.at, progress=tell)
    except Cancelled:
        arrivals.call_off(found, at=job.at)
        raise
    if summary is None:
        return {}
    told = ("values", "changed", "unchanged", "superseded")
    counts: dict[str, object] = {name: getattr(summary, name) for name in told}
    return counts | {"points": len(summary.points), "problems": summary.n_problems}


@every(ROUND, minutes=5)
def exchange_round(job: Running) -> Mapping[str, object]:
    """Mailbox and places are looked into, files are read, what is due goes out."""
    done = rounds.run(job.at, beat=lambda: job.progress(0))
    if done.problems:
        raise Failed("; ".join(done.problems)[:500])
    return {"taken": done.taken, "read": done.read, "made": done.made, "sent": done.sent}


@handler(agreements.SEND)
def send_now(job: Running) -> Mapping[str, object]:
    """Sending what is new or has changed to a counterparty, because somebody wants it now."""
    rows = ExchangeProfile.objects.select_related("place")
    profile = rows.filter(pk=job.arguments["profile"]).first()
    if profile is None:
        raise Failed(_("The profile is not there any more."))
    try:
        dispatch = sending.send_changed(profile, at=job.at)
    except sending.NothingToSend as problem:
        raise Failed(str(problem)) from problem
    sent, failed = delivering.deliver(at=job.at)
    days = dispatch.days if dispatch else 0
    return {"days": days, "sent": sent, "unsent": failed}
