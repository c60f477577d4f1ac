"""Verdicts in words: a title and a sentence or two each, with the numbers that they stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet.network import rows
from faza.cabinet.words import bold, filled
from faza.readings.network.phasors import Phase, Vectors
from faza.readings.network.verdicts import TOLERANCE, State, Verdict, worst
from faza.ui import formats

ICONS = {
    State.GOOD: "circle-check",
    State.WARN: "alert-triangle",
    State.BAD: "alert-circle",
    State.INFO: "info-circle",
    State.UNKNOWN: "circle-dashed",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A verdict as read. state: the class of its icon."""

    topic: str
    state: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What the sentences need besides a verdict: the values, the time out of bounds lately.

    outside: None where no voltage of the last day is known. is_over_transformers: the meter
    stands behind current transformers.
    """

    now: Vectors
    outside: timedelta | None
    is_over_transformers: bool


def cards(found: list[Verdict], beside: Beside) -> tuple[Card, ...]:
    """All verdicts, in their order."""
    return tuple(_card(one, beside) for one in found)


def _card(one: Verdict, beside: Beside) -> Card:
    title, text = WORDS[one.topic, one.code](one, beside)
    return Card(one.topic, one.state.value, ICONS[one.state], title, text)


def _phases(letters: str) -> str:
    """«фаза B», «фазы A и B»."""
    told = _and(letters)
    return ngettext("phase %(names)s", "phases %(names)s", len(letters)) % {"names": told}


def _and(letters: str) -> str:
    if len(letters) < 2:
        return letters
    return _("%(some)s and %(last)s") % {"some": ", ".join(letters[:-1]), "last": letters[-1]}


def _volts(value: float) -> str:
    return f"{rows.volts(value)}{formats.NBSP}{formats.unit_name('V')}"


def _agreed(one: Verdict) -> dict[str, str]:
    agreed = one.numbers["agreed"]
    return {
        "agreed": f"{formats.number(agreed)}{formats.NBSP}{formats.unit_name('V')}",
        "tolerance": f"±{formats.percent(100 * TOLERANCE)}",
    }


def _inside(one: Verdict, beside: Beside) -> tuple[str, str]:
    low, high = (formats.signed(one.numbers[name], 1) for name in ("low", "high"))
    parts = _agreed(one) | {"low": low, "high": formats.signed_percent(one.numbers["high"], 1)}
    told = _("From %(low)s to %(high)s of %(agreed)s, %(tolerance)s is permitted.")
    if len(one.phases) == 1:
        told = _("%(high)s of %(agreed)s, %(tolerance)s is permitted.")
    return _("Voltage is within bounds"), f"{told % parts}{_lately(beside)}"


def _lately(beside: Beside) -> str:
    if beside.outside is None:
        return ""
    minutes = round(beside.outside / timedelta(minutes=1))
    told = (
        _("%(number)s minutes") % {"number": 0} if not minutes else formats.duration(beside.outside)
    )
    return " " + _("Out of bounds over 24 hours: %(time)s.") % {"time": told}


def _outside(one: Verdict, beside: Beside) -> tuple[str, str]:
    far = max(
        (phase for phase in beside.now.phases if phase.letter in one.phases),
        key=lambda phase: abs((phase.voltage or 0) / one.numbers["agreed"] - 1),
    )
    share = 100 * ((far.voltage or 0) / one.numbers["agreed"] - 1)
    parts = _agreed(one) | {
        "phase": far.letter,
        "volts": _volts(far.voltage or 0),
        "share": formats.signed_percent(share, 1),
    }
    told = _(
        "Phase %(phase)s: %(volts)s, %(share)s of %(agreed)s; %(tolerance)s is permitted."
        " If it lasts, tell the network company."
    )
    return _("Voltage is out of bounds"), told % parts


def _lost(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _(
        "A fuse has blown or a wire is broken. Switch three-phase motors off and tell the"
        " network company."
    )
    return _("No voltage: %(phases)s") % {"phases": _phases(one.phases)}, told


def _no_volts(one: Verdict, beside: Beside) -> tuple[str, str]:
    return _("Voltage is not known"), _("The meter told no voltages of this time.")


def _right(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("The order is A–B–C. In each phase power flows to the consumer.")
    return _("Phases are connected rightly"), told


def _order_unknown(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _(
        "In each phase power flows to the consumer. Whether the order of phases is right the"
        " meter does not tell: there are no angles."
    )
    return _("Directions are right"), told


def _order(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _(
        "Phases follow as A–C–B: motors turn backwards. Two wires are swapped at the meter or"
        " before it; an electrician has to look."
    )
    return _("Wrong order of phases"), told


def _reversed(one: Verdict, beside: Beside) -> tuple[str, str]:
    of = [phase for phase in beside.now.phases if phase.letter in one.phases]
    parts = {"power": _kilowatts(sum(phase.active or 0 for phase in of)), "names": _and(one.phases)}
    if beside.is_over_transformers:
        title = _("A current transformer is turned about: %(phases)s")
        told = _(
            "Its power runs against the others: %(power)s. The meter subtracts it, so that too"
            " little is counted; wires of the current transformer are swapped."
        )
    else:
        title = _("Current runs backwards: %(phases)s")
        told = _(
            "Its power runs against the others: %(power)s. The meter subtracts it, so that too"
            " little is counted; line and load of the phase are swapped at the meter."
        )
    return title % {"phases": _phases(one.phases)}, told % parts


def _backwards(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _(
        "The meter sees energy flow to the grid, and nothing is known of generation at this"
        " point. Line and load are swapped, or panels work that nobody told of."
    )
    return _("Currents run backwards"), told


def _blind(one: Verdict, beside: Beside) -> tuple[str, str]:
    of = [phase.current or 0 for phase in beside.now.phases if phase.letter in one.phases]
    parts = {"current": f"{formats.number(max(of), 2)}{formats.NBSP}{formats.unit_name('A')}"}
    told = _(
        "Current flows, %(current)s, but the meter has no voltage there: what the phase consumes"
        " is not counted. A voltage circuit of the meter is broken."
    )
    title = _("Not counted: %(phases)s") % {"phases": _phases(one.phases)}
    return title, told % parts


def _gives(one: Verdict, beside: Beside) -> tuple[str, str]:
    of = [phase for phase in beside.now.phases if phase.letter in one.phases]
    parts = {
        "power": _kilowatts(abs(sum(phase.active or 0 for phase in of))),
        "phases": _phases(one.phases),
    }
    told = _("%(power)s: %(phases)s. It is known that this point has generation of its own.")
    if beside.now.is_one_phase:
        told = _("%(power)s. It is known that this point has generation of its own.")
    return _("Energy flows to the grid"), told % parts


def _idle(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("So little flows that the connection cannot be judged by it.")
    return _("There is nearly no load"), told


def _unknown(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("The meter tells neither powers by phase nor angles of this time.")
    return _("The connection cannot be judged"), told


def _some_phases(one: Verdict, beside: Beside) -> tuple[str, str]:
    live = "".join(p.letter for p in beside.now.phases if p.letter not in one.phases)
    told = _("Power flows to the consumer: %(phases)s.") % {"phases": _phases(live)}
    return _("The other phases work"), told


def _one_phase(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("A one-phase meter: power flows to the consumer.")
    return _("Connected rightly"), told


def _share(one: Verdict) -> dict[str, str]:
    return {
        "phase": one.phases,
        "share": formats.percent(one.numbers["share"]),
        "neutral": _amperes(one.numbers.get("neutral")),
        "most": _amperes(one.numbers.get("most"), 0),
    }


def _neutral(one: Verdict) -> str:
    """What the neutral carries, and that it is safe, where both are known."""
    if "neutral" not in one.numbers:
        return ""
    told = " " + _("The neutral carries %(neutral)s.") % _share(one)
    if "most" in one.numbers:
        told += " " + _("It is safe: the meter is made for %(most)s.") % _share(one)
    return told


def _even(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("Phase %(phase)s has most of the load, %(share)s.") % _share(one)
    return _("Load is even"), told + _neutral(one)


def _uneven(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("Phase %(phase)s has %(share)s of the load.") % _share(one)
    return _("Load is uneven"), told + _neutral(one)


def _overloaded(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("Phase %(phase)s has %(share)s of the load; the meter is made for %(most)s.")
    return _("Current is above what the meter carries"), told % _share(one)


def _no_evenness(one: Verdict, beside: Beside) -> tuple[str, str]:
    return _("Evenness is not known"), _("The meter told no currents by phase of this time.")


def _little(one: Verdict, beside: Beside) -> tuple[str, str]:
    return _("Load is small"), _("So little flows that its division does not matter.")


def _motor(one: Verdict, beside: Beside) -> tuple[str, str]:
    parts = {"degrees": f"{formats.number(abs(one.numbers['shift']))}°", "phase": one.phases}
    title = _("A motor works") if beside.now.is_one_phase else _("A motor on phase %(phase)s")
    told = _("The current lags the voltage by %(degrees)s: so works a pump or a compressor.")
    return title % parts, told % parts


def _capacitive(one: Verdict, beside: Beside) -> tuple[str, str]:
    parts = {"degrees": f"{formats.number(abs(one.numbers['shift']))}°", "phase": one.phases}
    title = _("Capacitive load")
    if not beside.now.is_one_phase:
        title = _("Capacitive load on phase %(phase)s")
    told = _(
        "The current leads the voltage by %(degrees)s: so work power supplies, LED lamps, or"
        " capacitors that are not needed now."
    )
    return title % parts, told % parts


def _plain(one: Verdict, beside: Beside) -> tuple[str, str]:
    parts = {"degrees": f"{formats.number(abs(one.numbers['shift']))}°"}
    told = _("Current and voltage nearly keep step, %(degrees)s apart in all: heating, light.")
    return _("An ordinary load"), told % parts


def _generation(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("All of the load is covered by generation at the point.")
    return _("Generation works"), told


def _no_character(one: Verdict, beside: Beside) -> tuple[str, str]:
    told = _("Without powers by phase or angles it is not to be told what works.")
    return _("The load is not known"), told


def _standby(one: Verdict, beside: Beside) -> tuple[str, str]:
    return _("Nothing large works"), _("What flows is what devices take in standby.")


def _kilowatts(value: float) -> str:
    decimals = 2 if abs(value) < 100 else 0
    return f"{formats.number(value, decimals)}{formats.NBSP}{formats.unit_name('kW')}"


def _amperes(value: float | None, decimals: int = 1) -> str:
    return f"{formats.number(value, decimals)}{formats.NBSP}{formats.unit_name('A')}"


WORDS: dict[tuple[str, str], Callable[[Verdict, Beside], tuple[str, str]]] = {
    ("voltage", "inside"): _inside,
    ("voltage", "outside"): _outside,
    ("voltage", "lost"): _lost,
    ("voltage", "unknown"): _no_volts,
    ("connection", "right"): _right,
    ("connection", "order unknown"): _order_unknown,
    ("connection", "order"): _order,
    ("connection", "reversed"): _reversed,
    ("connection", "backwards"): _backwards,
    ("connection", "no voltage"): _blind,
    ("connection", "gives"): _gives,
    ("connection", "idle"): _idle,
    ("connection", "unknown"): _unknown,
    ("connection", "lost"): _some_phases,
    ("connection", "one phase"): _one_phase,
    ("evenness", "even"): _even,
    ("evenness", "uneven"): _uneven,
    ("evenness", "overloaded"): _overloaded,
    ("evenness", "unknown"): _no_evenness,
    ("evenness", "idle"): _little,
    ("character", "motor"): _motor,
    ("character", "capacitive"): _capacitive,
    ("character", "plain"): _plain,
    ("character", "gives"): _generation,
    ("character", "unknown"): _no_character,
    ("character", "idle"): _standby,
}
"""Every verdict has its words: a test holds it."""


def lead(found: list[Verdict], beside: Beside, *, is_now: bool) -> SafeString:
    """The answer: voltage, or what is wrong, and how much flows."""
    return SafeString(f"{_first(found, beside)} {_flows(beside.now, is_now=is_now)}".strip())


def _first(found: list[Verdict], beside: Beside) -> SafeString:
    said = worst(found)
    if said.topic == "voltage" and said.code in ("inside", "outside"):
        return _voltage(said, beside.now)
    if said.topic != "voltage" or said.code == "lost":
        title, _text = WORDS[said.topic, said.code](said, beside)
        return filled("%(what)s.", what=bold(title))
    return filled(_("Voltage of this time is not known."))


def _voltage(said: Verdict, now: Vectors) -> SafeString:
    agreed, numbers = said.numbers["agreed"], said.numbers
    volts = f"{rows.volts(numbers['least'])}–{_volts(numbers['most'])}"
    if rows.volts(numbers["least"]) == rows.volts(numbers["most"]):
        volts = _volts(numbers["most"])
    low, high = (formats.number(agreed * (1 + side * TOLERANCE)) for side in (-1, 1))
    parts = {"volts": bold(volts), "bounds": f"{low}–{high}{formats.NBSP}{formats.unit_name('V')}"}
    if said.code == "outside":
        return filled(
            _("Voltage is out of bounds: %(volts)s where %(bounds)s is permitted."), **parts
        )
    if now.is_one_phase:
        return filled(
            _("Voltage is within bounds: %(volts)s where %(bounds)s is permitted."), **parts
        )
    told = _(
        "Voltage is within bounds on all three phases: %(volts)s where %(bounds)s is permitted."
    )
    return filled(told, **parts)


def _flows(now: Vectors, *, is_now: bool) -> SafeString:
    active = now.total.active
    if active is None:
        return SafeString("")
    power = bold(_kilowatts(abs(active)))
    if active < 0:
        told = (
            _("Now %(power)s flows to the grid.") if is_now else _("%(power)s flowed to the grid.")
        )
    else:
        told = _("Now %(power)s is consumed.") if is_now else _("%(power)s was consumed.")
    return filled(told, power=power)


def phase_names(phases: tuple[Phase, ...]) -> str:
    """«A, B и C», of those whose powers are added."""
    return _and("".join(phase.letter for phase in phases))
