"""Whatever a meter answers, a step ends in a value or in one of the known problems."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.protocols import spodes
from faza.protocols.dlms import (
    Acted,
    Action,
    ActionResult,
    Attribute,
    Data,
    DataAccessResult,
    Done,
    Entries,
    Get,
    GetList,
    GiveUp,
    Got,
    GotList,
    Malformed,
    Range,
    Request,
    Set,
    Tag,
    TryLater,
    axdr,
)
from faza.protocols.dlms.events import Answer
from faza.protocols.metered import Limiter
from faza.protocols.spodes import Meter, Step
from tests.protocols.spodes.meter import OFFSET, at
from tests.protocols.spodes.test_commands import THREE_ZONES
from tests.protocols.spodes.whole import whole_meter

OBJECTS = whole_meter().objects
MOST_QUESTIONS = 2000
STEPS: dict[str, Callable[[Meter], Step[Any]]] = {
    "identity": spodes.identity,
    "passport": spodes.passport,
    "clock": spodes.clock,
    "registers": spodes.registers,
    "profile 1": lambda meter: spodes.profile(meter, 1, at(0), at(24)),
    "profile 2": lambda meter: spodes.profile(meter, 2, at(0), at(24)),
    "day": lambda meter: spodes.captured(meter, "day", at(0), at(24)),
    "instant": spodes.instant,
    "journals": lambda meter: spodes.journals(meter, at(0), at(24), [0, 2]),
    "quality": spodes.quality,
    "configuration": spodes.configuration,
    "relay": spodes.relay,
    "switch": lambda meter: spodes.switch(meter, "on"),
    "limiters": spodes.limiters,
    "set_limiter": lambda meter: spodes.set_limiter(meter, Limiter("power", 7, 1, True)),
    "calendar": lambda meter: spodes.calendar(meter, "active"),
    "write_calendar": lambda meter: spodes.write_calendar(meter, THREE_ZONES, at(9)),
    "set_clock": lambda meter: spodes.set_clock(meter, at(1), 180),
    "shift_clock": lambda meter: spodes.shift_clock(meter, 30),
}

integers = st.sampled_from([tag for tag in axdr.INTEGERS if tag != Tag.BCD]).flatmap(
    lambda tag: st.integers(
        -(1 << 8 * axdr.INTEGERS[tag][0] - 1) if axdr.INTEGERS[tag][1] else 0,
        (1 << 8 * axdr.INTEGERS[tag][0] - axdr.INTEGERS[tag][1]) - 1,
    ).map(lambda value: Data(Tag(tag), value))
)
floats = st.floats(width=32).map(lambda value: Data(Tag.FLOAT32, value))
strings = (st.binary(max_size=14) | st.binary(min_size=12, max_size=12)).map(axdr.octet_string)
leaves = integers | floats | strings | st.just(axdr.null()) | st.just(Data(Tag.BOOLEAN, True))
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=5).map(lambda parts: axdr.structure(*parts))
        | st.lists(inner, max_size=5).map(lambda parts: axdr.array(*parts))
    ),
    max_leaves=20,
)


class Wild:
    """Answers by the good meter's objects, some of which are replaced by something wild."""

    def __init__(self, draw: st.DataObject) -> None:
        self.draw = draw

    def result(self, attribute: Attribute) -> bytes | DataAccessResult:
        known = OBJECTS.get(attribute)
        choice = self.draw.draw(st.integers(0, 9))
        if choice == 0:
            return self.draw.draw(st.sampled_from(DataAccessResult))
        if choice < 4:
            return axdr.encode(self.draw.draw(anything))
        if known is None:
            return DataAccessResult.OBJECT_UNDEFINED
        if choice < 7:
            return axdr.encode(self.changed(known))
        return axdr.encode(known)

    def changed(self, data: Data) -> Data:
        """The value with one of its parts replaced."""
        if not isinstance(data.value, tuple) or not data.value or self.draw.draw(st.booleans()):
            return self.draw.draw(anything)
        parts = list(axdr.parts(data))
        place = self.draw.draw(st.integers(0, len(parts) - 1))
        parts[place] = self.changed(parts[place])
        return Data(data.tag, tuple(parts))

    def answer(self, request: Request) -> Answer:
        if isinstance(request, Get):
            return Got(self.result(request.attribute))
        if isinstance(request, GetList):
            return GotList(tuple([self.result(item) for item, _ in request.items]))
        if isinstance(request, Set):
            return Done(self.draw.draw(st.sampled_from(DataAccessResult)))
        assert isinstance(request, Action)
        return Acted(self.draw.draw(st.sampled_from(ActionResult)), None)


@pytest.mark.parametrize("name", STEPS)
@given(st.data())
@settings(max_examples=25, deadline=timedelta(seconds=5))
def test_wild_answers_end_in_a_value_or_a_known_problem(name: str, data: st.DataObject) -> None:
    meter = Meter(OFFSET, list_most=data.draw(st.sampled_from([1, 16])))
    wild = Wild(data)
    step = STEPS[name](meter)
    asked = 0
    try:
        request = next(step)
        while True:
            asked += 1
            assert asked < MOST_QUESTIONS
            axdr_of(request)
            request = step.send(wild.answer(request))
    except (StopIteration, Malformed, TryLater, GiveUp):
        pass
    assert Meter.from_json(meter.to_json(), offset=OFFSET).layouts == meter.layouts


def axdr_of(request: Request) -> None:
    """What is asked can be written as bytes."""
    if isinstance(request, Get) and isinstance(request.selection, Range | Entries):
        request.selection.encode()
    if isinstance(request, Set):
        axdr.encode(request.data)
