"""What the reader makes of JSON: the good is kept, the bad told with its place."""

import json
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.core.reading_types import BY_CHANNEL
from faza.protocols import Malformed, telemetry
from faza.protocols.numbers import to_quanta
from faza.protocols.tabular.values import ReadingKind
from faza.protocols.telemetry import Device, Who, parsed_of

START = "2026-03-01T00:00:00+03:00"
SECOND = int(datetime(2026, 2, 28, 21, tzinfo=UTC).timestamp())


def series(**more) -> dict:
    return {"channel": "A+", "start": START, "interval": 30, "values": [0.5, None, 1]} | more


def read(item, **more):
    return telemetry.read(json.dumps(item).encode(), **more)


def only(item, **more):
    document = read(item, **more)
    assert document.problems == ()
    (message,) = document.values
    return message


class TestIntervals:
    def test_a_series_of_a_point(self):
        message = only({"point": "500000000000001", "intervals": [series()]})

        (one,) = message.intervals
        assert one.who == Who(point="500000000000001")
        assert (one.kind, one.start, one.interval) == (BY_CHANNEL["A+"], SECOND, 30)
        assert list(one.values) == [0.5, None, 1]
        assert (one.scale, one.is_shown, one.quality) == (1000, False, 0)

    def test_an_item_names_another_than_the_message(self):
        message = only({"meter": "1", "intervals": [series(), series(meter="2", side="meter")]})

        assert [one.who for one in message.intervals] == [Who(meter="1"), Who(meter="2")]
        assert [one.is_shown for one in message.intervals] == [False, True]

    @pytest.mark.parametrize(
        ("unit", "channel", "scale"),
        [("Wh", "A+", 1), ("MWh", "A-", 10**6), ("kW", "A+", 500), ("V", "UA", 10), ("", "F", 100),
         ("kvarh", "R+", 1000)],
    )  # fmt: skip
    def test_units(self, unit, channel, scale):
        message = only({"point": "1", "intervals": [series(unit=unit, channel=channel)]})

        assert message.intervals[0].scale == Fraction(scale)

    @pytest.mark.parametrize(
        ("wrong", "place", "code"),
        [
            ({"channel": "X"}, "intervals[0].channel", "channel"),
            ({"channel": None}, "intervals[0].channel", "channel"),
            ({"unit": "kvarh"}, "intervals[0].unit", "unit"),
            ({"unit": "kW", "channel": "UA"}, "intervals[0].unit", "unit"),
            ({"interval": 7}, "intervals[0].interval", "interval"),
            ({"interval": "30"}, "intervals[0].interval", "field"),
            ({"start": "2026-03-01T00:00:00"}, "intervals[0].start", "moment"),
            ({"start": "yesterday"}, "intervals[0].start", "moment"),
            ({"start": "9999-03-01T00:00:00+03:00"}, "intervals[0].start", "moment"),
            ({"start": "2026-03-01T00:00:30+03:00"}, "intervals[0].start", "moment"),
            ({"values": []}, "intervals[0].values", "values"),
            ({"values": {"0": 1}}, "intervals[0].values", "values"),
            ({"quality": [0, 0]}, "intervals[0].quality", "quality"),
            ({"quality": 254}, "intervals[0].quality", "quality"),
            ({"quality": True}, "intervals[0].quality", "quality"),
            ({"side": "left"}, "intervals[0].side", "side"),
            ({"point": 5}, "intervals[0].point", "field"),
            ({"point": "a\nb"}, "intervals[0].point", "field"),
        ],
    )
    def test_what_is_wrong_is_told_with_its_place_and_the_rest_is_kept(self, wrong, place, code):
        document = read({"point": "1", "intervals": [series() | wrong, series()]})

        (problem,) = document.problems
        assert (problem.column, problem.code) == (place, code)
        assert problem.reason.startswith(f"{place}: ")
        assert [one.place for one in document.values[0].intervals] == ["intervals[1]"]

    def test_a_bad_value_is_told_and_the_others_are_kept(self):
        values = [1, True, "5", [], 10**30, 2.5, {"a": 1}]
        document = read({"point": "1", "intervals": [series(values=values)]})

        assert list(document.values[0].intervals[0].values) == [
            1,
            None,
            None,
            None,
            None,
            2.5,
            None,
        ]
        places = [problem.column for problem in document.problems]
        assert places == [f"intervals[0].values[{n}]" for n in (1, 2, 3, 4, 6)]

    def test_nobody_is_named(self):
        document = read({"intervals": [series()]})

        assert [problem.code for problem in document.problems] == ["unnamed"]


class TestChannelsOfTheirOwn:
    """A topic or a token says who it is; nobody speaks for another there."""

    def test_what_is_not_named_is_the_channels(self):
        message = only({"intervals": [series()]}, who=Who(meter="7"), is_only=True)

        assert message.intervals[0].who == Who(meter="7")

    @pytest.mark.parametrize("item", [{"meter": "8"}, {"point": "1"}])
    def test_another_is_a_problem(self, item):
        inside = read({"intervals": [series(**item)]}, who=Who(meter="7"), is_only=True)
        outside = read({"intervals": [series()], **item}, who=Who(meter="7"), is_only=True)

        assert [p.code for p in inside.problems] == ["foreign"]
        assert [p.code for p in outside.problems] == ["foreign"]
        assert inside.values[0].intervals == outside.values[0].intervals == ()


