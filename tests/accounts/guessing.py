"""What one of several processes does to the shared cache; imported by them without Django."""

import time

from faza.accounts.cache import SharedCache

KEYS = 200


def add_all(folder: str, start: float) -> int:
    """How many of the keys this process was the first to add."""
    cache = SharedCache(folder, {})
    time.sleep(max(0.0, start - time.time()))
    return sum(cache.add(f"guess {number}", 1) for number in range(KEYS))
