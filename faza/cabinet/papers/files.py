"""The passports of all complexes of the chosen points as one table, a row for each complex."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet.choice import Chosen
from faza.cabinet.papers import facts, points, seen
from faza.cabinet.papers.seen import Access, Stood
from faza.contracts import access
from faza.metering.models import InstrumentTransformer, MeteringComplex, UsagePoint
from faza.metering.queries import complexes_of
from faza.ui.standing import ratio_words

AT_ONCE = 500
"""Points that are loaded together."""


def table(user: User, chosen: Chosen, *, at: datetime) -> Iterator[Sequence[object]]:
    """The head, then the rows, in the order of the network; a few questions for 500 points."""
    yield (
        _("Usage point"), _("Code"), _("Address"), _("Role"), _("From"), _("Until"),
        _("Meter"), _("Number"), _("Manufacturer"), _("Accuracy class"), _("Year"),
        _("Verified on"), _("Verified until"), _("Certificate"), _("Type approval"),
        _("Firmware"), _("Interface"), _("Current transformers"), _("Voltage transformers"),
        _("Ratio"),
    )  # fmt: skip
    ids = list(points.asked_of(user, chosen, at=at).by_place().values_list("id", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        rows = UsagePoint.objects.in_bulk(some)
        windows = access.windows_of(user, at=at, points=some)
        mine = seen.accesses(windows, at=at)
        found = seen.by_point(complexes_of(some), windows, at=at)
        for point in some:
            for one in found.get(point, ()):
                yield _row(rows[point], one, mine[point])


def _row(point: UsagePoint, one: Stood, mine: Access) -> tuple[object, ...]:
    held, zone = one.complex, ZoneInfo(point.zone)
    meter, model = held.meter, held.meter.model
    known = list(held.transformers.all())
    # What became of a meter after the person's time is not told.
    now = mine.end is None
    return (
        point.name, point.code, point.address, facts.ROLES[MeteringComplex.Role(held.role)],
        one.since.astimezone(zone).date() if one.since else None,
        one.until.astimezone(zone).date() if one.until else None,
        model.name, meter.number, model.manufacturer, facts.classes(model), meter.made_in,
        meter.verified_on if now else None, meter.verification_due if now else None,
        meter.certificate if now else "", model.type_approval,
        meter.firmware if now else "", meter.interface if now else "",
        _told(known, "CT"), _told(known, "VT"),
        held.ratio.numerator if held.ratio.denominator == 1 else ratio_words(held.ratio),
    )  # fmt: skip


def _told(known: Sequence[InstrumentTransformer], kind: str) -> str:
    own = sorted((one for one in known if one.kind == kind), key=lambda one: one.phase)
    return "; ".join(
        " ".join(filter(None, (one.phase, one.type_name, f"№ {one.number}",
                               f"{one.ratio_numerator}/{one.ratio_denominator}", one.accuracy)))
        for one in own
    )  # fmt: skip
