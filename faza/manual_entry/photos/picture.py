"""What a cleaned photo is, and why one is not taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a photo is not taken; `words.told` says it to its sender."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    """More bytes than are taken."""
    HEIC = "heic"
    """What phones of one maker write unless they are asked for what is compatible."""
    NOT_A_PHOTO = "not_a_photo"
    ANIMATED = "animated"
    TOO_LARGE = "too_large"
    """More pixels than are drawn."""
    BROKEN = "broken"
    """Cut off, or not what its first bytes say."""
    TOO_HARD = "too_hard"
    """Drawing it needed more memory or time than one photo may have."""


class BadPhoto(Exception):
    """A photo is not taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as it was drawn anew: JPEG of pixels alone, upright, with nothing beside them."""

    data: bytes
    width: int
    height: int
