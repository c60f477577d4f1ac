"""Where a stretch is contested: the address of a new case with everything filled in."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from faza.accounts.models import User
from faza.cabinet.cases.forms import TYPED
from faza.cases.rules import Subject
from faza.contracts.permissions import STAFF
from faza.core.reading_types import ReadingType


def contest(
    user: User, code: str, kind: ReadingType, start: datetime, end: datetime, zone: ZoneInfo,
    *, subject: Subject = Subject.ESTIMATE,
) -> str:  # fmt: skip
    """A form about [start, end) of a point's channel; empty for the staff, who have the desk."""
    if user.role in STAFF:
        return ""
    told = {
        "point": code,
        "channel": kind.channel,
        "from": start.astimezone(zone).strftime(TYPED),
        "to": end.astimezone(zone).strftime(TYPED),
        "subject": subject.value,
    }
    return f"{reverse('cabinet:case_new')}?{urlencode(told)}"
