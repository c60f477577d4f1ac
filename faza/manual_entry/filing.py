"""Files of readings: kept, tried, sent once. A trial writes nothing but what it found.

Of good points all is sent, of others nothing; killed in the middle it is begun again and comes to
the same, for what was sent is known by the file's own token.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.audit import services as audit
from faza.jobs import services as jobs
from faza.jobs.queries import all_jobs
from faza.manual_entry import bulk, matching, services, table
from faza.manual_entry.bulk import Outcome
from faza.manual_entry.matching import Matched, Reach
from faza.manual_entry.models import Entry, EntryFile
from faza.manual_entry.table import Fault, Told
from faza.protocols.problems import Malformed

CHECK, APPLY = "manual_entry.file.check", "manual_entry.file.apply"
"""Kinds of jobs."""
AT_ONCE = 400
"""Rows that are looked at in the request; more are a job. Measured: 1 to 2 ms a row."""
A_REQUEST = timedelta(minutes=1)
"""No request takes longer to look through AT_ONCE rows."""
KEPT = timedelta(days=90)
"""So long what came of a file is kept. A choice of ours."""
State = EntryFile.State
Progress = Callable[[int, int], None]
Asked = Callable[[], bool]
Json = dict[str, Any]  # as JSON is


class NotNow(Exception):
    """The file was sent or put aside already, or is being worked on."""


class Stopped(Exception):
    """Somebody has cancelled the work on a file; what it had sent by then stays sent."""


def _quiet(done: int, total: int) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(slots=True)
class Found:
    """What a trial or an application found; counts are of points, `rows` of rows.

    ready: sent, or to be sent. doubtful: wait for a yes. again: sent by the same file before.
    left_out: those of which nothing is taken. doubts: a row each, see `_doubts`.
    """

    rows: int = 0
    points: int = 0
    ready: int = 0
    doubtful: int = 0
    again: int = 0
    empty: int = 0
    left_out: int = 0
    faults: list[Fault] = field(default_factory=list)
    doubts: list[list[object]] = field(default_factory=list)

    def plain(self) -> Json:
        """As JSON keeps it; faults by line."""
        counts = {
            name: getattr(self, name)
            for name in ("rows", "points", "ready", "doubtful", "again", "empty", "left_out")
        }
        faults = sorted(self.faults, key=lambda fault: fault.line)
        doubts = sorted(self.doubts, key=lambda doubt: str(doubt[0]).zfill(9))
        return counts | {"faults": [fault.plain() for fault in faults], "doubts": doubts}


def faults_of(told: Mapping[str, Any]) -> list[Fault]:
    """The faults that a file's `told` keeps."""
    return [Fault(*row) for row in told.get("faults", ())]


def files_of(user: User, way: Entry.Way) -> QuerySet[EntryFile]:
    """A person's own files of a way, the newest first; whose they are is theirs alone."""
    return EntryFile.objects.filter(by=user, way=way).defer("content").order_by("-pk")


# The way of a file


def upload(*, name: str, content: bytes, way: Entry.Way, by: User, at: datetime) -> EntryFile:
    """Keep a file and try it, at once or as a job. Raises Malformed for what is no such table."""
    told = table.read(name, content)
    if not told.count:
        raise Malformed("There is no row under the titles.", code="no-rows")
    with transaction.atomic():
        one = EntryFile.objects.create(
            by=by, acting_for_id=by.acting_for, way=way, name=name[-200:], content=content,
            sha256=hashlib.sha256(content).hexdigest(), uploaded_at=at,
        )  # fmt: skip
        audit.note("manual_entry.file.uploaded", of=one, by=by, at=at, after={"file": one.name})
        if told.count > AT_ONCE:
            _begin(one, CHECK, by=by, at=at)
    if told.count <= AT_ONCE:
        check(one.pk, at=at)
        one.refresh_from_db()
    return one


def apply(*, one: EntryFile, confirmed: bool, by: User, at: datetime) -> EntryFile:
    """Send the good points of a file that was tried, at once or as a job. Raises NotNow.

    confirmed: those too that the trial doubts.
    """
    with transaction.atomic():
        held = _held(one, [State.CHECKED])
        held.state, held.applied_at, held.confirmed = State.APPLYING, at, confirmed
        held.save(update_fields=["state", "applied_at", "confirmed"])
        audit.note("manual_entry.file.sent", of=held, by=by, at=at, after={"confirmed": confirmed})
        # Of a small file too: should the request be killed, the job goes on.
        _begin(held, APPLY, by=by, at=at)
    if held.told.get("rows", 0) <= AT_ONCE:
        run(held.pk, at=at)
        held.refresh_from_db()
    return held


