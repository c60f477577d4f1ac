"""Points to be read by eye, and the form of the page as a person fills it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

from faza.manual_entry.models import Entry, EntryRule
from tests.cabinet.factories import make_agreement, make_point
from tests.readings.meters import make_meter, put_in, read

NOW = datetime(2026, 11, 21, 11, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ENTRY = "/entry/"


def rule(**changed) -> EntryRule:
    told = {"first_day": 15, "last_day": 25, "silent_days": None, "made_at": NOW}
    return EntryRule.objects.create(**(told | changed))


def place(owner, code="BATH", *, name="", months=11, shown=None, **meter):
    """A point of the owner whose meter was read on the 20th of each month: 100 kWh each."""
    point = make_point(code, name or f"Баня {code}")
    made = make_meter(f"№{code}", digits=6, decimals=meter.pop("decimals", 0))
    put_in(point, made, **meter)
    for month in range(1, months):
        at = datetime(2026, month, 20, 12, tzinfo=UTC)
        read(point, made, at, shown(month) if shown else {0: month * 100_000})
    make_agreement(f"Д-{code}", [owner], [point])
    return point


def page(client, address=ENTRY, status=200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    return found[1] if found else ""


def send(client, point, value="1107", *, text="", follow=True, **more):
    """Fill the form of the page as a person does: hidden fields go as they stand in it."""
    text = text or page(client)
    fields = {"point": point.code, "token": hidden(text, "token"), "r0": value}
    for name in ("sure", "held"):
        if hidden(text, name):
            fields[name] = hidden(text, name)
    return client.post(ENTRY, fields | more, follow=follow)


def entries():
    return Entry.objects.order_by("pk")
