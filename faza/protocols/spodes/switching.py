"""The load switch (class 70) and the limiters (class 71), each read back after it is written.

Source: Blue Book 12, 4.5.8 (disconnect control), 4.5.9 (limiter); СТО 34.01-5.1-006-2021.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from faza.protocols.dlms import Attribute, Data, Malformed, Tag, TryLater, axdr, dotted
from faza.protocols.metered import Limiter, Relay
from faza.protocols.spodes.asking import (
    Step,
    acted,
    learn_units,
    like,
    number_of,
    power,
    several,
    written,
)
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import LIMITER_CLASS, LIMITERS, RELAY, RELAY_CLASS, attribute
from faza.protocols.spodes.problems import Denied, NotTaken

OUTPUT, STATE, MODE = 2, 3, 4
DISCONNECT, RECONNECT = 1, 2
STATES = {0: "off", 1: "on", 2: "ready"}
TO_READY = frozenset({1, 3, 5, 6})
"""Control modes in which remote reconnection only permits to switch on by hand."""
MODE_FOR_ON = {1: 2, 3: 4, 5: 4, 6: 4}
MODE_FOR_PERMIT = {2: 1, 4: 3}
"""The mode nearest to another in which remote reconnection does what is wanted."""

MONITORED, NORMAL, OVER, ACTIONS = 2, 4, 6, 11
QUANTA = {
    "power": (27, Fraction(1)),
    "current": (33, Fraction(1000)),
    "voltage": (35, Fraction(1000)),
}
"""Unit of a limited quantity, and how many of the limiter's steps (W, mA, mV) one is."""
SAME_UNIT = {
    "power": ("1.0.1.7.0.255",),
    "current": ("1.0.11.7.0.255", "1.0.31.7.0.255"),
    "voltage": ("1.0.12.7.0.255", "1.0.32.7.0.255"),
}
"""Registers of the quantity, in whose unit its limiter counts if the monitored one has none."""


def relay(meter: Meter) -> Step[Relay | None]:
    """The state of the load switch; None if the meter has none."""
    asked = [attribute(RELAY_CLASS, RELAY, index) for index in (OUTPUT, STATE, MODE)]
    output, state, mode = yield from several(meter, asked)
    if output is None and state is None:
        return None
    control = STATES.get(_whole(state), "") if state is not None else ""
    is_on = bool(output.value) if output is not None else control == "on"
    return Relay(is_on, control or ("on" if is_on else "off"), _whole(mode))


def switch(meter: Meter, wanted: Literal["off", "on", "permit"]) -> Step[Relay]:
    """Switch off, switch on, or permit to switch on by hand; what the switch then says.

    "on" and "permit" are the same method of the meter in different control modes: where its mode
    does the other one, it is changed for the time of the command and put back. Raises Denied if
    there is no switch or the meter refuses, NotTaken if it does not say what was wanted.
    """
    before = yield from relay(meter)
    if before is None:
        raise Denied("relay", "no such object")
    if wanted == "off":
        yield from _act(meter, DISCONNECT)
    elif not (wanted == "permit" and before.is_on):
        modes = MODE_FOR_ON if wanted == "on" else MODE_FOR_PERMIT
        yield from _reconnect(meter, before.mode, modes.get(before.mode, before.mode))
    now = yield from relay(meter)
    if now is None or not _is_done(wanted, now):
        raise NotTaken("relay", wanted, None if now is None else now.control)
    return now


def _is_done(wanted: str, now: Relay) -> bool:
    if wanted == "off":
        return not now.is_on and now.control != "on"
    return now.is_on or (wanted == "permit" and now.control == "ready")


def _reconnect(meter: Meter, mode: int, for_it: int) -> Step[None]:
    """Reconnect in the mode that is needed; the meter's own is put back, refused or not."""
    if for_it == mode:
        return (yield from _act(meter, RECONNECT))
    yield from _set_mode(meter, for_it)
    try:
        yield from _act(meter, RECONNECT)
    except (Denied, TryLater):
        yield from _set_mode(meter, mode)
        raise
    return (yield from _set_mode(meter, mode))


def _act(meter: Meter, method: int) -> Step[None]:
    yield from acted(RELAY_CLASS, RELAY, method, Data(Tag.INTEGER, 0), "relay")


