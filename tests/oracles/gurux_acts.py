"""gurux-dlms 1.0.203 writes, switches, reads lists and rows by number; see `question`.

Told (JSON): list: values of two registers read at once; entries: rows 2 and 3, without their
stamps; calendar: what it makes of the name of the active calendar; relay: whether current flows
after it was switched off.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gurux_dlms import GXDateTime, GXReplyData
from gurux_dlms.enums import DataType, ObjectType
from gurux_dlms.objects import (
    GXDLMSActivityCalendar,
    GXDLMSClock,
    GXDLMSDisconnectControl,
    GXDLMSProfileGeneric,
    GXDLMSRegister,
)

from tests.oracles import question
from tests.oracles.gurux_reads import Talk

RELAY, CALENDAR = "0.0.96.3.10.255", "0.0.13.0.0.255"
SHIFT = 6


def together(talk: Talk) -> list[int]:
    """A GET of two registers."""
    things = [(GXDLMSRegister(f"{name}.255"), 2) for name in question.REGISTERS[:2]]
    values: list[Any] = []
    for frame in talk.client.readList(things):
        reply: GXReplyData = talk.exchange(frame)
        values.extend(reply.value)
    return [int(value) for value in values]


def entries(talk: Talk) -> list[list[int]]:
    profile = GXDLMSProfileGeneric(f"{question.PROFILE}.255")
    rows = talk.exchange(talk.client.readRowsByEntry(profile, 2, 2)).value
    return [[int(part) for part in row[1:]] for row in rows]


def act(talk: Talk, asked: dict[str, Any]) -> dict[str, Any]:
    """Set the clock to `first`, shift it by 30 s, switch off, write a long passive calendar."""
    client = talk.client
    clock = GXDLMSClock(f"{question.CLOCK}.255")
    moment = datetime.fromisoformat(asked["first"]).astimezone(UTC)
    clock.time = GXDateTime(moment)
    talk.exchange(client.write(clock, 2))
    talk.exchange(client.method(clock, SHIFT, 30, DataType.INT16))
    relay = GXDLMSDisconnectControl(RELAY)
    talk.exchange(relay.remoteDisconnect(client))
    calendar = GXDLMSActivityCalendar(CALENDAR)
    calendar.calendarNamePassive = "a name longer than the meter takes at once " * 6
    talk.exchange(client.write(calendar, 6))
    return {
        "list": together(talk),
        "entries": entries(talk),
        "calendar": bytes(talk.get(ObjectType.ACTIVITY_CALENDAR, CALENDAR[:-4])).decode(),
        "relay": bool(talk.get(ObjectType.DISCONNECT_CONTROL, RELAY[:-4])),
    }


def main() -> None:
    asked = question.asked()
    talk = Talk(asked)
    talk.open()
    told = act(talk, asked)
    talk.close()
    question.tell(asked, told, talk.frames)


if __name__ == "__main__":
    main()
