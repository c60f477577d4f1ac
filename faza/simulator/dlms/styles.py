"""How models of meters differ in what they say of the same things, as real ones do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Habits of a model.

    tells_deviation: whether stamps carry the distance to UTC; clocks of the others are read with
    a zone that the reader knows. order: of A+ A- R+ R- in profiles. has_status: whether load
    profile 1 has a column 0.0.96.10.1 (bit 2: do not trust). takes_lists: GET and SET of several
    attributes at once. takes_ranges: rows by their stamps; the others give them by number only.
    hundredths: what stands in a clock's last part, 0xFF for nothing.
    """

    tells_deviation: bool = True
    order: tuple[int, int, int, int] = (0, 1, 2, 3)
    has_status: bool = False
    takes_lists: bool = True
    takes_ranges: bool = True
    hundredths: int = 0


STYLES: dict[str, Style] = {
    "SIM-3U": Style(tells_deviation=False, hundredths=0xFF),
    "SIM-3S": Style(order=(2, 3, 0, 1), has_status=True),
    "SIM-3E": Style(takes_lists=False, takes_ranges=False),
}
"""By model; all others have the usual ones."""


def style_of(model: str) -> Style:
    return STYLES.get(model, Style())
