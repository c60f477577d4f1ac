"""What holds whatever was delivered, in whatever order, however often the round runs."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.core.quality import Quality, is_present
from faza.readings.models import (
    DeliveredBlock,
    Finding,
    IntervalBlock,
    IntervalBlockVersion,
    Provenance,
)  # fmt: skip
from faza.readings.vee import running
from tests.readings.vee.world import (
    AT,
    FIRST,
    cells,
    daily,
    deliver,
    install,
    make_point,
    read,
    usual,
    work,
)  # fmt: skip

pytestmark = pytest.mark.django_db
DAYS = 24
PIECES = 6


def everything() -> dict[str, list]:
    """All that a round may write, but for when it was looked at."""
    return {
        model.__name__: sorted(
            (tuple(bytes(v) if isinstance(v, memoryview) else str(v) for v in row))
            for row in model.objects.values_list()
        )
        for model in (IntervalBlock, DeliveredBlock, IntervalBlockVersion, Provenance, Finding)
    }


def outcome(point: int) -> tuple:
    """What stands in the end: values, qualities, and open findings with their numbers."""
    values, quality = cells(point)
    rows = Finding.objects.filter(usage_point_id=point, state=Finding.State.OPEN)
    found = sorted(
        rows.values_list("reading_type", "rule", "start", "end", "effect", "numbers__intervals")
    )
    layers = Provenance.objects.filter(usage_point_id=point, layer__in=(1, 3))
    # By interval: parts of one stretch that were said at other times are apart.
    told = sorted(
        (kind, day, layer, cell, method)
        for kind, day, layer, first, end, method in layers.values_list(
            "reading_type", "day", "layer", "first", "end", "method"
        )
        for cell in range(first, end)
    )
    return values.tolist(), quality.tolist(), found, told


class Story:
    """Days of a household with faults, and registers, in pieces that may come in any order."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.truth = usual(DAYS, seed=seed)
        self.sent = self.truth.copy()
        self.gaps = rng.random(self.truth.shape) < 0.04
        self.gaps[rng.integers(2, DAYS - 2)] = True
        faulty = rng.integers(0, DAYS, 3)
        self.sent[faulty[0], 20] = -50
        self.sent[faulty[1], 30] = 10_000_000
        self.sent[faulty[2], 40] = self.truth.max() * 12
        self.registers = daily(self.truth)
        if seed % 2:
            # Read on some days only: longer stretches are bound.
            kept = sorted(rng.choice(list(self.registers), 8, replace=False))
            self.registers = {day: self.registers[day] for day in kept}
        self.parts = rng.permutation(DAYS) % PIECES

    def tell(self, piece: int, point, meter) -> None:
        if piece == PIECES:
            read(meter, self.registers)
            return
        rows = self.parts == piece
        missing = np.argwhere(self.gaps & rows[:, None]).tolist()
        deliver(
            point.pk, self.sent, missing=[tuple(cell) for cell in missing],
            untold=np.flatnonzero(~rows).tolist(), at=AT - timedelta(hours=1),
        )  # fmt: skip


def told(story: Story, order: list[int], *, between: bool) -> tuple:
    """The outcome of a story told in an order; undone afterwards, but for the meter's number."""
    found: list[tuple] = []
    with transaction.atomic():
        point = make_point("P")
        meter = install(point, decimals=3)
        for piece in order:
            story.tell(piece, point, meter)
            if between:
                work()
        work()
        values, quality, rows, layers = outcome(point.pk)
        found.append((values, quality, [row[1:] for row in rows], layers))
        transaction.set_rollback(True)
    return found[0]


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), order=st.permutations(range(PIECES + 1)), between=st.booleans())
def test_the_order_of_arrival_does_not_matter(seed, order, between):
    story = Story(seed)
    first = told(story, list(range(PIECES + 1)), between=False)
    other = told(story, order, between=between)
    assert other[2] == first[2]
    assert other[1] == first[1]
    assert other[0] == first[0]
    assert other[3] == first[3]


@settings(max_examples=5)
@given(seed=st.integers(0, 10_000))
def test_running_twice_changes_nothing(seed):
    story = Story(seed)
    with transaction.atomic():
        point = make_point("P")
        meter = install(point, decimals=3)
        for piece in range(PIECES + 1):
            story.tell(piece, point, meter)
        work()
        before = everything()
        last = FIRST + timedelta(days=DAYS)
        again = running.validate_points([point.pk], FIRST, last, at=AT + timedelta(minutes=1))
        assert (again.found, again.gone, again.intervals, again.days) == (0, 0, 0, 0)
        assert everything() == before
        transaction.set_rollback(True)


@settings(max_examples=8)
@given(seed=st.integers(0, 5_000))
def test_estimates_and_measured_values_are_the_register_difference(seed):
    story = Story(2 * seed)
    with transaction.atomic():
        point = make_point("P")
        meter = install(point, decimals=3)
        for piece in range(PIECES + 1):
            story.tell(piece, point, meter)
        work()
        # What comes after the last day that was delivered is another matter.
        values, quality = (array[:DAYS] for array in cells(point.pk))
        assert is_present(quality).all()
        # The spike is doubted, not rejected: it stands in its day's sum until a person decides.
        sums, wanted = values.sum(axis=1), story.truth.sum(axis=1)
        doubted = (quality == Quality.QUESTIONABLE).any(axis=1)
        assert (values[quality != Quality.QUESTIONABLE] >= 0).all()
        assert sums[~doubted].tolist() == wanted[~doubted].tolist()
        transaction.set_rollback(True)


def test_a_late_day_writes_that_day_only():
    point = make_point()
    meter = install(point)
    truth = usual(30) // 10 * 10
    deliver(point.pk, truth, untold=[17], missing=[(3, n) for n in range(20, 28)])
    read(meter, daily(truth))
    work()
    before = {row.day: (row.version, row.recorded_at) for row in IntervalBlock.objects.all()}
    deliver(point.pk, truth, untold=[n for n in range(30) if n != 17], number=2, at=AT)
    done = work(AT + timedelta(minutes=1))

    after = {row.day: (row.version, row.recorded_at) for row in IntervalBlock.objects.all()}
    changed = {day for day in after if after[day] != before[day]}
    assert changed == {FIRST + timedelta(days=17)}
    assert done.days == 0
    assert cells(point.pk)[0][17].tolist() == truth[17].tolist()
