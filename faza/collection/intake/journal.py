"""What came by wire, as the desk lists it: a run an hour and channel, a row a bad packet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from faza.collection.importing import SHOWN
from faza.collection.intake.taking import Packet, Taken, Verdict
from faza.collection.models import ImportFile, ImportRun

LISTED = 200
"""Bad packets of a batch that get a row; all are counted."""


@transaction.atomic
def write(packets: Sequence[Packet], taken: Taken, *, channel: str, at: datetime) -> None:
    """Count a stored batch in the run of its channel and hour, and list its bad packets.

    Good ones have no row: a fleet sends a hundred thousand a day.
    """
    summary = taken.summary
    hour = at.replace(minute=0, second=0, microsecond=0)
    run = ImportRun.objects.filter(by=channel[:64], started_at=hour).first()
    if run is None:
        state = ImportRun.State.COMPLETE
        run = ImportRun.objects.create(by=channel[:64], started_at=hour, state=state)
    refused = {"state": ImportRun.State.REFUSED} if summary.refused else {}
    ImportRun.objects.filter(pk=run.pk).update(
        files=F("files") + summary.files,
        points=Greatest(F("points"), len(summary.points)),
        values=F("values") + summary.values,
        changed=F("changed") + summary.changed,
        unchanged=F("unchanged") + summary.unchanged,
        superseded=F("superseded") + summary.superseded,
        problems=F("problems") + summary.n_problems,
        **refused,
    )
    bad = [pair for pair in zip(packets, taken.verdicts, strict=True) if pair[1].n_problems]
    ImportFile.objects.bulk_create(_row(run, packet, verdict) for packet, verdict in bad[:LISTED])


def _row(run: ImportRun, packet: Packet, verdict: Verdict) -> ImportFile:
    states = ImportFile.State
    told = [
        {"line": None, "reason": f"{one.place}: {one.reason}" if one.place else one.reason}
        for one in verdict.complaints[:SHOWN]
    ]
    return ImportFile(
        run=run,
        name=packet.name[-300:],
        content_hash=hashlib.blake2b(packet.data, digest_size=16).hexdigest(),
        format="telemetry",
        state=states.REFUSED if verdict.is_refused else states.COMPLETE,
        n_problems=verdict.n_problems,
        problems=told,
    )
