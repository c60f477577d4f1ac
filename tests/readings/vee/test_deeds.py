"""What a person decides about findings and values."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.core.periods import start_of_day
from faza.core.quality import Quality, is_estimated
from faza.readings.models import Finding, Provenance
from faza.readings.vee import choosing, deeds, running
from faza.readings.vee.findings import Key
from tests.accounts.factories import make_user
from tests.readings.vee.world import (
    AT,
    FIRST,
    ZONE,
    cells,
    daily,
    deliver,
    install,
    make_point,
    open_findings,
    read,
    usual,
    work,
)  # fmt: skip

pytestmark = pytest.mark.django_db
Layer = Provenance.Layer


@pytest.fixture
def person() -> User:
    return make_user(User.Role.OPERATOR)


@pytest.fixture
def point():
    return make_point()


def at_cell(day: int, cell: int) -> datetime:
    return start_of_day(FIRST + timedelta(days=day), ZONE) + timedelta(minutes=30 * cell)


def keys(rule: str) -> list[Key]:
    rows = Finding.objects.filter(rule=rule).values_list("usage_point_id", "reading_type", "start")
    return [Key(point, kind, rule, int(start.timestamp())) for point, kind, start in rows]


def spiked(point) -> np.ndarray:
    """A month with a spike at 20.5 hours of the eleventh day."""
    values = usual(30)
    values[10, 41] = values.max() * 15
    deliver(point.pk, values)
    work()
    return values


class TestAccept:
    def test_the_values_stand_as_delivered_and_stay_so(self, point, person):
        values = spiked(point)
        assert cells(point.pk)[1][10, 41] == Quality.QUESTIONABLE

        done = deeds.accept(keys("V05"), by=person, at=AT, reason="обогрев")
        assert (done.done, done.left) == (1, ())
        assert cells(point.pk)[1][10, 41] == Quality.VALID
        running.validate_points([point.pk], FIRST, FIRST + timedelta(days=29), at=AT)
        found, quality = cells(point.pk)
        assert (found == values).all()
        assert (quality == Quality.VALID).all()
        row = Finding.objects.get(rule="V05")
        assert (row.state, row.decided_by, row.reason) == (
            Finding.State.ACCEPTED, str(person.pk), "обогрев",
        )  # fmt: skip
        entry = Entry.objects.get(action="readings.finding.accepted")
        assert entry.object_id == str(point.pk)

    def test_twice_is_once_and_says_why(self, point, person):
        spiked(point)
        deeds.accept(keys("V05"), by=person, at=AT)
        again = deeds.accept([*keys("V05"), Key(point.pk, 1, "V03", 0)], by=person, at=AT)
        assert again.done == 0
        assert {why for _, why in again.left} == {deeds.GONE_ALREADY, deeds.DECIDED_ALREADY}
        assert Entry.objects.filter(action="readings.finding.accepted").count() == 1

    def test_an_accepted_gap_stays_a_gap(self, point, person):
        deliver(point.pk, usual(30), missing=[(12, 20), (12, 21), (12, 30)])
        work()
        gap = min(keys("V01"), key=lambda key: key.start)
        deeds.accept([gap], by=person, at=AT)
        running.validate_points([point.pk], FIRST, FIRST + timedelta(days=29), at=AT)

        _, quality = cells(point.pk)
        assert quality[12, 20:22].tolist() == [Quality.MISSING] * 2
        assert is_estimated(quality[12, 30])

    def test_reopened_it_is_judged_again(self, point, person):
        spiked(point)
        deeds.accept(keys("V05"), by=person, at=AT)
        deeds.reopen(keys("V05"), by=person, at=AT)
        assert cells(point.pk)[1][10, 41] == Quality.QUESTIONABLE
        assert [rule for rule, *_ in open_findings()] == ["V05"]

    def test_more_than_was_accepted_is_found_again(self, point, person):
        deliver(point.pk, usual(30), missing=[(12, 20), (12, 21)])
        work()
        deeds.accept(keys("V01"), by=person, at=AT)
        values = usual(30)
        values[12, 30] = -5
        deliver(point.pk, values, missing=[(12, 20), (12, 21)], number=2)
        work()
        assert [rule for rule, *_ in open_findings()] == ["V03"]


class TestEstimate:
    def test_by_a_method_of_choice_the_job_leaves_it_and_late_truth_does_not(self, point, person):
        values = usual(30)
        missing = [(12, n) for n in range(20, 26)]
        deliver(point.pk, values, missing=missing)
        work()
        automatic = cells(point.pk)[0][12, 20:26].copy()
        start, end = at_cell(12, 20), at_cell(12, 26)
        changed = deeds.estimate_by(point, 1, start, end, "interpolation", by=person, at=AT)

        assert changed > 0
        chosen, quality = (array[12, 20:26] for array in cells(point.pk))
        assert (quality == Quality.INTERPOLATED).all()
        assert chosen.tolist() != automatic.tolist()
        running.validate_points([point.pk], FIRST, FIRST + timedelta(days=29), at=AT)
        assert cells(point.pk)[0][12, 20:26].tolist() == chosen.tolist()
        deliver(point.pk, values, number=2)
        work()
        assert (cells(point.pk)[0] == values).all()

    def test_a_doubtful_spike_is_estimated_within_the_register_difference(self, point, person):
        meter = install(point)
        truth = usual(30) // 10 * 10
        sent = truth.copy()
        sent[10, 41] = truth.max() * 15
        deliver(point.pk, sent, missing=[(10, 42)])
        read(meter, daily(truth))
        work()
        deeds.estimate_by(point, 1, at_cell(10, 41), at_cell(10, 43), "auto", by=person, at=AT)
        found, _ = cells(point.pk)
        assert found[10].sum() == truth[10].sum()
        assert (found[10] >= 0).all()

    def test_withdrawn_the_automatic_one_is_back(self, point, person):
        deliver(point.pk, usual(30), missing=[(12, n) for n in range(20, 26)])
        work()
        automatic = [array.copy() for array in cells(point.pk)]
        start, end = at_cell(12, 20), at_cell(12, 26)
        deeds.estimate_by(point, 1, start, end, "interpolation", by=person, at=AT)
        deeds.withdraw(
            point, 1, start, end, layer=Layer.ESTIMATE, by=person, at=AT, reason="ошибка"
        )
        assert all((a == b).all() for a, b in zip(automatic, cells(point.pk), strict=True))

    def test_in_bulk(self, point, person):
        deliver(point.pk, usual(30), missing=[(12, 20), (14, 30)])
        work()
        done = deeds.estimate_keys(keys("V01"), "like-days", by=person, at=AT)
        assert done.done == 2
        rows = Provenance.objects.filter(layer=Layer.ESTIMATE)
        assert {row.method for row in rows} == {"like-days"}

    @pytest.mark.parametrize("minutes", [(10, 40), (0, 45)])
    def test_off_the_grid_is_refused(self, point, person, minutes):
        deliver(point.pk, usual(30), missing=[(12, 20)])
        start, end = (at_cell(12, 20) + timedelta(minutes=n) for n in minutes)
        with pytest.raises(choosing.NotOnGrid):
            deeds.estimate_by(point, 1, start, end, "auto", by=person, at=AT)

    def test_an_unknown_method_or_channel_is_refused(self, point, person):
        deliver(point.pk, usual(30), missing=[(12, 20)])
        start, end = at_cell(12, 20), at_cell(12, 21)
        with pytest.raises(choosing.NoSuchMethod):
            deeds.estimate_by(point, 1, start, end, "guess", by=person, at=AT)
        with pytest.raises(choosing.NothingKnown):
            deeds.estimate_by(point, 2, start, end, "auto", by=person, at=AT)


class TestEdit:
    def test_a_persons_values_stand_over_all_until_they_are_withdrawn(self, point, person):
        values = spiked(point)
        start = at_cell(10, 40)
        deeds.edit(point, 1, start, [None, 250], by=person, at=AT, reason="акт № 7")

        found, quality = cells(point.pk)
        assert (found[10, 41], quality[10, 41]) == (250, Quality.EDITED)
        assert found[10, 40] == values[10, 40]
        deliver(point.pk, usual(30, seed=1), number=9, at=AT)
        work()
        assert cells(point.pk)[0][10, 41] == 250
        deeds.withdraw(
            point, 1, start, at_cell(10, 42), layer=Layer.OVERRIDE, by=person, at=AT, reason="x"
        )
        assert cells(point.pk)[0][10, 41] == usual(30, seed=1)[10, 41]
        actions = set(Entry.objects.values_list("action", flat=True))
        assert {"readings.override.made", "readings.override.withdrawn"} <= actions

    def test_the_rest_of_a_register_difference_follows(self, point, person):
        meter = install(point)
        truth = usual(30) // 10 * 10
        deliver(point.pk, truth, missing=[(10, n) for n in range(20, 24)])
        read(meter, daily(truth))
        work()
        deeds.edit(point, 1, at_cell(10, 20), [10], by=person, at=AT, reason="акт")
        found, _ = cells(point.pk)
        assert found[10, 20] == 10
        assert found[10].sum() == truth[10].sum()

    def test_it_needs_a_reason_and_no_negative_energy(self, point, person):
        deliver(point.pk, usual(30))
        for values, reason in (([1], ""), ([-1], "акт")):
            with pytest.raises(ValueError, match="reason|negative"):
                deeds.edit(point, 1, at_cell(1, 1), values, by=person, at=AT, reason=reason)

    def test_nothing_is_edited_before_the_days_that_are_known(self, point, person):
        deliver(point.pk, usual(3))
        with pytest.raises(choosing.NothingKnown):
            deeds.edit(
                point, 1, datetime(2020, 1, 1, tzinfo=UTC), [1], by=person, at=AT, reason="x"
            )
