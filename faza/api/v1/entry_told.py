"""Registers to be typed and readings that were sent, as answers tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from faza.api.v1 import numbers
from faza.core.reading_types import BY_CODE
from faza.manual_entry.dials import Dial
from faza.manual_entry.models import Entry
from faza.manual_entry.rules.moves import State
from faza.readings.registers import meaning

REASONED = frozenset({State.REFUSED, State.WITHDRAWN})


def dial(one: Dial, zone: ZoneInfo, counted: int | None = None) -> dict[str, Any]:
    """A register, how it stood last, and what it usually counts; `counted` where it was typed."""
    kind, band = BY_CODE[one.reading_type], one.band
    usual = None
    if band.low is not None and band.high is not None:
        usual = {"low": numbers.value(band.low, kind), "high": numbers.value(band.high, kind)}
    last_at = None if one.last_at is None else datetime.fromtimestamp(one.last_at, UTC)
    told = {
        "channel": kind.channel,
        "tariff": one.tariff,
        "unit": kind.unit,
        "digits": len(str(one.capacity // one.quantum)) - 1,
        "decimals": one.decimals,
        "last": None if one.last is None else numbers.value(one.last, kind),
        "last_at": numbers.iso(last_at, zone),
        "usual": usual,
    }
    return told if counted is None else told | {"counted": numbers.value(counted, kind)}


def sent(entry: Entry, *, at: datetime) -> dict[str, Any]:
    """A reading that was sent, in the words of the API."""
    point, zone, state = entry.usage_point, ZoneInfo(entry.usage_point.zone), State(entry.state)
    photo = getattr(entry, "photo", None)
    return {
        "id": entry.pk,
        "usage_point": point.code,
        "meter": entry.meter.number,
        "read_at": numbers.iso(entry.of_at, zone),
        "sent_at": numbers.iso(entry.sent_at, zone),
        "way": entry.way,
        "state": state.value,
        "decided_at": numbers.iso(entry.decided_at, zone),
        "reason": entry.reason if state in REASONED else "",
        "has_photo": photo is not None and photo.removed_at is None,
        "words": [
            {"kind": word.kind, "text": word.text, "at": numbers.iso(word.at, zone)}
            for word in entry.words.all()
        ],
        "registers": [_register(entry, number) for number in sorted(entry.values)],
    }


def _register(entry: Entry, number: int) -> dict[str, Any]:
    code, tariff = meaning(number)
    kind = BY_CODE[code]
    return {
        "channel": kind.channel,
        "tariff": tariff,
        "unit": kind.unit,
        "value": numbers.value(entry.values[number], kind),
        "typed": numbers.value(entry.shown[str(number)], kind),
        "doubts": list(entry.doubts.get(str(number), ())),
    }
