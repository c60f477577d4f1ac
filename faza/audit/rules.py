"""Which of what an entry tells is personal, and how an entry refers to what is kept apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping

PERSONAL = frozenset(
    {
        *("full_name", "phone", "email", "address", "legal_address", "actual_address", "inn"),
        *("document", "browser", "photo", "filters"),
    }
)
"""Keys that name a person or a home wherever they stand; other keys are told by the caller.

Source: design/rules.md, Personal data.
"""
REFERENCE = "$personal"


def keys_to_keep_apart(told: Mapping[str, object], personal: Collection[str]) -> list[str]:
    """The keys with personal values; nothing and an empty text tell nothing of anybody."""
    return [name for name in told if name in personal and told[name] not in (None, "")]


def reference(value: int) -> dict[str, int]:
    return {REFERENCE: value}


def find_reference(told: object) -> int | None:
    """The id of the PersonalValue that stands there by reference, if one does."""
    if isinstance(told, dict) and list(told) == [REFERENCE]:
        number = told[REFERENCE]
        return number if isinstance(number, int) else None
    return None
