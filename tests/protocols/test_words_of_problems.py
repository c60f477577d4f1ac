"""Problems name the line, what was found and what was expected."""

from __future__ import annotations

import pytest

from faza.protocols import Malformed, xml80020
from faza.protocols.files import open_files
from faza.protocols.problems import Problem
from faza.protocols.tabular import read_profiles

MESSAGE = """<?xml version="1.0" encoding="utf-8"?>
<message class="80020" version="2" number="{number}">
  <datetime>
    <timestamp>{stamp}</timestamp>
    <day>{day}</day>
  </datetime>
  <sender><inn>7700000001</inn></sender>
  <area><inn>5000000002</inn>
    <measuringpoint code="P"><measuringchannel code="01">
      <period start="0000" end="0030"><value status="0">{value}</value></period>
    </measuringchannel></measuringpoint>
  </area>
</message>
"""
GOOD = {"number": "1", "stamp": "20260115010000", "day": "20260114", "value": "1"}


def problems_of(**wrong: str) -> dict[str, Problem]:
    document = xml80020.read(MESSAGE.format(**GOOD | wrong).encode())
    return {problem.code: problem for problem in document.problems}


@pytest.mark.parametrize("value", ["1,2,3", "двенадцать", "1e5"])
def test_a_value_of_a_message_is_quoted(value: str) -> None:
    problem = problems_of(value=value)["value-junk"]

    assert f"The value is {value!r}; expected a decimal number" in problem.reason
    assert problem.line == 10


@pytest.mark.parametrize(("name", "line"), [("number", 2), ("day", 5)])
def test_what_is_wrong_in_a_head_has_its_line(name: str, line: int) -> None:
    with pytest.raises(Malformed) as caught:
        problems_of(**{name: "x"})

    assert caught.value.line == line


def test_a_timestamp_has_its_line() -> None:
    assert problems_of(stamp="yesterday")["timestamp"].line == 4


def table(text: str) -> Problem:
    return next(p for p in read_profiles(text.encode()).problems if p.code != "no-series")


def test_a_channel_is_named_as_it_was_found() -> None:
    problem = table("point;start;value;channel\nP;2026-01-14 00:00;1;Z+\n")

    assert problem.reason.startswith("Channel 'Z+' is unknown; expected one of A+, A-")
    problem = table("point;start;Q+, kWh\nP;2026-01-14 00:00;1\n")
    assert "does not fit channel" in problem.reason


def test_moments_are_told_by_the_clocks_of_the_file() -> None:
    problem = table("point;start;value\nP;2026-01-14 00:00;1\nP;2026-01-14 00:00;2\n")

    assert "2026-01-14 00:00:00+03:00" in problem.reason


def test_a_broken_archive_does_not_repeat_its_name() -> None:
    with pytest.raises(Malformed) as caught:
        list(open_files("january.zip", b"PK\x03\x04 and nothing more"))

    assert "january.zip" not in caught.value.reason
