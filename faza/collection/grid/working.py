"""What the jobs do: a trial kept for the pages, the application, taking it back.

A worker that is killed leaves nothing: each of these ends in one transaction, and is begun again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from faza.audit import services as audit
from faza.audit.models import Entry
from faza.collection.grid import book, files, undoing
from faza.collection.grid.applying import carry_out
from faza.collection.grid.book import Table
from faza.collection.grid.checking import check, no_progress
from faza.collection.grid.plan import Plan
from faza.collection.grid.scope import Scope
from faza.collection.models import GridImport, GridImportRow
from faza.protocols.problems import Malformed

State = GridImport.State
BATCH = 1_000
Tell = Callable[[int, int, str], None]


class Changed(Exception):
    """The network is no longer what the trial saw; it has to be tried again."""


def run_trial(key: int, *, at: datetime, progress: Tell = no_progress) -> dict[str, int]:
    """Try an import and keep the verdicts of its rows; the counts.

    Nothing is done where the import is past its trial or put aside. Raises Malformed if the file
    cannot be read any more; the import waits for other columns then.
    """
    one = GridImport.objects.select_related("by").get(pk=key)
    if one.state != State.CHECKING:
        return dict(one.counts)
    began = time.perf_counter()
    try:
        table = _table(one)
    except (Malformed, FileNotFoundError) as problem:
        one.state, one.error = State.UPLOADED, str(problem)[:500]
        one.save(update_fields=["state", "error"])
        raise
    plan = check(table, scope=_scope(one), at=at, progress=progress)
    with transaction.atomic():
        held = GridImport.objects.select_for_update().get(pk=key)
        if held.state != State.CHECKING:
            return dict(held.counts)
        _keep_rows(held, table, plan)
        held.state, held.checked_at = State.CHECKED, at
        held.counts, held.groups, held.fingerprint = plan.counts(), plan.groups(), plan.fingerprint
        accepted = set(held.decisions.get("accepted", []))
        held.decisions["accepted"] = sorted(accepted & {group["code"] for group in held.groups})
        held.seconds = time.perf_counter() - began
        held.save()
    return dict(held.counts)


def run_applying(key: int, *, at: datetime, progress: Tell = no_progress) -> dict[str, int]:
    """Make what the trial found, in one transaction; the counts. Twice makes it once.

    Raises Changed where the network is not what the trial saw: nothing is made, and the import
    is to be tried again.
    """
    try:
        with transaction.atomic():
            one = GridImport.objects.select_for_update().get(pk=key)
            if one.state != State.APPLYING:
                return dict(one.counts)
            plan = check(_table(one), scope=_scope(one), at=at, lock=True)
            if plan.fingerprint != one.fingerprint:
                raise Changed
            made = carry_out(plan, number=key, by=one.by, at=at, progress=progress)
            one.state, one.applied_at = State.APPLIED, at
            one.counts = plan.counts()
            audit.note("collection.grid.applied", of=one, by=one.by, at=at, after=one.counts)
            last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
            one.made = made.as_json() | {"last_entry": last or 0}
            one.save()
    except IntegrityError as problem:
        # Somebody made the same thing between our look and our deed.
        _back_to_trial(key)
        raise Changed from problem
    except Changed:
        _back_to_trial(key)
        raise
    return dict(one.counts)


def run_undoing(key: int, *, at: datetime, progress: Tell = no_progress) -> dict[str, int]:
    """Take an import back, in one transaction; how many rows of each model. Twice is once.

    Raises CannotUndo where something was built upon it meanwhile; it stays applied then.
    """
    try:
        with transaction.atomic():
            one = GridImport.objects.select_for_update().get(pk=key)
            if one.state != State.UNDOING:
                return {}
            counts = undoing.take_back(one, by=one.by, at=at, progress=progress)
            one.state, one.undone_at, one.made = State.UNDONE, at, {}
            one.save()
            audit.note("collection.grid.undone", of=one, by=one.by, at=at, after=counts)
    except undoing.CannotUndo as problem:
        GridImport.objects.filter(pk=key).update(state=State.APPLIED, error=str(problem)[:500])
        raise
    return counts


def _back_to_trial(key: int) -> None:
    GridImport.objects.filter(pk=key, state=State.APPLYING).update(
        state=State.CHECKED, error="changed"
    )


def _table(one: GridImport) -> Table:
    """The file's rows with what was corrected."""
    data = files.load(one.kept_as)
    keys = {int(n): key for n, key in one.columns.items()}
    table = book.read(one.name, data, sheet=one.sheet, line=one.title_line, keys=keys)
    table.correct({int(line): texts for line, texts in one.corrections.items()})
    return table


def _scope(one: GridImport) -> Scope:
    assert one.by is not None, "whose import it is, decides what it may touch"
    return Scope(
        user=one.by,
        since=one.since,
        base=one.base_id,
        replace=frozenset(one.decisions.get("replace", [])),
        create=frozenset(one.decisions.get("create", [])),
    )


def _keep_rows(one: GridImport, table: Table, plan: Plan) -> None:
    one.rows.all().delete()
    places = table.places
    GridImportRow.objects.bulk_create(
        (
            GridImportRow(
                grid_import=one,
                line=draft.line,
                state=draft.state,
                is_doubtful=draft.is_doubtful,
                cells=cells,
                marks=_marks(draft.marks, places),
            )
            for draft, (_, cells) in zip(plan.drafts, table.rows, strict=True)
        ),
        batch_size=BATCH,
    )


def _marks(marks: Any, places: dict[str, int]) -> dict[str, Any]:
    """Marks by the place of their column; of a column that the file has not, by the node's."""
    found: dict[str, Any] = {}
    for key, mark in marks.items():
        place = str(places.get(key, places.get("point_name", 0)))
        if place not in found or mark.kind == "e":
            found[place] = mark.as_json()
    return found
