"""Makes one report as a job: wholly, or not at all; making it twice makes it once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from faza.accounts import card
from faza.accounts.models import User
from faza.audit import services as audit
from faza.core.windows import Windows
from faza.jobs.models import Job
from faza.jobs.registry import Cancelled, Failed, Running
from faza.metering.models import UsagePoint
from faza.outbox import services as outbox
from faza.reports import files, pace, queries, renderers
from faza.reports.formulas import WrongFormula
from faza.reports.models import Run, Schedule
from faza.reports.registry import NoSuchKind
from faza.reports.renderers.look import TooLong
from faza.reports.shaping import Layout, shaped
from faza.reports.table import Block

PAGE = "/reports/"
LISTED = 100
"""Points whose codes the trail names; it counts them all."""


def make(job: Running) -> Mapping[str, object]:
    """Make the report of a job's run, keep its file and tell the user."""
    run = Run.objects.select_related("user").filter(pk=job.arguments["run"]).first()
    if run is None or run.state != Run.State.WAITING:
        return {}
    with translation.override(run.language), timezone.override(ZoneInfo(settings.TIME_ZONE)):
        try:
            return _made(run, job)
        except Cancelled:
            _end(run, Run.State.CANCELLED, at=job.at)
            raise
        except (queries.NotThere, NoSuchKind) as gone:
            if run.is_mailed:
                # Told once, and not again on every day to come.
                Schedule.objects.filter(report=run.report_id, user=run.user_id).update(next_at=None)
            raise _failed(run, _("A point of this report is no longer open to you."), job) from gone
        except (TooLong, WrongFormula) as problem:
            raise _failed(run, str(problem), job) from problem
        except Exception as problem:
            # Told by the worker with its trace; the reader is told that it is not their fault.
            _failed(run, _lost(), job)
            raise problem


def _made(run: Run, job: Running) -> Mapping[str, object]:
    user, query = run.user, QueryDict(run.query)
    acting = query.get(queries.ACTING)
    user.acting_for = int(acting) if acting else None
    made = queries.table_of(user, query, at=job.at)
    windows = made.windows
    if not windows:
        raise queries.NotThere
    table = shaped(replace(made.table, customer=user.full_name), Layout.of_json(run.layout))
    known = card.current()
    table.organisation = known.name if known else ""
    _note(user, windows, query, run.format, at=job.at)
    counted = _Counted(table.blocks, job, table.n_rows)
    table.blocks = counted
    name = files.name_of(run)
    shown = renderers.file_name(table, run.format, at=job.at)
    with files.fresh(name) as fresh:
        with pace.measured(made.kind, made.parameters, len(windows.points), run.format):
            renderers.write(table, run.format, fresh.file)
        size = fresh.closed()
        with transaction.atomic():
            # The row is locked from here: whoever ends the run meanwhile comes before or after.
            ended = Run.objects.filter(pk=run.pk, state=Run.State.WAITING).update(
                state=Run.State.MADE, file=name, name=shown, size=size, ended_at=job.at,
                scope=queries.scope_of(windows),
            )  # fmt: skip
            if ended:
                fresh.place()
                _tell(run, "sent" if run.is_mailed else "made", job.at)
    if ended:
        files.tidy(name)
    return {"rows": counted.rows, "run": run.pk}


class _Counted:
    """Blocks as they pass: tells how far the job is, and ends it where it is cancelled."""

    def __init__(self, blocks: Iterable[Block], job: Running, n_rows: int | None) -> None:
        self._blocks, self._job, self._n_rows = blocks, job, n_rows
        self.rows = 0

    def __iter__(self) -> Iterator[Block]:
        for block in self._blocks:
            if self._job.is_cancelled:
                raise Cancelled
            yield block
            self.rows += len(block)
            self._job.progress(self.rows, max(self._n_rows, self.rows) if self._n_rows else None)


def _note(user: User, windows: Windows, query: QueryDict, format: str, *, at: datetime) -> None:
    """The trail of what staff take away."""
    if user.role == User.Role.SUBSCRIBER:
        return
    ids = windows.points
    codes = list(UsagePoint.objects.filter(pk__in=ids[:LISTED]).values_list("code", flat=True))
    audit.note(
        "reports.report.made",
        of=user,
        by=user,
        at=at,
        after={
            "points": codes,
            "points_count": len(ids),
            "kind": query.get("kind", ""),
            "format": format,
        },
    )


def settle(*, at: datetime) -> int:
    """End the runs whose jobs ended without them: workers were lost, or it was cancelled."""
    left = dict(Run.objects.filter(state=Run.State.WAITING).values_list("job", "pk"))
    count = 0
    for job in Job.objects.filter(pk__in=[one for one in left if one], ended_at__isnull=False):
        run = Run.objects.get(pk=left[job.pk])
        with translation.override(run.language):
            count += _settled(run, is_cancelled=job.state == Job.State.CANCELLED, at=at)
    return count


def _settled(run: Run, *, is_cancelled: bool, at: datetime) -> int:
    """End one run; 0 where a worker that was only slow has ended it, whose file stays."""
    with transaction.atomic():
        if is_cancelled:
            ended = _end(run, Run.State.CANCELLED, at=at)
        elif ended := _end(run, Run.State.FAILED, at=at, why=_lost()):
            _tell(run, "failed", at, _lost())
    if ended:
        files.remove(files.name_of(run))
    return ended


def _lost() -> str:
    return _("It was not made because of a fault of the system.")


def _failed(run: Run, why: str, job: Running) -> Failed:
    with transaction.atomic():
        if _end(run, Run.State.FAILED, at=job.at, why=why):
            _tell(run, "failed", job.at, why)
    return Failed(why)


def _end(run: Run, state: Run.State, *, at: datetime, why: str = "") -> int:
    waiting = Run.objects.filter(pk=run.pk, state=Run.State.WAITING)
    return waiting.update(state=state, ended_at=at, why=why[:500])


def _tell(run: Run, what: str, at: datetime, why: str = "") -> None:
    outbox.tell(
        f"reports.run.{what}",
        key=f"reports.run:{run.pk}",
        payload={"run": run.pk, "title": run.title, "why": why, "url": PAGE},
        at=at,
        to=run.user_id,
        language=run.language,
    )
