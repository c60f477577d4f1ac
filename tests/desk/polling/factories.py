"""A meter that is read: its line, group, access, a session with a dialogue, a command."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from faza.collection.models import CollectionPlan, Command, CredentialSet, Device, Line, Session
from faza.collection.polling import dialogues, services
from faza.collection.polling.dialogues import HEAR, NOTE, SAY, Entry, with_values
from faza.collection.polling.work import Kind, Order
from faza.collection.secrets import Secrets
from faza.metering.models import Meter, NetworkNode

SECRET = "Пароль-7351"
ENTRIES = (
    Entry(0, NOTE, with_values("connects to %(host)s, port %(port)s", {"host": "h", "port": 1}),
          "TCP", ms=12),
    Entry(0.1, SAY, "asks", "AARQ", size=64, is_secret=True),
    Entry(0.2, HEAR, with_values("associated; takes requests of %(size)s bytes at most",
                                 {"size": 100}), "AARE", size=51, ms=90, data=b"\x61\x29"),
    Entry(0.3, SAY, dialogues.Id("Reading: %(what)s") % {"what": dialogues.Id("clock")}, "GET",
          size=21, data=bytes(range(21))),
    Entry(5.3, NOTE, dialogues.Id("no answer; says it again"), "PAUSE", ms=5001),
    Entry(5.5, HEAR, "2026-11-19 14:05:09", "DATA", size=200, ms=200, data=b"\xc4" * 128),
)  # fmt: skip


def make_plan(name: str = "Группа", **fields) -> CollectionPlan:
    plan = CollectionPlan.objects.filter(name=name).first()
    items = {Kind.CLOCK: 1440, Kind.PROFILE: 60, Kind.EVENTS: 60}
    return plan or services.keep_plan(
        CollectionPlan(name=name, **fields), items=items, at=timezone.now()
    )


def make_access(name: str = "Читатель") -> CredentialSet:
    row = CredentialSet.objects.filter(name=name).first()
    return row or services.keep_credentials(
        CredentialSet(name=name), given=Secrets(SECRET.encode()), at=timezone.now()
    )


def make_line(name: str, node: NetworkNode | None = None, **fields) -> Line:
    told = {"host": "meters.example", "port": 4000 + Line.objects.count()} | fields
    return services.keep_line(Line(name=name, node=node, **told), at=timezone.now())


def make_device(meter: Meter, *, line: Line | None = None, **fields) -> Device:
    told = {"driver": "dlms-wrapper", "plan": make_plan(), "credentials": make_access()} | fields
    device = Device(meter=meter, line=line or make_line(f"Линия {meter.number}"), **told)
    return services.keep_device(device, at=timezone.now())


def make_session(device: Device, *, at: datetime | None = None, entries=ENTRIES, **fields):
    at = at or timezone.now() - timedelta(hours=1)
    told = {
        "ended_at": at + timedelta(seconds=6), "ticket": f"1/{device.sessions.count()}",
        "collector": "c", "outcome": "done", "bytes_sent": 85, "bytes_received": 251, "trips": 3,
        "summary": {"read": {"profile 1": 76}},
    } | fields  # fmt: skip
    return Session.objects.create(
        device=device, started_at=at, dialogue=dialogues.packed(entries), **told
    )


def make_command(device: Device, order: Order = Order.READ_NOW, **arguments) -> Command:
    return services.ask(device, order, arguments, at=timezone.now())


def things(prefix: str, meter: Meter, node: NetworkNode) -> dict[str, object]:
    """Names of one thing of each kind for the table of doors."""
    part = "Там" if prefix else "Здесь"
    line = make_line(f"{part}-Точка линия" if prefix else f"{part}-Сосед линия", node)
    device = make_device(meter, line=line, address={"server": 1})
    return {
        "device": device.pk,
        "line": line.pk,
        "line_name": f"{line.host}:{line.port}",
        "talk": make_session(device).pk,
        "command": make_command(device).pk,
        "collection_plan": device.plan_id,
        "credentials": device.credentials_id,
        "meter_number": meter.number,
    }
