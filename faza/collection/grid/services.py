"""Deeds about imports of a grid: from the upload to the end. The long ones are jobs."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection.grid import book, columns, files, undoing
from faza.collection.models import GridImport, GridImportRow
from faza.contracts import access
from faza.contracts.models import OperatorArea
from faza.jobs import services as jobs
from faza.jobs.models import Job
from faza.metering.models import NetworkNode
from faza.metering.querysets import NetworkNodeQuerySet

CHECK, APPLY, UNDO = "collection.grid.check", "collection.grid.apply", "collection.grid.undo"
State = GridImport.State
OPEN = (State.UPLOADED, State.CHECKED)
"""States in which a person may still choose and correct."""
ENDED = (State.APPLIED, State.UNDONE, State.CLOSED)
BACK = {
    State.CHECKING.value: State.UPLOADED,
    State.APPLYING.value: State.CHECKED,
    State.UNDOING.value: State.APPLIED,
}
"""Where an import stands again when its job comes to nothing."""
REPLACED = ("meter-elsewhere", "meter-differs")
"""Errors that are none where the row says that a meter was replaced or moved."""
ADDED = {"model-unknown": "models"}
"""Errors that are none where what is missing may be made."""


class NotNow(Exception):
    """The import is in another state than the deed wants: somebody else was faster."""


class WrongColumns(Exception):
    """The choice of columns does not fit the file, or lacks a needed one."""


def imports_of(user: User) -> QuerySet[GridImport]:
    """The imports a person may look at: the own ones; an administrator all."""
    imports = GridImport.objects.order_by("-created_at", "-id")
    if user.is_active and user.role == User.Role.ADMINISTRATOR:
        return imports
    return imports.filter(by=user) if user.is_active else imports.none()


def bases_of(user: User, *, at: datetime) -> NetworkNodeQuerySet:
    """The nodes at which the paths of a file may begin."""
    return access.nodes_of(user, at=at)


@transaction.atomic
def begin(name: str, data: bytes, *, by: User, at: datetime) -> GridImport:
    """Keep a file and see what its columns are. Raises Malformed and TooLarge; nothing is kept."""
    found = book.look(name, data)
    areas = list(OperatorArea.objects.filter(user=by).order_by("id")[:2])
    roots = list(NetworkNode.objects.roots().order_by("id")[:2])
    base = areas[0].node_id if len(areas) == 1 else None
    if by.role in access.EVERYWHERE and len(roots) == 1:
        base = roots[0].pk
    one = GridImport.objects.create(
        by=by, name=name[-300:], sha256=hashlib.sha256(data).hexdigest(), size=len(data),
        sheet=found.sheet[:100], title_line=found.line, titles=list(found.titles),
        columns={str(n): key for n, key in found.recognised.items()}, base_id=base,
        since=at.astimezone(ZoneInfo("Europe/Moscow")).date(), created_at=at,
    )  # fmt: skip
    one.kept_as = f"{one.pk}-{one.sha256[:16]}{PurePath(name).suffix.lower()[:5]}"
    one.save(update_fields=["kept_as"])
    files.keep(one.kept_as, data)
    told = {"name": one.name, "sha256": one.sha256, "size": one.size}
    audit.note("collection.grid.uploaded", of=one, by=by, at=at, after=told)
    return one


@transaction.atomic
def choose(
    one: GridImport,
    *,
    keys: Mapping[int, str],
    base: NetworkNode | None,
    since: date,
    by: User,
    at: datetime,
) -> GridImport:
    """Say which column is what, where paths begin and from when things hold; begins the trial.

    Raises WrongColumns, and NotNow if the import is past that.
    """
    held = _held(one, OPEN)
    needed = {column.key for column in columns.COLUMNS if column.needed}
    if not book.titles_agree(held.titles, keys) or not needed <= set(keys.values()):
        raise WrongColumns(", ".join(sorted(needed - set(keys.values()))))
    held.columns = {str(n): key for n, key in sorted(keys.items())}
    held.base, held.since = base, since
    held.corrections, held.decisions = {}, {}
    return _begin_trial(held, by=by, at=at)


@transaction.atomic
def correct(
    one: GridImport, *, line: int, key: str, text: str, by: User, at: datetime
) -> GridImportRow:
    """Put a text in a cell's place; the next trial judges it. Raises NotNow.

    GridImportRow.DoesNotExist if there is no such row, WrongColumns if no such column.
    """
    held = _held(one, (State.CHECKED,))
    row = held.rows.get(line=line)
    place = {name: n for n, name in held.columns.items()}.get(key)
    if place is None:
        raise WrongColumns(key)
    row.cells[int(place)] = text
    row.marks[place] = {"kind": "w", "code": "unchecked"}
    row.save(update_fields=["cells", "marks"])
    held.corrections.setdefault(str(line), {})[key] = text
    held.counts["untried"] = held.counts.get("untried", 0) + 1
    held.save(update_fields=["corrections", "counts"])
    return row


@transaction.atomic
def mend(one: GridImport, *, codes: Collection[str], by: User, at: datetime) -> int:
    """Take what is proposed for all cells of some kinds of error, and try again; how many cells.

    All kinds that have proposals, if `codes` is empty. Raises NotNow.
    """
    held = _held(one, (State.CHECKED,))
    count = 0
    for row in held.rows.exclude(marks={}).only("line", "marks"):
        for place, mark in row.marks.items():
            if not mark.get("proposal") or (codes and mark["code"] not in codes):
                continue
            if not codes and mark["kind"] != "e":
                continue
            key = held.columns[place]
            held.corrections.setdefault(str(row.line), {})[key] = mark["proposal"]
            count += 1
    _begin_trial(held, by=by, at=at)
    return count


@transaction.atomic
def decide(
    one: GridImport, *, code: str, by: User, at: datetime, line: int | None = None
) -> GridImport:
    """Say what the file alone does not: it is a replacement, make the type, the doubt is known.

    Of one row, or of all with such a mark. Errors are tried anew; a warning is only put aside.
    Raises NotNow; ValueError for a code that leaves nothing to decide.
    """
    held = _held(one, (State.CHECKED,))
    decisions = held.decisions
    if code in REPLACED:
        marked = held.rows.filter(state=GridImportRow.State.ERROR)
        lines = {row.line for row in marked if code in {m["code"] for m in row.marks.values()}}
        lines &= {line} if line is not None else lines
        decisions["replace"] = sorted({*decisions.get("replace", []), *lines})
    elif code in ADDED:
        decisions["create"] = sorted({*decisions.get("create", []), ADDED[code]})
    elif any(group["code"] == code and group["kind"] == "w" for group in held.groups):
        decisions["accepted"] = sorted({*decisions.get("accepted", []), code})
        held.save(update_fields=["decisions"])
        return held
    else:
        raise ValueError(code)
    return _begin_trial(held, by=by, at=at)


@transaction.atomic
def try_again(one: GridImport, *, by: User, at: datetime) -> GridImport:
    """Begin the trial anew, with what was corrected. Raises NotNow."""
    return _begin_trial(_held(one, OPEN), by=by, at=at)


@transaction.atomic
def begin_applying(one: GridImport, *, skip_errors: bool, by: User, at: datetime) -> GridImport:
    """Have what the trial found be made. Raises NotNow: also where errors are and none are skipped,
    where nothing is to be done, and where a correction has not been tried yet.
    """
    held = _held(one, (State.CHECKED,))
    counts = held.counts
    if (counts["error"] and not skip_errors) or not counts["new"] + counts["changed"]:
        raise NotNow(State.CHECKED)
    if counts.get("untried"):
        raise NotNow(State.CHECKED)
    return _begin(held, State.APPLYING, APPLY, by=by, at=at)


@transaction.atomic
def begin_undoing(one: GridImport, *, by: User, at: datetime) -> GridImport:
    """Have an import be taken back. Raises NotNow, and CannotUndo with the reasons."""
    held = _held(one, (State.APPLIED,))
    if reasons := undoing.reasons_against(held, at=at):
        raise undoing.CannotUndo(reasons)
    return _begin(held, State.UNDOING, UNDO, by=by, at=at)


@transaction.atomic
def let_go(one: GridImport, *, by: User, at: datetime) -> GridImport:
    """Stop a trial, or free an import whose job failed; it waits for its person again.

    Raises NotNow where a job applies it or takes it back and has not ended.
    """
    held = _held(one, tuple(BACK))
    job = Job.objects.filter(pk=held.job or 0).first()
    if job is not None and not job.is_ended:
        if held.state != State.CHECKING:
            raise NotNow(held.state)
        jobs.cancel(job, by=by, at=at)
    held.state = BACK[held.state]
    held.save(update_fields=["state"])
    return held


@transaction.atomic
def put_aside(one: GridImport, *, by: User, at: datetime) -> GridImport:
    """End an import that is not to be applied: its file and rows go. Raises NotNow.

    A trial that runs finds out at its end.
    """
    held = _held(one, (*OPEN, State.CHECKING))
    held.state = State.CLOSED
    held.save(update_fields=["state"])
    _empty(held)
    audit.note("collection.grid.closed", of=held, by=by, at=at)
    return held


def sweep(before: datetime, at: datetime) -> int:
    """Empty imports that were begun before a moment of their files, rows and lists.

    What they made stays; that they were, too. Twice empties once.
    """
    old = GridImport.objects.filter(created_at__lt=before).exclude(kept_as="")
    count = 0
    for one in old.exclude(state__in=(State.APPLYING, State.UNDOING)):
        with transaction.atomic():
            if one.state not in ENDED:
                one.state = State.CLOSED
            one.made = {}
            one.save(update_fields=["state", "made"])
            _empty(one)
        count += 1
    return count


def _empty(one: GridImport) -> None:
    """Take away what may name people: the file, its rows, what was typed."""
    one.rows.all().delete()
    one.corrections, one.groups, kept = {}, [], one.kept_as
    one.kept_as = ""
    one.save(update_fields=["corrections", "groups", "kept_as"])
    transaction.on_commit(lambda: files.remove(kept))


def _held(one: GridImport, states: Collection[str]) -> GridImport:
    """The import's row, locked. Raises NotNow if it is in another state."""
    held = GridImport.objects.select_for_update().get(pk=one.pk)
    if held.state not in states:
        raise NotNow(held.state)
    return held


def _begin_trial(held: GridImport, *, by: User, at: datetime) -> GridImport:
    return _begin(held, State.CHECKING, CHECK, by=by, at=at)


def _begin(held: GridImport, state: str, kind: str, *, by: User, at: datetime) -> GridImport:
    job = jobs.start(kind, arguments={"import": held.pk}, by=by, at=at)
    held.state, held.job, held.error = state, job.pk, ""
    held.save()
    return held
