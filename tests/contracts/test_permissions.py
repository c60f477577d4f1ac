"""The table of who may do what, and its page in the documentation."""

from datetime import timedelta
from pathlib import Path

import pytest

from faza.accounts.models import User
from faza.contracts import services
from faza.contracts.permissions import PERSONAL, STAFF, TABLE, Right, may, table_for_people
from tests.accounts.factories import make_user
from tests.contracts.factories import NOW

pytestmark = pytest.mark.django_db

Role = User.Role
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "roles.md"
SEES = {
    *(Right.OPEN_DESK, Right.SEE_SUBSCRIBERS, Right.SEE_NETWORK, Right.SEE_EXCHANGE),
    *(Right.SEE_COLLECTION, Right.SEE_ORDERS, Right.SEE_CALENDARS, Right.SEE_ALARMS),
    *(Right.SEE_CASES, Right.SEE_EXCEPTIONS, Right.SEE_TARIFFS, Right.SEE_NEWS),
    *(Right.SEE_READINGS, Right.SEE_WINDOWS, Right.SEE_ROUNDS),
}
WORKS = SEES | {
    *(Right.DECIDE_APPLICATIONS, Right.EDIT_CUSTOMERS, Right.EDIT_ACCESS),
    *(Right.EDIT_NETWORK, Right.IMPORT_GRID, Right.IMPORT_FILES),
    *(Right.RUN_COLLECTION, Right.PROTECT_SUPPLY, Right.EDIT_CALENDARS, Right.ANSWER_ALARMS),
    *(Right.ANSWER_CASES, Right.SOLVE_EXCEPTIONS, Right.EDIT_NEWS),
    *(Right.CHECK_READINGS, Right.EDIT_WINDOWS, Right.TYPE_ROUNDS),
}
LOOKS = {Right.SEE_AUDIT, Right.SEE_OFFICE}

EXPECTED = {
    Role.SUBSCRIBER: set(),
    Role.SUPPLIER: {Right.REQUEST_LIMIT},
    Role.HOUSE_MANAGER: set(),
    Role.AUDITOR: SEES | LOOKS,
    Role.OPERATOR: WORKS,
    # Who asks for a limitation is a supplier; an operator's own order is another deed.
    Role.ADMINISTRATOR: set(Right) - PERSONAL - {Right.REQUEST_LIMIT},
}


def test_every_right_is_in_the_table():
    assert set(TABLE) == set(Right)


@pytest.mark.parametrize("role", Role)
def test_each_role_has_the_rights_that_the_rules_give(role):
    user = make_user(role)

    assert {right for right in Right if may(user, right, at=NOW)} == EXPECTED[role]


def test_an_auditor_changes_nothing():
    changing = {right for right in Right if not right.startswith(("see_", "open_"))}

    assert not any(may(make_user(Role.AUDITOR), right, at=NOW) for right in changing)


def test_who_is_not_active_has_no_right():
    user = make_user(Role.ADMINISTRATOR)
    user.is_active = False

    assert not any(may(user, right, at=NOW) for right in Right)


class TestByName:
    def test_the_relay_is_nobodys_by_role_and_given_to_a_person_for_a_time(self):
        user, other = make_user(Role.OPERATOR), make_user(Role.ADMINISTRATOR)
        granted = services.grant_right(user=user, right=Right.SWITCH_RELAY, at=NOW)
        later = NOW + timedelta(days=1)

        assert may(user, Right.SWITCH_RELAY, at=NOW)
        assert not may(other, Right.SWITCH_RELAY, at=NOW)

        services.withdraw_right(granted=granted, at=later)
        assert not may(user, Right.SWITCH_RELAY, at=later)

    @pytest.mark.parametrize("role", sorted(set(Role) - STAFF))
    def test_it_is_worth_nothing_to_who_is_no_staff(self, role):
        user = make_user(role)
        services.grant_right(user=user, right=Right.SWITCH_RELAY, at=NOW)

        assert not may(user, Right.SWITCH_RELAY, at=NOW)

    def test_the_moment_has_to_be_said(self):
        with pytest.raises(TypeError):
            may(make_user(Role.OPERATOR), Right.SWITCH_RELAY)

    def test_granting_twice_is_once_and_other_rights_are_not_given_so(self):
        user = make_user(Role.OPERATOR)
        first = services.grant_right(user=user, right=Right.SWITCH_RELAY, at=NOW)

        assert services.grant_right(user=user, right=Right.SWITCH_RELAY, at=NOW) == first
        with pytest.raises(services.NotPersonal):
            services.grant_right(user=user, right=Right.EDIT_TEXTS, at=NOW)


def test_the_page_of_roles_has_the_table_as_it_is():
    """Where it differs: paste there what table_for_people gives."""
    assert table_for_people() in PAGE.read_text(encoding="utf-8")
