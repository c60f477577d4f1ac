from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from faza.outbox import queries, rules, services
from faza.outbox.models import Message

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def tell(key: str = "deed:1", **fields) -> Message:
    known = {"kind": "account.confirm", "address": "a@example.ru", "payload": {"code": "1"}}
    asked = known | {"at": AT} | fields
    return services.tell(asked.pop("kind"), key=key, **asked)


def claim(worker: str = "one", at: datetime = AT, limit: int = 10) -> list[Message]:
    return services.claim(worker=worker, at=at, limit=limit)


class TestTell:
    def test_the_same_key_tells_once(self):
        first = tell(payload={"code": "1"})
        again = tell(payload={"code": "2"})

        assert again.pk == first.pk
        assert Message.objects.get().payload == {"code": "1"}

    def test_a_deed_that_fails_tells_nothing(self):
        with transaction.atomic():
            tell()
            transaction.set_rollback(True)

        assert not Message.objects.exists()

    def test_it_has_to_go_to_somebody(self):
        with pytest.raises(ValueError, match="neither"):
            tell(address="")

    def test_the_database_refuses_one_that_goes_to_nobody(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.create(kind="x", key="y", created_at=AT, due_at=AT)

    def test_the_database_refuses_a_delivered_one_with_its_payload(self):
        message = tell()
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.filter(pk=message.pk).update(state="delivered")


class TestGather:
    DUE = AT + timedelta(minutes=1)

    def gather(self, key: str, n: int, at: datetime = AT, **fields) -> Message:
        def merge(old, new):
            return {"n": old["n"] + new["n"]}

        asked = {"kind": "news", "to": 7, "due": self.DUE} | fields
        return services.gather(
            asked.pop("kind"), key=key, payload={"n": n}, merge=merge, at=at, **asked
        )

    def test_what_comes_before_the_time_is_one_message_whose_time_stays(self):
        first = self.gather("1", 1)
        later = AT + timedelta(seconds=30)
        again = self.gather("2", 2, at=later, due=later + timedelta(minutes=1))

        assert again.pk == first.pk
        told = Message.objects.get()
        assert (told.payload, told.due_at) == ({"n": 3}, self.DUE)

    def test_other_people_and_other_kinds_have_their_own(self):
        for fields in ({}, {"to": 8}, {"kind": "other"}):
            self.gather(str(fields), 1, **fields)
        assert Message.objects.count() == 3

    def test_what_is_due_or_being_sent_is_left_alone(self):
        self.gather("1", 1)
        self.gather("2", 2, at=self.DUE, due=self.DUE + timedelta(minutes=1))
        assert [m.payload for m in claim(at=self.DUE)] == [{"n": 1}]
        self.gather("3", 3, at=AT)
        assert [m.payload["n"] for m in Message.objects.order_by("id")] == [1, 5]


class TestClaim:
    def test_what_one_has_the_other_does_not_get(self):
        tell("1")
        tell("2")

        assert len(claim("one", limit=1)) == 1
        assert len(claim("two")) == 1
        assert claim("three") == []

    def test_a_lease_ends(self):
        tell()
        claim("killed")

        assert claim("two", AT + rules.LEASE) == []
        assert len(claim("two", AT + rules.LEASE + timedelta(seconds=1))) == 1

    def test_what_is_due_later_waits(self):
        tell(due=AT + timedelta(hours=1))

        assert claim() == []
        assert len(claim(at=AT + timedelta(hours=1))) == 1

    def test_a_lost_lease_is_not_renewed(self):
        tell()
        (mine,) = claim("one")
        later = AT + rules.LEASE + timedelta(seconds=1)
        claim("two", later)

        assert not services.renew(mine, at=later)
        services.mark_failed(mine, reason="late", at=later)
        assert Message.objects.get().worker == "two"
        assert Message.objects.get().reason == ""


class TestEnd:
    def test_delivered_is_emptied(self):
        tell()
        services.mark_delivered(claim()[0], at=AT)

        found = Message.objects.get()
        assert (found.state, found.payload, found.ended_at) == ("delivered", {}, AT)
        assert claim(at=AT + timedelta(days=9)) == []

    def test_failures_are_tried_again_with_longer_pauses_and_then_given_up(self):
        tell()
        at, tries = AT, 0
        while claimed := claim(at=at):
            tries += 1
            given_up = services.mark_failed(claimed[0], reason="451 later", at=at)
            found = Message.objects.get()
            assert given_up == (found.state == "given_up")
            at = found.due_at

        assert tries == len(rules.PAUSES) + 1
        assert timedelta(days=2) < at - AT < timedelta(days=5)
        assert (found.state, found.reason) == ("given_up", "451 later")
        assert found.payload == {"code": "1"}  # it may be tried once more

    def test_one_that_was_given_up_can_be_tried_once_more(self):
        tell()
        services.mark_failed(claim()[0], reason="550 no", at=AT, for_good=True)
        services.retry(Message.objects.get(), at=AT)

        assert len(claim()) == 1

    def test_sweeping_takes_only_what_ended_before(self):
        for key in ("old", "new", "waiting"):
            tell(key)
        for message in claim()[:2]:
            day = 1 if message.key == "old" else 50
            services.mark_delivered(message, at=AT + timedelta(days=day))

        assert services.sweep(before=AT + timedelta(days=10)) == 1
        assert services.sweep(before=AT + timedelta(days=10)) == 0
        assert set(Message.objects.values_list("key", flat=True)) == {"new", "waiting"}


class TestUndelivered:
    def test_it_shows_what_failed_stands_still_or_was_given_up(self):
        for key in ("failed", "given up", "standing", "delivered"):
            tell(key)
        for message in claim():
            if message.key == "failed":
                services.mark_failed(message, reason="451", at=AT)
            elif message.key == "given up":
                services.mark_failed(message, reason="550", at=AT, for_good=True)
            elif message.key == "delivered":
                services.mark_delivered(message, at=AT)
        tell("fresh", at=AT + timedelta(minutes=9))

        shown = queries.undelivered(at=AT + timedelta(minutes=11))
        assert {message.key for message in shown} == {"failed", "given up", "standing"}
