"""What is marked beside deliveries, what waits, and the jobs."""

from datetime import timedelta

import numpy as np
import pytest

from faza.collection import warnings
from faza.core.quality import Quality, is_estimated
from faza.events.batches import EventBatch
from faza.jobs import registry, worker
from faza.jobs.models import Job
from faza.metering.models import NetworkNode
from faza.readings.models import Finding, Mark, RuleSetting
from faza.readings.vee import marking, running, settings
from tests.readings.vee.test_deeds import at_cell
from tests.readings.vee.world import (
    AT,
    FIRST,
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
MAGNET_ON, MAGNET_OFF = (4, 1), (4, 2)


def event(point: int, meter: int, journal: int, code: int, moment, **details) -> EventBatch:
    return EventBatch(
        usage_points=np.array([point]), meters=np.array([meter]),
        moments=np.array([int(moment.timestamp())]), journals=np.array([journal]),
        codes=np.array([code]), numbers=np.array([0]), details=(details,),
    )  # fmt: skip


class TestEvents:
    def test_days_stored_before_a_magnet_was_known_are_doubted_then(self):
        point = make_point()
        meter = install(point)
        deliver(point.pk, usual(30))
        work()
        assert (cells(point.pk)[1] == Quality.VALID).all()
        for pair, cell in ((MAGNET_ON, 10), (MAGNET_OFF, 16)):
            batch = event(point.pk, meter.meter_id, *pair, at_cell(20, cell))
            warnings.record(batch, source=0, at=AT)
        work()

        quality = cells(point.pk)[1]
        assert (quality[20, 10:16] == Quality.QUESTIONABLE).all()
        assert (np.delete(quality, 20, axis=0) == Quality.VALID).all()
        assert {rule for rule, *_ in open_findings()} == {"V17"}

    def test_a_clock_that_was_set_touches_the_intervals_around(self):
        point = make_point()
        meter = install(point)
        deliver(point.pk, usual(30))
        work()
        told = {"before": -1500.0, "after": 0.0}
        batch = event(point.pk, meter.meter_id, 1003, 8, at_cell(20, 10), **told)
        warnings.record(batch, source=0, at=AT)
        work()
        assert np.flatnonzero(cells(point.pk)[1][20]).tolist() == [9, 10]
        assert {rule for rule, *_ in open_findings()} == {"V10"}

    def test_other_events_mark_nothing(self):
        point = make_point()
        warnings.record(event(point.pk, 0, 2, 1, at_cell(1, 1)), source=0, at=AT)
        assert not Mark.objects.filter(purpose=Mark.Purpose.VALIDATE).exists()


class TestWaiting:
    def test_a_young_gap_is_left_to_reading_and_estimated_when_it_has_waited(self):
        point = make_point()
        values = usual(30)
        deliver(point.pk, values, missing=[(29, 30), (29, 31)])
        work()
        assert not is_estimated(cells(point.pk)[1]).any()
        assert [rule for rule, *_ in open_findings()] == ["V01"]

        later = AT + timedelta(days=1)
        assert marking.mark_aged(at=later) > 0
        work(later)
        assert is_estimated(cells(point.pk)[1][29, 30:32]).all()

    def test_a_channel_that_has_fallen_silent_is_found_by_time_alone(self):
        point = make_point()
        deliver(point.pk, usual(28))
        work(AT)
        # Until noon of the day before, for a day is what reading is given.
        assert is_estimated(cells(point.pk)[1][28:]).sum() == 48 + 24
        marking.mark_aged(at=AT + timedelta(days=1))
        work(AT + timedelta(days=1))
        assert is_estimated(cells(point.pk)[1][28:]).sum() == 2 * 48 + 24
        assert {rule for rule, *_ in open_findings()} == {"V01"}

    def test_how_long_is_a_setting_of_the_place(self):
        point = make_point()
        parameters = {"wait": 200}
        RuleSetting.objects.create(node=point.node, rule="V01", parameters=parameters)
        deliver(point.pk, usual(30), missing=[(25, 30)])
        work()
        assert not is_estimated(cells(point.pk)[1]).any()
        assert marking.mark_aged(at=AT + timedelta(days=4)) > 0
        work(AT + timedelta(days=4))
        assert is_estimated(cells(point.pk)[1][25, 30])


class TestSettings:
    def test_the_nearest_node_wins_then_everywhere_then_the_default(self):
        root = NetworkNode.objects.create(
            code="R", name="R", kind="organisation", path="0000000901/", pk=901
        )
        leaf = NetworkNode.objects.create(
            code="L", name="L", kind="building", path="0000000901/0000000902/", pk=902, parent=root
        )
        RuleSetting.objects.create(rule="V04", parameters={"margin": 1})
        RuleSetting.objects.create(rule="V04", node=root, parameters={"margin": 2})
        RuleSetting.objects.create(rule="V05", node=leaf, is_on=False)
        RuleSetting.objects.create(rule="V03", node=leaf, effect=0)
        found = settings.in_force({root.path, leaf.path, "0000000999/"})
        margins = [found[path]["V04"]["margin"] for path in (leaf.path, root.path, "0000000999/")]
        assert margins == [2, 2, 1]
        assert "V05" not in found[leaf.path]
        assert "V05" in found[root.path]
        assert [found[path]["V03"]["effect"] for path in (leaf.path, root.path)] == [0, 2]

    def test_a_rule_switched_off_finds_nothing_and_what_it_found_goes(self):
        point = make_point()
        values = usual(30)
        values[10, 41] = values.max() * 15
        deliver(point.pk, values)
        work()
        assert cells(point.pk)[1][10, 41] == Quality.QUESTIONABLE
        RuleSetting.objects.create(rule="V05", node=point.node, is_on=False)
        marking.mark_points([point.pk], None, None, at=AT)
        work()
        assert (cells(point.pk)[1] == Quality.VALID).all()
        assert Finding.objects.get(rule="V05").state == Finding.State.GONE


class TestJobs:
    def test_the_round_runs_by_itself_and_tells_what_it_did(self, monkeypatch):
        point = make_point()
        deliver(point.pk, usual(30), missing=[(20, 30)])
        registry.load()
        monkeypatch.setattr(registry, "rounds", {"readings.validate": 1})
        loop = worker.Loop()
        loop.start_rounds(at=AT)
        worker.run_waiting()
        job = Job.objects.get(kind="readings.validate")
        assert job.result["points"] == 1
        assert job.result["failed"] == 0
        assert is_estimated(cells(point.pk)[1][20, 30])

    def test_a_point_that_cannot_be_worked_does_not_stop_the_others(self, monkeypatch, caplog):
        points = [make_point(f"P{n}").pk for n in range(4)]
        for point in points:
            deliver(point, usual(10), missing=[(5, 30)])
        usually = running.work

        def failing(marked, **kwargs):
            if points[2] in marked:
                raise RuntimeError("a poisoned point")
            return usually(marked, **kwargs)

        monkeypatch.setattr(running, "work", failing)
        done = running.validate(at=AT)
        assert (done.points, done.failed) == (3, 1)
        assert [is_estimated(cells(point)[1][5, 30]) for point in points] == [
            True, True, False, True,
        ]  # fmt: skip
        left = Mark.objects.filter(purpose=Mark.Purpose.VALIDATE)
        assert set(left.values_list("usage_point_id", flat=True)) == {points[2]}
        assert "cannot be validated" in caplog.text


def test_registers_of_a_point_without_days_are_looked_at_too():
    point = make_point()
    meter = install(point)
    shown = daily(usual(4))
    shown[FIRST + timedelta(days=3)] = 5
    read(meter, shown)
    work()
    assert {rule for rule, *_ in open_findings()} == {"V09"}
