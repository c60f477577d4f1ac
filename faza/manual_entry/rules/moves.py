"""The way of a typed reading as one table: in which state what may be done."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    SENT = "sent"
    ASKED = "asked"
    """The desk has asked the subscriber something, and waits for the answer."""
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """Approved, and taken back by the desk; it counts no more."""
    REPLACED = "replaced"
    """The sender has sent another one before the desk looked at it."""


WAITING = frozenset({State.SENT, State.ASKED})
"""Not decided yet; of a meter one such at most."""


class Move(StrEnum):
    """REPLACE and ANSWER are the sender's, the others are the desk's."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REPLACE = "replace"
    ASK = "ask"
    ANSWER = "answer"
    UNDO = "undo"
    """A decision of a moment ago is taken back by who made it."""


MOVES: dict[tuple[State, Move], State] = {
    **{(state, Move.APPROVE): State.APPROVED for state in WAITING},
    **{(state, Move.REFUSE): State.REFUSED for state in WAITING},
    **{(state, Move.REPLACE): State.REPLACED for state in WAITING},
    **{(state, Move.ASK): State.ASKED for state in WAITING},
    (State.ASKED, Move.ANSWER): State.SENT,
    (State.APPROVED, Move.UNDO): State.SENT,
    (State.REFUSED, Move.UNDO): State.SENT,
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