@transaction.atomic
def put_aside(*, one: EntryFile, by: User, at: datetime) -> EntryFile:
    """Leave a file that was tried, or stopped halfway: nothing more is sent. Raises NotNow."""
    held = _held(one, [State.CHECKED, State.STOPPED])
    held.state, held.ended_at, held.content = State.DROPPED, at, b""
    held.save(update_fields=["state", "ended_at", "content"])
    audit.note("manual_entry.file.dropped", of=held, by=by, at=at)
    return held


def resume(*, one: EntryFile, by: User, at: datetime) -> EntryFile:
    """Begin the trial or the sending again that was stopped: what was sent is not sent twice.

    Its readings are of the moment at which somebody said "send", as before. Raises NotNow where
    the work goes on, or has come to its end.
    """
    with transaction.atomic():
        settle(one.pk, at=at)
        held = _held(one, [State.STOPPED])
        kind = CHECK if held.applied_at is None else APPLY
        held.state = State.CHECKING if held.applied_at is None else State.APPLYING
        held.save(update_fields=["state"])
        audit.note("manual_entry.file.begun", of=held, by=by, at=at)
        _begin(held, kind, by=by, at=at)
    return held


def settle(pk: int | None = None, *, at: datetime) -> int:
    """Mark files as stopped whose job has ended without their result; how many.

    A job that was cancelled before it ran, or that killed workers too often, tells nobody.
    """
    working = EntryFile.objects.filter(state__in=(State.CHECKING, State.APPLYING))
    # A small file has its trial in the request, which may be killed, and no job.
    working = working.filter(Q(job__isnull=False) | Q(uploaded_at__lte=at - A_REQUEST))
    chosen = working if pk is None else working.filter(pk=pk)
    held = dict(chosen.values_list("pk", "job"))
    alive = set(
        all_jobs()
        .filter(pk__in=[job for job in held.values() if job], ended_at=None)
        .values_list("pk", flat=True)
    )
    lost = [(file, job) for file, job in held.items() if job not in alive]
    # By its job: begun again meanwhile, it is another one's.
    return sum(
        EntryFile.objects.filter(
            pk=file, job=job, state__in=(State.CHECKING, State.APPLYING)
        ).update(state=State.STOPPED)
        for file, job in lost
    )  # fmt: skip


def _held(one: EntryFile, states: Collection[EntryFile.State]) -> EntryFile:
    held = EntryFile.objects.select_for_update(of=("self",)).get(pk=one.pk)
    if held.state not in states:
        raise NotNow(held.state)
    return held


def _begin(one: EntryFile, kind: str, *, by: User, at: datetime) -> None:
    """Start the job; begun again it is another one, and twice at once one."""
    key = f"{kind}:{one.pk}" if one.job is None else f"{kind}:{one.pk}:{one.job}"
    job = jobs.start(kind, arguments={"file": one.pk}, by=by, at=at, key=key)
    one.job = job.pk
    one.save(update_fields=["job"])


# The work


def check(
    pk: int, *, at: datetime, progress: Progress = _quiet, is_cancelled: Asked = _never
) -> Json:
    """Try a file and keep what was found; twice is once. Raises Stopped."""
    one = EntryFile.objects.select_related("by").get(pk=pk)
    if one.state != State.CHECKING:
        return {}
    found = Found()
    told = table.read(one.name, bytes(one.content))
    way, token = Entry.Way(one.way), token_of(one, at)
    for part in _parts(one, told, found, at, progress):
        # Asked as if confirmed: what is doubted is told, and waits for a yes.
        outcomes = bulk.tried(part.sendings, way=way, token=token, confirmed=True)
        _add(found, part, outcomes, is_sure=False)
        if is_cancelled():
            raise _stopped(pk, State.CHECKING, Found())
    EntryFile.objects.filter(pk=pk, state=State.CHECKING).update(
        state=State.CHECKED, told=found.plain()
    )
    return _counts(found)


