"""Parameters of reports in addresses, and the list of kinds."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from faza.core.reading_types import GAS, R_MINUS, WATER
from faza.reports import registry
from faza.reports.parameters import UNITS, Layout, Resolution
from faza.reports.registry import Field, Format, NoSuchKind
from faza.ui.periods import Shown, around

TODAY = date(2026, 11, 21)
PROFILE = registry.kind("load-profile")
NAMES = ("kind", "period", "on", "from", "to", *(field.value for field in Field))


def read(kind=PROFILE, **query):
    return kind.read(query, TODAY)


class TestDefaults:
    def test_an_empty_address_is_the_month_before(self):
        asked = read()

        assert not asked.problems
        assert (asked.parameters.first, asked.parameters.end) == (
            date(2026, 10, 1),
            date(2026, 11, 1),
        )
        assert asked.parameters.resolution == Resolution.INTERVAL
        assert asked.parameters.with_replacements
        assert not asked.parameters.only_fixed

    def test_a_box_that_was_cleared_is_off(self):
        # The form sends 0 before the box; of two values Django's QueryDict gives the last.
        sent = QueryDict("replacements=0&tariffs=0&tariffs=1")

        parameters = registry.kind("readings").read(sent, TODAY).parameters

        assert not parameters.with_replacements
        assert parameters.tariffs

    def test_a_resource_alone_is_what_is_used_of_it(self):
        assert read(resource="water").parameters.reading_type == WATER

    def test_a_channel_of_the_resource_chosen_before_gives_way(self):
        asked = read(resource="gas", channel="A-")

        assert asked.parameters.reading_type == GAS
        assert not asked.problems

    @pytest.mark.parametrize("written", ["R-", "r-"])
    def test_a_channel(self, written):
        assert read(channel=written).parameters.reading_type == R_MINUS

    def test_a_plus_that_became_a_space(self):
        assert read(channel="R ").parameters.reading_type.channel == "R+"


class TestProblems:
    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"period": "decade"}, "period"),
            ({"period": "any"}, "from"),
            ({"period": "any", "from": "2026-01-01"}, "to"),
            ({"period": "any", "from": "2026-01-02", "to": "2026-01-01"}, "to"),
            ({"period": "any", "from": "2001-01-02", "to": "2026-01-01"}, "to"),
            ({"on": "31.12.2026"}, "on"),
            ({"on": "9999-12-31"}, "on"),
            ({"resource": "steam"}, "resource"),
            ({"channel": "UA"}, "channel"),
            ({"channel": "Z"}, "channel"),
            ({"resolution": "month"}, "resolution"),
            ({"layout": "circle"}, "layout"),
            ({"digits": "7"}, "digits"),
            ({"digits": "٣"}, "digits"),
            ({"tariffs": "perhaps"}, "tariffs"),
            ({"interval": "7"}, "interval"),
        ],
    )
    def test_a_wrong_value_is_named_and_the_default_stands(self, query, field):
        asked = read(**query)

        assert [problem.field for problem in asked.problems] == [field]
        assert asked.problems[0].text
        assert asked.parameters == read().parameters

    def test_a_kind_knows_its_own_lengths_of_periods_only(self):
        asked = registry.kind("day-maxima").read({"period": "year"}, TODAY)

        assert [problem.field for problem in asked.problems] == ["period"]
        assert asked.parameters.shown.kind == "month"

    @given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=12)))
    def test_nothing_in_an_address_breaks_it(self, query):
        for kind in registry.kinds():
            asked = kind.read(query, TODAY)

            assert asked.parameters.first < asked.parameters.end
            assert {problem.field for problem in asked.problems} <= set(NAMES)


DAYS = st.dates(date(1990, 1, 1), date(2200, 12, 31))


class TestAddress:
    @given(
        st.sampled_from(registry.kinds()), DAYS, st.sampled_from(UNITS), st.booleans(),
        st.integers(0, 6), st.sampled_from(("A+", "A-", "R+", "R-", "WATER", "GAS", "HEAT")),
        st.sampled_from(list(Layout)), st.integers(0, 3000),
    )  # fmt: skip
    def test_what_is_written_is_read_again(
        self, kind, day, unit, tick, digits, channel, layout, length
    ):
        unit = unit if unit in kind.units else kind.units[0]
        defaults = kind.defaults(TODAY)
        query = defaults.to_query() | {
            "period": unit, "on": day.isoformat(), "digits": str(digits), "channel": channel,
            "resource": "", "tariffs": str(int(tick)), "fixed": str(int(tick)),
            "layout": layout.value,
        }  # fmt: skip
        if unit == "any":
            last = date.fromordinal(min(day.toordinal() + length, date(2200, 12, 31).toordinal()))
            query |= {"from": day.isoformat(), "to": last.isoformat()}
        asked = kind.read(query, TODAY)
        assert not asked.problems

        again = kind.read(asked.parameters.to_query(), TODAY)

        assert again == asked
        assert asked.parameters.reading_type.channel == channel


class TestPeriods:
    def test_a_quarter(self):
        shown = around("quarter", date(2026, 5, 31))

        assert (shown.first, shown.last) == (date(2026, 4, 1), date(2026, 6, 30))
        assert around("quarter", date(2026, 12, 31)).last == date(2026, 12, 31)

    def test_the_quarter_before(self):
        asked = read(period="quarter", on="2026-02-01").parameters.stepped(-1)

        assert (asked.first, asked.end) == (date(2025, 10, 1), date(2026, 1, 1))

    @pytest.mark.parametrize(
        ("unit", "first", "last"),
        [
            ("day", "2026-11-20", "2026-11-20"),
            ("week", "2026-11-09", "2026-11-15"),
            ("month", "2026-10-01", "2026-10-31"),
            ("quarter", "2026-07-01", "2026-09-30"),
            ("year", "2025-01-01", "2025-12-31"),
        ],
    )
    def test_the_last_whole_one_of_a_schedule(self, unit, first, last):
        asked = read(period=unit, on="2020-05-05").parameters.last_whole(TODAY)

        assert (str(asked.first), str(asked.shown.last)) == (first, last)

    def test_the_last_whole_one_of_any_length_ends_yesterday(self):
        asked = read(period="any", **{"from": "2026-01-01", "to": "2026-01-10"}).parameters

        assert asked.last_whole(TODAY).shown == Shown("any", date(2026, 11, 11), date(2026, 11, 20))


class TestRegistry:
    def test_the_seven_kinds_in_their_order(self):
        assert [kind.code for kind in registry.kinds()] == [
            "load-profile", "readings", "detail", "detail-together", "against-previous",
            "day-maxima", "completeness",
        ]  # fmt: skip

    def test_each_tells_what_a_list_needs(self):
        for kind in registry.kinds():
            assert str(kind.title)
            assert str(kind.description)
            assert kind.rows(kind.defaults(TODAY), 3) >= 3
            assert registry.kind(kind.code) is kind
            assert Format.XLSX in kind.formats
            assert kind.defaults(TODAY).kind == kind.code

    def test_an_unknown_code(self):
        with pytest.raises(NoSuchKind):
            registry.kind("weather")

    def test_a_module_that_lies_in_the_package_is_a_kind(self, monkeypatch):
        made = SimpleNamespace(code="new", place=0)
        real = registry.import_module
        monkeypatch.setattr(
            registry.pkgutil, "iter_modules", lambda path: [SimpleNamespace(name="new")]
        )
        monkeypatch.setattr(
            registry, "import_module",
            lambda name: SimpleNamespace(KIND=made) if name.endswith(".new") else real(name),
        )  # fmt: skip

        assert registry.kinds.__wrapped__() == (made,)
