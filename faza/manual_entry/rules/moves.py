"""The way of a typed reading as one table: in which state what may be done."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    SENT = "sent"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """Approved, and taken back by the desk; it counts no more."""
    REPLACED = "replaced"
    """The sender has sent another one before the desk looked at it."""


class Move(StrEnum):
    """REPLACE is the sender's, the others are the desk's."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REPLACE = "replace"


MOVES: dict[tuple[State, Move], State] = {
    (State.SENT, Move.APPROVE): State.APPROVED,
    (State.SENT, Move.REFUSE): State.REFUSED,
    (State.SENT, Move.REPLACE): State.REPLACED,
    (State.APPROVED, Move.WITHDRAW): State.WITHDRAWN,
}


class WrongMove(Exception):
    """In this state it may not be done; `state` is the one it is in."""

    def __init__(self, state: State, move: Move) -> None:
        super().__init__(f"{move} of a reading that is {state}")
        self.state, self.move = state, move


def moved(state: State, move: Move) -> State:
    """The state after a move. Raises WrongMove."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongMove(state, move) from None