class TestRegisters:
    def test_a_reading(self):
        shown = {"A+": 12345.67, "A+ T1": 12000.01, "R- T8": 0, "A-": None}
        item = {"meter": "1", "registers": [{"at": START, "kind": "day", "values": shown}]}

        (one,) = only(item).registers

        assert (one.who, one.at, one.kind) == (Who(meter="1"), SECOND, ReadingKind.START_OF_DAY)
        assert one.shown == {(0, 0): 12_345_670, (0, 1): 12_000_010, (3, 8): 0}

    @pytest.mark.parametrize("value", [-1, "5", True, 1e20, [1]])
    def test_a_bad_register_is_told_and_the_others_are_kept(self, value):
        shown = {"A+": 1, "A+ T9": 1, "A+ T2": value}
        document = read({"meter": "1", "registers": [{"at": START, "values": shown}]})

        assert document.values[0].registers[0].shown == {(0, 0): 1000}
        assert [p.column for p in document.problems] == [
            'registers[0].values["A+ T9"]', 'registers[0].values["A+ T2"]'
        ]  # fmt: skip

    def test_a_number_beyond_floats_is_no_crash(self):
        data = b'{"meter": "1", "registers": [{"at": "%s", "values": {"A+": 1e999}}]}'

        document = telemetry.read(data % START.encode())

        assert document.counts["value"] == 1


class TestEvents:
    def test_of_a_concentrator_and_of_its_meter(self):
        event = {"at": START, "journal": 4, "code": 3, "details": {"relay": 1}}
        item = {
            "device": {"kind": "concentrator", "number": "УСПД-1"},
            "events": [event, event | {"meter": "5"}],
        }

        first, second = only(item).events

        assert (first.device, first.number) == (Device.CONCENTRATOR, "УСПД-1")
        assert (second.device, second.who) == (Device.METER, Who(meter="5"))
        assert (first.at, first.journal, first.code) == (SECOND, 4, 3)
        assert first.details == {"relay": 1}

    @pytest.mark.parametrize(
        ("wrong", "place"),
        [({"journal": 1000}, "journal"), ({"code": -1}, "code"), ({"at": None}, "at"),
         ({"details": [1]}, "details"), ({"details": {"a": "b" * 3000}}, "details")],
    )  # fmt: skip
    def test_a_bad_one(self, wrong, place):
        event = {"at": START, "journal": 4, "code": 3} | wrong

        document = read({"meter": "1", "events": [event]})

        assert [problem.column for problem in document.problems] == [f"events[0].{place}"]

    def test_a_device_without_a_name(self):
        document = read({"device": {"kind": "modem"}, "events": []})

        assert [problem.column for problem in document.problems] == ["device.number"]


class TestFiles:
    def test_several_in_a_list_or_in_lines(self):
        one = {"point": "1", "intervals": [series(channel="?")]}
        in_list = read([one, one])
        in_lines = telemetry.read("\n".join([json.dumps(one)] * 2).encode())

        assert len(in_list.values) == len(in_lines.values) == 2
        assert [p.column for p in in_list.problems] == [
            "[0].intervals[0].channel", "[1].intervals[0].channel"
        ]  # fmt: skip
        assert in_list.problems == in_lines.problems

    def test_a_mark_of_bytes_and_spaces_are_passed_over(self):
        data = b'\xef\xbb\xbf \r\n{"intervals": []}'

        assert telemetry.looks_like(data)
        assert len(telemetry.read(data).values) == 1

    @pytest.mark.parametrize(
        "data",
        [b"", b"{", b"[]", b"{}", b"[1]", b"null", b"NaN", b'{"intervals": NaN}', b"[" * 200_000,
         b"9" * 5000, b"\xff\xfe{}", b'{"a": "\xff"}', b"<message/>", b'{"intervals": []}\n{'],
    )  # fmt: skip
    def test_what_is_no_telemetry(self, data):
        with pytest.raises(Malformed):
            telemetry.read(data)

    @pytest.mark.parametrize("part", ["intervals", "registers", "events"])
    @pytest.mark.parametrize("value", [1, "a", {}, [1], [None], [[]]])
    def test_parts_that_are_none(self, part, value):
        document = read({"point": "1", part: value})

        assert len(document.problems) == 1


KEYS = st.sampled_from(
    ["intervals", "registers", "events", "point", "meter", "device", "sent_at", "channel", "start",
     "interval", "values", "unit", "quality", "side", "at", "kind", "journal", "code", "details",
     "number", "A+", "x"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


@given(JSON)
def test_any_json_is_read_or_refused(item):
    data = json.dumps(item).encode()
    try:
        document = telemetry.read(data)
    except Malformed:
        return
    assert sum(document.counts.values()) >= len(document.problems)


@given(st.lists(st.decimals(0, 10**9, places=5), min_size=1, max_size=30))
def test_decimals_are_exact(amounts):
    """What was written as a decimal of up to fifteen digits is that decimal, and no float."""
    parsed, present = parsed_of([[float(amount) for amount in amounts]])
    quanta, rounded = to_quanta(parsed, present, numerator=10**5)

    assert present.all()
    assert quanta[0].tolist() == [int(amount * 10**5) for amount in amounts]
    assert rounded.tolist() == [0]
