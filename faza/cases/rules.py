"""The way of a case as one table: in which state what may be done, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

DUE_WORKING_DAYS = 3
"""By when a case is to be answered: a promise of the network company, not a law."""

LONGEST = timedelta(days=400)
"""A longer stretch is no question about readings; a year and its edges fit."""

MOST_A_DAY = 20
"""So many cases one person may open in 24 hours; a choice of ours against floods."""

LONGEST_TEXT = 4000


class State(StrEnum):
    NEW = "new"
    IN_WORK = "in_work"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


class Subject(StrEnum):
    """What a case is about, as the asker picks it."""

    ESTIMATE = "estimate"
    VALUE = "value"
    MISSING = "missing"
    OTHER = "other"


class Move(StrEnum):
    """What is done to a case: SAY and END by its asker, the others by the desk."""

    ASSIGN = "assign"
    RELEASE = "release"
    WRITE = "write"
    NOTE = "note"
    ANSWER = "answer"
    CLOSE = "close"
    SAY = "say"
    END = "end"


WAITING = frozenset({State.NEW, State.REOPENED, State.IN_WORK})
"""States in which a case waits for the desk."""

OPEN = WAITING | {State.ANSWERED}

MOVES: dict[tuple[State, Move], State] = {
    **{(state, Move.ASSIGN): State.IN_WORK for state in WAITING},
    (State.IN_WORK, Move.RELEASE): State.NEW,
    (State.REOPENED, Move.RELEASE): State.NEW,
    **{(state, Move.WRITE): state for state in OPEN},
    **{(state, Move.NOTE): state for state in State},
    **{(state, Move.ANSWER): State.ANSWERED for state in WAITING},
    # What nobody has answered the desk cannot close.
    (State.ANSWERED, Move.CLOSE): State.CLOSED,
    **{(state, Move.SAY): state for state in WAITING},
    (State.ANSWERED, Move.SAY): State.REOPENED,
    (State.CLOSED, Move.SAY): State.REOPENED,
    **{(state, Move.END): State.CLOSED for state in OPEN},
}
"""What is not here is not possible."""


class WrongMove(Exception):
    """A case cannot go there from where it is: somebody was faster."""

    def __init__(self, state: State, move: Move) -> None:
        self.state, self.move = state, move
        super().__init__(f"{move}: not possible from {state}")


def after(state: State, move: Move) -> State:
    """The state after a move. Raises WrongMove for one that the table does not have."""
    found = MOVES.get((state, move))
    if found is None:
        raise WrongMove(state, move)
    return found


def is_possible(state: State, move: Move) -> bool:
    return (state, move) in MOVES
