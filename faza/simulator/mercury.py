"""Meters that speak the language of Mercury 230, on one line: questions in, answers out.

    speaker = Speaker(stations_of({meter.spec.address: meter}))
    for address, answer in speaker.hear(data, at): ...

It shares bytes and numbers with the reader, and nothing of what they mean. A meter's number is
eight digits, its profile's unit 0.1 or 1 Wh (constants of 5000 and 500 impulses per kWh), its
password six digits, the same for both levels of access. Memory holds 8,192 records.

Not there: the tariff schedule, maxima, supply quality, journals other than those of JOURNALS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from faza.protocols.mercury230.frames import ANY, unwrap, wrap
from faza.protocols.mercury230.numbers import bcd, digits
from faza.protocols.metered import Limiter
from faza.simulator.mercury_answers import (
    DENIED,
    DONE,
    FAILED,
    NOT_OPEN,
    RECORDS,
    REFUSED,
    TOO_OFTEN,
    entries,
    group,
    masked,
    moment,
    passport,
    record,
    sixteen,
)
from faza.simulator.meter import Meter, NotPossible

OPEN_SECONDS = 240
"""After so long a silence a channel closes by itself."""
MOST_SHIFT = 240
MOST_FRAME = 32
"""Bytes of a question."""
ARRAY_NOW, ARRAY_MONTH, ARRAY_TODAY, ARRAY_YESTERDAY = 0x0, 0xB, 0xC, 0xD


class Speaker:
    """One connection to all meters of a line, by address."""

    def __init__(self, stations: Mapping[int, Station]) -> None:
        self._stations = stations
        self._buffer = b""

    def hear(self, data: bytes, at: datetime) -> Iterator[tuple[int, bytes]]:
        """Whose answer, and the answer; what is no question, or for nobody here, meets silence.

        A pause ends a question on a real line; here what does not fit is dropped once it is
        longer than any question.
        """
        self._buffer += data
        found = unwrap(self._buffer)
        if found is None:
            if len(self._buffer) > MOST_FRAME:
                self._buffer = b""
            return
        self._buffer = b""
        address, payload = found
        for own, station in self._stations.items():
            if address in (own, ANY):
                yield own, wrap(address, station.answer(payload, at))


def stations_of(meters: Mapping[int, Meter]) -> dict[int, Station]:
    """What answers for each meter, whoever asks. Raises ValueError for what is no Mercury."""
    return {address: Station(meter) for address, meter in meters.items()}


class Station:
    """One meter's answers. `unit`: what the address of the last record counts, 16 or 1."""

    def __init__(self, meter: Meter, unit: int = 16) -> None:
        spec = meter.spec
        if not spec.number.isdecimal() or len(spec.number) != 8:
            raise ValueError(f"The number {spec.number!r} is not eight digits.")
        if spec.profile_step not in (1, 10) or spec.profile_power:
            raise ValueError("A Mercury keeps energy in units of 0.1 or 1 Wh.")
        if spec.ct.denominator != 1 or spec.vt.denominator != 1:
            raise ValueError("A Mercury has whole ratios.")
        self.meter, self.unit = meter, unit
        self._level = 0
        self._heard_at: datetime | None = None
        self._corrected_on: object = None

    def answer(self, payload: bytes, at: datetime) -> bytes:
        """The data of the answer to the data of a question."""
        code, rest = payload[0], payload[1:]
        if code == 0x00:
            return DONE
        if code == 0x01:
            return self._open(rest, at)
        if payload == b"\x08\x00":
            return passport(self.meter, at)[:7]
        silent = self._heard_at is None or (at - self._heard_at).total_seconds() > OPEN_SECONDS
        if not self._level or silent:
            self._level = 0
            return NOT_OPEN
        self._heard_at = at
        answering = self._ANSWERS.get(code)
        try:
            return REFUSED if answering is None else answering(self, rest, at)
        except (IndexError, ValueError, NotPossible):
            return REFUSED

    def _open(self, rest: bytes, at: datetime) -> bytes:
        level, secret = (
            rest[0],
            bytes(int(digit) for digit in self.meter.spec.access.password.decode()),
        )
        if level not in (1, 2) or rest[1:] != secret:
            self.meter.note(6, 1, at)
            return DENIED
        self._level, self._heard_at = level, at
        return DONE

    def _close(self, rest: bytes, at: datetime) -> bytes:
        self._level = 0
        return DONE

    def _write(self, rest: bytes, at: datetime) -> bytes:
        what, value = rest[0], rest[1:]
        meter = self.meter
        if what == 0x0D:
            return self._correct(value, at)
        if self._level < 2:
            return DENIED
        if what == 0x0C:
            second, minute, hour, _, day, month, year = (digits(byte) or 0 for byte in value[:7])
            local = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
            meter.set_clock(local - timedelta(minutes=meter.spec.offset), at)
        elif what == 0x31 and value[0] in (0, 1):
            meter.switch("off" if value[0] else "on", at)
        elif what in (0x2C, 0x2D):
            limit = meter.limiters(at)[0]
            watts = int.from_bytes(value, "big") // 100 if what == 0x2C else limit.threshold
            is_on = bool(value[0]) if what == 0x2D else limit.is_on
            meter.set_limiter(Limiter("power", watts, limit.seconds, is_on), at)
        else:
            return REFUSED
        return DONE

    def _correct(self, value: bytes, at: datetime) -> bytes:
        shown = self._local(at)
        second, minute, hour = (digits(byte) or 0 for byte in value)
        seconds = (shown.replace(hour=hour, minute=minute, second=second) - shown).total_seconds()
        if self._corrected_on == shown.date() or abs(seconds) > MOST_SHIFT:
            return TOO_OFTEN
        self._corrected_on = shown.date()
        self.meter.shift_clock(round(seconds), at)
        return DONE

    def _times(self, rest: bytes, at: datetime) -> bytes:
        if rest == b"\0":
            local = self._local(at)
            told = moment(local)
            return told[:3] + bcd(local.isoweekday()) + told[3:] + b"\x01"
        journal, number = rest
        kept = entries(self.meter, journal, at)
        if kept is None:
            return REFUSED
        if number == 0xFF:
            last = max(range(10), key=lambda place: kept.made[place])
            return kept.raw[last] + bytes((last,))
        return b"".join(kept.raw) if number == 0xFE else kept.raw[number]

    def _energies(self, rest: bytes, at: datetime) -> bytes:
        array, month, tariff = rest[0] >> 4, rest[0] & 15, rest[1]
        local = self._local(at)
        if tariff > 4:
            return REFUSED
        if array == ARRAY_NOW:
            return sixteen(self.meter.registers(at)[:, tariff])
        if array in (ARRAY_TODAY, ARRAY_YESTERDAY):
            day = local.replace(hour=0, minute=0, second=0)
            return self._kept("day", day - timedelta(days=array - ARRAY_TODAY), tariff, at)
        if array == ARRAY_MONTH:
            year = local.year - (month > local.month)
            return self._kept("month", datetime(year, month, 1, tzinfo=UTC), tariff, at)
        return REFUSED

    def _dated(self, rest: bytes, at: datetime) -> bytes:
        array, day, month, year = (digits(byte) or 0 for byte in rest[:4])
        if array > 1 or rest[4] > 4:
            return REFUSED
        local = datetime(2000 + year, month, day if array == 0 else 1, tzinfo=UTC)
        return self._kept("month" if array else "day", local, rest[4], at)

    def _kept(self, kind: str, local: datetime, tariff: int, at: datetime) -> bytes:
        start = local.replace(microsecond=0) - timedelta(minutes=self.meter.spec.offset)
        rows = self.meter.captured("day" if kind == "day" else "month", at, start, start)
        return sixteen(rows.values[-1, :, tariff]) if len(rows) else FAILED

    def _memory(self, rest: bytes, at: datetime) -> bytes:
        """Records of the load profile, 15 of whose 16 bytes are told."""
        if rest[0] & 0x7F != 3:
            return REFUSED
        address, size = (rest[0] >> 7) << 16 | rest[1] << 8 | rest[2], rest[3]
        if address % 16 or size % 15:
            return FAILED
        end, interval = self._last(at), self.meter.spec.interval
        last = int(end.timestamp()) // 60 // interval
        wanted = [(address // 16 + n) % RECORDS for n in range(size // 15)]
        slots = [last - (last - number) % RECORDS for number in wanted]
        first, until = (
            datetime.fromtimestamp(slot * interval * 60, UTC) for slot in (min(slots), max(slots))
        )
        shift = timedelta(minutes=self.meter.spec.offset)
        if (until - first).total_seconds() > 60 * interval * 64:  # across the youngest record
            rows = self.meter.profile(1, at)
        else:
            rows = self.meter.profile(1, at, first - shift, until - shift)
        places = {int(stamp): n for n, stamp in enumerate(rows.ends.astype(np.int64))}
        seconds = (slot * interval * 60 - self.meter.spec.offset * 60 for slot in slots)
        return b"".join(record(self.meter, rows, places.get(second)) for second in seconds)

    def _last(self, at: datetime) -> datetime:
        """End of the youngest interval, by its clock's civil time."""
        local, step = self._local(at), self.meter.spec.interval
        return local - timedelta(minutes=local.minute % step, seconds=local.second)

    def _parameters(self, rest: bytes, at: datetime) -> bytes:
        meter, what = self.meter, rest[0]
        if what == 0x01 and len(rest) == 1:
            return passport(meter, at)
        if what == 0x02:
            vt, ct = (int(ratio).to_bytes(2, "big") for ratio in (meter.spec.vt, meter.spec.ct))
            return vt + ct
        if what == 0x13:
            return self._profile_end(at)
        if what == 0x16:
            return group(meter.instant(at), rest[1])
        if what == 0x18:
            return self._load(at)
        if what == 0x19:
            return masked(meter.limiters(at)[0].threshold * 100, 0)
        return {0x03: b"\x09\0\0", 0x0A: bytes(6), 0x12: passport(meter, at)[10:]}.get(
            what, REFUSED
        )

    def _profile_end(self, at: datetime) -> bytes:
        end, interval = self._last(at), self.meter.spec.interval
        number = int(end.timestamp()) // 60 // interval % RECORDS
        word = number * 16 // self.unit & 0xFFFF
        _, minute, hour, day, month, year = (bytes((byte,)) for byte in moment(end))
        return (
            word.to_bytes(2, "big")
            + b"\x08"
            + hour
            + minute
            + day
            + month
            + year
            + bytes((interval,))
        )

    def _load(self, at: datetime) -> bytes:
        relay, limit = self.meter.relay(at), self.meter.limiters(at)[0]
        if relay is None:
            return bytes((limit.is_on << 1, 0))
        is_off = relay.control == "off"
        return bytes((is_off << 3 | limit.is_on << 1, (not relay.is_on) << 1))

    def _local(self, at: datetime) -> datetime:
        """What the clock shows, as the people around it read it."""
        return self.meter.shown(at) + timedelta(minutes=self.meter.spec.offset)

    _ANSWERS: Mapping[int, Callable[[Station, bytes, datetime], bytes]] = {
        0x02: _close,
        0x03: _write,
        0x04: _times,
        0x05: _energies,
        0x06: _memory,
        0x08: _parameters,
        0x18: _dated,
    }
