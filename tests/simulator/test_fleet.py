"""Fleets: from a seed, from a file, at ports, with faults, and how each meter is reached."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faza.simulator import fleetfile, mishaps
from faza.simulator.faults import Faults, Kind
from faza.simulator.fleet import Fleet, Mix, arranged, connections, make
from faza.simulator.spec import MeterSpec

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=60)


def fleet(count: int = 40, seed: int = 7, **mix: Any) -> Fleet:
    return make(count, seed=seed, since=SINCE, until=UNTIL, mix=Mix(**mix), first_port=4059)


def test_the_same_seed_gives_the_same_fleet() -> None:
    one, other, third = (
        [(m.spec.number, m.spec.access, m.spec.faults) for m in fleet(seed=seed, often=1).meters]
        for seed in (7, 7, 8)
    )
    assert one == other
    assert one != third


def test_numbers_are_unique_and_so_are_keys_and_successors() -> None:
    meters = fleet(200, often=3).meters
    assert len({meter.spec.number for meter in meters}) == 200
    assert len({meter.spec.access.encryption_key for meter in meters}) == 200
    successors = [
        fault.number
        for meter in meters
        for fault in meter.spec.faults.scheduled
        if fault.kind is Kind.REPLACED
    ]
    assert successors
    assert not set(successors) & {meter.spec.number for meter in meters}
    assert {len(number) for number in successors} == {8}


def test_it_has_what_real_fleets_have() -> None:
    specs = [meter.spec for meter in fleet(200, often=1).meters]
    assert {spec.register_step for spec in specs} == {1, 10}
    assert {int(spec.ratio) for spec in specs} == {1, 12_000}
    assert {spec.access.mechanism for spec in specs} == {"lls", "hls5"}
    assert {spec.max_pdu for spec in specs} == {100, 1024, 65535}
    assert {spec.phases for spec in specs} == {1, 3}
    assert sum(spec.faults.line.drop > 0 for spec in specs) > 20


def test_some_registers_roll_over_soon() -> None:
    near = [meter for meter in fleet(200, often=1).meters if meter.spec.registers is not None]
    before = [meter.registers(SINCE)[0, 0] for meter in near]
    after = [meter.registers(UNTIL)[0, 0] for meter in near]
    assert min(before) > 999_000_000
    assert any(later < earlier for earlier, later in zip(before, after, strict=True))


def test_wrapper_meters_have_ports_and_others_share_lines() -> None:
    found = fleet(40, hdlc=0.5, mercury=0.1, per_line=8)
    sizes = [(place.driver, len(place.meters)) for place in found.places]
    assert sizes == [("wrapper", 1)] * 16 + [("hdlc", 8)] * 2 + [("hdlc", 4), ("mercury230", 4)]
    assert [place.port for place in found.places] == list(range(4059, 4059 + 20))
    for place in found.places:
        assert len({meter.spec.address for meter in place.meters}) == len(place.meters)


def test_meters_of_one_address_on_a_line_get_others() -> None:
    found = arranged([MeterSpec(number=str(n), driver="hdlc") for n in range(3)])
    assert [meter.spec.address for meter in found.meters] == [17, 18, 19]


def test_more_ports_than_there_are_are_refused() -> None:
    with pytest.raises(ValueError):
        make(2000, seed=1, since=SINCE, until=UNTIL, first_port=65_000)


def test_connections_say_how_each_is_reached() -> None:
    found = fleet(40, hdlc=0.25, mercury=0.1, hls=1)
    told = connections(found, "10.0.0.1", range(100, 200))
    assert len(told) == 40
    assert json.loads(json.dumps(told)) == told
    by_driver = {entry["driver"]: entry for entry in told}
    wrapper, hdlc, mercury = (
        by_driver[name] for name in ("dlms-wrapper", "dlms-hdlc", "mercury230")
    )
    assert wrapper["address"] == {"server": 1}
    assert isinstance(wrapper["credentials"], dict)
    assert wrapper["credentials"]["client"] == 48
    assert len(str(wrapper["credentials"]["encryption_key"])) == 32
    assert isinstance(hdlc["address"], dict)
    assert hdlc["address"]["logical"] == 1
    assert mercury["credentials"] == {"mechanism": "lls", "level": 1, "password": "111111"}
    assert told[0]["port"] == 100


class TestMishaps:
    def test_without_faults_there_are_none(self) -> None:
        assert mishaps.seeded(1, since=SINCE, until=UNTIL, often=0) == Faults()

    def test_a_longer_stretch_only_adds(self) -> None:
        short, long = (
            mishaps.seeded(5, since=SINCE, until=until, often=3, number="00000001").scheduled
            for until in (SINCE + timedelta(days=30), UNTIL)
        )
        assert long[: len(short)] == short
        assert len(long) > len(short)
        assert all(SINCE <= fault.at < UNTIL for fault in long)

    def test_each_kind_comes(self) -> None:
        kinds = {
            fault.kind
            for seed in range(60)
            for fault in mishaps.seeded(1000 * seed, since=SINCE, until=UNTIL, number="1").scheduled
        }
        assert kinds == set(Kind)


class TestFile:
    def read(self, tmp_path: Path, *meters: Any) -> Fleet:
        file = tmp_path / "fleet.json"
        file.write_text(json.dumps({"meters": meters}))
        return fleetfile.read(file, since=SINCE, until=UNTIL, first_port=5000, per_line=8)

    def test_a_meter_needs_a_number_only(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, {"number": "1"}, {"number": "2"})
        assert [meter.spec.seed for meter in found.meters] == [1, 2]
        assert [place.port for place in found.places] == [5000, 5001]
        assert found.meters[0].spec.installed_at == SINCE

    def test_all_can_be_told(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "loads.npz", one=np.full((4, 96), 70))
        (meter,) = self.read(
            tmp_path,
            {
                "number": "1",
                "driver": "hdlc",
                "address": 33,
                "ct": "120",
                "vt": "3/2",
                "profile_step": 1,
                "installed_at": "2026-03-02T00:00+03:00",
                "access": {"mechanism": "hls5", "encryption_key": "00" * 16, "password": "x"},
                "calendar": "1 zone",
                "registers": [[10, 10] + [0] * 7] + [[0] * 9] * 3,
                "load": {"start": "2026-03-01T00:00Z", "file": "loads.npz", "array": "one"},
                "faults": {
                    "drift": 5,
                    "line": {"delay": 0.5},
                    "scheduled": [{"kind": "cover", "at": "2026-03-02T05:00Z"}],
                },
            },
        ).meters
        spec = meter.spec
        assert (spec.driver, spec.address, spec.ratio) == ("hdlc", 33, 180)
        assert spec.access.encryption_key == bytes(16)
        assert spec.access.password == b"x"
        assert spec.faults.line.delay == 0.5
        assert meter.profile(1, SINCE + timedelta(days=1)).values[:, 0].tolist() == [70] * 6
        assert len(meter.journal(4, SINCE + timedelta(days=2))) == 1

    def test_faults_come_by_the_seed_where_asked_for(self, tmp_path: Path) -> None:
        (meter,) = self.read(tmp_path, {"number": "1", "seed": 5, "faults": {"often": 2}}).meters
        assert meter.spec.faults == mishaps.seeded(5, since=SINCE, until=UNTIL, often=2, number="1")

    @pytest.mark.parametrize(
        ("wrong", "place"),
        [
            ({}, "meters[0]: no 'number'"),
            ({"number": 5}, "meters[0]: number is no text"),
            ({"number": "1", "colour": 1}, "meters[0]: colour is not known"),
            ({"number": "1", "interval": 7}, "an interval does not divide an hour"),
            ({"number": "1", "calendar": "9"}, "no '9'"),
            ({"number": "1", "installed_at": "2026-03-01T00:00"}, "has no offset from UTC"),
            ({"number": "1", "access": {"key": ""}}, "access.key is not known"),
            ({"number": "1", "faults": {"scheduled": [{"kind": "x", "at": ""}]}}, "'x'"),
            ("1", "meters[0]"),
        ],
    )
    def test_what_is_wrong_is_told_by_its_place(
        self, tmp_path: Path, wrong: Any, place: str
    ) -> None:
        with pytest.raises(fleetfile.WrongFleet) as told:
            self.read(tmp_path, wrong)
        assert place in str(told.value)

    @pytest.mark.parametrize("text", ["", "[]", '{"meters": []}'])
    def test_a_file_that_is_no_fleet_is_refused(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "fleet.json"
        file.write_text(text)
        with pytest.raises(fleetfile.WrongFleet):
            fleetfile.read(file, since=SINCE, until=UNTIL, per_line=8)