def _set_mode(meter: Meter, mode: int) -> Step[None]:
    where = attribute(RELAY_CLASS, RELAY, MODE)
    yield from written(where, Data(Tag.ENUM, mode), "relay mode")


def _whole(data: Data | None) -> int:
    return data.value if data is not None and type(data.value) is int else 0


# Limiters


def limiters(meter: Meter) -> Step[tuple[Limiter, ...]]:
    """The limiters that the meter has: of power (W), current (mA), voltage (mV)."""
    found = []
    for what in LIMITERS:
        limiter = yield from _limiter(meter, what)
        if limiter is not None:
            found.append(limiter)
    return tuple(found)


def _limiter(meter: Meter, what: str) -> Step[Limiter | None]:
    """A limiter: its normal threshold, and whether passing it is followed by an action."""
    places = (MONITORED, NORMAL, OVER, ACTIONS)
    monitored, threshold, over, actions = yield from several(
        meter, [attribute(LIMITER_CLASS, LIMITERS[what], index) for index in places]
    )
    number = number_of(threshold)
    if number is None:
        return None
    step = yield from _step(meter, what, monitored)
    script = _script(actions)
    is_on = number > 0 if script is None else script > 0
    return Limiter(what, int(number * step), _whole(over), is_on)


def set_limiter(meter: Meter, limiter: Limiter) -> Step[Limiter]:
    """Set a limiter's threshold, time and whether it acts; what it then says.

    A limiter that is switched off keeps its threshold and gets the script 0, which does nothing.
    Raises ValueError for one of another kind, Denied if the meter has it not or refuses, NotTaken
    if it then says another thing (a threshold finer than its step is another thing).
    """
    if limiter.what not in LIMITERS:
        raise ValueError(f"No limiter of {limiter.what!r}.")
    name = LIMITERS[limiter.what]
    places = [attribute(LIMITER_CLASS, name, index) for index in (MONITORED, NORMAL, OVER, ACTIONS)]
    monitored, threshold, over, actions = yield from several(meter, places)
    told = f"limiter of {limiter.what}"
    if threshold is None:
        raise Denied(told, "no such object")
    step = yield from _step(meter, limiter.what, monitored)
    yield from written(places[1], like(threshold, limiter.threshold / step, told), told)
    if over is not None:
        yield from written(places[2], like(over, Fraction(limiter.seconds), told), told)
    if actions is not None:
        yield from _set_action(meter, places[3], actions, is_on=limiter.is_on)
    now = yield from _limiter(meter, limiter.what)
    if now != limiter:
        raise NotTaken(told, limiter, now)
    return now


def _step(meter: Meter, what: str, monitored: Data | None) -> Step[Fraction]:
    """What one of the threshold is in our steps: it has the scaler of the monitored register.

    A monitored «any phase» is often no object of its own: then the registers of a phase tell.
    """
    unit, quanta = QUANTA[what]
    try:
        register = "" if monitored is None else dotted(axdr.raw(axdr.parts(monitored, 3)[1]))
    except Malformed:
        register = ""
    names = [name for name in (register, *SAME_UNIT[what]) if len(name.split(".")) == 6]
    yield from learn_units(meter, names)
    for name in names:
        found = meter.units.get(name)
        if found is not None and found[1] == unit:
            return quanta * power(found[0])
    return quanta


def _script(actions: Data | None) -> int | None:
    """The script that is done when the threshold is passed; None if that is not told."""
    try:
        over, _ = axdr.parts(actions, 2) if actions is not None else (None, None)
        return None if over is None else axdr.whole(axdr.parts(over, 2)[1])
    except Malformed:
        return None


def _set_action(meter: Meter, where: Attribute, actions: Data, *, is_on: bool) -> Step[None]:
    """Script 1 of the table that is named, or none."""
    script = _script(actions)
    if script is None or (script > 0) == is_on:
        return
    over, under = axdr.parts(actions, 2)
    table, selector = axdr.parts(over, 2)
    changed = axdr.structure(table, Data(selector.tag, int(is_on)))
    yield from written(where, axdr.structure(changed, under), "action of a limiter")
