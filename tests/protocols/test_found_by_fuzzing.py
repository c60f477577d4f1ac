"""What `make fuzz` brought to light, told in small."""

from __future__ import annotations

import gc
import io
import tracemalloc
import zipfile

import pytest

from faza.protocols import Malformed, Problems, xml80020
from faza.protocols.files import open_files
from faza.protocols.tabular import read_profiles

HEAD = (
    '<message class="80020" version="2" number="1"><datetime><timestamp>20260115010000</timestamp>'
    "<daylightsavingtime>1</daylightsavingtime><day>20260114</day></datetime>"
    "<sender><inn>7700000001</inn></sender><area><inn>5000000002</inn>"
    '<measuringpoint code="P"><measuringchannel code="01">'
)
TAIL = "</measuringchannel></measuringpoint></area></message>"


def nameless(*others: str) -> bytes:
    """An archive of which one member has no name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("x", *others):
            archive.writestr(name, "point;moment;value\n")
    raw = out.getvalue()
    # The name's length in the directory; its byte becomes an extra field of no meaning.
    at = raw.index(b"PK\1\2") + 28
    return raw[:at] + b"\0\0\1\0" + raw[at + 4 :]


class TestPeriodsWithoutBlanks:
    """A message on one line, as programs write it: the first period follows its channel at once."""

    @pytest.mark.parametrize("value", ["", "x", "1,2,3"])
    def test_a_bad_value_is_told(self, value: str) -> None:
        period = f'<period start="0000" end="0030"><value status="0">{value}</value></period>'
        problems = xml80020.read((HEAD + period + TAIL).encode()).problems

        (problem,) = [p for p in problems if p.code.startswith("value")]
        assert problem.line == 1

    def test_the_line_is_that_of_the_period(self) -> None:
        periods = "\n".join(
            f'<period start="{n:02}00" end="{n:02}30"><value status="0">{text}</value></period>'
            for n, text in enumerate(["", "1", "1,2,3", "2"])
        )
        problems = xml80020.read((HEAD + periods + TAIL).encode()).problems

        assert [p.line for p in problems if p.code.startswith("value")] == [1, 3]


class TestNamelessMembers:
    def test_the_others_are_read(self) -> None:
        problems = Problems("a.zip")
        found = dict(open_files("a.zip", nameless("b.csv"), problems=problems))

        assert "b.csv" in found

    def test_a_workbook_with_one_is_refused_or_read(self) -> None:
        with pytest.raises(Malformed):
            read_profiles(nameless("[Content_Types].xml"), file="a.xlsx")


class TestLongTexts:
    """What a stranger wrote at length is not kept for the next file."""

    @pytest.mark.parametrize(
        "header", ["point;moment;value;unit", "point;moment;value;channel", "point;moment;value;x"]
    )
    def test_no_long_cell_stays_in_memory(self, header: str) -> None:
        def read(marks: str) -> int:
            rows = "\n".join(f"P;{n:06}{marks * 6000};1;{marks * 6000}{n}" for n in range(100))
            read_profiles(f"{header}\n{rows}\nP;2026-01-14 00:00;1;\n".encode())
            gc.collect()
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            before, after = read("x"), read("y")
        finally:
            tracemalloc.stop()

        assert after - before < 200_000, "of 1,200,000 bytes"
