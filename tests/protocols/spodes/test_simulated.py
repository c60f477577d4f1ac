"""The reader and the simulated meter, which share no sentence, agree on every value."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import pytest

from faza.protocols import spodes
from faza.protocols.dlms import Associated, Connection
from faza.protocols.dlms.events import Answer
from faza.protocols.metered import DaySchedule, Limiter, ProfileRows, Season, TariffCalendar
from faza.protocols.spodes import Meter, Step
from tests.simulator.dlms_ends import AT, DAY, Met, configurator

_T = TypeVar("_T")
MODELS = ["SIM-3", "SIM-3U", "SIM-3S", "SIM-3E"]
NEXT = DAY + timedelta(days=1)
CALENDAR = TariffCalendar(
    "three",
    (Season("all", (1, 1), (1, 1, 1, 1, 1, 2, 2)),),
    (DaySchedule(1, ((0, 2), (420, 1), (600, 3))), DaySchedule(2, ((0, 2),))),
    ((1, 1, None, 2),),
)


class Reader:
    """A configurator's association with a simulated meter, and what is known of it."""

    def __init__(self, over: str = "wrapper", **more: Any) -> None:
        self.met: Met = configurator(over, **more)
        connection: Connection = self.met.connection
        terms = connection.terms
        assert terms is not None
        self.known = Meter(180)
        self.known.agreed(
            Associated(terms.conformance, terms.max_pdu, connection.mechanism, b""), ciphered=True
        )

    def run(self, step: Step[_T]) -> _T:
        try:
            request = next(step)
            while True:
                answer = self.met.ask(request)
                assert isinstance(answer, Answer)
                request = step.send(answer)
        except StopIteration as done:
            found: _T = done.value
            return found

    @property
    def meter(self) -> Any:
        return self.met.meter.meter


def quanta(rows: ProfileRows) -> dict[str, list[Fraction]]:
    """Values by channel, exactly, in quanta."""
    return {
        column.kind.channel: [int(value) * column.scale for value in rows.values[:, place]]
        for place, column in enumerate(rows.columns)
    }


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("over", ["wrapper", "hdlc"])
def test_load_profiles_agree(over: str, model: str) -> None:
    on = Reader(over, model=model)

    for which in (1, 2):
        found = on.run(spodes.profile(on.known, which, DAY, NEXT))
        true = on.meter.profile(which, AT, DAY + timedelta(seconds=1), NEXT)

        assert len(found) == 48
        assert np.array_equal(found.ends, true.ends)
        assert quanta(found) == quanta(true)
        assert found.present.all()
        assert np.array_equal(found.doubtful, true.doubtful)


@pytest.mark.parametrize("power", [False, True])
@pytest.mark.parametrize("step", [1, 10, 100])
def test_energy_agrees_in_every_step(step: int, power: bool) -> None:
    on = Reader(profile_step=step, profile_power=power)

    found = on.run(spodes.profile(on.known, 1, DAY, NEXT))

    true = on.meter.profile(1, AT, DAY + timedelta(seconds=1), NEXT)
    assert {column.scale for column in found.columns} == {
        Fraction(step, 10) * (Fraction(1, 2) if power else 1)
    }
    assert quanta(found) == quanta(true)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("step", [1, 10])
def test_registers_agree(step: int, model: str) -> None:
    on = Reader(model=model, register_step=step)

    now = on.run(spodes.registers(on.known))
    assert np.array_equal(now.values[0], on.meter.registers(AT))
    assert now.present.all()
    assert now.step == step

    for kind in ("day", "month"):
        found = on.run(spodes.captured(on.known, kind, DAY, AT))
        true = on.meter.captured(kind, AT, DAY, AT)
        assert len(found)
        assert np.array_equal(found.moments, true.moments)
        assert np.array_equal(found.values, true.values)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("phases", [1, 3])
def test_the_rest_agrees(phases: int, model: str) -> None:
    on = Reader(model=model, phases=phases, ct=Fraction(20))

    assert on.run(spodes.identity(on.known)) == on.meter.identity(AT)
    assert on.run(spodes.clock(on.known)).at == on.meter.shown(AT)
    instant = on.run(spodes.instant(on.known))
    assert instant is not None
    assert dict(instant.values) == dict(on.meter.instant(AT).values)
    assert instant.at == on.meter.shown(AT)
    quality = on.run(spodes.quality(on.known))
    assert quality is not None
    asked = {name: on.meter.quality(AT).counters.get(name) for name in quality.counters}
    assert dict(quality.counters) == asked
    assert on.run(spodes.limiters(on.known)) == on.meter.limiters(AT)
    assert on.run(spodes.relay(on.known)) == on.meter.relay(AT)
    assert on.run(spodes.calendar(on.known, "active")) == on.meter.calendar(AT)
    assert on.run(spodes.calendar(on.known, "passive")) == on.meter.passive_calendar(AT)


@pytest.mark.parametrize("model", MODELS)
def test_journals_agree(model: str) -> None:
    on = Reader(model=model)
    on.meter.note(4, 3, AT)
    on.meter.switch("off", AT)

    events = on.run(spodes.journals(on.known, DAY, AT + timedelta(days=1)))

    told = list(zip(events.journals.tolist(), events.codes.tolist(), strict=True))
    true = [
        (number, int(code))
        for number in on.meter.journals(AT)
        for code in on.meter.journal(number, AT, DAY).codes
    ]
    assert sorted(told) == sorted(true)
    assert (4, 3) in told


@pytest.mark.parametrize("model", MODELS)
def test_a_calendar_is_taken(model: str) -> None:
    on = Reader(model=model)
    in_a_week = AT + timedelta(days=7)
    plain = replace(CALENDAR, special=())

    assert on.run(spodes.write_calendar(on.known, plain, in_a_week)) == plain
    assert on.meter.passive_calendar(AT) == plain
    assert on.meter.activates_at(AT) == in_a_week
    # Special days of a kind that only the new calendar has become valid with it.
    on.run(spodes.write_calendar(on.known, CALENDAR))
    assert on.meter.activates_at(AT) is None
    assert on.run(spodes.activate(on.known)) == CALENDAR
    assert on.meter.calendar(AT) == CALENDAR


def test_special_days_of_an_unknown_kind_do_not_wait_for_a_date() -> None:
    on = Reader()

    with pytest.raises(spodes.Denied, match="special days"):
        on.run(spodes.write_calendar(on.known, CALENDAR, AT + timedelta(days=7)))
    assert on.meter.activates_at(AT) is None


@pytest.mark.parametrize("model", MODELS)
def test_commands_are_taken(model: str) -> None:
    on = Reader(model=model)
    assert on.run(spodes.switch(on.known, "off")).control == "off"
    assert on.run(spodes.switch(on.known, "permit")).control == "ready"
    assert on.run(spodes.switch(on.known, "on")).is_on
    (first, *_) = on.run(spodes.limiters(on.known))
    changed = replace(first, threshold=first.threshold // 2, is_on=not first.is_on)
    assert on.run(spodes.set_limiter(on.known, changed)) == changed
    assert isinstance(changed, Limiter)
    wanted = AT + timedelta(minutes=3)
    assert on.run(spodes.set_clock(on.known, wanted, 180)).at == wanted
    assert on.run(spodes.shift_clock(on.known, -60)).at == wanted - timedelta(seconds=60)
