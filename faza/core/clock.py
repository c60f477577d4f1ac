"""What time it is, for those few who may ask: commands and pages; all else is given `at=`.

With a file the time stands still at the moment written in it, until the file says another one:
so tests and trials take a fleet of meters and its collector through weeks in minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Now = Callable[[], datetime]


def clock(file: Path | None = None) -> Now:
    """The machine's clock in UTC, or the one that a file shows (ISO 8601 with an offset).

    Raises, when asked, OSError if the file is not there, ValueError if it holds no such moment.
    """
    if file is None:
        return lambda: datetime.now(UTC)

    def shown() -> datetime:
        moment = datetime.fromisoformat(file.read_text().strip())
        if moment.tzinfo is None:
            raise ValueError(f"{file}: {moment} has no offset from UTC")
        return moment.astimezone(UTC)

    return shown
