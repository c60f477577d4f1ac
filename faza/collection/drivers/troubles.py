"""What ends a session with a meter, or one request of it, in words for an engineer.

    Trouble                 ends the session
    ├── Unreachable         no connection: others on the same line will fail too
    ├── NoAnswer            connected, and nothing comes
    ├── Dropped             the connection ended
    ├── Garbage             what comes makes no sense
    ├── Busy                the meter does not serve now
    ├── Denied              password, key or level: the same would be refused again
    ├── CounterRefused      the invocation counter
    ├── Overtime            the session took longer than it may
    └── NotOurs             the lease of the line is over: somebody else may speak on it
    Unable                  the driver or the meter has no such thing: the rest goes on
    NotDone                 the meter refused this, or says something else than was written

`told` is one sentence on what happened, `advice` one on what to try; both English, no secrets.
"""

from __future__ import annotations

from faza.collection.polling.work import Problem


class Trouble(Exception):
    """The session is over. `problem` is what is kept of it."""

    problem = Problem.INTERNAL
    advice = ""

    def __init__(self, told: str, advice: str = "") -> None:
        super().__init__(told)
        self.told = told
        if advice:
            self.advice = advice


class Unreachable(Trouble):
    problem = Problem.UNREACHABLE
    advice = (
        "Check host and port, whether the modem or gateway has power and is in the network,"
        " and that nobody else holds its only connection."
    )


class NoAnswer(Trouble):
    problem = Problem.TIMEOUT
    advice = (
        "Check the meter's address and that the driver is the one of its port (wrapper or HDLC);"
        " on RS-485 also speed, parity and wiring; a slow link needs a longer --timeout."
    )


class Dropped(Trouble):
    problem = Problem.DROPPED
    advice = (
        "Try again in a minute: a modem reboots, or a gateway lets in one connection only."
        " If it happens at once each time, the port speaks another language."
    )


class Garbage(Trouble):
    problem = Problem.GARBAGE
    advice = (
        "Try again; if it stays so, try another driver (wrapper instead of HDLC or the reverse),"
        " and look at the bytes with --trace: noise on RS-485 looks so, too."
    )


class Busy(Trouble):
    problem = Problem.TIMEOUT
    advice = (
        "Somebody else has an association with it, or one was left open: it ends by itself after"
        " the meter's inactivity time, usually one to three minutes. Try again then."
    )


class Denied(Trouble):
    problem = Problem.DENIED
    advice = "Check password or keys, the client's address and the mechanism of authentication."


class CounterRefused(Trouble):
    problem = Problem.COUNTER
    advice = (
        "The key was used by another program with greater counters. Read 0.0.43.1.0.255 with the"
        " public client 16, or let the collector learn the counter anew."
    )


class Overtime(Trouble):
    problem = Problem.TIMEOUT
    advice = "What was read until then is kept; the rest is asked for next time."


class NotOurs(Trouble):
    problem = Problem.INTERRUPTED


class Unable(Exception):
    """The driver, or this meter, has no such ability."""


class NotDone(Exception):
    """One request came to nothing, and the session goes on. `problem` says in which way."""

    def __init__(self, told: str, problem: Problem = Problem.REFUSED) -> None:
        super().__init__(told)
        self.told = told
        self.problem = problem
