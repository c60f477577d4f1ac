"""Which function runs which kind of job, and what runs daily.

Rooms register in a module `handlers.py` of their own, which is imported when a job is to be run:

    @registry.handler("collection.grid.check")
    def check(job: Running) -> Mapping[str, object]: ...

A handler may be begun again: the worker that ran it was killed, or was stopped. So doing it twice
must do it once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from django.utils.module_loading import autodiscover_modules


class Running(Protocol):
    """A job, as its handler sees it."""

    @property
    def id(self) -> int: ...

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What `start` was given; Any, as JSON is."""

    @property
    def by(self) -> int | None:
        """The user's number; None where the system itself wanted it."""

    @property
    def at(self) -> datetime:
        """When it was begun (this time), for services that want `at=`."""

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody wants it to end: return or raise Cancelled at the next good moment.

        Cheap enough for each turn of a loop.
        """

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Say how far it is. Cheap enough for each turn of a loop.

        Raises Interrupted, which is not to be caught, if the worker has to stop or has lost the
        job to another one.
        """


Handler = Callable[[Running], Mapping[str, object] | None]


class Failed(Exception):
    """A job cannot be done; the message says why, to the person who started it."""


class Cancelled(Exception):
    """A handler ended because it was asked to."""


class Interrupted(BaseException):
    """The worker has to let go of the job; another one begins it again.

    No Exception, so that a handler which catches those does not swallow it.
    """


handlers: dict[str, Handler] = {}
dailies: dict[str, int] = {}
"""Kinds that run once a day, and from which hour on, by the clock of settings.TIME_ZONE."""


rounds: dict[str, int] = {}
"""Kinds that run again and again, and after how many minutes."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that runs jobs of a kind; its result is kept as JSON.

    `kind` is dotted: room, noun, verb. Raises ValueError if another function has the kind.
    """

    def register(function: Handler) -> Handler:
        if handlers.setdefault(kind, function) is not function:
            raise ValueError(f"two handlers of {kind}")
        return function

    return register


def daily(kind: str, *, hour: int = 3) -> Callable[[Handler], Handler]:
    """As `handler`, and a job of this kind is started once a day, whatever number of workers runs.

    From `hour` on; where no worker runs then, as soon as one does.
    """

    def register(function: Handler) -> Handler:
        dailies[kind] = hour
        return handler(kind)(function)

    return register


def every(kind: str, *, minutes: int) -> Callable[[Handler], Handler]:
    """As `handler`, and the job of this kind is begun again so often, where a worker runs.

    It is always the same job, which tells of its last round: lists of jobs stay short.
    """

    def register(function: Handler) -> Handler:
        rounds[kind] = minutes
        return handler(kind)(function)

    return register


@cache
def load() -> None:
    """Import the handlers of all rooms, once."""
    autodiscover_modules("handlers")
