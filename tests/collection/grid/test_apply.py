"""Applying and taking back: everything or nothing, once, and exactly."""

from datetime import UTC, datetime, timedelta

import pytest

from faza.audit.models import Entry
from faza.collection.grid import files, services, undoing, working
from faza.collection.models import GridImport
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.metering import services as metering
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    MeterModel,
    NetworkNode,
    UsagePoint,
)
from tests.collection.grid.factories import AT, applied, begin, root, row, trial, tried, undone

pytestmark = pytest.mark.django_db

MODELS = (NetworkNode, UsagePoint, Meter, MeteringComplex, InstrumentTransformer, MeterModel,
          Customer, CustomerAgreement, AgreementPoint)  # fmt: skip
LINK = MeteringComplex.transformers.through


def everything() -> dict[str, list]:
    """All rows of what an import may touch."""
    found = {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}
    return found | {"link": sorted(LINK.objects.values_list(
        "meteringcomplex_id", "instrumenttransformer_id"))}  # fmt: skip


def test_what_was_found_is_made(by):
    one = applied(trial([row(1), row(2, phases="1", meter_model="Ладья-1", ct_type="",
                                     ct_ratio="", ct_a="", ct_b="", ct_c="")], by))  # fmt: skip

    assert (one.state, one.applied_at) == ("applied", AT)
    point = UsagePoint.objects.select_related("node__parent").get(code=row(1)["point_code"])
    assert (point.name, point.node.name, point.node.parent.name) == ("КЛ-1", "РУ-0,4", "ТП-1")
    assert point.node.kind == "switchboard"
    assert point.node.path.startswith(root().path)
    complex_ = point.complexes.get()
    assert (complex_.meter.number, complex_.role) == ("41207661", "billing")
    assert complex_.valid_from == datetime(2024, 3, 31, 21, tzinfo=UTC)
    assert (complex_.ct_numerator, complex_.ct_denominator) == (200, 5)
    plates = complex_.transformers.order_by("phase").values_list("phase", "number", "kind")
    assert list(plates) == [("A", "101", "CT"), ("B", "102", "CT"), ("C", "103", "CT")]
    bound = AgreementPoint.objects.get(usage_point=point)
    assert (bound.agreement.number, bound.agreement.customer.name) == (
        "Ю-1/20", "ООО «Пример 1»")  # fmt: skip
    assert bound.agreement.kind == "energy_supply"
    other = MeteringComplex.objects.get(usage_point__code=row(2)["point_code"])
    assert (other.ct_numerator, other.ct_denominator) == (1, 1)


def test_every_thing_is_in_the_trail_under_the_persons_name(by):
    applied(trial([row(1)], by))

    entries = Entry.objects.filter(person__user=by.pk)
    made = set(entries.values_list("action", flat=True))
    assert {
        "collection.grid.uploaded", "collection.grid.applied", "metering.node.added",
        "metering.usage_point.added", "metering.meter.added", "metering.complex.installed",
        "metering.transformer.added", "contracts.customer.added", "contracts.agreement.signed",
        "contracts.point.bound",
    } <= made  # fmt: skip
    point = UsagePoint.objects.get()
    assert entries.filter(object_kind="metering.usagepoint", object_id=str(point.pk)).count() == 1
    assert "Пример 1" not in str(list(entries.values_list("after", flat=True)))


def test_rows_with_errors_are_left_out_only_if_chosen_so(by):
    one = trial([row(1), row(2, ct_ratio="200-5", node="Сети\\ТП-7")], by)
    with pytest.raises(services.NotNow):
        services.begin_applying(one, skip_errors=False, by=by, at=AT)

    applied(one, skip_errors=True)

    assert UsagePoint.objects.count() == 1
    # Nor is a place made that only a row with an error stands at.
    assert not NetworkNode.objects.filter(name="ТП-7").exists()


def test_applying_twice_applies_once(by):
    one = trial([row(1)], by)
    services.begin_applying(one, skip_errors=False, by=by, at=AT)
    working.run_applying(one.pk, at=AT)
    before = everything()

    working.run_applying(one.pk, at=AT)

    assert everything() == before
    with pytest.raises(services.NotNow):
        services.begin_applying(one, skip_errors=False, by=by, at=AT)


def test_the_same_file_again_changes_nothing(by):
    applied(trial([row(1), row(2)], by))

    assert trial([row(1), row(2)], by).counts["same"] == 2


def test_what_changed_since_the_trial_is_noticed_and_nothing_is_made(by):
    one, two = trial([row(1), row(2)], by), trial([row(1, address="иначе")], by)
    applied(two)
    services.begin_applying(one, skip_errors=False, by=by, at=AT)
    before = everything()

    with pytest.raises(working.Changed):
        working.run_applying(one.pk, at=AT)

    assert everything() == before
    one.refresh_from_db()
    assert (one.state, one.error) == ("checked", "changed")
    services.try_again(one, by=by, at=AT)
    one = tried(one)
    assert (one.counts["new"], one.counts["changed"]) == (1, 1)


