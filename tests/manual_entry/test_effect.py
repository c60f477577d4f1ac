"""What an approved reading does to estimates, consumption, cost and reports; withdrawn, undone.

A home of one kWh an hour until 10 March, then nothing until the 20th: what the meter's register
and the typed one differ by is what flowed in between.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from faza.charges import keeping
from faza.charges.models import ChargeMonth
from faza.core.periods import Period
from faza.core.quality import Quality
from faza.core.windows import Window, Windows
from faza.manual_entry import queries, services
from faza.manual_entry.models import Entry, EntryRule
from faza.manual_entry.rules.moves import State
from faza.readings import queries as readings
from faza.readings.models import RegisterReading, RegisterReadingVersion
from faza.readings.register_queries import readings_between, register_consumption
from faza.readings.vee import running
from faza.reports import registry
from tests.accounts.factories import make_user
from tests.charges.world import APRIL, MARCH, make_home, measure, moment
from tests.readings import meters

pytestmark = pytest.mark.django_db
ZONE = "Europe/Moscow"
GONE, BACK = date(2026, 3, 10), date(2026, 3, 20)
TYPED = moment(BACK) + timedelta(hours=12, minutes=7)
"""Twelve of its day's hours are measured before the nearest hour."""
BEFORE = 1_000_000
LATER = datetime(2026, 5, 20, 9, tzinfo=UTC)
WH = 300_000
"""What the register has counted from GONE to TYPED."""


@pytest.fixture
def home():
    """A point with its gap, whose days and months were worked."""
    EntryRule.objects.create(first_day=1, last_day=31, silent_days=None, made_at=LATER)
    point, meter, agreement = make_home()
    measure(point, date(2026, 2, 1), GONE)
    measure(point, BACK, APRIL, number=2)
    meters.read(point, meter, moment(MARCH), BEFORE - 9 * 24_000)
    meters.read(point, meter, moment(GONE), BEFORE)
    work()
    return point, meter, agreement


@pytest.fixture
def people():
    return make_user(), make_user()


def work(at=LATER):
    """Validation, estimates and months, as the jobs make them."""
    while running.validate(at=at).points:
        pass
    keeping.keep(at=at)


def type_in(point, by, counted=WH, token="1"):
    (due,) = queries.due([point], at=TYPED)
    return services.send(
        due=due, shown={0: BEFORE + counted}, way=Entry.Way.CABINET, token=token, by=by, at=TYPED,
        confirmed=True,
    )  # fmt: skip


def windows(point):
    return Windows((Window(point.pk, ZONE, Period(moment(MARCH), moment(APRIL))),))


def filled(point):
    """Wh of the gap's cells by day, all estimated."""
    found = readings.consumption(windows(point), [1], GONE, BACK, "day", until=LATER)
    assert (found.n_estimated == found.n_expected).all()
    return found.total[0].tolist()


def cost(point):
    row = ChargeMonth.objects.get(usage_point=point.pk, month=MARCH)
    return row.volume, row.kopecks, row.basis


def report(point, kind):
    """A report of 1 to 20 March as plain rows: its end is near the typed reading."""
    made = registry.kind(kind)
    asked = {"period": "any", "from": "2026-03-01", "to": BACK.isoformat()}
    parameters = made.read(asked, LATER.date()).parameters
    table = made.make(windows(point), parameters, LATER)
    return [[str(list(cells.values)) for cells in block.cells] for block in table.blocks]


def everything(point):
    """All that any page asks of the point and month."""
    counted = register_consumption(windows(point), Period(moment(GONE), TYPED), [0])
    rows = readings_between(windows(point), Period(moment(MARCH), moment(APRIL)))
    return {
        "gap": filled(point),
        "cost": cost(point),
        "registers": (rows.keys().tolist(), rows.values[:, 0].tolist()),
        "counted": counted.rounded.tolist(),
        "last": queries.due([point], at=LATER)[0].dials[0].last,
        **{kind: report(point, kind) for kind in ("readings", "detail", "load-profile")},
    }


