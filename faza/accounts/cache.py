"""The cache that all processes share: counters of refused sign-ins, used codes, texts in force."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache


class SharedCache(FileBasedCache):
    """Files, as Django's own, with an `add` that only one of two processes wins.

    Django's looks first and writes then; of two guesses at once both would be let through.
    """

    def __init__(self, dir: str, params: dict[str, Any]) -> None:
        super().__init__(dir, params)
        self._held = Path(dir) / "lock"

    def add(
        self,
        key: str,
        value: object,
        timeout: Any = DEFAULT_TIMEOUT,  # seconds, None or Django's mark for "usual"
        version: int | None = None,
    ) -> bool:
        self._held.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._held.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            return bool(super().add(key, value, timeout, version))
