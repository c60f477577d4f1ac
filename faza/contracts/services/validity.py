from __future__ import annotations

from datetime import datetime

from faza.metering.validity import Validity


class AlreadyEnded(Exception):
    """It ended at another moment, or had not begun by then."""


def end(held: Validity, valid_to: datetime) -> bool:
    """Set the end of a locked row; whether that changes it. Raises AlreadyEnded."""
    if held.valid_to == valid_to:
        return False
    if held.valid_to is not None or held.valid_from >= valid_to:
        raise AlreadyEnded(f"{held}: {held.period}, not to {valid_to}")
    held.valid_to = valid_to
    held.save(update_fields=["valid_to"])
    return True


def end_sooner(held: Validity, valid_to: datetime) -> bool:
    """As end, also of what would have ended later: its term was set when it was given."""
    if held.valid_to is not None and held.valid_from < valid_to < held.valid_to:
        held.valid_to = None
    return end(held, valid_to)
