"""Writing messages 80020, and reading them back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.core.quality import Quality
from faza.protocols import xml80020
from faza.protocols.files import open_files
from faza.protocols.grid import plan_of
from faza.protocols.xml80020 import Area, Channel, Grid, Kind, Message

GOLDEN = Path(__file__).parents[1] / "golden" / "80020"
MOSCOW = "Europe/Moscow"


def message_of(
    values: list[list[int]] | np.ndarray,
    *,
    quality: np.ndarray | None = None,
    day: date = date(2024, 1, 15),
    interval: int = 30,
    codes: list[str] | None = None,
    name: str = "Ввод 1",
) -> Message:
    values = np.asarray(values, np.int64)
    codes = codes or [f"99007004321410{n}" for n in range(len(values))]
    plan = plan_of(day, MOSCOW, interval)
    channels = tuple(Channel(Kind.MEASURING_POINT, 0, code, "01", name) for code in codes)
    grid = Grid(
        MOSCOW, interval, plan.start, channels, values,
        np.zeros(values.shape, np.uint8) if quality is None else quality,
        np.zeros(len(values), np.int32),
    )  # fmt: skip
    return Message(
        "80020", 17, day, "9900000017", "АО «Приреченские сети»",
        created=datetime(2024, 1, 16, 1, 15, tzinfo=UTC), daylight=0,
        areas=(Area("9910000208", "ПС Заречная"),), grids=(grid,),
    )  # fmt: skip


def test_a_message_is_written_byte_for_byte_as_agreed() -> None:
    values = np.arange(48)[None, :] * 500
    quality = np.zeros((1, 48), np.uint8)
    quality[0, 1:4] = [Quality.MISSING, Quality.INTERPOLATED, Quality.EDITED]
    values[0, 1] = 0
    written = xml80020.write(message_of(values, quality=quality))

    assert written == (GOLDEN / "written.xml").read_bytes()


@pytest.mark.parametrize(
    "name", ["plain", "statuses", "groups", "autumn", "spring", "class_80040", "capitals_bom"]
)
def test_what_was_read_is_read_again_from_what_is_written(name: str) -> None:
    first = xml80020.read((GOLDEN / f"{name}.xml").read_bytes()).values
    second = xml80020.read(xml80020.write(first)).values

    assert replace(first, grids=()) == replace(second, grids=())
    for a, b in zip(first.grids, second.grids, strict=True):
        assert (a.zone, a.interval, a.start, a.channels) == (
            b.zone,
            b.interval,
            b.start,
            b.channels,
        )
        assert (a.values == b.values).all()
        assert (a.quality == b.quality).all()


DAYS = [(date(2024, 1, 15), 48), (date(2010, 10, 31), 50), (date(2010, 3, 28), 46)]
TEXT = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x2FF, exclude_categories=["Cc", "Cs"])
)
NAMES = TEXT.map(str.strip)


@given(data=st.data(), chosen=st.sampled_from(DAYS), name=NAMES)
def test_reading_what_is_written_is_identity(
    data: st.DataObject, chosen: tuple[date, int], name: str
) -> None:
    day, count = chosen
    value = st.integers(0, 10**14) | st.integers(0, 10**5)
    row = st.lists(value, min_size=count, max_size=count)
    values = np.array(data.draw(st.lists(row, min_size=1, max_size=3)), np.int64)
    written_as = st.sampled_from([Quality.VALID, Quality.QUESTIONABLE, Quality.MISSING])
    cells = st.lists(written_as, min_size=values.size, max_size=values.size)
    quality = np.array(data.draw(cells), np.uint8).reshape(values.shape)
    values[quality == Quality.MISSING] = 0
    document = xml80020.read(
        xml80020.write(message_of(values, quality=quality, day=day, name=name))
    )

    (grid,) = document.values.grids
    assert (grid.values == values).all()
    assert (grid.quality == quality).all()
    assert grid.channels[0].name == name
    assert document.counts == {}


@given(st.lists(st.integers(0, 10**6), min_size=48, max_size=48))
def test_whole_kilowatt_hours_carry_their_remainder(values: list[int]) -> None:
    written = xml80020.write(message_of([values]), rounding="whole")
    found = xml80020.read(written).values.grids[0].values[0]

    assert (found % 1000 == 0).all()
    assert abs(int(found.sum()) - sum(values)) <= 500
    assert np.abs(np.cumsum(found) - np.cumsum(values)).max() <= 500


def test_estimated_values_are_sent_as_not_commercial() -> None:
    quality = np.full((1, 48), Quality.ESTIMATED_BY_DAY, np.uint8)
    grid = xml80020.read(
        xml80020.write(message_of(np.ones((1, 48)), quality=quality))
    ).values.grids[0]

    assert (grid.quality == Quality.QUESTIONABLE).all()
    assert (grid.values == 1).all()


def test_what_a_message_does_not_tell_is_sent_as_missing() -> None:
    quality = np.full((1, 48), Quality.UNTOLD, np.uint8)
    written = xml80020.write(message_of(np.ones((1, 48)), quality=quality))

    assert written.count(b'<value status="1"></value>') == 48


def test_names_of_other_alphabets_and_forbidden_characters_survive() -> None:
    message = message_of(np.zeros((1, 48)), name='Ω "x" <&>\x01')
    read = xml80020.read(xml80020.write(replace(message, sender_name="<Ω>\x02&"))).values

    assert read.grids[0].channels[0].name == 'Ω "x" <&>'
    assert read.sender_name == "<Ω> &"


def test_a_grid_that_is_not_its_day_is_refused() -> None:
    with pytest.raises(ValueError, match="is 50 intervals from .*, not 48"):
        xml80020.write(replace(message_of(np.zeros((1, 48))), day=date(2010, 10, 31)))


def test_names_of_files() -> None:
    m = message_of(np.zeros((1, 48)))

    assert xml80020.file_name(m) == "80020_9900000017_20240115_17.xml"
    assert xml80020.file_name(m, area="99/1") == "80020_9900000017_20240115_17_99-1.xml"


def test_several_days_are_several_files_of_a_zip() -> None:
    days = [date(2024, 1, 15), date(2024, 1, 16)]
    packed = xml80020.write_zip(
        replace(message_of(np.zeros((1, 48)), day=day), number=n) for n, day in enumerate(days)
    )

    assert zipfile.ZipFile(io.BytesIO(packed)).testzip() is None
    read = {name: xml80020.read(data).values.day for name, data in open_files("x.zip", packed)}
    assert read == {
        "80020_9900000017_20240115_0.xml": days[0],
        "80020_9900000017_20240116_1.xml": days[1],
    }


def test_a_zip_of_the_same_messages_has_the_same_bytes() -> None:
    m = message_of(np.zeros((1, 48)))

    assert xml80020.write_zip([m]) == xml80020.write_zip([m])
