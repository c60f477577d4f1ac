"""What this process has done since it began, by name: numbers that only grow.

They are told by whoever is asked for figures (docs/reference/metrics.md), and are lost with the
process.
"""

from __future__ import annotations

import threading
from collections import Counter

VALUES = "values"
"""Interval values that were new or other than what was stored."""
SESSIONS = "sessions"
"""Conversations with meters whose result was stored."""
JOBS = "jobs"
"""Jobs that were run, whatever came of them."""

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def add(name: str, count: int = 1) -> None:
    """Count something done; from any thread."""
    if count:
        with _lock:
            _counts[name] += count


def told() -> dict[str, int]:
    """All numbers, as they are now."""
    with _lock:
        return dict(_counts)
