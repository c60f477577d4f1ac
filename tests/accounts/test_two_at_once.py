"""Two administrators who close each other's access at the same moment."""

import threading

import pytest
from django.db import connection

from faza.accounts import services
from faza.accounts.models import User
from faza.audit.models import Entry
from tests.accounts.factories import NOW, make_user


@pytest.mark.django_db(transaction=True)
def test_one_of_two_who_close_each_others_access_stays():
    people = [make_user(User.Role.ADMINISTRATOR) for _ in range(2)]
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("one connection cannot meet itself")
    for _ in range(5):
        User.objects.update(is_active=True)
        outcomes, start = [], threading.Barrier(2)

        def close(user: User, by: User, start=start, outcomes=outcomes) -> None:
            try:
                start.wait()
                services.deactivate(user=user, at=NOW, by=by)
                outcomes.append("closed")
            except Exception as problem:  # noqa: BLE001  # a deadlock would be one
                outcomes.append(type(problem).__name__)
            finally:
                connection.close()

        pairs = (people, people[::-1])
        threads = [threading.Thread(target=close, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(outcomes) == ["LastAdministrator", "closed"]


@pytest.mark.django_db
def test_why_an_access_was_closed_does_not_stand_in_the_trail_in_clear():
    user = make_user()

    services.deactivate(user=user, at=NOW, reason="звонила дочь, Иванова Анна")

    assert "Иванова" not in str(Entry.objects.get(action="accounts.user.deactivated").after)
