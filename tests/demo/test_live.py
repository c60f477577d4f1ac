"""What the live demo keeps in the database: lines and plans once, the factory's messages, and
whatever was collected, when it is started again."""

import socket
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from faza.audit.models import Entry
from faza.collection import services as collection
from faza.collection.models import CollectionPlan, CredentialSet, Device, DeviceTask, Line
from faza.collection.polling import claims
from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.demo import deliveries, factory, fleet, lines, making, plan, registers
from faza.demo.plan import MOSCOW, POINTS
from faza.demo.profiles import SLOTS
from faza.demo.scenario import BY_MESSAGE
from faza.readings import rules, services
from faza.readings.blocks import BlockBatch
from tests.demo.looking import AT, Made, look

UNREAD = (Quality.MISSING, Quality.ESTIMATED_BY_DAY, Quality.INTERPOLATED, Quality.DERIVED)


@pytest.fixture
def ways(made: Made, undone) -> list[lines.Way]:
    flows = making.truth_of(made.scenario, AT, days=fleet.AHEAD + 1)
    zones = registers.zones_of_half_hours(made.scenario.since)
    today = AT.astimezone(ZoneInfo(MOSCOW)).date()
    return lines.ways(fleet.of(flows, made.scenario, zones, today))


def ports(ways: list[lines.Way], first: int = 20_000) -> list[int]:
    return [first + n for n in range(len(ways))]


class TestLines:
    def test_all_meters_get_a_line_a_plan_and_somebody_who_enters(self, ways):
        assert lines.keep(ways, ports(ways), at=AT) == 56
        assert Line.objects.count() == len(ways) == 28
        assert Device.objects.count() == 56
        assert CredentialSet.objects.count() == 3
        used = {plan.name for plan in CollectionPlan.objects.filter(devices__isnull=False)}
        assert used == {group.name for group in lines.GROUPS.values()}
        assert {len(way.members) for way in ways if way.members[0].way == "LTE"} == {1}
        for way in ways:
            assert len({one.spec.address for one in way.members}) == len(way.members)

    def test_a_second_start_writes_nothing(self, ways):
        lines.keep(ways, ports(ways), at=AT)
        before = Entry.objects.count()
        assert lines.keep(ways, ports(ways), at=AT + timedelta(days=1)) == 0
        assert Entry.objects.count() == before

    def test_ports_that_changed_are_put_right_even_where_they_changed_places(self, ways):
        lines.keep(ways, ports(ways), at=AT)
        turned = [*ports(ways)[1:], ports(ways)[0]]
        assert lines.keep(ways, turned, at=AT) == 0
        known = dict(Line.objects.values_list("name", "port"))
        assert [known[way.name] for way in ways] == turned
        assert set(Line.objects.values_list("host", flat=True)) == {lines.HOST}

    def test_what_a_person_changed_stays(self, ways):
        lines.keep(ways, ports(ways), at=AT)
        Device.objects.filter(driver="dlms-wrapper").update(is_enabled=False)
        Line.objects.update(timeout=7)
        lines.keep(ways, ports(ways), at=AT)
        assert Device.objects.filter(is_enabled=False).exists()
        assert set(Line.objects.values_list("timeout", flat=True)) == {7}

    def test_all_of_it_is_due_at_once_and_names_what_is_missing(self, ways):
        lines.keep(ways, ports(ways), at=AT)
        works = claims.claim(collector="test", at=AT, limit=100)
        assert sum(len(work.devices) for work in works) == 56
        wanted = [
            stretch
            for work in works
            for device in work.devices
            for task in device.tasks
            if task.kind == "profile"
            for stretch in task.stretches
        ]
        since = AT - timedelta(days=fleet.MEMORY)
        assert all(since <= stretch.start < AT for stretch in wanted)
        assert DeviceTask.objects.count() > 56 * 8


