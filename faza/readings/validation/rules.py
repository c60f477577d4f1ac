"""The rules there are: codes, words, sources, what each does and compares by default.

Words are English ids. A default without another source is a choice of Faza's own, tried on
measured homes (docs/reference/validation.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from faza.core.words import gettext_noop as _
from faza.readings.validation.shapes import Effect, Parameters, Rule, Stage

INLINE, HISTORY = Stage.INLINE, Stage.HISTORY
TELL, DOUBT, REJECT = Effect.TELL, Effect.DOUBT, Effect.REJECT

PARAMETERS: Mapping[str, str] = {
    "wait": _("hours until a gap is told and filled in"),
    "distinct": _("different non-zero values that a curve must have"),
    "margin": _("percent over the limit that are let pass"),
    "factor": _("how many times as much"),
    "floor": _("W of mean power from which it counts"),
    "score": _("deviations from the usual of the same hour"),
    "days": _("days of history that are needed"),
    "hours": _("hours of equal values"),
    "zero": _("hours of zero values"),
    "volts": _("V from which voltage is present"),
    "use": _("Wh a day that are usual, at least"),
    "steps": _("steps of the register's last digit"),
    "percent": _("percent of the energy"),
    "least": _("s that a clock is set by, twice, at least"),
    "energy": _("Wh a day, at least"),
    "deviation": _("percent between the ratios, at least"),
    "precise": _("steps of the register that tell a ratio"),
    "low": _("percent of the usual use, below which it is low"),
    "ahead": _("min that a clock may be ahead"),
    "late": _("days until data count as late"),
    "current": _("mA of current, at least"),
    "power": _("W against the direction, at least"),
    "angle": _("degrees off the order of phases"),
    "fit": _("how many times more or less than expected"),
    "zeros": _("intervals of zero that stand for a gap"),
}
"""Words of the parameters of all rules."""


class Shown(StrEnum):
    """How a number of a finding is to be shown."""

    VALUE = "value"
    """In the quantum of the reading type: energy, current, an angle."""
    COUNT = "count"
    MOMENT = "moment"
    """Unix seconds."""
    SECONDS = "seconds"
    PLAIN = "plain"
    REGISTER = "register"
    """`registers.register`: 9 x (reading type - 1) + tariff."""
    YES = "yes"
    """1: yes, 0: no."""
    EVENT = "event"
    """ "journal-code" of a kind of event."""


_SHOWN = {
    Shown.COUNT: ("intervals", "distinct", "missing"),
    Shown.MOMENT: ("copied", "since"),
    Shown.SECONDS: ("seconds",),
    Shown.PLAIN: ("score", "ratio", "implied"),
    Shown.REGISTER: ("register",),
    Shown.YES: ("rolled",),
    Shown.EVENT: ("event",),
}


def shown(number: str) -> Shown:
    """How a number of this name is to be shown, in whatever rule."""
    return next((kind for kind, names in _SHOWN.items() if number in names), Shown.VALUE)


_INTERVALS = {"intervals": _("number of intervals")}
_FAZA = "Faza"

RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule(
            "V01", "gap", _("Gap"),
            _("Intervals are missing between values of a day, or since longer than is waited."),
            "Itron IEE: Gap Check", INLINE, TELL,
            {"wait": 24}, _INTERVALS,
        ),
        Rule(
            "V02", "duplicate", _("Repeated day"),
            _("The curve of the whole day is exactly that of another day before."),
            "Oracle MDM: Duplicate IMD", INLINE, DOUBT,
            {"distinct": 10},
            _INTERVALS
            | {"copied": _("day with the same curve"), "distinct": _("different values")},
        ),
        Rule(
            "V03", "negative", _("Negative energy"),
            _("Energy of an interval is less than zero."),
            "Oracle MDM: Negative Consumption", INLINE, REJECT,
            {}, _INTERVALS | {"least": _("least value")},
        ),
        Rule(
            "V04", "limit", _("Over the physical limit"),
            _("More energy than the meter or the connection can carry."),
            "Itron IEE: Demand High Limit", INLINE, REJECT,
            {"margin": 20},
            _INTERVALS | {"greatest": _("greatest value"), "limit": _("the limit")},
        ),
        Rule(
            "V05", "spike", _("Spike"),
            _("One interval is many times the third highest of its day or of the weeks before."),
            "Oracle MDM: Interval Spike", INLINE, DOUBT,
            {"factor": 3, "floor": 4000, "score": 12, "days": 5},
            _INTERVALS
            | {"greatest": _("greatest value"), "third": _("third highest value"),
               "score": _("deviations from the usual")},
        ),
        Rule(
            "V06", "flat", _("Flat run"),
            _("The same value for hours, or zero for hours while there is voltage."),
            "Oracle MDM: Consecutive Interval Check, Zero Consumption", INLINE, TELL,
            {"hours": 6, "floor": 100, "zero": 20, "volts": 30, "use": 1000, "days": 5},
            _INTERVALS | {"value": _("value found"), "usual": _("usual of a day")},
        ),
        Rule(
            "V07", "sum", _("Intervals against the register"),
            _("The sum of the intervals is not what the register has counted."),
            "Oracle MDM: Sum Check", HISTORY, TELL,
            {"steps": 1, "percent": 0.1},
            {"sum": _("sum of intervals"), "difference": _("by the register"),
             "resolution": _("step of the register"), "missing": _("missing intervals")},
        ),
        Rule(
            "V08", "tariffs", _("Tariffs against the total"),
            _("The registers of the tariffs together have not counted what the total one has."),
            "Oracle MDM: Sum Check", HISTORY, TELL,
            {"steps": 1},
            {"sum": _("sum of tariffs"), "difference": _("by the total register"),
             "resolution": _("step of the register")},
        ),
        Rule(
            "V09", "register", _("Register fell or rolled over"),
            _("A register shows less than before: it rolled over, or a reading is wrong."),
            "Itron IEE: Register Delta", HISTORY, TELL,
            {}, {"register": _("which register"), "before": _("reading before"),
                 "after": _("reading after"), "rolled": _("rolled over")},
        ),
        Rule(
            "V10", "clock", _("Clock was set"),
            _("The clock of the meter was changed in this interval."),
            "80020: flag of changed time", INLINE, DOUBT,
            {"least": 36}, _INTERVALS | {"seconds": _("seconds told")},
        ),
        Rule(
            "V11", "installed", _("No meter installed"),
            _("Values from before the installation of the meter or after its removal."),
            "Oracle MDM: Inactive Measurement", INLINE, REJECT,
            {}, _INTERVALS,
        ),
        Rule(
            "V12", "ratio", _("Another ratio"),
            _("The intervals were counted by another ratio than the registers of the complex."),
            "Oracle MDM: Multiplier", HISTORY, TELL,
            {"deviation": 10, "precise": 50},
            {"ratio": _("ratio of the complex"), "implied": _("ratio of the intervals")},
        ),
        Rule(
            "V13", "use", _("Unusual use of a day"),
            _("Much more or much less than the usual use of such a day."),
            "Oracle MDM: High/Low", HISTORY, TELL,
            {"factor": 4, "low": 3, "use": 2000, "days": 5},
            _INTERVALS | {"use": _("use of the day"), "usual": _("usual of a day")},
        ),
        Rule(
            "V14", "stamp", _("Wrong time stamp"),
            _("Values of a time that had not come when they were delivered, or of years before."),
            "EnergyIP: time tolerance", INLINE, REJECT,
            {"ahead": 15, "late": 1100}, _INTERVALS | {"seconds": _("seconds told")},
        ),
        Rule(
            "V15", "export", _("Export at a consumer"),
            _("Energy goes into the network where only consumption is known of."),
            _FAZA, INLINE, TELL,
            {"energy": 50}, _INTERVALS | {"sum": _("sum of intervals")},
        ),
        Rule(
            "V16", "phases", _("Phases do not fit"),
            _("Current without voltage, a wrong order of phases, or one phase against the others."),
            _FAZA, HISTORY, TELL,
            {"current": 200, "volts": 30, "angle": 30, "power": 100},
            _INTERVALS | {"value": _("value found")},
        ),
        Rule(
            "V17", "event", _("Doubtful by an event"),
            _("The meter told of a magnetic field, an opened cover or a failure of its own."),
            _FAZA, HISTORY, DOUBT,
            {}, _INTERVALS | {"event": _("event of the meter")},
        ),
        Rule(
            "V18", "jump", _("Energy of a gap in one interval"),
            _("The first interval after a gap holds what was consumed in the gap."),
            _FAZA, HISTORY, REJECT,
            {"factor": 1.2, "floor": 200, "fit": 4, "zeros": 4, "days": 5},
            _INTERVALS
            | {"since": _("beginning of the gap"), "energy": _("energy of the interval"),
               "usual": _("usual in that time")},
        ),
    )
}  # fmt: skip


def defaults() -> Parameters:
    """The parameters of all rules where nobody has set others."""
    return {code: {"effect": int(rule.effect), **rule.parameters} for code, rule in RULES.items()}
