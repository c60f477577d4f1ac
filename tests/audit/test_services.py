from datetime import UTC, datetime

import pytest

from faza.audit import services
from faza.audit.models import Entry, PersonRef
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
        assert entry.address == "192.0.2.7"

    def test_the_system_itself_has_no_person(self):
        assert services.note("x.y.done", of=make_user(), by=None, at=NOW).person is None


class TestForget:
    def test_the_trace_survives_without_the_person(self):
        actor = make_user(full_name="Анна Иванова")
        services.note("x.y.done", of=actor, by=actor, at=NOW, address="192.0.2.7")

        services.forget(user=actor.pk, at=LATER)
        services.forget(user=actor.pk, at=NOW)

        entry = Entry.objects.get(action="x.y.done")
        assert str(entry.person) == f"#{actor.pk}"
        assert entry.person.erased_at == LATER
        assert entry.address is None

    def test_a_forgotten_persons_later_deed_does_not_bring_the_name_back(self):
        actor = make_user(full_name="Анна Иванова")
        services.note("x.y.done", of=actor, by=actor, at=NOW)
        services.forget(user=actor.pk, at=LATER)

        services.note("x.y.done", of=actor, by=actor, at=LATER)

        assert PersonRef.objects.get(user=actor.pk).name == ""
