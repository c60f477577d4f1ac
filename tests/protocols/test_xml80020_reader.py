"""Messages 80020 and 80040: what is read, and what is said of what is not."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from faza.core.quality import Quality
from faza.core.reading_types import ENERGIES
from faza.protocols.problems import KEPT, Document, Malformed, TooLarge
from faza.protocols.xml80020 import Kind, Message, Series, looks_like, read

GOLDEN = Path(__file__).parents[1] / "golden" / "80020"
POINT = "990070043214101"
WHOLE = np.arange(48) * 3000


def golden(name: str, **options: object) -> Document[Message]:
    return read((GOLDEN / name).read_bytes(), file=name, **options)  # type: ignore[arg-type]


def series(document: Document[Message], channel: str = "01", code: str = POINT) -> Series:
    return next(
        s
        for s in document.values.series()
        if (s.channel.code, s.channel.channel) == (code, channel)
    )


def codes(document: Document[Message]) -> dict[str, int]:
    return dict(document.counts)


def message(body: str = "", *, head: str = "", root: str = 'class="80020" number="5"') -> bytes:
    head = head or "<datetime><day>20240115</day></datetime><sender><inn>99</inn></sender>"
    return f"<message {root}>{head}<area><inn>1</inn>{body}</area></message>".encode()


def channel(periods: str, code: str = "01", point: str = POINT) -> str:
    return (
        f'<measuringpoint code="{point}"><measuringchannel code="{code}">{periods}'
        "</measuringchannel></measuringpoint>"
    )


def period(value: str, start: int = 0, status: str = ' status="0"') -> str:
    def clock(minutes: int) -> str:
        return f"{minutes // 60:02d}{minutes % 60:02d}"

    return (
        f'<period start="{clock(start)}" end="{clock((start + 30) % 1440)}">'
        f"<value{status}>{value}</value></period>"
    )


def day(values: list[str], status: str = ' status="0"') -> str:
    return "".join(period(value, 30 * n, status) for n, value in enumerate(values))


class TestPlainMessage:
    def test_the_head_is_read(self) -> None:
        m = golden("plain.xml").values

        assert (m.class_, m.version, m.number, m.day) == ("80020", "2", 17, date(2024, 1, 15))
        assert (m.sender_inn, m.sender_name) == ("9900000017", "АО «Приреченские сети»")
        assert m.created == datetime(2024, 1, 16, 1, 15, tzinfo=UTC)
        assert m.daylight == 0
        assert [(a.inn, a.name) for a in m.areas] == [("9910000208", "ПС Заречная")]

    def test_series_of_one_interval_are_one_grid_in_the_order_of_the_file(self) -> None:
        document = golden("plain.xml")
        (grid,) = document.values.grids

        assert grid.values.shape == (5, 48)
        assert grid.start == datetime(2024, 1, 14, 21, tzinfo=UTC)
        assert [c.channel for c in grid.channels] == ["01", "02", "03", "04", "01"]
        assert [c.reading_type for c in grid.channels[:4]] == list(ENERGIES)
        assert (grid.quality == Quality.VALID).all()
        assert codes(document) == {}

    def test_values_are_exact_in_watt_hours(self) -> None:
        document = golden("plain.xml")

        assert series(document).values.tolist() == [500 * n for n in range(48)]
        assert set(series(document, "03").values.tolist()) == {500}
        assert set(series(document, "04").values.tolist()) == {12_345}

    def test_channels_know_their_names_and_lines(self) -> None:
        first = golden("plain.xml").values.grids[0].channels[0]

        assert (first.kind, first.name, first.desc) == (
            Kind.MEASURING_POINT, "ПС Заречная ф. 1", "акт. прием",
        )  # fmt: skip
        assert first.line == 17


class TestTolerance:
    def test_capitals_any_order_a_mark_and_decimal_commas(self) -> None:
        document = golden("capitals_bom.xml")
        m = document.values

        assert (m.sender_inn, m.day, m.areas[0].inn) == (
            "9900000017",
            date(2024, 1, 15),
            "9910000208",
        )
        assert m.areas[0].timezone == "1"
        assert series(document).values.tolist() == [500 * n for n in range(48)]
        assert codes(document) == {}

    @pytest.mark.parametrize("name", ["no_encoding.xml", "lying_utf8.xml"])
    def test_windows_1251_is_found_without_or_against_the_declaration(self, name: str) -> None:
        document = golden(name)

        assert document.values.sender_name == "АО «Приреченские сети»"
        assert (series(document).values == WHOLE).all()

    def test_a_wrong_declaration_is_noted(self) -> None:
        notes = {note.code: note.value for note in golden("lying_utf8.xml").notes}

        assert notes["encoding"] == "cp1251"

    def test_utf_16_is_read(self) -> None:
        text = (GOLDEN / "plain.xml").read_bytes().decode("cp1251")
        data = text.replace("windows-1251", "utf-16").encode("utf-16")

        assert looks_like(data[:2000])
        assert read(data).values.sender_name == "АО «Приреченские сети»"

    def test_groups_and_flows_have_periods_directly_and_by_the_hour(self) -> None:
        half_hours, hours = golden("groups.xml").values.grids

        assert [c.kind for c in half_hours.channels] == [Kind.DELIVERY_POINT, Kind.ACCOUNT_POINT]
        assert [(c.kind, c.code, c.channel) for c in hours.channels] == [
            (Kind.DELIVERY_GROUP, "9910", ""),
            (Kind.FLOW, "9910→9920", ""),
        ]
        assert hours.values[1].tolist() == [2000 * n for n in range(24)]
        assert hours.interval == 60

    def test_a_message_of_80040_carries_the_remainder(self) -> None:
        document = golden("class_80040.xml")
        found = series(document, code="TP-7")

        assert document.values.class_ == "80040"
        assert found.rounded == 24
        # Σ(n + 0.1234) over 24 hours = 278.9616 kWh, rounded once.
        assert found.values.sum() == 278_962
        assert np.abs(found.values - (np.arange(24) * 1000 + 123.4)).max() <= 1

    def test_the_last_period_may_end_at_2400(self) -> None:
        body = channel(day(["1"] * 48).replace('end="0000"', 'end="2400"'))

        assert read(message(body)).counts == {}

    def test_another_order_of_attributes_gives_the_same(self) -> None:
        plain = message(channel(day([str(n) for n in range(48)])))
        swapped = plain.replace(b'start="0000" end="0030"', b"end='0030'  start='00:00'")

        assert (series(read(plain)).values == series(read(swapped)).values).all()
        assert read(swapped).counts == {}


class TestQuality:
    def test_statuses(self) -> None:
        document = golden("statuses.xml")
        found = series(document)

        assert found.quality[:7].tolist() == [
            Quality.VALID, Quality.MISSING, Quality.QUESTIONABLE, Quality.QUESTIONABLE,
            Quality.VALID, Quality.MISSING, Quality.QUESTIONABLE,
        ]  # fmt: skip
        assert found.values[:7].tolist() == [0, 0, 6000, 9000, 12_000, 0, 18_000]

    def test_what_a_status_cannot_explain_is_a_problem_with_its_line(self) -> None:
        found = {p.code: p.line for p in golden("statuses.xml").problems}

        assert found == {"status-unknown": 20, "value-empty": 22, "zeros-without-status": 66}

    def test_missing_periods_are_missing_values(self) -> None:
        document = read(message(channel(day(["1"] * 40))))
        found = series(document)

        assert found.quality[40:].tolist() == [Quality.MISSING] * 8
        assert codes(document) == {"periods-missing": 1}

    def test_zeros_with_a_status_are_zeros(self) -> None:
        assert codes(read(message(channel(day(["0"] * 48))))) == {}


class TestJunk:
    def test_every_bad_thing_is_a_problem_of_its_line_and_the_rest_is_kept(self) -> None:
        document = golden("junk.xml")

        assert [(p.line, p.code) for p in document.problems] == [
            (18, "value-junk"),
            (19, "value-junk"),
            (20, "value-negative"),
            (21, "value-too-large"),
            (71, "period-repeated"),
            (119, "periods-missing"),
            (123, "period-unknown"),
            (124, "period-length"),
            (169, "channel-unknown"),
            (219, "channel-repeated"),
            (270, "point-code"),
        ]
        assert {p.file for p in document.problems} == {"junk.xml"}
        found = series(document)
        assert found.quality[1:5].tolist() == [Quality.MISSING] * 4
        assert (found.values[5:] == WHOLE[5:]).all()

    def test_lines_are_true_where_channels_are_cut_out_whole(self) -> None:
        text = (GOLDEN / "plain.xml").read_text("cp1251")
        lines = text.split("\n")
        place = next(n for n, line in enumerate(lines) if 'start="0600"' in line)
        lines[place] = lines[place].replace(">6.0<", "><")
        (problem,) = read("\n".join(lines).encode("cp1251")).problems

        assert (problem.line, problem.column) == (place + 1, "0600")

    def test_a_message_of_nothing_but_junk_keeps_some_problems_and_counts_all(self) -> None:
        body = "".join(channel(day(["x"] * 48), point=f"{n}") for n in range(20))
        document = read(message(body))

        assert codes(document)["value-junk"] == 960
        assert Counter(p.code for p in document.problems)["value-junk"] == KEPT

    def test_periods_in_unknown_elements_are_not_read(self) -> None:
        body = channel(day(["1"] * 48) + "<note>" + period("9") + "</note>")

        assert codes(read(message(body))) == {}

    def test_channels_in_comments_are_not_read(self) -> None:
        inside = channel(day(["1"] * 48), point="hidden")
        document = read(
            message(f"<!-- {inside} --><![CDATA[{inside}]]>" + channel(day(["2"] * 48)))
        )

        assert [s.channel.code for s in document.values.series()] == [POINT]

    def test_a_file_cannot_forge_the_mark_of_a_channel_cut_out(self) -> None:
        body = channel("<?faza-channel 0?>", point="forged") + channel(day(["2"] * 48))
        document = read(message(body))

        assert [s.channel.code for s in document.values.series()] == [POINT]

    def test_rows_of_a_grid_belong_to_their_channels_whatever_periods_they_have(self) -> None:
        lengths = {"a": 48, "b": 40, "c": 48, "d": 40}
        body = "".join(
            channel(day([str(n)] * count), point=code)
            for n, (code, count) in enumerate(lengths.items(), start=1)
        )
        (grid,) = read(message(body)).values.grids

        assert [c.code for c in grid.channels] == list(lengths)
        assert grid.values[:, 0].tolist() == [1000, 2000, 3000, 4000]
        assert (grid.quality == Quality.MISSING).sum(axis=1).tolist() == [0, 8, 0, 8]

    def test_equal_codes_in_two_areas_are_two_series(self) -> None:
        one = "<area><inn>{}</inn>" + channel(day(["1"] * 48)) + "</area>"
        data = message().replace(
            b"</message>", (one.format(2) + one.format(3)).encode() + b"</message>"
        )

        assert [s.channel.area for s in read(data).values.series()] == [1, 2]


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "xml"),
            (b"hello", "xml"),
            (b"<html/>", "root"),
            (message()[:-10], "xml"),
            (message(root='class="80020"'), "number"),
            (message(root='class="80020" number="x"'), "number"),
            (message(root='number="5"'), "class"),
            (message(root='class="50080" number="5"'), "class"),
            (message(head="<datetime/>"), "day"),
            (message(head="<datetime><day>20240230</day></datetime>"), "day"),
            (b'<!DOCTYPE m [<!ENTITY a "b">]>' + message(), "xml-entity"),
            (b'<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + message(), "xml-entity"),
        ],
    )
    def test_no_message(self, data: bytes, code: str) -> None:
        with pytest.raises(Malformed) as caught:
            read(data)

        assert caught.value.code == code

    def test_a_message_over_the_limit_names_it(self) -> None:
        with pytest.raises(TooLarge, match="the limit is 100 bytes"):
            read(message(), limit=100)


class TestClockChanges:
    def test_the_second_hour_of_an_autumn_day_stands_at_its_place(self) -> None:
        document = golden("autumn.xml")

        assert series(document).values.tolist() == [1000 * n for n in range(50)]
        assert codes(document) == {}

    def test_a_spring_day_has_46_half_hours(self) -> None:
        document = golden("spring.xml")

        assert series(document).values.tolist() == [1000 * n for n in range(46)]
        assert codes(document) == {}

    def test_ends_may_be_told_by_the_changed_clock(self) -> None:
        autumn = (GOLDEN / "autumn.xml").read_bytes()
        autumn = autumn.replace(b'start="0230" end="0300"', b'start="0230" end="0200"', 1)
        spring = (GOLDEN / "spring.xml").read_bytes()
        spring = spring.replace(b'start="0130" end="0200"', b'start="0130" end="0300"')

        assert codes(read(autumn)) == {} == codes(read(spring))

    def test_48_half_hours_on_an_autumn_day_leave_the_second_hour_missing(self) -> None:
        data = message(channel(day(["1"] * 48))).replace(b"20240115", b"20101031")
        document = read(data)

        assert np.flatnonzero(series(document).quality == Quality.MISSING).tolist() == [6, 7]
        assert codes(document) == {"periods-missing": 1}

    def test_values_in_the_hour_that_spring_skips_are_problems(self) -> None:
        data = message(channel(day(["1"] * 48))).replace(b"20240115", b"20100328")

        assert codes(read(data)) == {"period-unknown": 2}

    def test_zeros_in_the_hour_that_spring_skips_are_not(self) -> None:
        values = ["0" if n in (4, 5) else "1" for n in range(48)]
        data = message(channel(day(values))).replace(b"20240115", b"20100328")

        assert codes(read(data)) == {}

    def test_an_area_may_have_a_zone_of_its_own(self) -> None:
        data = message(channel(day(["1"] * 48)))
        (grid,) = read(data, zone=lambda area: {"1": "Asia/Omsk"}[area.inn]).values.grids

        assert grid.zone == "Asia/Omsk"
        assert grid.start == datetime(2024, 1, 14, 18, tzinfo=UTC)


def test_only_messages_look_like_messages() -> None:
    assert looks_like(message()[:200])
    assert looks_like(b'<?xml version="1.0"?><!-- x --><message version="2" class="80040">')
    assert not looks_like(b'<message class="60091">')
    assert not looks_like(b"usage_point,channel,start\n")
