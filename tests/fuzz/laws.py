"""Parsers under data that is built with sense: Hypothesis, for as long as there is time.

What random bytes seldom make: whole dialogues of which one answer is damaged, messages and tables
of which a few fields are wrong.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from faza.protocols import Malformed, tabular, telemetry, xml80020
from faza.protocols.dlms import Mechanism
from tests.protocols.dlms.test_damage import outcome

ODD = st.sampled_from(
    ["", "0", "-0", "1", "1,5", "1.5", "1e300", "-1", "nan", "1\xa0000", "٣", "9" * 40, "24:00",
     "00:30", "0000", "2400", "20260114", "14.01.2026", "2026-02-30", "+03:00", "A+", "кВт*ч", "<",
     "&", '"', ";", "\t", "\0", "\r\n", "#N/A", "Итого"]
)  # fmt: skip
TEXT = st.one_of(ODD, st.text(max_size=8))
ROUND = 200
CHOSEN = settings(
    max_examples=ROUND,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

MESSAGE = (
    '<message class="80020" version="2" number="{}"><datetime><timestamp>{}</timestamp>'
    "<daylightsavingtime>{}</daylightsavingtime><day>{}</day></datetime><sender><inn>{}</inn>"
    "</sender><area><inn>{}</inn>{}</area></message>"
)
POINT = (
    '<measuringpoint code="{}"><measuringchannel code="{}">{}</measuringchannel></measuringpoint>'
)
PERIOD = '<period start="{}" end="{}"><value status="{}">{}</value></period>'


def _or(good: str) -> st.SearchStrategy[str]:
    return st.one_of(st.just(good), st.just(good), st.just(good), TEXT)


PERIODS = st.builds(PERIOD.format, _or("0000"), _or("0030"), _or("0"), _or("17"))
POINTS = st.builds(POINT.format, _or("P"), _or("01"), st.lists(PERIODS, max_size=5).map("".join))
MESSAGES = st.builds(
    MESSAGE.format, _or("1"), _or("20260115010000"), _or("1"), _or("20260114"), _or("7700000001"),
    _or("5000000002"), st.lists(POINTS, max_size=4).map("".join),
)  # fmt: skip
HEADS = st.sampled_from(
    ["point;start;end;value;utc_offset", "Дата;Время;A-1;A-2", "point;moment;value;quality",
     "point;date;00:00;00:30;01:00", "Точка;Дата;T1;T2;T3", "meter;moment;T0 A+;T0 A-"]
)  # fmt: skip
ROWS = st.lists(st.lists(TEXT, max_size=6).map(";".join), max_size=12).map("\n".join)
TABLES = st.tuples(HEADS, ROWS, st.sampled_from(["utf-8", "cp1251", "utf-16"]))


@CHOSEN
@given(MESSAGES)
def messages(text: str) -> None:
    with contextlib.suppress(Malformed):
        xml80020.read(text.encode(errors="surrogatepass"))


@CHOSEN
@given(TABLES)
def tables(table: tuple[str, str, str]) -> None:
    head, rows, encoding = table
    data = f"{head}\n{rows}\n".encode(encoding, "replace")
    for read in (tabular.read_profiles, tabular.read_registers):
        try:
            read(data)
        except Malformed:
            continue


SCALARS = st.one_of(
    TEXT, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400), st.just([])
)
STARTS = st.one_of(st.just("2026-03-01T00:00:00+03:00"), SCALARS)
SERIES = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.one_of(st.sampled_from(["A+", "UA", "PF"]), SCALARS),
        "unit": st.one_of(st.sampled_from(["kWh", "kW", "V"]), SCALARS),
        "interval": st.one_of(st.sampled_from([30, 60]), SCALARS),
        "start": STARTS,
        "values": st.one_of(st.lists(SCALARS, max_size=5), SCALARS),
        "quality": st.one_of(st.lists(SCALARS, max_size=5), SCALARS),
        "side": SCALARS,
    },
)
READINGS = st.fixed_dictionaries(
    {"at": STARTS},
    optional={"kind": SCALARS, "values": st.dictionaries(_or("A+ T1"), SCALARS, max_size=4)},
)
EVENTS = st.fixed_dictionaries(
    {"at": STARTS},
    optional={"journal": SCALARS, "code": SCALARS, "details": st.dictionaries(TEXT, SCALARS)},
)
TELEMETRY = st.fixed_dictionaries(
    {},
    optional={
        "point": SCALARS, "meter": SCALARS, "sent_at": STARTS, "side": SCALARS,
        "device": st.one_of(SCALARS, st.just({"kind": "modem", "number": "1"})),
        "intervals": st.lists(st.one_of(SERIES, SCALARS), max_size=3),
        "registers": st.lists(st.one_of(READINGS, SCALARS), max_size=3),
        "events": st.lists(st.one_of(EVENTS, SCALARS), max_size=3),
    },
)  # fmt: skip


@CHOSEN
@given(st.one_of(TELEMETRY, st.lists(TELEMETRY, max_size=3)))
def devices(message: object) -> None:
    with contextlib.suppress(Malformed):
        telemetry.read(json.dumps(message).encode())


@CHOSEN
@given(
    st.sampled_from(["wrapper", "hdlc"]),
    st.sampled_from([(Mechanism.LLS, False), (Mechanism.LLS, True), (Mechanism.HLS_GMAC, True)]),
    st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6)), min_size=1, max_size=3),
    st.integers(1, 60),
)
def dialogues(
    over: str, safety: tuple[Mechanism, bool], edits: list[tuple[int, bytes]], turn: int
) -> None:
    def change(raw: bytes) -> bytes:
        for at, piece in edits:
            place = at % (len(raw) + 1)
            raw = raw[:place] + piece + raw[place + len(piece) // 2 :]
        return raw

    outcome(over, *safety, change, turn)


LAWS: dict[str, Callable[[], None]] = {
    "messages": messages,
    "tables": tables,
    "devices": devices,
    "dialogues": dialogues,
}


def hold(seconds: float) -> None:
    """Try every law anew with other numbers until its time is over; raises what breaks one."""
    for name, law in LAWS.items():
        started, rounds = time.monotonic(), 0
        first = time.time_ns() % 2**32
        while time.monotonic() - started < seconds:
            try:
                seed(first + rounds)(law)()
            except Exception as error:
                error.add_note(f"Law {name}, seed {first + rounds}.")
                raise
            rounds += 1
        taken = time.monotonic() - started
        print(f"{name:10} {rounds * ROUND:>9} inputs of Hypothesis, {taken:.0f} s", flush=True)
