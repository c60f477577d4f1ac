"""Laws of the store under hypothesis, on whichever engine the suite runs."""

import itertools

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from faza.core.quality import Quality
from faza.readings import packing
from faza.readings.models import IntervalBlock
from tests.readings.factories import day_of, deliver, make_point, stored

VALUES = st.one_of(
    st.integers(0, 255), st.integers(0, 70_000), st.integers(-(2**40), 2**40), st.just(0)
)
QUALITIES = st.sampled_from([0, 0, 0, 7, 8, 9, 10, 17, 255])


@given(st.data(), st.integers(44, 52), st.integers(1, 6))
def test_unpacking_gives_what_was_packed(data, length, rows):
    """Days of 44 to 52 half-hours, of every width, with and without qualities."""
    cells = st.lists(VALUES, min_size=length, max_size=length)
    codes = st.one_of(st.just([0] * length), st.lists(QUALITIES, min_size=length, max_size=length))
    quality = np.array([data.draw(codes) for _ in range(rows)], np.uint8)
    values = np.array([data.draw(cells) for _ in range(rows)], np.int64)
    values[quality == Quality.MISSING] = 0
    lengths = np.full(rows, length, np.int16)
    found = [None] * rows
    for group in packing.pack(values, quality, lengths):
        for place, row in enumerate(group.rows):
            found[row] = (group.values[place].tobytes(), group.quality[place].tobytes())
    blobs, qualities = zip(*found, strict=True)
    back, told = packing.unpack(blobs, qualities, lengths)

    assert (back == values).all()
    assert (told == quality).all()


@given(st.data())
def test_counters_add_up_to_the_day(data):
    quality = np.array([[data.draw(QUALITIES) for _ in range(48)]], np.uint8)
    values = np.array([[data.draw(st.integers(0, 9)) for _ in range(48)]])
    values[quality == Quality.MISSING] = 0
    counters = packing.count(values, quality, np.array([48], np.int16))

    assert counters.valid + counters.missing + counters.estimated == 48
    assert counters.total == values.sum()


CELL = st.sampled_from([..., None, 1, 2, 300])
MESSAGE = st.lists(CELL, min_size=3, max_size=3)


def fold(point: int, deliveries, kind: str) -> list:
    """What is stored after deliveries [(number, first cells)], each cell for eight hours."""
    for number, cells in deliveries:
        if all(cell is ... for cell in cells):
            continue
        hours = [cell for cell in cells for _ in range(8)]
        deliver(day_of(point, hours), number, kind=kind, content=repr(cells).encode())
    return stored(point)


def everything(kind: str, messages) -> list:
    """The different outcomes of all orders of arrival."""
    outcomes = []
    for order in itertools.permutations(messages):
        with transaction.atomic():
            point = make_point().pk
            outcomes.append([row[1:] for row in fold(point, order, kind)])
            transaction.set_rollback(True)
    return outcomes


@pytest.mark.django_db
@given(st.lists(MESSAGE, min_size=2, max_size=3))
def test_the_order_of_arrival_of_messages_does_not_matter(cells):
    outcomes = everything("message", list(enumerate(cells, start=1)))

    assert all(outcome == outcomes[0] for outcome in outcomes)


@pytest.mark.django_db
@given(st.lists(st.tuples(st.integers(1, 2), MESSAGE), min_size=2, max_size=3))
def test_the_order_of_a_meters_parts_does_not_matter(parts):
    """Also where two have the same moment: their content decides."""
    outcomes = everything("meter", parts)

    assert all(outcome == outcomes[0] for outcome in outcomes)


@pytest.mark.django_db
@given(st.lists(st.tuples(st.integers(1, 3), MESSAGE), min_size=1, max_size=3),
       st.sampled_from(["meter", "message"]))  # fmt: skip
def test_recording_twice_is_recording_once(deliveries, kind):
    with transaction.atomic():
        point = make_point().pk
        fold(point, deliveries, kind)
        once = list(IntervalBlock.objects.values())
        fold(point, deliveries, kind)

        assert list(IntervalBlock.objects.values()) == once
        transaction.set_rollback(True)
