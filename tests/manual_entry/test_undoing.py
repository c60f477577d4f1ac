"""A decision taken back by who made it, soon after: all is as if it had not been made."""

from datetime import timedelta

import pytest

from faza.accounts.models import User
from faza.audit.models import Entry as Deed
from faza.manual_entry import deciding, services, undoing
from faza.manual_entry.models import Entry, EntryRule
from faza.manual_entry.rules.moves import State
from faza.manual_entry.telling import MOST
from faza.notifications.models import Notice
from faza.notifications.services import deliver
from faza.outbox.models import Message
from tests.cabinet.factories import give_area, make_agreement, make_node, make_user
from tests.desk.typed import HOUR, NOW, monthly, typed
from tests.manual_entry.test_services import seen

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def people():
    return (
        make_user("own@example.org", name="Абонентова А. А."),
        make_user("desk@example.org", User.Role.OPERATOR, "Климова О. О."),
    )


@pytest.fixture
def entries(people):
    return make(people, 3)


def make(people, count):
    node = make_node("N-1", "Сети")
    EntryRule.objects.create(made_at=NOW, silent_days=None)
    give_area(people[1], node)
    points = [monthly(f"P-{n}", f"Точка {n}", node) for n in range(count)]
    make_agreement("Д-1", [people[0]], points)
    return [typed(point, people[0], 3_510_000 + n) for n, point in enumerate(points)]


def left():
    return list(
        Entry.objects.order_by("pk").values_list(
            "state", "accepted", "decided_by", "decided_at", "reason"
        )
    )


def undo(people, decided_at=NOW, at=NOW + MINUTE):
    return undoing.undo(decided_at=decided_at, by=people[1], at=at)


def test_an_acceptance_undone_is_as_before_and_may_be_made_again(entries, people):
    before, readings = left(), seen(entries[0].usage_point)
    services.approve(entry=entries[0], by=people[1], at=NOW, corrected={0: 3_505_000})
    assert seen(entries[0].usage_point) != readings

    done = undo(people)

    assert [one.pk for one in done.done] == [entries[0].pk]
    assert (left(), seen(entries[0].usage_point)) == (before, readings)
    services.approve(entry=entries[0], by=people[1], at=NOW + 2 * MINUTE)
    assert seen(entries[0].usage_point)[1][-1] == 3_510_000


def test_a_refusal_undone_waits_again(entries, people):
    before = left()
    services.refuse(entry=entries[0], reason="Нет", by=people[1], at=NOW)
    undo(people)
    assert left() == before
    assert Deed.objects.latest("pk").action == "manual_entry.entry.undone"


def test_all_of_one_deed_at_once_and_nothing_else(entries, people):
    services.refuse(entry=entries[2], reason="Нет", by=people[1], at=NOW - MINUTE)
    deciding.approve_many([one.pk for one in entries[:2]], by=people[1], at=NOW)

    last = undoing.last_of(people[1], at=NOW + MINUTE)
    assert last is not None
    assert (last.at, last.state, last.count) == (NOW, State.APPROVED, 2)
    undo(people)

    assert [state for state, *_ in left()] == ["sent", "sent", "refused"]


def test_who_was_not_told_yet_never_is(entries, people):
    deciding.approve_many([one.pk for one in entries], by=people[1], at=NOW)
    undo(people)
    assert not Message.objects.exists()


def test_of_a_mail_that_gathered_others_only_the_undone_go(entries, people):
    services.approve(entry=entries[0], by=people[1], at=NOW)
    services.approve(entry=entries[1], by=people[1], at=NOW + MINUTE)
    undo(people, NOW + MINUTE, NOW + 2 * MINUTE)

    [message] = Message.objects.all()
    assert [line["entry"] for line in message.payload["lines"]] == [entries[0].pk]
    assert message.payload["more"] == 0


def test_a_mail_that_counts_the_rest_counts_less(people):
    entries = make(people, MOST + 3)
    deciding.approve_many([one.pk for one in entries[:-1]], by=people[1], at=NOW)
    services.approve(entry=entries[-1], by=people[1], at=NOW + MINUTE)
    undo(people, NOW + MINUTE, NOW + 2 * MINUTE)

    [message] = Message.objects.all()
    assert (len(message.payload["lines"]), message.payload["more"]) == (MOST, 2)


def test_who_was_told_is_told_of_the_undoing(entries, people, mailbox):
    services.approve(entry=entries[0], by=people[1], at=NOW)
    deliver(at=NOW + 4 * MINUTE)
    undo(people, at=NOW + 5 * MINUTE)
    services.approve(entry=entries[0], by=people[1], at=NOW + 6 * MINUTE)
    deliver(at=NOW + 12 * MINUTE)

    kinds = list(Notice.objects.order_by("pk").values_list("kind", flat=True))
    assert [kind.rsplit(".")[-1] for kind in kinds] == ["approved", "reopened", "approved"]


def test_too_late_for_others_and_twice(entries, people):
    services.approve(entry=entries[0], by=people[1], at=NOW)
    other = make_user("boss@example.org", User.Role.ADMINISTRATOR)
    with pytest.raises(undoing.TooLate):
        undoing.undo(decided_at=NOW, by=other, at=NOW + MINUTE)
    with pytest.raises(undoing.TooLate):
        undo(people, at=NOW + undoing.TERM)
    assert undoing.last_of(people[1], at=NOW + undoing.TERM) is None
    undo(people)
    with pytest.raises(undoing.TooLate):
        undo(people)


def test_a_later_reading_that_waits_keeps_the_older_decided(entries, people):
    services.refuse(entry=entries[0], reason="Нет", by=people[1], at=NOW)
    typed(entries[0].usage_point, people[0], 3_512_000, at=NOW + MINUTE, token="2")

    done = undo(people, at=NOW + 2 * MINUTE)

    assert (done.done, [one.pk for one in done.left]) == ((), [entries[0].pk])
    assert Entry.objects.get(pk=entries[0].pk).state == State.REFUSED


def test_what_the_rule_accepted_names_who_switched_it_on(people):
    (entry,) = make(people, 1)
    EntryRule.objects.update(approves=True, approves_by=people[1])
    found = typed(entry.usage_point, people[0], 3_511_000, at=NOW + HOUR, token="2")

    assert (found.state, found.decided_by, found.switched_on_by) == ("approved", None, people[1])
    EntryRule.objects.update(approves_by=None)
    assert Entry.objects.get(pk=found.pk).switched_on_by == people[1]
    assert Deed.objects.latest("pk").after["switched_on_by"] == people[1].pk
