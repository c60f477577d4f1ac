"""The states of a connection, as a table: state → what is asked or comes → state.

What the table does not have is a WrongStep where we ask for it, and Malformed where the meter
sends it. DataNotification and EventNotification come in every state but LOST, and change none.
Source: Green Book 8, 9.4.3 (client states); IEC 62056-53, 7.2.
"""

from __future__ import annotations

from enum import StrEnum

from faza.protocols.dlms import apdu, events


class State(StrEnum):
    IDLE = "idle"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    ASSOCIATING = "associating"
    PROVING = "proving"  # passes 3 and 4 of HLS
    READY = "ready"
    GETTING = "getting"
    SETTING = "setting"
    ACTING = "acting"
    RELEASING = "releasing"
    DISCONNECTING = "disconnecting"
    LOST = "lost"  # after Malformed and TryLater: only a new connection helps


class Challenged:
    """The meter wants our proof: an AARE with a challenge."""


class Unwelcome:
    """The meter refuses the association."""


TABLE: dict[State, dict[type, State]] = {
    State.IDLE: {events.Connect: State.CONNECTING},
    State.CONNECTING: {events.Connected: State.CONNECTED},
    State.CONNECTED: {
        events.Associate: State.ASSOCIATING,
        events.Disconnect: State.DISCONNECTING,
    },
    State.ASSOCIATING: {
        Challenged: State.PROVING,
        events.Associated: State.READY,
        Unwelcome: State.CONNECTED,
    },
    State.PROVING: {
        events.Associated: State.READY,
        Unwelcome: State.CONNECTED,
    },
    State.READY: {
        events.Get: State.GETTING,
        events.GetList: State.GETTING,
        events.Set: State.SETTING,
        events.SetList: State.SETTING,
        events.Action: State.ACTING,
        events.Release: State.RELEASING,
        events.Disconnect: State.DISCONNECTING,
    },
    State.GETTING: {
        apdu.GetBlock: State.GETTING,
        events.Got: State.READY,
        events.GotList: State.READY,
        events.Refused: State.READY,
    },
    State.SETTING: {
        apdu.SetBlockTaken: State.SETTING,
        events.Done: State.READY,
        events.DoneList: State.READY,
        events.Refused: State.READY,
    },
    State.ACTING: {
        apdu.ActionBlockTaken: State.ACTING,
        apdu.ActionResponseBlock: State.ACTING,
        events.Acted: State.READY,
        events.Refused: State.READY,
    },
    State.RELEASING: {
        events.Released: State.CONNECTED,
        events.Refused: State.READY,
    },
    State.DISCONNECTING: {events.Disconnected: State.IDLE},
    State.LOST: {},
}
