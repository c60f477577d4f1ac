"""The demo's simulated meters go on where its made readings end: same numbers, same gaps."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from faza.core.quality import Quality
from faza.demo import fleet, making, meters, plan, registers
from faza.demo.fleet import Metered
from faza.demo.loads import Truth
from faza.demo.plan import MOSCOW, POINTS
from faza.demo.scenario import REPLACED, SILENT, STEP
from faza.metering.models import MeteringComplex
from faza.readings import registers as stored_registers
from faza.readings.models import RegisterReading
from faza.simulator.meter import Meter
from tests.demo.looking import AT, Made

TODAY = AT.astimezone(ZoneInfo(MOSCOW)).date()
LATER = AT + timedelta(days=2)
"""So long the meters have gone on when they are read here."""


@pytest.fixture(scope="module")
def flows(made: Made) -> Truth:
    return making.truth_of(made.scenario, AT, days=fleet.AHEAD + 1)


@pytest.fixture(scope="module")
def found(made: Made, flows: Truth, django_db_blocker) -> dict[int, Metered]:
    with django_db_blocker.unblock():
        zones = registers.zones_of_half_hours(made.scenario.since)
    return {one.place: one for one in fleet.of(flows, made.scenario, zones, TODAY)}


def rows(made: Made, one: Metered, which: Literal[1, 2] = 1):
    """Places of half-hours in the series, and the rows of a profile that the meter holds."""
    meter = Meter(one.spec)
    told = meter.profile(which, LATER)
    since = datetime.combine(made.scenario.since, datetime.min.time(), ZoneInfo(one.point.zone))
    start = int(since.timestamp())
    return (told.ends.astype(np.int64) - start) // int(STEP.total_seconds()) - 1, told


def test_all_are_read_but_those_by_hand_and_the_factory(found):
    assert len(found) == 56
    numbers = MeteringComplex.objects.filter(valid_to=None).values_list(
        "usage_point__code", "meter__number", "ct_numerator", "vt_numerator"
    )
    known = {code: number for code, number, *_ in numbers}
    assert all(known[one.point.code] == one.spec.number for one in found.values())


def test_intervals_are_those_of_the_truth_before_and_after_the_seam(made, found, flows):
    checked = 0
    for n, one in found.items():
        if one.point.name == fleet.DRIFTING:
            continue
        places, told = rows(made, one)
        for column, channel in enumerate(told.columns):
            if column not in one.spec.channels:
                continue
            primary = told.values[:, column] * (channel.scale * one.spec.ratio)
            assert (primary == flows.primary[column, n, places]).all(), one.point.name
        known = made.scenario.known(n, made.prepared.until)
        checked += ((places >= known) & (places < known + 90)).sum()
    assert checked > 54 * 90


def test_stored_registers_are_what_the_meters_show(made, found):
    checked = 0
    for one in found.values():
        kept = Meter(one.spec).captured("day", AT)
        shown = {
            int(at.astype("M8[s]").astype(np.int64)): (value, there)
            for at, value, there in zip(kept.moments, kept.values, kept.present, strict=True)
        }
        meter = MeteringComplex.objects.get(
            usage_point__code=one.point.code, valid_to=None
        ).meter_id
        for row in RegisterReading.objects.filter(meter_id=meter, kind=RegisterReading.Kind.DAY):
            at = int(row.at.timestamp())
            if at not in shown or one.point.name == fleet.DRIFTING:
                continue
            values, present = stored_registers.unpack([row.present], [bytes(row.registers)])
            wanted, there = shown[at]
            mask = np.zeros((4, 9), bool)
            mask[list(one.spec.channels)] = there[list(one.spec.channels)]
            energies = present[0][: mask.size]
            assert (energies == mask.reshape(-1)).all(), one.point.name
            assert not present[0][mask.size :].any(), one.point.name
            assert (values[0][: mask.size][energies] == wanted.reshape(-1)[energies]).all()
            checked += 1
    assert checked > 50 * 28


def test_the_new_meter_of_the_shop_counts_behind_its_new_transformers(found):
    spec = found[plan.BY_NAME[REPLACED]].spec
    assert (spec.ct, spec.vt) == (40, 1)


def test_what_was_lost_is_not_in_the_meters_memory(made, found):
    places, _ = rows(made, found[plan.BY_NAME["Мастерская"]])
    first = made.scenario.slot(made.scenario.ago(4), 20)
    assert not np.isin(np.arange(first, first + 28), places).any()
    assert {first - 1, first + 28} <= set(places.tolist())


def test_voltages_and_currents_are_those_that_are_stored(made, found):
    one = found[plan.BY_NAME[REPLACED]]
    places, told = rows(made, one, 2)
    known = made.scenario.known(one.place, made.prepared.until)
    for column, kind in enumerate(told.columns):
        if kind.kind.quantity not in {"voltage", "current"}:
            continue
        if kind.kind.code not in one.spec.load.parameters:
            continue
        values, quality = made.of(REPLACED, kind.kind.code)
        ratio = one.spec.ct if kind.kind.code in meters.CURRENTS else 1
        before = (places < known) & (quality[np.minimum(places, known)] == Quality.VALID)
        assert (told.values[before, column] * ratio == values[places[before]]).all()
        assert before.sum() > 16 * 48


def test_the_silent_flat_is_out_of_reach_and_all_others_are_not(found):
    silent = [one for one in found.values() if not Meter(one.spec).is_reachable(AT)]
    assert [one.point.name for one in silent] == [SILENT]
    assert Meter(replace(silent[0].spec)).is_reachable(AT - timedelta(days=5))


def test_a_clock_drifts_and_a_magnet_comes(found):
    drifting = Meter(found[plan.BY_NAME[fleet.DRIFTING]].spec)
    off = (drifting.shown(AT) - AT).total_seconds()
    assert 15 < off < 40
    magnet = Meter(found[plan.BY_NAME[fleet.MAGNET]].spec)
    events = magnet.journal(4, LATER + timedelta(days=6))
    assert events.codes.tolist()[:4] == [1, 2, 1, 2]


def test_all_keys_and_addresses_are_told_to_the_meters(found):
    entered = {one.spec.access.mechanism for one in found.values()}
    assert entered == {"lls", "hls5"}
    titles = {one.spec.access.system_title for one in found.values()}
    assert len(titles) == len(found) == len({POINTS[n].code for n in found})
