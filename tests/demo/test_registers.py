"""The demo's register readings agree with the intervals that are stored."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from faza.core.quality import Quality
from faza.demo import plan
from faza.demo.plan import MODELS, POINTS
from faza.demo.profiles import SLOTS
from faza.demo.scenario import REPLACED, SILENT
from faza.metering.models import MeteringComplex
from faza.readings import registers
from faza.readings.models import RegisterReading, UnassignedReading
from tests.demo.looking import Made

Kind = RegisterReading.Kind


def readings(made: Made, name_or_code: str, kind: Kind) -> dict[int, list[tuple[datetime, list]]]:
    """Readings of a kind by meter: moments with the 36 registers, None where absent."""
    code = name_or_code
    if code not in made.ids:
        code = POINTS[plan.BY_NAME[code]].code
    rows = RegisterReading.objects.filter(usage_point_id=made.ids[code], kind=kind).order_by("at")
    found: dict[int, list[tuple[datetime, list]]] = {}
    for row in rows:
        values, present = registers.unpack([row.present], [bytes(row.registers)])
        shown = [int(v) if p else None for v, p in zip(values[0], present[0], strict=True)]
        found.setdefault(row.meter_id, []).append((row.at, shown))
    return found


def test_every_point_agrees_day_by_day_within_a_step(made):
    ratios = {c.meter_id: c.ratio for c in MeteringComplex.objects.all()}
    checked: Counter[str] = Counter()
    wrong = {
        (POINTS[flaw.point].code, made.scenario.since + timedelta(days=flaw.first // SLOTS))
        for flaw in made.scenario.flaws()
        if flaw.kind != "jump"
    }
    for point in POINTS:
        step = 10 ** (3 - MODELS[point.model].decimals)
        for meter, rows in readings(made, point.code, Kind.DAY).items():
            for channel in point.channels:
                kind = plan.FULL.index(channel) + 1
                days, values, quality = made.channels[point.code, kind]
                whole = (quality != Quality.MISSING).all(axis=1)
                sums = {d: v.sum() for d, v, w in zip(days, values, whole, strict=True) if w}
                total = registers.register(kind)
                for (at, shown), (after, later) in zip(rows, rows[1:], strict=False):
                    day = at.astimezone(ZoneInfo(point.zone)).date()
                    if after - at != timedelta(days=1) or day not in sums:
                        continue
                    if (point.code, day) in wrong:
                        continue
                    difference = (later[total] - shown[total]) * ratios[meter]
                    assert abs(difference - sums[day]) < step * ratios[meter], (point.name, day)
                    checked[point.code] += 1
    expected = {point.code for point in POINTS if not point.by_hand}
    assert set(checked) == expected
    assert min(checked.values()) > 30


@pytest.mark.parametrize(("name", "zones"), [("Дом", 2), ("Квартира 46", 3), ("Аптека", 1)])
def test_zones_add_up_to_the_total(made, name, zones):
    (rows,) = readings(made, name, Kind.DAY).values()
    for _, shown in rows:
        assert [value is not None for value in shown[:9]] == [True] * (zones + 1) + [False] * (
            8 - zones
        )
        assert 0 <= shown[0] - sum(shown[1 : zones + 1]) <= 10 * zones


def test_months_begin_with_a_reading_at_every_point_that_is_read(made):
    firsts = {datetime(2026, month, 1, tzinfo=ZoneInfo("Europe/Moscow")) for month in (9, 10, 11)}
    for point in POINTS:
        found = readings(made, point.code, Kind.MONTH)
        moments = {at for rows in found.values() for at, _ in rows}
        if point.by_hand:
            assert not moments
        elif point.zone == plan.MOSCOW:
            assert moments == firsts


def test_two_meters_are_read_by_their_owner_in_whole_kwh(made):
    for name in ("Баня", "Гараж"):
        ((rows),) = readings(made, name, Kind.MANUAL).values()
        # That of November waits for the desk.
        assert [at.astimezone(UTC).date().day for at, _ in rows] == [20, 20]
        assert all(shown[0] % 1000 == 0 for _, shown in rows)
        assert 20_000 < rows[-1][1][0] - rows[0][1][0] < 600_000


def test_a_silent_meter_shows_nothing_more(made):
    (rows,) = readings(made, SILENT, Kind.DAY).values()
    assert rows[-1][0].astimezone(ZoneInfo(plan.MOSCOW)).date() == made.scenario.ago(2)


def test_the_shop_got_another_meter_and_other_transformers(made):
    old, new = MeteringComplex.objects.filter(
        usage_point__name=REPLACED, role="billing"
    ).order_by("valid_from")  # fmt: skip
    assert (str(old.ratio), str(new.ratio)) == ("30", "40")
    assert old.valid_to == new.valid_from
    assert old.transformers.count() == new.transformers.count() == 3
    closing = readings(made, REPLACED, Kind.CLOSING)
    opening = readings(made, REPLACED, Kind.OPENING)
    assert {m: [at for at, _ in rows] for m, rows in closing.items()} == {
        old.meter_id: [old.valid_to]
    }
    assert {m: [at for at, _ in rows] for m, rows in opening.items()} == {
        new.meter_id: [new.valid_from]
    }
    assert opening[new.meter_id][0][1][0] == 0


def test_the_day_of_the_replacement_adds_up_over_both_meters(made):
    day, slot = made.scenario.replaced
    values, quality = made.of(REPLACED)
    first = made.scenario.slot(day)
    consumed = values[first : first + SLOTS].sum()
    assert not quality[first : first + SLOTS].any()
    daily = readings(made, REPLACED, Kind.DAY)
    (old, last), (new, start) = (
        (meter, rows[0][1][0])
        for kind in (Kind.CLOSING, Kind.OPENING)
        for meter, rows in readings(made, REPLACED, kind).items()
    )
    told = (last - daily[old][-1][1][0]) * 30 + (daily[new][0][1][0] - start) * 40
    assert abs(told - consumed) < 10 * 30 + 10 * 40
    assert np.count_nonzero(values[first:slot]) == slot - first


def test_no_reading_waits_unassigned(made):
    assert not UnassignedReading.objects.exists()
