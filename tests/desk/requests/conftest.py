from __future__ import annotations

import pytest
from django.utils import timezone

from faza.accounts.models import User
from tests.cabinet.factories import give_area, make_node, make_point, make_user
from tests.desk.requests.factories import NOW, make_papers, signed_in


@pytest.fixture(autouse=True)
def _morning(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def here(db):
    return make_node("HERE", "Здесь")


@pytest.fixture
def there(db):
    return make_node("THERE", "Там")


@pytest.fixture
def operator(here) -> User:
    user = make_user("operator@example.org", User.Role.OPERATOR, "Климова Оксана Витальевна")
    give_area(user, here)
    return user


@pytest.fixture
def colleague(here) -> User:
    user = make_user("colleague@example.org", User.Role.OPERATOR, "Жданов Пётр Ильич")
    give_area(user, here)
    return user


@pytest.fixture
def desk(operator):
    return signed_in(operator)


@pytest.fixture
def auditor(db):
    return signed_in(make_user("auditor@example.org", User.Role.AUDITOR, "Проверкин Юрий"))


@pytest.fixture
def flat(here):
    return make_point(
        "HERE-5", "Квартира 5", node=here, address="г. Заречье, ул. Садовая, 27, кв. 5"
    )


@pytest.fixture
def papers(flat):
    return make_papers(points=(flat,))


@pytest.fixture
def foreign(there):
    """An agreement of the other part of the network."""
    return make_papers("99-000-001", "Чужой Пётр Ильич", (make_point("THERE-1", node=there),))
