from datetime import UTC, datetime, timedelta

import pytest

from faza.audit import context, services
from faza.audit.models import Entry, PersonalValue, PersonRef
from faza.audit.queries import ERASED, history_of
from tests.accounts.factories import NOW, make_user

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 12, 1, tzinfo=UTC)


class TestNote:
    def test_it_says_who_what_and_from_what_to_what(self):
        actor, thing = make_user(full_name="Анна Иванова"), make_user()

        entry = services.note(
            "accounts.user.changed",
            of=thing,
            by=actor,
            at=NOW,
            before={"since": NOW},
            after={"role": "auditor"},
            address="192.0.2.7",
        )

        entry.refresh_from_db()
        assert (entry.object_kind, entry.object_id) == ("accounts.user", str(thing.pk))
        assert str(entry.person) == "Анна Иванова"
        assert entry.before == {"since": "2026-11-20T12:00:00Z"}
        assert entry.after == {"role": "auditor"}
        assert str(entry.address) == "192.0.2.7"

    def test_the_system_itself_has_no_person(self):
        assert services.note("x.y.done", of=make_user(), by=None, at=NOW).person is None

    def test_the_address_of_the_request_is_taken_where_none_is_told(self):
        actor = make_user()
        with context.coming_from("192.0.2.9"):
            entry = services.note("x.y.done", of=make_user(), by=actor, at=NOW)

        assert entry.address is not None
        assert (entry.address.value, entry.address.about_id) == ("192.0.2.9", str(actor.pk))
        assert services.note("x.y.done", of=actor, by=actor, at=NOW).address is None

    def test_what_the_caller_calls_personal_is_kept_apart(self):
        thing = make_user()

        entry = services.note(
            "x.y.done", of=thing, by=None, at=NOW, before={"name": "Ветрова", "kind": 1},
            after={"name": "Лунина", "kind": 2}, personal=["name"],
        )  # fmt: skip

        kept = PersonalValue.objects.filter(name="name").order_by("id")
        assert [value.value for value in kept] == ["Ветрова", "Лунина"]
        assert {(value.about_kind, value.about_id) for value in kept} == {
            ("accounts.user", str(thing.pk))
        }
        entry.refresh_from_db()
        assert entry.before == {"name": {"$personal": kept[0].pk}, "kind": 1}
        assert history_of(thing)[0].after == {"name": "Лунина", "kind": 2}


class TestNoteMany:
    def test_each_object_has_its_entry_with_its_own_values(self):
        people = [make_user() for _ in range(3)]

        count = services.note_many(
            "x.y.done",
            (services.Done(one, after={"phone": f"+7{n}", "n": n}) for n, one in enumerate(people)),
            by=people[0],
            at=NOW,
        )

        assert count == 3
        assert [history_of(one)[0].after for one in people] == [
            {"phone": f"+7{n}", "n": n} for n in range(3)
        ]

    def test_it_takes_few_statements(self, django_assert_max_num_queries):
        one = make_user()

        # A bundle: savepoint, person, values in one, entries in one.
        with django_assert_max_num_queries(30):
            services.note_many(
                "x.y.done",
                (services.Done(one, after={"phone": n}) for n in range(900)),
                by=one,
                at=NOW,
            )

    def test_none_is_none(self):
        assert services.note_many("x.y.done", [], by=None, at=NOW) == 0


class TestChanged:
    def test_only_fields_that_differ_are_told(self):
        user = make_user(full_name="Анна")
        before = services.state(user)
        user.full_name, user.role = "Анна Иванова", "auditor"

        assert services.changed(before, user) == (
            {"full_name": "Анна", "role": "subscriber"},
            {"full_name": "Анна Иванова", "role": "auditor"},
        )

    def test_nothing_changed_is_empty(self):
        user = make_user()
        assert services.changed(services.state(user), user) == ({}, {})


class TestForget:
    def test_the_trace_survives_without_the_person(self):
        actor = make_user(full_name="Анна Иванова")
        services.note("x.y.done", of=actor, by=actor, at=NOW, address="192.0.2.7")

        services.forget(user=actor.pk, at=LATER)
        services.forget(user=actor.pk, at=NOW)

        entry = Entry.objects.get(action="x.y.done")
        assert str(entry.person) == f"#{actor.pk}"
        assert entry.person.erased_at == LATER
        assert entry.address.value is None
        assert history_of(actor)[0].address is ERASED

    def test_a_forgotten_persons_later_deed_does_not_bring_the_name_back(self):
        actor = make_user(full_name="Анна Иванова")
        services.note("x.y.done", of=actor, by=actor, at=NOW)
        services.forget(user=actor.pk, at=LATER)

        services.note("x.y.done", of=actor, by=actor, at=LATER)

        assert PersonRef.objects.get(user=actor.pk).name == ""

    def test_what_others_did_to_the_person_stays_as_deeds_without_values(self):
        clerk, person = make_user(full_name="Ольга Климова"), make_user()
        services.note(
            "accounts.profile.changed", of=person, by=clerk, at=NOW,
            before={"full_name": "Лунина"}, after={"full_name": "Ветрова"}, address="192.0.2.1",
        )  # fmt: skip

        assert services.forget(user=person.pk, at=LATER) >= 2

        deed = history_of(person)[0]
        assert (deed.before, deed.after) == ({"full_name": ERASED}, {"full_name": ERASED})
        assert (deed.who, deed.address) == ("Ольга Климова", "192.0.2.1")

    def test_an_object_can_be_forgotten_too(self):
        thing, other = make_user(), make_user()
        for one in (thing, other):
            services.note("x.y.done", of=one, by=None, at=NOW, after={"phone": "+7"})

        assert services.forget(kind="accounts.User", id=thing.pk, at=LATER) >= 1

        assert history_of(thing)[0].after == {"phone": ERASED}
        assert history_of(other)[0].after == {"phone": "+7"}

    def test_old_network_addresses_go_and_younger_stay(self):
        actor = make_user()
        for moment, address in ((NOW, "192.0.2.1"), (LATER, "192.0.2.2")):
            services.note("x.y.done", of=actor, by=actor, at=moment, address=address)

        name = services.NETWORK_ADDRESS
        assert services.forget_older(name=name, than=NOW + timedelta(days=1), at=LATER) == 1
        assert services.forget_older(name=name, than=NOW + timedelta(days=1), at=LATER) == 0

        assert [deed.address for deed in history_of(actor)][:2] == ["192.0.2.2", ERASED]

    def test_it_has_to_be_said_whom(self):
        with pytest.raises(ValueError, match="Whom"):
            services.forget(at=NOW)