class TestApproved:
    def test_estimates_of_the_gap_sum_to_what_the_registers_differ_by(self, home, people):
        point, *_ = home
        before = sum(filled(point))
        services.approve(entry=type_in(point, people[0]), by=people[1], at=TYPED)
        work()

        # The twelve hours of the typed day that were measured are not the gap's.
        assert sum(filled(point)) == WH - 12_000
        assert sum(filled(point)) != before

    def test_within_a_kwh_an_estimate_that_agrees_stays(self, home, people):
        """Nobody knows the step of a typed reading better than it was read."""
        point, *_ = home
        before = filled(point)
        services.approve(
            entry=type_in(point, people[0], sum(before) + 12_000 - 500), by=people[1], at=TYPED
        )
        work()
        assert abs(sum(filled(point)) - sum(before)) <= 1_000

    def test_consumption_cost_history_and_reports_have_it(self, home, people):
        point, *_ = home
        before = everything(point)
        services.approve(entry=type_in(point, people[0]), by=people[1], at=TYPED)
        work()
        after = everything(point)

        assert not {name for name in before if before[name] == after[name]}
        volume, kopecks, _basis = after["cost"]
        assert volume == (9 + 12) * 24_000 + WH - 12_000
        assert kopecks == round(volume / 1000) * 582
        assert after["counted"] == [[WH]]
        assert after["last"] == BEFORE + WH
        assert "1300" in str(after["readings"])
        assert after["registers"][0][-1] == [
            point.pk, home[1].pk, int(TYPED.timestamp()), RegisterReading.Kind.MANUAL,
        ]  # fmt: skip

    def test_corrected_the_desks_value_counts_everywhere(self, home, people):
        point, *_ = home
        services.approve(
            entry=type_in(point, people[0]), by=people[1], at=TYPED,
            corrected={0: BEFORE + WH - 30_000},
        )  # fmt: skip
        work()
        assert sum(filled(point)) == WH - 42_000
        assert everything(point)["counted"] == [[WH - 30_000]]

    def test_what_the_meter_tells_later_outranks_it(self, home, people):
        """The meter's own registers about the typed moment bound the gap more closely."""
        point, meter, _ = home
        services.approve(entry=type_in(point, people[0]), by=people[1], at=TYPED)
        work()
        meters.read(point, meter, moment(BACK), BEFORE + 200_000)
        work()
        assert sum(filled(point)) == 200_000


class TestNot:
    def test_what_waits_or_is_refused_counts_nowhere(self, home, people):
        point, *_ = home
        before = everything(point)
        entry = type_in(point, people[0])
        work()
        assert everything(point) == before

        services.refuse(entry=entry, reason="Нечёткое фото", by=people[1], at=TYPED)
        work()
        assert everything(point) == before

    def test_withdrawn_all_is_as_before_and_the_versions_tell(self, home, people):
        point, *_ = home
        before = everything(point)
        entry = type_in(point, people[0])
        services.approve(entry=entry, by=people[1], at=TYPED)
        work()
        services.withdraw(entry=entry, reason="Не тот счётчик", by=people[1], at=LATER)
        work(LATER + timedelta(hours=1))

        assert everything(point) == before
        entry.refresh_from_db()
        assert entry.state == State.WITHDRAWN
        kept = RegisterReadingVersion.objects.filter(usage_point_id=point.pk)
        assert kept.count() == 1

    def test_a_typed_reading_accuses_no_profile(self, home, people):
        """Measured hours hold more than it: a finding is made by the meter's own registers only."""
        point, *_ = home
        services.approve(entry=type_in(point, people[0], 1_000), by=people[1], at=TYPED)
        work()
        assert sum(filled(point)) >= 0
        assert not _findings(point, "V07")


def _findings(point, rule):
    from faza.readings.models import Finding

    return list(Finding.objects.filter(usage_point_id=point.pk, rule=rule))


def test_quality_of_the_reading_is_manual_and_shown_so(home, people):
    point, *_ = home
    services.approve(entry=type_in(point, people[0]), by=people[1], at=TYPED)
    rows = readings_between(windows(point), Period(moment(GONE), moment(APRIL)))
    assert rows.kinds.tolist()[-1] == RegisterReading.Kind.MANUAL
    assert rows.quality.tolist()[-1] == Quality.VALID
