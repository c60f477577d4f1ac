"""Many at once by the same law as one by one; what was decided meanwhile; what it is weighed by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from faza.accounts.models import User
from faza.audit.models import Entry as Deed
from faza.manual_entry import deciding, queries, services
from faza.manual_entry.models import Entry, EntryRule
from faza.manual_entry.rules.moves import State
from faza.manual_entry.rules.plausible import Doubt
from faza.manual_entry.weighing import weigh
from faza.outbox.models import Message
from faza.readings.models import Mark, RegisterReading, Source
from faza.readings.sources import get_source
from tests.cabinet.factories import make_agreement, make_node, make_user
from tests.desk.typed import HOUR, NOW, monthly, typed
from tests.readings.meters import make_meter, put_in, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> tuple[User, User]:
    return (
        make_user("own@example.org", name="Абонентова А. А."),
        make_user("desk@example.org", User.Role.OPERATOR, "Климова О. О."),
    )


@pytest.fixture
def entries(people) -> list[Entry]:
    """Four that wait, inside the band and outside, one of two owners."""
    node = make_node("N-1", "Сети")
    EntryRule.objects.create(made_at=NOW, silent_days=None)
    points = [monthly(f"P-{n}", f"Точка {n}", node) for n in range(4)]
    make_agreement("Д-1", [people[0]], points)
    shown = (3_510_000, 3_512_345, 5_000_000, 3_200_000)
    return [
        typed(point, people[0], value, confirmed=True)
        for point, value in zip(points, shown, strict=True)
    ]


def left_behind() -> dict[str, list[Any]]:
    """All that a decision leaves, without what differs by chance."""
    return {
        "entries": list(
            Entry.objects.order_by("pk").values_list(
                "state", "accepted", "decided_by", "decided_at", "reason"
            )
        ),
        "readings": list(
            RegisterReading.objects.order_by("usage_point_id", "at", "kind").values_list(
                "usage_point_id", "meter_id", "at", "kind", "source", "quality", "sequence",
                "version", "present", "registers",
            )
        ),
        "marks": list(
            Mark.objects.order_by("usage_point_id", "purpose", "first_day").values_list(
                "usage_point_id", "purpose", "first_day", "last_day"
            )
        ),
        "deeds": [
            (one.action, one.object_id, one.after, one.person and one.person.user)
            for one in Deed.objects.filter(action__startswith="manual_entry").order_by("pk")
        ],
        "mails": sorted(Message.objects.values_list("kind", flat=True)),
    }  # fmt: skip


class TestLaw:
    """What is decided in a batch leaves what deciding one by one leaves."""

    def both(self, many, single):
        get_source(Source.Kind.MANUAL)  # a number given out is not given back
        found = []
        for deed in (many, single):
            place = transaction.savepoint()
            deed()
            found.append(left_behind())
            transaction.savepoint_rollback(place)
        return found

    def test_approved(self, entries, people, monkeypatch):
        monkeypatch.setattr(deciding, "BATCH", 3)
        keys = [one.pk for one in entries]
        many, single = self.both(
            lambda: deciding.approve_many(keys, by=people[1], at=NOW + HOUR),
            lambda: [services.approve(entry=one, by=people[1], at=NOW + HOUR) for one in entries],
        )
        assert many == single
        assert [state for state, *_ in many["entries"]] == ["approved"] * 4

    def test_refused(self, entries, people):
        keys = [one.pk for one in entries]
        told = {"reason": "Нет", "by": people[1], "at": NOW + HOUR}
        many, single = self.both(
            lambda: deciding.refuse_many(keys, **told),
            lambda: [services.refuse(entry=one, **told) for one in entries],
        )
        assert many == single


class TestMany:
    def test_what_was_decided_before_is_told_and_left(self, entries, people):
        services.refuse(entry=entries[1], reason="Нет", by=people[1], at=NOW)

        done = deciding.approve_many([one.pk for one in entries], by=people[1], at=NOW + HOUR)

        assert done.done == (entries[0].pk, entries[2].pk, entries[3].pk)
        assert done.left == ((entries[1].pk, State.REFUSED),)

    def test_twice_is_once(self, entries, people):
        keys = [one.pk for one in entries]
        deciding.approve_many(keys, by=people[1], at=NOW + HOUR)
        before = left_behind()

        again = deciding.approve_many(keys, by=people[1], at=NOW + 2 * HOUR)

        assert again.done == ()
        assert left_behind() == before

    def test_stopped_between_batches_the_rest_follows(self, entries, people, monkeypatch):
        """Whole batches stand or none of one; again gives the same."""
        monkeypatch.setattr(deciding, "BATCH", 2)
        keys = [one.pk for one in entries]
        real, calls = deciding.record_registers, []

        def second_fails(*args, **kwargs):
            calls.append(1)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return real(*args, **kwargs)

        monkeypatch.setattr(deciding, "record_registers", second_fails)
        with pytest.raises(KeyboardInterrupt):
            deciding.approve_many(keys, by=people[1], at=NOW + HOUR)
        assert Entry.objects.filter(state=State.APPROVED).count() == 2
        assert RegisterReading.objects.filter(kind=services.KIND).count() == 2

        monkeypatch.setattr(deciding, "record_registers", real)
        assert len(deciding.approve_many(keys, by=people[1], at=NOW + HOUR).done) == 2
        assert RegisterReading.objects.filter(kind=services.KIND).count() == 4

    def test_a_key_that_is_not_there_is_nothing(self, people):
        assert deciding.approve_many([999_999], by=people[1], at=NOW).done == ()
        assert deciding.refuse_many([], reason="Нет", by=people[1], at=NOW).done == ()


class TestWeighing:
    def test_against_what_was_read_before_it(self, entries):
        (inside,) = weigh(entries[:1], at=NOW)
        (line,) = inside.lines

        assert (line.last, line.counted, line.doubts) == (3_300_000, 210_000, ())
        assert line.band.low is not None
        assert line.band.high is not None
        assert line.band.low < 210_000 < line.band.high
        assert len(line.stretches) == len(line.ends) == 12
        assert line.ends[-1] == line.last_at
        # 300 kWh a month of 28 to 31 days, over the 21 days and 15 hours since.
        assert np.all((line.stretches > 190_000) & (line.stretches < 235_000))

    def test_the_same_band_as_when_it_was_typed(self, entries):
        for entry in entries:
            (due,) = queries.due([entry.usage_point], at=NOW)
            (found,) = weigh([entry], at=NOW + timedelta(days=300))
            assert found.lines[0].band == due.dials[0].band
            assert list(found.lines[0].doubts) == entry.doubts.get("0", [])

    def test_its_own_reading_is_not_its_history(self, entries, people):
        services.approve(entry=entries[0], by=people[1], at=NOW + HOUR)
        (found,) = weigh(entries[:1], at=NOW + HOUR)
        assert (found.lines[0].last, found.own) == (3_300_000, None)

    def test_doubts_are_of_what_counts(self, entries, people):
        assert weigh(entries[2:3], at=NOW)[0].lines[0].doubts == (Doubt.MUCH,)
        fixed = services.approve(
            entry=entries[2], by=people[1], at=NOW + HOUR, corrected={0: 3_500_000}
        )
        line = weigh([fixed], at=NOW + HOUR)[0].lines[0]
        assert (line.doubts, line.shown, line.accepted) == ((), 5_000_000, 3_500_000)

    def test_what_the_meter_brought_since(self, entries):
        entry = entries[0]
        read(entry.usage_point, entry.meter, NOW + HOUR, 3_520_000)
        (found,) = weigh([entry], at=NOW + 2 * HOUR)
        assert found.own is not None
        assert (found.own.values, found.own.is_less) == ({0: 3_520_000}, False)
        assert not found.own.is_same_moment

        read(entry.usage_point, entry.meter, entry.of_at, 3_509_000)
        (found,) = weigh([entry], at=NOW + 2 * HOUR)
        assert found.own is not None
        assert (found.own.is_same_moment, found.own.is_less) == (True, True)

    def test_a_meter_that_did_not_stand_there_is_compared_with_nothing(self, entries):
        other = make_meter("ELSEWHERE")
        put_in(
            monthly("P-9", "Там", make_node("N-9", "Там")), other, since=NOW - HOUR, role="control"
        )
        Entry.objects.filter(pk=entries[0].pk).update(meter=other)
        (found,) = weigh([Entry.objects.get(pk=entries[0].pk)], at=NOW)
        assert (found.lines, found.own) == ((), None)

    def test_as_many_questions_of_four_as_of_one(self, entries, django_assert_max_num_queries):
        rows = list(Entry.objects.select_related("usage_point"))
        with django_assert_max_num_queries(5):
            assert len(weigh(rows, at=NOW)) == 4
