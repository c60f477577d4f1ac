"""The way of an application as one table: in which state what may be done, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

UNDO = timedelta(minutes=15)
"""How long a decision can be taken back. Source: design/mockups/desk/requests.png."""

DUE_WORKING_DAYS = 1
"""By when an application is to be decided. Source: design/product.md, 1."""


class State(StrEnum):
    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    CORRECTION = "correction"
    APPROVED = "approved"
    REFUSED = "refused"


class Move(StrEnum):
    """What is done to an application: by the subscriber or by the operator."""

    CONFIRM = "confirm"
    TAKE = "take"
    RELEASE = "release"
    APPROVE = "approve"
    REFUSE = "refuse"
    ASK = "ask"
    CORRECT = "correct"
    WRITE = "write"
    REOPEN = "reopen"


OPEN = frozenset({State.UNCONFIRMED, State.WAITING, State.CORRECTION})
"""States in which an application is still under way; a user has one such at a time."""

DECIDED = frozenset({State.APPROVED, State.REFUSED})

_IN_WORK = (State.WAITING, State.CORRECTION)

MOVES: dict[tuple[State, Move], State] = {
    (State.UNCONFIRMED, Move.CONFIRM): State.WAITING,
    (State.CORRECTION, Move.CORRECT): State.WAITING,
    **{(state, Move.TAKE): state for state in _IN_WORK},
    **{(state, Move.RELEASE): state for state in _IN_WORK},
    **{(state, Move.APPROVE): State.APPROVED for state in _IN_WORK},
    **{(state, Move.REFUSE): State.REFUSED for state in _IN_WORK},
    (State.WAITING, Move.ASK): State.CORRECTION,
    **{(state, Move.WRITE): state for state in (*_IN_WORK, State.REFUSED)},
    **{(state, Move.REOPEN): State.WAITING for state in DECIDED},
}
"""What is not here is not possible."""


class WrongMove(Exception):
    """An application cannot go there from where it is: the message names both states."""

    def __init__(self, state: State, move: Move) -> None:
        self.state, self.move, self.wanted = state, move, wanted(move)
        super().__init__(f"{move}: from {state}, not possible to {self.wanted or 'any state'}")


class AlreadyDecided(WrongMove):
    """Somebody was faster: the application is approved or refused already."""


def wanted(move: Move) -> State | None:
    """The state that a move leads to; None for those that leave the state as it is."""
    to = {after for (before, made), after in MOVES.items() if made == move and before != after}
    return to.pop() if len(to) == 1 else None


def after(state: State, move: Move) -> State:
    """The state after a move.

    Raises AlreadyDecided where somebody decided before, WrongMove for every other move that
    the table does not have.
    """
    found = MOVES.get((state, move))
    if found is None:
        raise (AlreadyDecided if state in DECIDED else WrongMove)(state, move)
    return found
