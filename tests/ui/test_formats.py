from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from faza.ui import formats
from faza.ui.formats import NBSP, THIN


@pytest.fixture(autouse=True)
def _in_russian():
    with override("ru"):
        yield


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "decimals", "written"),
        [
            (Decimal("1234.5"), 1, f"1{THIN}234,5"),
            (1234567, 0, f"1{THIN}234{THIN}567"),
            (Decimal("0.0005"), 3, "0,001"),
            (2.675, 2, "2,68"),
            (0, 1, "0,0"),
            (Decimal("-4"), 0, "−4"),
            (Decimal("-0.04"), 1, "0,0"),
        ],
    )
    def test_is_written_as_in_russian_print(self, value, decimals, written):
        assert formats.number(value, decimals) == written

    def test_is_written_as_in_english_print(self):
        with override("en"):
            assert formats.number(Decimal("1234.5"), 1) == "1,234.5"

    def test_unknown_is_never_zero(self):
        assert formats.number(None, 3) == "—"
        assert formats.signed(None) == "—"
        assert formats.percent(None) == "—"
        assert formats.completeness(None) == "—"
        assert str(formats.energy(None)) == "—"
        assert formats.duration(None) == "—"
        assert formats.moment(None) == "—"

    @pytest.mark.parametrize(
        ("value", "written"), [(8, "+8"), (-4, "−4"), (0, "0"), (Decimal("0.3"), "0"), (10, "+10")]
    )
    def test_a_change_has_a_sign_unless_it_is_none(self, value, written):
        assert formats.signed(value) == written


class TestEnergy:
    def test_has_its_unit_after_a_space_that_does_not_break(self):
        assert str(formats.energy(Decimal("593.5"))) == f"593,5{NBSP}кВт·ч"

    def test_past_a_hundred_thousand_is_in_megawatt_hours(self):
        assert str(formats.energy(Decimal(100_000), decimals=0)) == f"100{THIN}000{NBSP}кВт·ч"
        assert str(formats.energy(Decimal(123_456))) == f"123,5{NBSP}МВт·ч"

    def test_reactive_energy_has_its_own_unit(self):
        assert str(formats.energy(12, "kvarh", 0)) == f"12{NBSP}квар·ч"

    def test_in_english(self):
        with override("en"):
            assert str(formats.energy(Decimal("593.5"))) == f"593.5{NBSP}kWh"


class TestShares:
    def test_percent_stands_after_a_space(self):
        assert formats.percent(Decimal("97.8"), 1) == f"97,8{NBSP}%"
        assert formats.signed_percent(-4) == f"−4{NBSP}%"

    def test_nearly_complete_does_not_read_as_complete(self):
        assert formats.completeness(Decimal("99.97")) == f"99,9{NBSP}%"
        assert formats.completeness(100) == f"100{NBSP}%"


class TestTimes:
    def test_a_moment_is_on_the_zones_clock(self):
        at = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
        assert formats.moment(at, ZoneInfo("Europe/Moscow")) == f"22.11.2026{NBSP}00:30"
        assert formats.clock(at, ZoneInfo("Asia/Vladivostok")) == "07:30"

    def test_a_period_is_its_first_and_last_day(self):
        first, last = date(2026, 11, 1), date(2026, 11, 30)
        assert formats.dates(first, last) == f"01.11.2026{NBSP}–{NBSP}30.11.2026"
        assert formats.dates(first, first) == "01.11.2026"

    @pytest.mark.parametrize(
        ("hours", "written"),
        [
            (0.5, f"30{NBSP}мин"),
            (10, f"10{NBSP}ч"),
            (1.5, f"1{NBSP}ч{NBSP}30{NBSP}мин"),
            (47, f"47{NBSP}ч"),
            (48, f"2{NBSP}сут"),
            (51, f"2{NBSP}сут{NBSP}3{NBSP}ч"),
            (0, f"0{NBSP}мин"),
        ],
    )
    def test_a_duration_has_two_units_at_most(self, hours, written):
        assert formats.duration(timedelta(hours=hours)) == written
