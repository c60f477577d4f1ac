"""A dialogue with a meter in words, for an engineer who reads along.

    describe(Get(...))                  "Reading: load profile 1, from 2026-11-02 00:00:01 to ..."
    describe(Get(...), gettext)         the same in the reader's language
    describe_answer(Got(...))           "rows: 48"

The second argument translates an English id; all ids are in `OBJECTS`, `PARTS`, `REFUSALS` and
the sentences below, marked so that they are gathered for translation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from faza.core.words import gettext_noop
from faza.protocols.dlms import (
    Acted,
    Action,
    Associate,
    Attribute,
    Connect,
    Data,
    DateTime,
    Disconnect,
    Done,
    DoneList,
    Entries,
    Get,
    GetList,
    Got,
    GotList,
    Malformed,
    Method,
    Range,
    Refused,
    Release,
    Request,
    Set,
    SetList,
    Tag,
    axdr,
    dotted,
)
from faza.protocols.dlms.events import Answer, Result
from faza.protocols.dlms.reading import Reader
from faza.protocols.dlms.references import Selection
from faza.protocols.spodes import names as n
from faza.protocols.spodes.identity import text_of
from faza.protocols.spodes.names import groups

Say = Callable[[str], str]
CLOCKS = (Tag.OCTET_STRING, Tag.DATE_TIME)
"""Types of what may be a date and time."""
LONGEST = 80
"""Characters of a value that are shown."""


OBJECTS = {
    n.CLOCK: gettext_noop("clock"),
    n.SPECIAL_DAYS: gettext_noop("special days"),
    n.CALENDAR: gettext_noop("tariff calendar"),
    n.RELAY: gettext_noop("load switch"),
    n.LIMITERS["power"]: gettext_noop("limiter of power"),
    n.LIMITERS["current"]: gettext_noop("limiter of current"),
    n.LIMITERS["voltage"]: gettext_noop("limiter of voltage"),
    n.PASSPORT: gettext_noop("passport"),
    n.NUMBER: gettext_noop("serial number"),
    n.MODEL: gettext_noop("model"),
    n.FIRMWARE: gettext_noop("firmware"),
    n.MANUFACTURER: gettext_noop("manufacturer"),
    n.MADE_ON: gettext_noop("date of manufacture"),
    n.PROTOCOL: gettext_noop("version of СПОДЭС"),
    n.SCHEME: gettext_noop("connection scheme"),
    n.POINT: gettext_noop("data of the point"),
    n.CURRENT_RATIO: gettext_noop("ratio of current transformers"),
    n.VOLTAGE_RATIO: gettext_noop("ratio of voltage transformers"),
    n.NOMINAL_VOLTAGE: gettext_noop("nominal voltage"),
    n.AGREED_VOLTAGE: gettext_noop("agreed voltage"),
    n.LOAD[1]: gettext_noop("load profile 1"),
    n.LOAD[2]: gettext_noop("load profile 2"),
    n.PERIODS[n.LOAD[1]]: gettext_noop("interval of load profile 1"),
    n.PERIODS[n.LOAD[2]]: gettext_noop("interval of load profile 2"),
    n.CAPTURED["day"]: gettext_noop("daily registers"),
    n.CAPTURED["month"]: gettext_noop("monthly registers"),
    n.STOP_FRAME: gettext_noop("values of the moment"),
    n.SCALERS[n.STOP_FRAME]: gettext_noop("units of values of the moment"),
    n.SCALERS[n.CAPTURED["day"]]: gettext_noop("units of daily registers"),
    n.SCALERS[n.CAPTURED["month"]]: gettext_noop("units of monthly registers"),
    n.SCALERS[n.LOAD[1]]: gettext_noop("units of load profiles"),
    "1.0.147.133.0.255": gettext_noop("time of voltage deviations"),
    "1.0.148.36.0.255": gettext_noop("number of over-voltages"),
}
"""What an object is, by its name."""
ENERGIES = {
    1: gettext_noop("active energy, import"),
    2: gettext_noop("active energy, export"),
    3: gettext_noop("reactive energy, import"),
    4: gettext_noop("reactive energy, export"),
}
PARTS = {
    (n.PROFILE, 3): gettext_noop("columns"),
    (n.PROFILE, 4): gettext_noop("period"),
    (n.PROFILE, 5): gettext_noop("order of rows"),
    (n.PROFILE, 7): gettext_noop("number of rows"),
    (n.REGISTER, 3): gettext_noop("unit"),
    (n.CLOCK_CLASS, 3): gettext_noop("time zone"),
    (n.RELAY_CLASS, 2): gettext_noop("contacts"),
    (n.RELAY_CLASS, 3): gettext_noop("state"),
    (n.RELAY_CLASS, 4): gettext_noop("control mode"),
    (n.LIMITER_CLASS, 4): gettext_noop("threshold"),
    (n.LIMITER_CLASS, 6): gettext_noop("permitted time"),
    (n.LIMITER_CLASS, 11): gettext_noop("action"),
    (n.CALENDAR_CLASS, 2): gettext_noop("name of the active one"),
    (n.CALENDAR_CLASS, 6): gettext_noop("name of the passive one"),
    (n.CALENDAR_CLASS, 10): gettext_noop("moment of activation"),
}
"""What an attribute is, by class and number, where it is not simply the value."""
METHODS = {
    (n.RELAY_CLASS, 1): gettext_noop("switching off"),
    (n.RELAY_CLASS, 2): gettext_noop("switching on, or permission for it"),
    (n.CLOCK_CLASS, 6): gettext_noop("shifting the clock"),
    (n.CALENDAR_CLASS, 1): gettext_noop("activating the tariff calendar"),
}
REFUSALS = {
    "HARDWARE_FAULT": gettext_noop("fault of the meter"),
    "TEMPORARY_FAILURE": gettext_noop("not now"),
    "READ_WRITE_DENIED": gettext_noop("no right to it"),
    "OBJECT_UNDEFINED": gettext_noop("no such object"),
    "OBJECT_CLASS_INCONSISTENT": gettext_noop("an object of another class"),
    "OBJECT_UNAVAILABLE": gettext_noop("not available"),
    "TYPE_UNMATCHED": gettext_noop("another type is expected"),
    "SCOPE_OF_ACCESS_VIOLATED": gettext_noop("outside of what may be asked"),
    "OTHER_REASON": gettext_noop("reason not told"),
}
CONNECT = gettext_noop("Opening the link")
ASSOCIATE = gettext_noop("Introducing itself to the meter")
RELEASE = gettext_noop("Saying goodbye")
DISCONNECT = gettext_noop("Closing the link")
READING = gettext_noop("Reading: %(what)s")
WRITING = gettext_noop("Writing: %(what)s = %(value)s")
ACTING = gettext_noop("Command: %(what)s")
JOURNAL = gettext_noop("journal %(number)s")
TARIFF = gettext_noop("%(what)s, tariff %(number)s")
FROM_TO = gettext_noop("%(what)s, from %(first)s to %(last)s")
ENTRIES = gettext_noop("%(what)s, rows %(first)s to %(last)s")
ROWS = gettext_noop("rows: %(number)s")
REFUSED = gettext_noop("refused: %(why)s")
DONE = gettext_noop("done")
NOTHING = gettext_noop("no value")


def describe(request: Request, say: Say = str) -> str:
    """What a request asks the meter for, in one sentence."""
    if isinstance(request, Get):
        return say(READING) % {"what": _wanted(request.attribute, request.selection, say)}
    if isinstance(request, GetList):
        told = [_wanted(what, selection, say) for what, selection in request.items]
        return say(READING) % {"what": "; ".join(told)}
    if isinstance(request, Set):
        what = _wanted(request.attribute, request.selection, say)
        return say(WRITING) % {"what": what, "value": value_of(request.data, say)}
    if isinstance(request, SetList):
        told = [_wanted(what, selection, say) for what, selection in request.items]
        values = [value_of(value, say) for value in request.values]
        return say(WRITING) % {"what": "; ".join(told), "value": "; ".join(values)}
    if isinstance(request, Action):
        return say(ACTING) % {"what": _method(request.method, request.data, say)}
    plain: dict[type, str] = {
        Connect: CONNECT, Associate: ASSOCIATE, Release: RELEASE, Disconnect: DISCONNECT,
    }  # fmt: skip
    return say(plain[type(request)])


def describe_answer(answer: Answer, say: Say = str) -> str:
    """What the meter has answered, in one sentence."""
    if isinstance(answer, Got):
        return _result(answer.result, say)
    if isinstance(answer, GotList):
        return "; ".join([_result(result, say) for result in answer.results])
    if isinstance(answer, Done):
        return _outcome(answer.result.name, say)
    if isinstance(answer, DoneList):
        return "; ".join([_outcome(result.name, say) for result in answer.results])
    if isinstance(answer, Acted):
        return _outcome(answer.result.name, say)
    assert isinstance(answer, Refused)
    why = f"{answer.state.name}, {answer.service.name}".lower().replace("_", " ")
    return say(REFUSED) % {"why": why}


def object_of(name: str, say: Say = str) -> str:
    """What an object is; its six numbers if it has no words."""
    if name in OBJECTS:
        return say(OBJECTS[name])
    a, b, c, d, e, _ = groups(name)
    if (a, c, d) == (0, 99, 98):
        return say(JOURNAL) % {"number": e}
    if a == 1 and d == 8 and c in ENERGIES:
        energy = say(ENERGIES[c])
        return say(TARIFF) % {"what": energy, "number": e} if e else energy
    return name


def value_of(data: Data, say: Say = str) -> str:
    """A value as short words."""
    if data.value is None:
        return say(NOTHING)
    if data.tag in (Tag.ARRAY, Tag.COMPACT_ARRAY):
        return say(ROWS) % {"number": len(axdr.parts(data))}
    if data.tag is Tag.STRUCTURE:
        return _short("(" + ", ".join([value_of(part, say) for part in axdr.parts(data)]) + ")")
    if isinstance(data.value, bytes):
        return _short(_string(data))
    return _short(str(data.value))


def _string(data: Data) -> str:
    raw = axdr.raw(data)
    if len(raw) == 12 and data.tag in CLOCKS and (shown := _clock(raw)):
        return shown
    # Six bytes may be a name of an object or a text such as SIM-3U: a name has small numbers.
    if len(raw) == 6 and not all(0x20 <= byte < 0x7F for byte in raw):
        return dotted(raw)
    return text_of(data)


@lru_cache(maxsize=256)
def _clock(raw: bytes) -> str:
    """Twelve bytes as a clock's date and time; "" if they are none. All meters are asked alike."""
    try:
        local = DateTime.decode(raw).find_local()
    except Malformed:
        return ""
    return "" if local is None else local.isoformat(" ", "seconds")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _wanted(what: Attribute, selection: Selection | None, say: Say) -> str:
    told = object_of(dotted(what.name), say)
    part = PARTS.get((what.class_id, what.index))
    if part is not None:
        told = f"{told} ({say(part)})"
    elif what.index != 2:
        told = f"{told} ({what.index})"
    if isinstance(selection, Range):
        ends = {"first": value_of(selection.first, say), "last": value_of(selection.last, say)}
        return say(FROM_TO) % ({"what": told} | ends)
    if isinstance(selection, Entries):
        numbers = {"first": selection.first, "last": selection.last or "…"}
        return say(ENTRIES) % ({"what": told} | numbers)
    return told


def _method(method: Method, value: Data | None, say: Say) -> str:
    known = METHODS.get((method.class_id, method.index))
    if known is None:
        return f"{object_of(dotted(method.name), say)} ({method.index})"
    if method.class_id == n.CLOCK_CLASS and value is not None:
        return f"{say(known)}: {value_of(value, say)}"
    return say(known)


def _result(result: Result, say: Say) -> str:
    if not isinstance(result, bytes):
        return _outcome(result.name, say)
    try:
        if result[:1] == bytes((Tag.ARRAY,)):
            return say(ROWS) % {"number": Reader(result, 1).length()}
        return value_of(axdr.decode(result), say)
    except Malformed as problem:
        return problem.reason


def _outcome(name: str, say: Say) -> str:
    if name == "SUCCESS":
        return say(DONE)
    known = REFUSALS.get(name)
    return say(REFUSED) % {"why": name if known is None else say(known)}
