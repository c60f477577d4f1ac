"""A mark for words that are translated where they are shown, and stored or told in English.

Django has the same under this name, but it asks for settings, and `faza read` needs none.
"""

from __future__ import annotations


def gettext_noop(words: str) -> str:
    """The words as they are; `tools/messages.py` gathers them."""
    return words
