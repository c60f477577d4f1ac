"""What has come out of a session so far: filled as it goes, told once at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from faza.collection.drivers import Learned
from faza.collection.drivers.link import Link
from faza.collection.polling.work import (
    ClockChange,
    ClockRead,
    CommandResult,
    Counter,
    DeviceWork,
    LineWork,
    Outcome,
    Problem,
    ProfileRead,
    SessionResult,
    Task,
    TaskResult,
)
from faza.protocols.metered import (
    Configuration,
    EventRows,
    Identity,
    Instant,
    Json,
    Limiter,
    QualityCounters,
    RegisterRows,
    Relay,
    TariffCalendar,
)

MOST_WORDS = 500


@dataclass
class Found:
    """See SessionResult, whose fields these become.

    done: tasks with their problems. reached: by id of a task, up to where it was read so far.
    """

    device: DeviceWork
    started_at: datetime
    problem: Problem = Problem.NONE
    words: str = ""
    identity: Identity | None = None
    clock: ClockRead | None = None
    clock_change: ClockChange | None = None
    profiles: list[ProfileRead] = field(default_factory=list)
    registers: list[RegisterRows] = field(default_factory=list)
    events: EventRows | None = None
    instant: Instant | None = None
    quality: QualityCounters | None = None
    configuration: Configuration | None = None
    calendar: TariffCalendar | None = None
    relay: Relay | None = None
    limiters: tuple[Limiter, ...] = ()
    done: list[tuple[Task, Problem, str]] = field(default_factory=list)
    reached: dict[int, datetime] = field(default_factory=dict)
    commands: list[CommandResult] = field(default_factory=list)
    layouts: Mapping[str, Json] | None = None
    habits: Mapping[str, Json] | None = None
    counters: dict[str, Counter] = field(default_factory=dict)

    def fail(self, problem: Problem, words: str) -> None:
        """The session ends with this; the first one stands."""
        if self.problem is Problem.NONE:
            self.problem, self.words = problem, words[:MOST_WORDS]

    def learn(self, learned: Learned, key: str) -> None:
        """Keep what a driver learned under a key of access."""
        if learned.layouts is not None:
            self.layouts = learned.layouts
        if learned.habits is not None:
            self.habits = learned.habits
        if learned.counter is not None and key:
            self.counters[key] = learned.counter

    @property
    def outcome(self) -> Outcome:
        good = sum(problem is Problem.NONE for _, problem, _ in self.done)
        good += sum(command.problem is Problem.NONE for command in self.commands)
        asked = len(self.device.tasks) + len(self.device.commands)
        if self.problem is Problem.NONE and good == asked:
            return Outcome.DONE
        is_cut = len(self.done) + len(self.commands) < asked
        if self.problem is Problem.NONE and is_cut:  # the collector ends: nothing went wrong
            return Outcome.PARTIAL
        return Outcome.PARTIAL if good or self.profiles or self.registers else Outcome.FAILED

    def result(
        self, line: LineWork, link: Link | None, *, at: datetime, dialogue: Sequence[str]
    ) -> SessionResult:
        """All of it. `link`: None where there was no connection."""
        return SessionResult(
            line=line.id,
            device=self.device,
            started_at=self.started_at,
            ended_at=at,
            outcome=self.outcome,
            problem=self.problem,
            words=self.words,
            bytes_sent=link.sent if link else 0,
            bytes_received=link.received if link else 0,
            trips=link.trips if link else 0,
            dialogue=dialogue,
            identity=self.identity,
            clock=self.clock,
            clock_change=self.clock_change,
            profiles=tuple(self.profiles),
            registers=tuple(self.registers),
            events=self.events,
            instant=self.instant,
            quality=self.quality,
            configuration=self.configuration,
            calendar=self.calendar,
            relay=self.relay,
            limiters=self.limiters,
            tasks=self._tasks(),
            commands=tuple(self.commands),
            layouts=self.layouts,
            habits=self.habits,
            counters=dict(self.counters),
            is_last=False,
        )

    def _tasks(self) -> tuple[TaskResult, ...]:
        told = [
            TaskResult(task.id, problem, words, self.reached.get(task.id))
            for task, problem, words in self.done
            if task.id
        ]
        ended = {one.id for one in told}
        problem = self.problem or Problem.INTERRUPTED
        told += [
            TaskResult(number, problem, self.words, moment)
            for number, moment in self.reached.items()
            if number and number not in ended
        ]
        return tuple(told)
