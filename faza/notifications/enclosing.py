"""Files that go with mails: a scheduled report, as long as it is its reader's to see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from faza.accounts.models import User
from faza.outbox.models import Message
from faza.reports import queries, renderers
from faza.reports.models import Run

REPORT = "reports.run.sent"
LARGEST = 10_000_000
"""Bytes of a file in a mail; mailboxes take 20 to 25 MB of base64, which is a third longer."""


def files_of(message: Message, user: User, *, at: datetime) -> Iterator[tuple[str, bytes, str]]:
    """(name, content, content type) of what a message brings; nothing where it is a link only.

    What the reader may see is asked at the moment it goes: the mail may have waited for days.
    """
    if message.kind != REPORT:
        return
    run = Run.objects.filter(pk=message.payload.get("run", 0)).first()
    if run is None or run.size > LARGEST:
        return
    reader = User.objects.get(pk=user.pk)
    try:
        place = queries.file_of(reader, run, at=at)
    except (queries.NotThere, FileNotFoundError):
        return
    yield run.name, place.read_bytes(), renderers.FORMATS[run.format].content_type
