"""The demo grid in a database: what is there, and what a later start adds."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.contrib.auth import authenticate

from faza.accounts.models import User
from faza.cases.models import Case
from faza.collection import services as collection
from faza.contracts import access
from faza.core.quality import Quality
from faza.demo import making, people, plan
from faza.demo.making import Prepared
from faza.demo.plan import POINTS
from faza.demo.profiles import SLOTS
from faza.demo.scenario import BY_MESSAGE, SILENT
from faza.metering.models import MeteringComplex, NetworkNode, UsagePoint
from faza.readings.models import Finding, IntervalBlockVersion, Mark, Provenance
from tests.demo.looking import AT, MONTHS, look


def is_measured(quality: np.ndarray) -> np.ndarray:
    return (quality == Quality.VALID) | (quality == Quality.QUESTIONABLE)


def test_it_is_what_the_issue_asks_for(made):
    kinds = list(NetworkNode.objects.values_list("kind", flat=True))
    assert UsagePoint.objects.count() == 66
    assert kinds.count("transformer_substation") == 4
    assert kinds.count("feeder") == 2
    assert kinds.count("substation") == 1
    assert made.prepared.points == 66
    assert made.prepared.is_new
    assert made.prepared.since == date(2026, 9, 1)
    assert timedelta(minutes=90) <= AT - made.prepared.until < timedelta(hours=2)


def test_a_second_start_does_nothing(made, undone, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        again = making.prepare(at=AT + timedelta(minutes=40), months=MONTHS)
    assert again == Prepared(made.prepared.since, made.prepared.until, 66, 0, is_new=False)


def test_later_days_are_added_and_earlier_ones_stay(made, undone):
    later = making.prepare(at=AT + timedelta(days=3))
    after = look(later)

    assert later.added > 0
    assert not later.is_new
    assert later.until == made.prepared.until + timedelta(days=3)
    values, quality = made.of("Дом")
    more, told = after.of("Дом")
    known = made.scenario.known(plan.BY_NAME["Дом"], made.prepared.until)
    assert (more[:known] == values[:known]).all()
    assert (told[:known] == quality[:known]).all()
    assert (told[known : known + 3 * SLOTS] == Quality.VALID).all()
    assert made.of(SILENT)[1].tolist() == after.of(SILENT)[1][: len(values)].tolist()


def test_flats_draw_less_than_their_house(made):
    for point in POINTS:
        if not point.is_common:
            continue
        days, house, _ = made.channels[point.code, 1]
        flats = np.zeros_like(house)
        for n in plan.leaves_below(point):
            flat_days, values, _ = made.channels[POINTS[n].code, 1]
            flats[[days.index(day) for day in flat_days]] += values
        assert (house[:-1].sum(axis=1) > flats[:-1].sum(axis=1)).all()


def test_panels_give_energy_back(made):
    exporting = {name for name in ("Дом 1", "Дом 3", "Дом 5") if made.of(name, 2)[0].sum() > 0}
    assert exporting == {"Дом 1", "Дом 3", "Дом 5"}
    assert made.of("Дом 10", 2)[0].sum() == 0


def test_gaps_stay_gaps_and_zero_is_not_missing(made):
    scenario = made.scenario
    _, quality = made.of("Мастерская")
    first = scenario.slot(scenario.ago(4), 20)
    assert not is_measured(quality[first : first + 28]).any()
    assert Quality.MISSING not in quality[first : first + 28]
    assert quality[first - 1] == quality[first + 28] == Quality.VALID
    since = scenario.slot(scenario.ago(2), 14)
    told = made.of(SILENT)[1][since:]
    assert not is_measured(told).any()
    # What is younger than a gap waits stays a gap.
    known = made.scenario.known(plan.BY_NAME[SILENT], made.prepared.until) - since
    assert (told[known - 40 : known] == Quality.MISSING).all()
    assert (made.of("Дом", 2)[1][: 30 * SLOTS] == Quality.VALID).all()


def test_an_estimate_adds_up_to_what_the_registers_say(made):
    flows = making.truth_of(made.scenario, made.prepared.until)
    laid = [
        s for s in made.scenario.stretches()
        if POINTS[s.point].name in ("Мастерская", "Аптека", "Дом") and s.quality == Quality.MISSING
    ]  # fmt: skip
    assert len(laid) == 5
    for stretch in laid:
        values, quality = made.of(POINTS[stretch.point].name)
        assert not is_measured(quality[stretch.first : stretch.end]).any()
        assert Quality.MISSING not in quality[stretch.first : stretch.end]
        # Registers are of midnights, and of these points each gap lies between two of them.
        days = slice(stretch.first // SLOTS * SLOTS, -(-stretch.end // SLOTS) * SLOTS)
        truth = flows.primary[0, stretch.point, days].sum()
        step = 10 * float(POINTS[stretch.point].ratio)
        assert abs(values[days].sum() - truth) <= step
    told = Provenance.objects.filter(layer=Provenance.Layer.ESTIMATE)
    assert "like-days" in set(told.values_list("method", flat=True))


def test_each_usual_rule_has_something_to_tell(made):
    rules = Finding.objects.filter(state=Finding.State.OPEN).values_list("rule", flat=True)
    assert {"V01", "V05", "V06", "V07", "V18"} <= set(rules)
    assert not Mark.objects.exists()
    accepted = Finding.objects.filter(state=Finding.State.ACCEPTED)
    assert "V15" in set(accepted.values_list("rule", flat=True))


def test_people_have_asked(made):
    states = Case.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["answered", "in_work", "new"]


def test_some_intervals_are_doubtful(made):
    _, quality = made.of('Пекарня "Каравай"')
    day = made.scenario.slot(made.scenario.ago(6))
    assert (quality[day : day + SLOTS] == Quality.QUESTIONABLE).sum() == 5


def test_a_day_sent_twice_is_the_second_one_and_the_first_is_kept(made):
    scenario = made.scenario
    flows = making.truth_of(scenario, made.prepared.until)
    first = scenario.slot(scenario.sent_twice)
    for name in BY_MESSAGE:
        values, quality = made.of(name)
        truth = flows.primary[0, plan.BY_NAME[name], first : first + SLOTS]
        assert (values[first : first + SLOTS] == truth).all()
        assert not quality[first : first + SLOTS].any()
    kept = IntervalBlockVersion.objects.filter(day=scenario.sent_twice, n_missing=12)
    assert kept.count() == 4


def test_files_can_be_imported(made, undone):
    files = sorted((Path(settings.HOME) / "demo").glob("80020_*.xml"))
    assert len(files) == 3
    again = collection.import_files(files[:2], at=AT)
    assert (again.n_problems, again.changed) == (0, 0)
    _, quality = made.of(BY_MESSAGE[0])
    first = made.scenario.slot(made.scenario.awaited)
    assert not is_measured(quality[first : first + SLOTS]).any()
    new = collection.import_files([files[2]], at=AT)
    assert (new.n_problems, new.changed) == (0, 2 * 4 * SLOTS)
    _, quality = look(made.prepared).of(BY_MESSAGE[0])
    assert (quality[first : first + SLOTS] == Quality.VALID).all()


def test_a_day_of_one_substation_came_late(made):
    from faza.readings.models import IntervalBlock

    day = made.scenario.late
    names = {'Автосервис "Колея"': 16, "Аптека": 0}
    found = {}
    for name in names:
        code = POINTS[plan.BY_NAME[name]].code
        block = IntervalBlock.objects.get(usage_point_id=made.ids[code], reading_type=1, day=day)
        found[name] = block.recorded_at
    assert found['Автосервис "Колея"'] - found["Аптека"] == timedelta(hours=16)


class TestPeople:
    def test_everybody_signs_in_with_the_one_password(self, made):
        for login in people.LOGINS:
            user = authenticate(None, email=login.email, password=people.PASSWORD)
            assert user is not None
            assert user.role == login.role

    @pytest.mark.parametrize(
        ("local", "count"),
        [("kovaleva", 7), ("lugovoy", 1), ("energetik", 3), ("operator", 66), ("admin", 66),
         ("supplier", 54), ("manager", 4), ("auditor", 66)],
    )  # fmt: skip
    def test_everybody_sees_the_own_points(self, made, local, count):
        user = User.objects.get(email=f"{local}@{people.DOMAIN}")
        assert access.usage_points_of(user, at=AT).count() == count

    def test_two_owners_of_one_flat_see_the_own_time(self, made):
        windows = [
            access.windows_of(User.objects.get(email=f"{local}@{people.DOMAIN}"), at=AT)
            for local in ("ryabinin", "sorokina")
        ]
        (before,), (now,) = windows
        assert before.usage_point == now.usage_point
        assert before.period.end == now.period.start
        assert made.scenario.since < before.period.end.date() < AT.date()


def test_verifications_are_due_soon_and_past(made):
    due = dict(
        MeteringComplex.objects.filter(valid_to=None).values_list(
            "usage_point__name", "meter__verification_due"
        )
    )
    assert timedelta(0) < due["Гараж"] - AT.date() < timedelta(days=120)
    assert due["Квартира 45"] < AT.date()
