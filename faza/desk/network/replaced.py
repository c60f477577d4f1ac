"""What came, went and changed at a point, with what the meters showed then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from faza.desk.network import counted
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings import registers
from faza.readings.models import RegisterReading
from faza.ui.standing import ratio_words

CLOSING, OPENING = RegisterReading.Kind.CLOSING, RegisterReading.Kind.OPENING


@dataclass(frozen=True, slots=True)
class Replaced:
    """What happened at a moment, and what the meters showed then in the unit of what they count;
    None where not told."""

    at: datetime
    what: str | Promise
    about: str
    closing: Decimal | None
    opening: Decimal | None


Shown = dict[tuple[int, datetime, int], Decimal]


def replacements(complexes: Sequence[MeteringComplex], shown: Shown) -> tuple[Replaced, ...]:
    """What came, went and changed, newest first; of complexes oldest first."""
    found = []
    for before, one in zip([None, *complexes], complexes, strict=False):
        touching = before is not None and before.valid_to == one.valid_from
        if touching:
            assert before is not None
            found.append(_replaced(before, one, shown))
            continue
        if before is not None and before.valid_to is not None:
            found.append(_removed(before, shown))
        opening = shown.get((one.meter_id, one.valid_from, OPENING))
        about = f"{one.meter.model} № {one.meter.number}"
        found.append(Replaced(one.valid_from, gettext_lazy("Installed"), about, None, opening))
    if complexes and complexes[-1].valid_to is not None:
        found.append(_removed(complexes[-1], shown))
    return tuple(reversed(found))


def _replaced(before: MeteringComplex, one: MeteringComplex, shown: Shown) -> Replaced:
    closing = shown.get((before.meter_id, one.valid_from, CLOSING))
    opening = shown.get((one.meter_id, one.valid_from, OPENING))
    if before.meter_id != one.meter_id:
        about = f"№ {before.meter.number} → № {one.meter.number}"
        return Replaced(one.valid_from, gettext_lazy("Meter"), about, closing, opening)
    about = f"{ratio_words(before.ratio)} → {ratio_words(one.ratio)}"
    return Replaced(one.valid_from, gettext_lazy("Ratio"), about, closing, opening)


def _removed(one: MeteringComplex, shown: Shown) -> Replaced:
    assert one.valid_to is not None
    closing = shown.get((one.meter_id, one.valid_to, CLOSING))
    return Replaced(
        one.valid_to, gettext_lazy("Taken away"), f"№ {one.meter.number}", closing, None
    )


def shown_at_changes(point: UsagePoint) -> Shown:
    """What meters of a point showed of what is consumed when they came and went. One query."""
    main = counted.main(point.resource)
    rows = list(
        RegisterReading.objects.filter(usage_point=point, kind__in=[CLOSING, OPENING])
        .values_list("meter_id", "at", "kind", "present", "registers")
        .order_by("at")
    )
    values, present = registers.unpack([row[3] for row in rows], [bytes(row[4]) for row in rows])
    return {
        (meter, moment, kind): Decimal(int(values[place, main])) / counted.whole(main)
        for place, (meter, moment, kind, _mask, _blob) in enumerate(rows)
        if present[place, main]
    }
