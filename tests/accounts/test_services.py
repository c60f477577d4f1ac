import pytest
from django.db import IntegrityError, transaction

from faza.accounts import services
from faza.accounts.models import User
from faza.audit.models import Entry
from tests.accounts.factories import NOW, make_user

pytestmark = pytest.mark.django_db


class TestCreateUser:
    def test_the_address_is_kept_in_small_letters(self):
        user = make_user(email=" Ivan.Petrov@Example.ORG ")

        assert user.email == "ivan.petrov@example.org"
        assert User.objects.get_by_natural_key("IVAN.petrov@example.org") == user

    def test_the_same_address_in_another_case_is_taken(self):
        make_user(email="ivan@example.org")

        with pytest.raises(services.EmailTaken):
            make_user(email="IVAN@example.org")

    def test_the_database_refuses_capital_letters(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(email="Big@example.org", full_name="x", created_at=NOW)

    def test_without_a_password_nobody_signs_in(self):
        assert not make_user().has_usable_password()
        assert make_user(password="a long secret").check_password("a long secret")

    def test_it_is_in_the_trail_without_personal_values(self):
        administrator = make_user(User.Role.ADMINISTRATOR)
        user = make_user(by=administrator)

        entry = Entry.objects.get(object_id=user.pk)
        assert entry.action == "accounts.user.created"
        assert entry.person.user == administrator.pk
        assert entry.after == {"role": "subscriber"}
