"""Files that came, on their way into the store: kept, written down, read, done with.

A file has a key that says which one it is, so that whatever is met again, in a mailbox that is
read anew or after a kill, is taken once. Reading it twice would do it once as well.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.db.models import F

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection.exchange import files
from faza.collection.models import Arrival
from faza.collection.services import import_files
from faza.collection.summary import ImportOptions, ImportSummary, Progress
from faza.contracts import access
from faza.jobs import services as jobs
from faza.jobs.models import Job
from faza.metering.models import NetworkNode

IMPORT = "collection.exchange.import"
TRIES = 3
"""So often a reading is begun; a file that kills its process each time is put aside."""
REASON = 500
DAYS = 30
"""For so long files are kept after they were read."""
State = Arrival.State


def sees_whole(user: User, *, at: datetime) -> bool:
    """Whether a person's areas are the whole network; the administrator's and auditor's are."""
    if not user.is_active:
        return False
    if user.role in access.EVERYWHERE:
        return True
    mine = access.nodes_of(user, at=at)
    roots = NetworkNode.objects.roots()
    return mine.exists() and not roots.exclude(pk__in=mine.values("pk")).exists()


def keep(
    name: str,
    data: bytes,
    *,
    channel: Arrival.Channel,
    key: str,
    at: datetime,
    origin: str = "",
    senders: list[str] | None = None,
    as_of: datetime | None = None,
    state: Arrival.State = State.WAITING,
    reason: str = "",
    by: User | None = None,
    options: dict[str, Any] | None = None,
) -> Arrival | None:
    """Keep a file and write it down; None if it came before under that key.

    A failed one is written down without its bytes.
    """
    if Arrival.objects.filter(key=key).exists():
        return None
    kept_as = ""
    if state != State.FAILED:
        kept_as = f"{at:%Y%m%dT%H%M%S}-{secrets.token_hex(8)}"
        files.keep(kept_as, data)
    found, fresh = Arrival.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "name": _shown(name),
            "kept_as": kept_as,
            "size": len(data),
            "origin": origin[:300],
            "senders": senders or [],
            "by": by,
            "options": options or {},
            "state": state,
            "reason": reason[:REASON],
            "as_of": as_of or at,
            "arrived_at": at,
            "ended_at": at if state == State.FAILED else None,
        },
    )
    if not fresh:
        files.remove(kept_as)
    return found if fresh else None


@transaction.atomic
def upload(name: str, data: bytes, *, by: User, at: datetime, **options: Any) -> Arrival:
    """Take a file that somebody gave at the desk, and start the job that reads it.

    options: `zone`, `stamped`, `channel`, `unit`, `create_points` of ImportOptions. Who sees a
    part of the network only may write to the points of it alone, and make none.
    """
    key = f"upload:{secrets.token_hex(16)}"
    made = keep(
        name, data, channel=Arrival.Channel.UPLOAD, key=key, at=at, by=by,
        options={key: value for key, value in options.items() if value},
    )  # fmt: skip
    assert made is not None
    job: Job = jobs.start(IMPORT, arguments={"arrival": made.pk}, by=by, at=at)
    made.job = job.pk
    made.save(update_fields=["job"])
    audit.note("collection.file.uploaded", of=made, by=by, at=at, after={"name": made.name})
    return made


def read(
    arrival: Arrival, *, at: datetime, progress: Callable[[Progress], None] | None = None
) -> ImportSummary | None:
    """Import a file that waits, and write down what came of it; None if it does not wait.

    Raises DatabaseError where it is out of reach: then it waits on.
    """
    if not Arrival.objects.filter(pk=arrival.pk, state=State.WAITING).update(tries=F("tries") + 1):
        return None
    if arrival.tries >= TRIES:
        told = f"Reading it was begun {arrival.tries} times and never came to an end."
        _end(arrival, State.FAILED, told, None, at)
        return None
    options = _options(arrival, at)
    try:
        with files.place_of(arrival.kept_as).open("rb") as stream:
            summary = import_files(
                [(arrival.name, stream)], at=at, options=options, progress=progress
            )
    except OSError as problem:
        told = f"It cannot be read: {problem.strerror or problem}."
        _end(arrival, State.FAILED, told, None, at)
        return None
    useless = not (summary.values or summary.unassigned or summary.events)
    failed = bool(summary.n_problems) and useless
    reason = summary.problems[0].reason if failed and summary.problems else ""
    _end(arrival, State.FAILED if failed else State.DONE, reason, summary.run, at)
    return summary


def call_off(arrival: Arrival, *, at: datetime) -> None:
    """End a reading that somebody stopped; what was stored until then stays."""
    _end(arrival, State.FAILED, "It was stopped; what was stored until then stays.", None, at)


def release(arrival: Arrival, *, by: User, at: datetime) -> bool:
    """Let a file that was held back be read; whether it was held."""
    with transaction.atomic():
        held = Arrival.objects.filter(pk=arrival.pk, state=State.HELD)
        if not held.update(state=State.WAITING, reason="", by=by):
            return False
        job = jobs.start(IMPORT, arguments={"arrival": arrival.pk}, by=by, at=at)
        Arrival.objects.filter(pk=arrival.pk).update(job=job.pk)
        told = {"name": arrival.name}
        audit.note("collection.file.released", of=arrival, by=by, at=at, after=told)
    return True


def forget(before: datetime, at: datetime) -> int:
    """Erase the kept bytes of files that are older; what waits stays. The rows stay too."""
    old = Arrival.objects.filter(arrived_at__lt=before).exclude(kept_as="")
    rows = list(old.exclude(state=State.WAITING).values_list("pk", "kept_as"))
    for pk, kept_as in rows:
        files.remove(kept_as)
        Arrival.objects.filter(pk=pk).update(kept_as="")
    return len(rows)


def key_of(*parts: str | bytes) -> str:
    """A key of what makes a file this one: up to 64 characters, whatever the parts hold."""
    digest = hashlib.blake2b(digest_size=24)
    for part in parts:
        told = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(len(told).to_bytes(8) + told)
    return digest.hexdigest()


def _options(arrival: Arrival, at: datetime) -> ImportOptions:
    told = arrival.options
    only: frozenset[int] | None = None
    by = f"{arrival.channel}:{arrival.origin}"
    if arrival.channel == Arrival.Channel.UPLOAD:
        by = f"upload:{arrival.by_id or ''}"
        whole = arrival.by is not None and sees_whole(arrival.by, at=at)
        if not whole:
            points = access.worked_points_of(arrival.by, at=at) if arrival.by else None
            only = frozenset(() if points is None else points.values_list("pk", flat=True))
    return ImportOptions(
        zone=told.get("zone"),
        stamped=told.get("stamped"),
        channel=told.get("channel"),
        unit=told.get("unit"),
        create_points=bool(told.get("create_points")) and only is None,
        as_of=arrival.as_of,
        by=by[:64],
        only=only,
        senders=frozenset(arrival.senders),
    )


def _end(
    arrival: Arrival, state: Arrival.State, reason: str, run: int | None, at: datetime
) -> None:
    Arrival.objects.filter(pk=arrival.pk).update(
        state=state, reason=reason[:REASON], run=run, ended_at=at
    )


def _shown(name: str) -> str:
    """The last part of a name that somebody else chose, without what no line should hold."""
    base = PurePosixPath(name.replace("\\", "/")).name or "?"
    plain = "".join(letter if letter.isprintable() else "_" for letter in base)
    return plain.encode("utf-8", "replace").decode()[-300:]
