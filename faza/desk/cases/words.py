"""Colours that repeat the words of states."""

from __future__ import annotations

from faza.cases.rules import State

CSS = {
    State.NEW: "info",
    State.IN_WORK: "",
    State.ANSWERED: "good",
    State.CLOSED: "",
    State.REOPENED: "warn",
}
