import pytest

from faza.accounts.models import User
from tests.desk.office.factories import make, signed_in


@pytest.fixture(autouse=True)
def _fresh_cache(settings, tmp_path):
    """Texts and card are kept in the cache: each test has its own."""
    place = "django.core.cache.backends.filebased.FileBasedCache"
    settings.CACHES = {"default": {"BACKEND": place, "LOCATION": tmp_path / "cache"}}


@pytest.fixture
def administrator(db):
    return make(User.Role.ADMINISTRATOR, "Администратор")


@pytest.fixture
def auditor(db):
    return make(User.Role.AUDITOR, "Аудитор")


@pytest.fixture
def operator(db):
    return make(User.Role.OPERATOR, "Оператор")


@pytest.fixture
def office(administrator):
    """A client of the administrator."""
    return signed_in(administrator)
