"""A utility of many points: who has what, readings in parts, and going on where it was."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from faza.accounts.models import User
from faza.contracts.access import windows_of
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.core.periods import start_of_day
from faza.demo.crowd import building, filling, run
from faza.demo.crowd.filling import Span
from faza.demo.crowd.plan import Plan, base_of, drawn, plan_of
from faza.demo.making import AnotherGrid
from faza.demo.plan import MOSCOW
from faza.metering.models import MeteringComplex, NetworkNode, UsagePoint
from faza.readings.models import IntervalBlock, RegisterReading
from tests.readings.factories import make_point

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
POINTS, DAYS = 430, 40


class TestPlan:
    @pytest.mark.parametrize("points", [1, 7, 430, 100_000])
    def test_every_point_is_somebodys(self, points):
        plan = plan_of(points)
        assert plan.sizes.sum() == points
        assert (plan.sizes > 0).all()

    def test_it_has_the_shape_of_a_real_one(self):
        plan = plan_of(100_000)
        persons, firms = plan.sizes[: plan.n_persons], plan.sizes[plan.n_persons :]
        assert set(persons.tolist()) == {1, 2, 3}
        assert np.mean(persons == 1) == pytest.approx(0.85, abs=0.01)
        assert persons.sum() == pytest.approx(90_000, abs=1)
        assert (firms >= 1000).sum() == 3
        assert (firms >= 100).sum() == 13

    def test_what_is_drawn_follows_from_point_and_day_alone(self):
        points = np.arange(20)
        whole = drawn(points, date(2026, 2, 20), 20, firms_from=18)
        later = drawn(points[5:], date(2026, 3, 1), 4, firms_from=18)
        assert (whole[5:, 9 * 48 : 13 * 48] == later).all()
        assert (whole >= 0).all()
        home, firm = whole[:18].sum(axis=1).mean() / 20, whole[18:].sum(axis=1).mean() / 20
        assert 3_000 < home < 30_000  # Wh a day
        assert firm > 4 * home

    def test_too_many_are_refused(self):
        with pytest.raises(ValueError, match="points"):
            plan_of(10_000_001)


def made(points=POINTS, days=DAYS, *, at=AT, step=31):
    return run.make(points, days, step=step, at=at)


@pytest.mark.django_db
class TestMaking:
    def test_a_utility_is_made_with_its_readings(self):
        done = made()
        plan = plan_of(POINTS)
        assert done.values == POINTS * DAYS * 48
        assert UsagePoint.objects.count() == MeteringComplex.objects.count() == POINTS
        assert AgreementPoint.objects.count() == POINTS
        assert CustomerAgreement.objects.count() == len(plan.sizes)
        assert Customer.objects.count() == len(plan.sizes) + 1  # the supplier
        assert NetworkNode.objects.filter(kind="transformer_substation").count() == 3
        assert IntervalBlock.objects.count() == POINTS * DAYS
        self.check_values()
        self.check_registers(plan)
        self.check_people(plan)
        again = made()
        assert (again.values, again.registers) == (0, 0)

    def check_values(self):
        point = UsagePoint.objects.get(code=building.code_of(7))
        stored = IntervalBlock.objects.get(usage_point=point, reading_type=1, day="2026-02-10")
        expected = drawn(np.array([7]), date(2026, 2, 10), 1, firms_from=plan_of(POINTS).of_persons)
        assert (stored.total, stored.n_valid) == (expected.sum(), 48)

    def check_registers(self, plan: Plan):
        """A meter's month is what its half-hours add up to."""
        assert RegisterReading.objects.count() == POINTS * 2  # of February and March
        shown = filling._shown(
            filling._ids(plan), base_of(np.arange(POINTS)), date(2026, 1, 23),
            [date(2026, 2, 1), date(2026, 3, 1)],
        )  # fmt: skip
        february = drawn(np.arange(POINTS), date(2026, 2, 1), 28, firms_from=plan.of_persons)
        assert (shown[:, 1] - shown[:, 0] == february.sum(axis=1)).all()

    def check_people(self, plan: Plan):
        user = User.objects.get(email=f"person00001@{building.DOMAIN}")
        windows = windows_of(user, at=AT)
        assert len(windows.points) == plan.sizes[0]
        start = start_of_day(date(2026, 1, 23) - timedelta(days=30), MOSCOW)
        assert {window.period.start for window in windows} == {start}
        assert User.objects.filter(role=User.Role.OPERATOR).count() == 1
        assert "person00001@" in run.logins(plan)

    def test_what_was_interrupted_goes_on(self, monkeypatch):
        monkeypatch.setattr(filling, "ROWS", 31 * 100)
        deliver, calls = filling._deliver, []

        def torn(*arguments):
            if len(calls) == 3:
                raise KeyboardInterrupt
            calls.append(arguments)
            return deliver(*arguments)

        monkeypatch.setattr(filling, "_deliver", torn)
        with pytest.raises(KeyboardInterrupt):
            made()
        assert IntervalBlock.objects.count() == 3 * 100 * 31
        calls.clear()
        monkeypatch.setattr(filling, "_deliver", lambda *told: calls.append(told) or deliver(*told))
        assert made().values == (POINTS * DAYS - 3 * 100 * 31) * 48
        assert len(calls) == 2 + 2  # what is left of the first month, and nine days of all

    def test_points_that_were_interrupted_go_on(self, monkeypatch):
        monkeypatch.setattr(building, "PART", 100)
        part, calls = building._part, []

        def torn(*arguments):
            if len(calls) == 2:
                raise KeyboardInterrupt
            calls.append(arguments)
            part(*arguments)

        monkeypatch.setattr(building, "_part", torn)
        with pytest.raises(KeyboardInterrupt):
            made(days=1)
        monkeypatch.undo()
        assert 200 <= UsagePoint.objects.count() < POINTS
        made(days=1)
        assert UsagePoint.objects.count() == AgreementPoint.objects.count() == POINTS

    def test_the_next_day_adds_that_day(self):
        made(20, 3)
        assert made(20, 3, at=AT + timedelta(days=1)).values == 20 * 48

    def test_another_grid_is_left_alone(self):
        make_point()
        with pytest.raises(AnotherGrid):
            made(20, 3)
        assert UsagePoint.objects.count() == 1

    def test_another_size_is_refused(self):
        made(20, 1)
        with pytest.raises(AnotherGrid, match="20"):
            made(30, 1)

    def test_a_day_at_once_gives_the_same(self):
        assert made(20, 5, step=1).values == 20 * 5 * 48
        assert made(20, 5, step=31).values == 0


class TestSpan:
    def test_the_last_part_is_what_is_left(self):
        span = Span(date(2026, 1, 30), date(2026, 2, 6), 3)
        assert list(span.parts()) == [
            (date(2026, 1, 30), 3), (date(2026, 2, 2), 3), (date(2026, 2, 5), 1),
        ]  # fmt: skip