def run(
    pk: int, *, at: datetime, progress: Progress = _quiet, is_cancelled: Asked = _never
) -> Json:
    """Send the good points of a file; begun again it goes on where it was. Raises Stopped."""
    one = EntryFile.objects.select_related("by").get(pk=pk)
    if one.state != State.APPLYING or one.applied_at is None:
        return {}
    said = one.applied_at
    found = Found()
    told = table.read(one.name, bytes(one.content))
    way, token = Entry.Way(one.way), token_of(one, said)
    for part in _parts(one, told, found, said, progress):
        outcomes = bulk.send_many(
            part.sendings, way=way, token=token, by=one.by, at=said, confirmed=one.confirmed
        )
        for outcome in outcomes:
            # Sent by this very work before it was killed.
            if outcome.entry is not None and outcome.entry.sent_at == said:
                outcome.is_again = False
        _add(found, part, outcomes, is_sure=one.confirmed)
        if is_cancelled():
            raise _stopped(pk, State.APPLYING, found)
    EntryFile.objects.filter(pk=pk, state=State.APPLYING).update(
        state=State.APPLIED, told=found.plain(), ended_at=at, content=b""
    )
    return _counts(found)


def _stopped(pk: int, state: EntryFile.State, found: Found) -> Stopped:
    """Keep that the work was cancelled, with what it had done by then."""
    EntryFile.objects.filter(pk=pk, state=state).update(state=State.STOPPED, told=found.plain())
    return Stopped(f"file {pk}")


def token_of(one: EntryFile, at: datetime) -> str:
    """The name of this sending: the same file in the same month is sent once, whoever has it."""
    return f"{at:%Y%m}:{one.sha256[:56]}"


def sweep(*, before: datetime) -> int:
    """Delete files that were uploaded before a moment, and what came of them; how many."""
    old = EntryFile.objects.filter(uploaded_at__lt=before)
    return old.exclude(state=State.APPLYING).delete()[0]


def _counts(found: Found) -> Json:
    told = found.plain()
    return {name: told[name] for name in ("ready", "doubtful", "again", "left_out")}


def _parts(
    one: EntryFile, told: Told, found: Found, at: datetime, progress: Progress
) -> Iterator[Matched]:
    """What the rows mean, some points at a time; what is wrong with them is taken down."""
    user = one.by
    user.acting_for = one.acting_for_id
    filled = {row.point for row in told.rows}
    wrong = {fault.point for fault in told.faults if fault.point}
    found.rows, found.points = told.count, len(filled | wrong)
    found.empty = len({point for point, _ in told.empty} - filled - wrong)
    found.faults += told.faults
    found.left_out += len(wrong - filled)
    done = 0
    for part in matching.matched(told, Reach(user, Entry.Way(one.way), at=at)):
        found.faults += part.faults
        found.left_out += len({fault.point for fault in part.faults})
        yield part
        done += bulk.BATCH
        progress(min(done, len(filled)), len(filled))


def _add(found: Found, part: Matched, outcomes: Sequence[Outcome], *, is_sure: bool) -> None:
    """Count what became of each point, and take down why."""
    for outcome in outcomes:
        if outcome.is_again:
            found.again += 1
        elif isinstance(outcome.refusal, services.Doubtful):
            found.doubtful += 1
            found.doubts += _doubts(outcome, part, outcome.refusal.doubts)
        elif outcome.refusal is not None:
            found.left_out += 1
            found.faults.append(_refused(outcome, part))
        elif outcome.doubts and not is_sure:
            found.doubtful += 1
            found.doubts += _doubts(outcome, part, outcome.doubts)
        else:
            found.ready += 1


def _refused(outcome: Outcome, part: Matched) -> Fault:
    due = outcome.sending.due
    row = next(iter(part.lines[due.point.pk].values()))
    if isinstance(outcome.refusal, services.PhotoWanted):
        return Fault(row.line, "photo-wanted", point=row.point)
    opens, zone = due.standing.opens_at, ZoneInfo(due.point.zone)
    when = f"{opens.astimezone(zone):%d.%m.%Y}" if opens else ""
    return Fault(row.line, f"closed-{due.standing.why}", expected=when, point=row.point)


def _doubts(
    outcome: Outcome, part: Matched, doubts: Mapping[Any, Sequence[str]]
) -> list[list[object]]:  # fmt: skip
    """Line, point, register, doubts, quanta typed, last quanta, decimals: a row each."""
    due = outcome.sending.due
    dials = {dial.register: dial for dial in due.dials}
    return [
        [
            part.lines[due.point.pk][number].line, due.point.code, number, [str(d) for d in said],
            outcome.sending.shown[number], dials[number].last, dials[number].decimals,
        ]
        for number, said in ((int(key), value) for key, value in doubts.items())
    ]  # fmt: skip