def test_ports_of_the_last_time_are_kept_where_they_are_free(ways):
    lines.keep(ways, ports(ways), at=AT)
    with socket.socket() as other:
        other.bind((lines.HOST, 0))
        taken = other.getsockname()[1]
        Line.objects.filter(name=ways[0].name).update(port=taken)
        found = lines.places(ways)
        assert found[0].port == 0
        assert {place.port for place in found[1:2]} <= {0, 20_001}


def test_what_was_collected_is_not_made_again(made, undone):
    """Collected values have lower precedence here than what is made would have: doubtful ones."""
    name = "Дом"
    n = plan.BY_NAME[name]
    known = made.scenario.known(n, made.prepared.until)
    quality = np.full((1, 6), Quality.QUESTIONABLE, np.uint8)
    batch = BlockBatch.from_series(
        usage_points=[made.ids[POINTS[n].code]], reading_types=[1],
        start=made.prepared.until, interval=30, values=np.full((1, 6), 77), quality=quality,
        zone=MOSCOW,
    )  # fmt: skip
    at = made.prepared.until + timedelta(hours=3)
    services.record(
        batch,
        source=deliveries.source_of("meter"),
        sequence=rules.sequence(rules.moment(at)),
        at=at,
    )
    again = making.prepare(at=AT + timedelta(days=3))
    values, told = look(again).of(name)
    assert values[known : known + 6].tolist() == [77] * 6
    assert (told[known : known + 6] == Quality.QUESTIONABLE).all()
    assert (told[known + 6 : known + 3 * SLOTS] == Quality.VALID).all()
    assert Quality.MISSING not in told[known - 10 : known + 3 * SLOTS]


class TestFactory:
    @pytest.fixture
    def feed(self, made: Made) -> deliveries.Feed:
        flows = making.truth_of(made.scenario, AT, days=fleet.AHEAD + 1)
        return factory.feed_of(flows, made.scenario, made.ids)

    def test_whole_days_that_are_not_there_are_sent_and_read(self, made, undone, feed, tmp_path):
        at = AT + timedelta(days=2)
        sent: set[date] = set()
        today = AT.astimezone(ZoneInfo(MOSCOW)).date()
        files = factory.send(feed, tmp_path, at=at, sent=sent)
        assert sorted(sent) == [today, today + timedelta(days=1)]
        assert not factory.send(feed, tmp_path, at=at, sent=sent)

        done = collection.import_files(files, at=at)

        assert done.n_problems == 0
        assert factory.due(feed, at) == []
        first = made.scenario.slot(today)
        stored = look(made.prepared)
        for name in BY_MESSAGE:
            values, quality = stored.of(name)
            flows = feed.values[feed.points == plan.BY_NAME[name]][0]
            assert not quality[first : first + SLOTS].any()
            assert (values[first : first + SLOTS] == flows[first : first + SLOTS]).all()

    def test_a_day_is_sent_when_it_is_over(self, made, undone, feed):
        midnight = start_of_day(AT.astimezone(ZoneInfo(MOSCOW)).date(), MOSCOW) + timedelta(days=1)
        assert factory.due(feed, midnight + factory.AFTER - timedelta(seconds=1)) == []
        assert len(factory.due(feed, midnight + factory.AFTER)) == 1

    def test_nothing_is_sent_of_what_nobody_knows_yet(self, made, undone, feed):
        known = replace(feed, values=feed.values[:, : -20 * SLOTS])
        far = AT + timedelta(days=fleet.AHEAD)
        assert len(factory.due(known, far)) == 0
        assert len(factory.due(feed, far)) == factory.BACK


def test_the_last_day_of_the_factory_is_awaited_where_the_demo_is_live(db):
    live = look(making.prepare(at=AT, months=1, is_live=True))
    yesterday = live.scenario.today - timedelta(days=1)
    first = live.scenario.slot(yesterday)
    _, quality = live.of(BY_MESSAGE[0])
    # Nothing of it was delivered; what is older than a gap waits is estimated.
    assert np.isin(quality[first : first + SLOTS], UNREAD).all()
    later = look(making.prepare(at=AT + timedelta(days=1)))
    assert not later.of(BY_MESSAGE[0])[1][first : first + 2 * SLOTS].any()
