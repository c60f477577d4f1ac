"""The filters of the journal, which are its statistics as well: by importance, category, device."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from faza.cabinet.choice import Chosen
from faza.cabinet.events import asking, words
from faza.cabinet.events.asking import Asked
from faza.events.journal import Facets, Line, Tally
from faza.events.kinds import Device
from faza.ui import addresses, formats


@dataclass(frozen=True, slots=True)
class Bar:
    """One of the statistics: how many, in a hundred of the greatest, and where it leads."""

    label: str
    note: str
    count: str
    share: int
    url: str
    is_on: bool
    icon: str = ""


def levels(
    facets: Facets, asked: Asked, query: QueryDict
) -> tuple[tuple[str, str, str, bool], ...]:
    """(level, label with how many, address, whether chosen): all of them, then each."""
    counts = {
        level: sum(facets.importances.get(one, 0) for one in several)
        for level, several in asking.IMPORTANCES.items()
    }
    made: list[tuple[str, str, int, str | None, bool]] = []
    made.append(("", _("All"), sum(counts.values()), None, asked.level is None))
    for level, count in counts.items():
        label = capfirst(str(words.LEVELS[level]))
        made.append((level.value, label, count, level.value, asked.level == level))
    return tuple(
        (
            level, f"{label}{formats.NBSP}{formats.number(count)}",
            addresses.changed(query, level=value, page=None), is_on,
        )
        for level, label, count, value, is_on in made
    )  # fmt: skip


def categories(facets: Facets, asked: Asked, query: QueryDict) -> tuple[Bar, ...]:
    counts = {one: facets.categories.get(one, 0) for one in asked.categories}
    counts |= facets.categories
    most = max(counts.values(), default=0)
    chosen = [one.value for one in asked.categories]
    return tuple(
        Bar(
            label=capfirst(str(one.label)), note="", count=formats.number(n),
            share=-(-100 * n // most) if most else 0,
            url=addresses.changed(
                query, category=addresses.toggled(chosen, one.value), page=None
            ),
            is_on=one in asked.categories,
        )
        for one, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].value))
    )  # fmt: skip


def devices(
    facets: Facets, asked: Asked, query: QueryDict, tally: Tally, lines: Sequence[Line],
    chosen: Chosen,
) -> tuple[Bar, ...]:  # fmt: skip
    """Every kind of device, with the names of those that serve many points."""
    named: dict[Device, list[str]] = defaultdict(list)
    for line in tally.above:
        if line.name and line.name not in named[line.device]:
            named[line.device].append(line.name)
    points = {point.id: point.name for point in chosen.points}
    for line in lines:
        name = points.get(line.usage_point, "")
        if name and name not in named[line.device]:
            named[line.device].append(name)
    notes = {Device.SYSTEM: _("reading and checking of data")}
    picked = [one.value for one in asked.devices]
    made = []
    for one in (Device.METER, Device.CONCENTRATOR, Device.MODEM, Device.SYSTEM):
        several = named[one]
        note = ", ".join(several[:3]) + ("…" if len(several) > 3 else "")
        made.append(
            Bar(
                label=capfirst(str(one.label)), note=notes.get(one, note),
                count=formats.number(facets.devices.get(one, 0)), share=0,
                url=addresses.changed(
                    query, device=addresses.toggled(picked, one.value), page=None
                ),
                is_on=one in asked.devices, icon=words.ICONS[one],
            )
        )  # fmt: skip
    return tuple(made)
