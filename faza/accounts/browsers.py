"""What a browser calls itself, in few words."""

from __future__ import annotations

from ua_parser import parse

LONGEST = 400
"""So much of a header is read: it is typed by whoever asks."""


def name_of(user_agent: str) -> str:
    """`Chrome 130, Windows`; empty for what nobody knows."""
    found = parse(user_agent[:LONGEST])
    browser, system = found.user_agent, found.os
    words = []
    if browser:
        words.append(" ".join(filter(None, (browser.family, browser.major))))
    if system:
        words.append(system.family)
    return ", ".join(words)[:120]
