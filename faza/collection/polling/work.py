"""What goes to a collector and what comes back: plain frozen values, no models, no sockets.

`claims.claim` makes LineWork; the collector has one session at a time with the devices of a line,
in their order, and gives a SessionResult of each to `results.store`. Moments are aware, UTC.
Signs: a clock's offset is shown minus true, in seconds: above 0 it is fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from faza.protocols.metered import (
    Configuration,
    EventRows,
    Identity,
    Instant,
    Json,
    Limiter,
    ProfileRows,
    QualityCounters,
    RegisterRows,
    Relay,
    TariffCalendar,
)


class Kind(StrEnum):
    """What is read by plan. In this order a session goes through what is due."""

    IDENTITY = "identity"
    CLOCK = "clock"
    REGISTERS = "registers"
    """Registers of this moment, T0 to T8."""
    DAYS = "days"
    """Registers that the meter kept at the starts of days."""
    MONTHS = "months"
    EVENTS = "events"
    PROFILE = "profile"
    """Load profile 1: energies."""
    PARAMETERS = "parameters"
    """Load profile 2: voltages, currents, powers by interval."""
    INSTANT = "instant"
    QUALITY = "quality"
    CONFIGURATION = "configuration"
    CALENDAR = "calendar"


PROFILES = {Kind.PROFILE: 1, Kind.PARAMETERS: 2}
"""Which load profile of the meter a kind of task reads."""


class Order(StrEnum):
    """What a person, or a rule, asks of a meter. `arguments` of each:

    read_now: {"kinds": [Kind, …]} (absent: all of its plan);
    set_clock: {}: to the true time of the moment at which it is done;
    shift_clock: {"seconds": int};
    relay: {"to": "off" | "on" | "permit"};
    limiter: {"what", "threshold", "seconds", "is_on"}: a metered.Limiter;
    calendar: {"calendar": `calendars.to_json`, "activate_at": ISO or null for at once};
    activate_calendar: {}.
    """

    READ_NOW = "read_now"
    SET_CLOCK = "set_clock"
    SHIFT_CLOCK = "shift_clock"
    RELAY = "relay"
    LIMITER = "limiter"
    CALENDAR = "calendar"
    ACTIVATE_CALENDAR = "activate_calendar"


class Problem(StrEnum):
    """Why a session, a task or a command failed; what the desk says and what is tried next."""

    NONE = ""
    UNREACHABLE = "unreachable"
    """No connection, or the modem does not answer."""
    TIMEOUT = "timeout"
    """It was connected, but the meter did not answer in time."""
    DROPPED = "dropped"
    """The connection ended in the middle."""
    GARBAGE = "garbage"
    """What came is no answer in this language."""
    DENIED = "denied"
    """Password, key or level is wrong: it is not tried again before the next regular time."""
    COUNTER = "counter"
    """The meter does not take our invocation counter."""
    OTHER_METER = "other-meter"
    """Another number than expected answers: nothing of it is stored as readings."""
    REFUSED = "refused"
    """The meter refused this one request."""
    UNABLE = "unable"
    """The driver or the meter has no such ability."""
    NOT_TAKEN = "not-taken"
    """After the command the meter said something else than was written."""
    INTERRUPTED = "interrupted"
    """The collector was stopped or killed; whether the command was done is not known."""
    CLOCK = "clock"
    """The clock is so wrong that a person has to look."""
    INTERNAL = "internal"
    """A fault of our own: the log has it."""


class Outcome(StrEnum):
    """done: all that was asked; partial: some of it; failed: nothing."""

    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Access:
    """As whom to open a session. Secrets are not shown by repr, and are not to be logged.

    client: the client's address (СПОДЭС: 16, 32, 48). mechanism: "none", "lls" or "hls5".
    password: of LLS; of other languages too. keys: global unicast encryption and authentication
    key of HLS. system_title: ours, 8 bytes. level: of languages that have levels of access.
    key: fingerprint of the secrets; counters are kept by it.
    """

    client: int = 16
    mechanism: str = "none"
    password: bytes = field(default=b"", repr=False)
    encryption_key: bytes = field(default=b"", repr=False)
    authentication_key: bytes = field(default=b"", repr=False)
    system_title: bytes = b""
    level: int = 1
    key: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """Invocation counters [first, end) that are ours for one session: each is sent at most once.

    They were put down as used before they were handed out, so a kill never repeats one. More, or
    higher ones where the meter tells that it has seen some: `counters.reserve`. `peer` is the last
    one that the meter sent, None where none is known. `is_known` False: nobody has ever talked to
    the meter with this key, so ask it by the public client first (0.0.43.1.x.255).
    """

    first: int
    end: int
    peer: int | None = None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """What is done about a clock: seconds, of the offset without its sign. See `clock.verdict`.

    tell_from: an event. correct_from: it is corrected. correct_to: beyond it only a person may.
    is_automatic: whether anything is corrected without being asked. per_day: at most so often.
    """

    tell_from: int = 5
    correct_from: int = 10
    correct_to: int = 900
    is_automatic: bool = True
    per_day: int = 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """Intervals to read: those that begin at or after `start` and end at or before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """A part of a plan that is due. id: of the DeviceTask; 0 of what a command asked for.

    stretches: of profiles, to be read in this order (youngest first); what cannot be read any
    more in this session is left. has_more: more is missing than these, and is due at once after
    them. since: DAYS, MONTHS, EVENTS: from this moment on.
    """

    id: int
    kind: Kind
    priority: int
    stretches: tuple[Stretch, ...] = ()
    since: datetime | None = None
    failures: int = 0
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class CommandWork:
    """A command to do in this session, before its tasks.

    What READ_NOW asks for is among the tasks; its CommandResult is given after them. expires_at:
    from then on it is not begun any more.
    """

    id: int
    order: Order
    arguments: Mapping[str, Json]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceWork:
    """A meter to talk to, and all that a session needs.

    id: of the Device. usage_point: where the meter stands, None where it is no billing meter or
    stands nowhere: then profiles are not asked for. ratio: CT x VT, for words only; `results`
    takes ratios from the database. driver: name in the registry of drivers. address: as the driver
    wants it. access for reading, control for commands (the same where there is none of its own).
    layouts, habits: what the driver learned before, opaque; keys are its own.
    interval: minutes of load profile 1 and 2 as seen last, by profile number.
    clock_offset, clock_measured_at: what was known of its clock before this session.
    corrections: how often its clock was corrected in the last 24 hours.
    """

    id: int
    meter: int
    number: str
    model: str
    usage_point: int | None
    zone: str
    ratio: Fraction
    driver: str
    address: Mapping[str, Json]
    access: Access
    control: Access
    layouts: Mapping[str, Json] = field(default_factory=dict)
    habits: Mapping[str, Json] = field(default_factory=dict)
    intervals: Mapping[int, int] = field(default_factory=dict)
    counters: Mapping[str, Counter] = field(default_factory=dict)
    """By `Access.key`; only of those that cipher."""
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is known of its load profiles, for `results`; see Device.profiles."""
    ticket: str = ""
    """Of this lease: a device has one session in it, and its result is marked once."""
    clock: ClockPolicy = field(default_factory=ClockPolicy)
    clock_offset: float | None = None
    clock_measured_at: datetime | None = None
    corrections: int = 0
    tasks: tuple[Task, ...] = ()
    commands: tuple[CommandWork, ...] = ()


@dataclass(frozen=True, slots=True)
class LineWork:
    """A line that is leased to us until `leased_until`: one session at a time, in this order.

    timeout: seconds for an answer. pause: seconds between sessions of the line. A line without
    devices is not handed out.
    """

    id: int
    name: str
    host: str
    port: int
    timeout: float
    pause: float
    leased_until: datetime
    devices: tuple[DeviceWork, ...]
    settings: Mapping[str, Json] = field(default_factory=dict)
    """What a driver has to know of the line (parity, echo); opaque here."""


@dataclass(frozen=True, slots=True, eq=False)
class ProfileRead:
    """The whole answer of a meter about one stretch of load profile `which` (1 or 2).

    Give it only where the answer came to its end: intervals of `asked` that are not in `rows` are
    taken as such that the meter does not have. What broke off is told with `is_whole` False: its
    rows are stored, and nothing is concluded from what is not there.
    """

    which: int
    asked: Stretch
    rows: ProfileRows
    read_at: datetime
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class ClockRead:
    """shown: by the meter, at the true moment `at` (half of the round trip is taken off)."""

    shown: datetime
    at: datetime

    @property
    def offset(self) -> float:
        """Seconds, above 0: the meter is fast."""
        return (self.shown - self.at).total_seconds()


@dataclass(frozen=True, slots=True)
class ClockChange:
    """The clock was corrected: `before` and `after` as read before and afterwards.

    `how`: "shift" or "set".
    """

    before: ClockRead
    after: ClockRead
    how: str


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command. result: what the meter said when it was read back, JSON."""

    id: int
    problem: Problem = Problem.NONE
    words: str = ""
    result: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of a task, `id` as in Task; those not named failed with the session's problem.

    reached: of a task that failed as a whole, up to where it was read; None where nowhere.
    """

    id: int
    problem: Problem = Problem.NONE
    words: str = ""
    reached: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SessionResult:
    """All that came out of one session with one meter.

    problem, words: why it ended early, if it did; words are English, without secrets.
    dialogue: decoded, a line each (`dialogues.Lines`). counters: by `Access.key`, the next
    invocation counter that was not sent (first) and the last one of the meter (peer). layouts,
    habits: None where nothing new was learned, else all of them. is_last: nothing more comes of
    this line, let go its lease.
    """

    line: int
    device: DeviceWork
    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    problem: Problem = Problem.NONE
    words: str = ""
    bytes_sent: int = 0
    bytes_received: int = 0
    trips: int = 0
    dialogue: Sequence[str] = ()
    identity: Identity | None = None
    clock: ClockRead | None = None
    clock_change: ClockChange | None = None
    profiles: tuple[ProfileRead, ...] = ()
    registers: tuple[RegisterRows, ...] = ()
    events: EventRows | None = None
    instant: Instant | None = None
    quality: QualityCounters | None = None
    configuration: Configuration | None = None
    calendar: TariffCalendar | None = None
    relay: Relay | None = None
    limiters: tuple[Limiter, ...] = ()
    tasks: tuple[TaskResult, ...] = ()
    commands: tuple[CommandResult, ...] = ()
    layouts: Mapping[str, Json] | None = None
    habits: Mapping[str, Json] | None = None
    counters: Mapping[str, Counter] = field(default_factory=dict)
    is_last: bool = True