def test_a_failure_in_the_middle_leaves_nothing(by, monkeypatch):
    one = trial([row(1)], by)
    services.begin_applying(one, skip_errors=False, by=by, at=AT)
    before = everything()
    monkeypatch.setattr("faza.collection.grid.applying._Work._bindings", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        working.run_applying(one.pk, at=AT)

    assert everything() == before
    # The job failed; the person frees the import and goes on.
    from faza.jobs.models import Job

    Job.objects.filter(pk=GridImport.objects.get(pk=one.pk).job).update(state="failed", ended_at=AT)
    assert services.let_go(one, by=by, at=AT).state == "checked"


class TestUndo:
    def test_exactly_what_was_made_goes_and_what_changed_is_as_before(self, by):
        applied(trial([row(1), row(2)], by))
        before = everything()
        rows = [
            row(1, address="Новая, 1", point_name="КЛ-1а", verification_due="01.01.2040"),
            row(2, meter_number="900", ct_a="901", ct_b="902", ct_c="903",
                installed_from="01.05.2025"),
            row(3, node="Сети\\ТП-9\\РУ-1"),
        ]  # fmt: skip
        one = trial(rows, by)
        services.decide(one, code="meter-differs", by=by, at=AT)
        one = applied(tried(one))
        assert everything() != before

        one = undone(one, at=AT + timedelta(days=6))

        assert everything() == before
        assert (one.state, one.made) == ("undone", {})
        assert Entry.objects.filter(action="collection.grid.undone").count() == 1

    def test_not_after_seven_days(self, by):
        one = applied(trial([row(1)], by))
        with pytest.raises(undoing.CannotUndo) as problem:
            services.begin_undoing(one, by=by, at=AT + timedelta(days=7))
        assert problem.value.reasons[0][0] == "late"

    def test_not_with_readings(self, by, monkeypatch):
        one = applied(trial([row(1)], by))
        monkeypatch.setattr(
            "faza.collection.grid.scope.points_with_readings", lambda points: set(points)
        )
        with pytest.raises(undoing.CannotUndo) as problem:
            services.begin_undoing(one, by=by, at=AT)
        assert problem.value.reasons == [("readings", 1, row(1)["point_code"])]

    def test_not_over_what_others_did_later(self, by):
        one = applied(trial([row(1)], by))
        complex_ = MeteringComplex.objects.get()
        metering.remove(installed=complex_, valid_to=AT, at=AT, by=by)
        before = everything()

        with pytest.raises(undoing.CannotUndo) as problem:
            services.begin_undoing(one, by=by, at=AT)

        assert {reason[0] for reason in problem.value.reasons} == {"later"}
        assert everything() == before

    def test_not_under_what_others_built_upon_it(self, by):
        one = applied(trial([row(1)], by))
        applied(trial([row(2)], by))  # stands at the places of the first

        with pytest.raises(undoing.CannotUndo) as problem:
            services.begin_undoing(one, by=by, at=AT)

        assert "built" in {reason[0] for reason in problem.value.reasons}

    def test_what_came_between_asking_and_doing_is_noticed(self, by):
        one = applied(trial([row(1)], by))
        services.begin_undoing(one, by=by, at=AT)
        applied(trial([row(2)], by))
        before = everything()

        with pytest.raises(undoing.CannotUndo):
            working.run_undoing(one.pk, at=AT)

        assert everything() == before
        one.refresh_from_db()
        assert one.state == "applied"

    def test_twice_is_once(self, by):
        one = undone(applied(trial([row(1)], by)))
        assert working.run_undoing(one.pk, at=AT) == {}


class TestKeeping:
    def test_the_file_is_kept_for_its_owner_only_and_outside_of_the_web(self, by, settings):
        one = begin([row(1)], by)
        path = settings.HOME / "files" / "grid" / one.kept_as
        assert path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600

    def test_put_aside_removes_what_names_people(self, by, django_capture_on_commit_callbacks):
        one = trial([row(1)], by)
        with django_capture_on_commit_callbacks(execute=True):
            services.put_aside(one, by=by, at=AT)
        kept, one = one.kept_as, GridImport.objects.get(pk=one.pk)
        assert (one.state, one.kept_as, one.rows.count()) == ("closed", "", 0)
        with pytest.raises(FileNotFoundError):
            files.load(kept)

    def test_old_imports_are_emptied_and_what_they_made_stays(self, by):
        one = applied(trial([row(1)], by))
        assert services.sweep(AT + timedelta(seconds=1), AT) == 1
        assert services.sweep(AT + timedelta(seconds=1), AT) == 0
        one.refresh_from_db()
        assert (one.made, one.groups, one.rows.count(), one.state) == ({}, [], 0, "applied")
        assert UsagePoint.objects.count() == 1

    def test_a_trial_that_was_put_aside_leaves_nothing(self, by):
        one = begin([row(1)], by)
        services.put_aside(one, by=by, at=AT)
        working.run_trial(one.pk, at=AT)
        one.refresh_from_db()
        assert (one.state, one.rows.count()) == ("closed", 0)
