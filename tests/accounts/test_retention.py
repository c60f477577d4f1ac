"""What is erased, and when."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from faza.accounts import queries, retention, services
from faza.accounts.models import Acceptance, SignIn, User
from faza.audit.models import Entry, PersonRef
from tests.accounts.factories import NOW, make_user
from tests.accounts.texts import publish_both

pytestmark = pytest.mark.django_db


def swept(days: int) -> dict[str, int]:
    done = retention.run(NOW + timedelta(days=days))
    return {kind: count for kind, count in done.items() if kind.startswith("accounts.")}


def test_accounts_whose_address_nobody_proved_are_deleted():
    unproven, proven = make_user(is_confirmed=False), make_user()

    assert swept(6)["accounts.unconfirmed"] == 0
    assert swept(8)["accounts.unconfirmed"] == 1
    assert swept(8)["accounts.unconfirmed"] == 0
    assert list(User.objects.all()) == [proven]
    assert not EmailAddress.objects.filter(user=unproven.pk).exists()


def test_staff_who_never_signed_in_are_kept():
    operator = make_user(User.Role.OPERATOR, is_confirmed=False)

    swept(100)

    assert list(User.objects.all()) == [operator]


def test_addresses_of_sign_ins_and_acceptances_are_erased_and_the_rows_stay():
    user, both = make_user(), publish_both()
    services.accept(user=user, texts=both.values(), at=NOW, address="203.0.113.7")
    services.record_sign_in(
        outcome=SignIn.Outcome.DONE, user=user, address="203.0.113.7", browser="Firefox", at=NOW
    )

    assert swept(179)["accounts.sign_in_addresses"] == 0
    assert swept(181)["accounts.sign_in_addresses"] == 3

    assert SignIn.objects.get().address is None
    assert SignIn.objects.get().browser == ""
    assert set(Acceptance.objects.values_list("address", flat=True)) == {None}


def test_a_closed_account_keeps_its_row_and_loses_its_person():
    user = make_user(phone="+7 900 000-00-00")
    services.change_profile(user=user, full_name="Другое Имя", at=NOW)
    services.close_account(user=user, at=NOW)

    assert swept(29)["accounts.closed"] == 0
    assert swept(31)["accounts.closed"] == 1
    assert swept(31)["accounts.closed"] == 0

    user.refresh_from_db()
    assert (user.full_name, user.phone, user.is_active) == ("", "", False)
    assert "@example.invalid" in user.email
    assert PersonRef.objects.get(user=user.pk).name == ""
    assert Entry.objects.filter(action="accounts.account.closed").exists()


def test_the_administrator_says_how_long():
    by = make_user(User.Role.ADMINISTRATOR)
    services.set_retention(kind="accounts.unconfirmed", days=None, at=NOW, by=by)
    services.set_retention(kind="accounts.closed", days=90, at=NOW, by=by)
    make_user(is_confirmed=False)

    assert "accounts.unconfirmed" not in swept(1000)
    assert queries.days_kept("accounts.closed") == 90
    entry = Entry.objects.filter(action="accounts.retention.set").latest("id")
    assert (entry.before["days"], entry.after["days"]) == (30, 90)


def test_a_kind_that_nobody_registered_cannot_be_set():
    with pytest.raises(retention.NoSuchKind):
        services.set_retention(kind="accounts.nothing", days=1, at=NOW)


def test_all_that_is_over_its_term_goes_however_much(monkeypatch):
    monkeypatch.setattr("faza.accounts.sweeps.BATCH", 2)
    for user in [make_user() for _ in range(3)]:
        services.close_account(user=user, at=NOW)
    for _ in range(5):
        make_user(is_confirmed=False)

    done = swept(31)

    assert (done["accounts.unconfirmed"], done["accounts.closed"]) == (5, 3)


def test_a_kind_that_fails_holds_up_no_other(monkeypatch):
    def fail(before, at):
        raise RuntimeError("broken")

    monkeypatch.setitem(retention._KINDS, "aaa.broken", retention.Kind("aaa.broken", 1, fail))
    make_user(is_confirmed=False)

    with pytest.raises(ExceptionGroup) as told:
        swept(8)

    assert [str(one) for one in told.value.exceptions] == ["broken"]
    assert not User.objects.exists()
