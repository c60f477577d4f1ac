"""The one table of who may do what. Views ask this table and `access`, and nothing else.

`access` answers which objects a person reaches; this answers what they may do with those.
A subscriber's own doings (own readings, own agreements) need no right here: access is enough.
Source: design/rules.md, Access.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from faza.accounts.models import User
from faza.contracts.models import PersonalRight

_ADMINISTRATOR = frozenset({User.Role.ADMINISTRATOR})
_OPERATORS = _ADMINISTRATOR | {User.Role.OPERATOR}
STAFF = _OPERATORS | {User.Role.AUDITOR}
"""Who works at the desk."""


class Right(StrEnum):
    """What a person may do at the desk; each is within what `access` lets them reach."""

    OPEN_DESK = "open_desk"
    SEE_SUBSCRIBERS = "see_subscribers"
    DECIDE_APPLICATIONS = "decide_applications"
    EDIT_CUSTOMERS = "edit_customers"
    EDIT_ACCESS = "edit_access"
    SEE_NETWORK = "see_network"
    EDIT_NETWORK = "edit_network"
    IMPORT_GRID = "import_grid"
    SEE_COLLECTION = "see_collection"
    RUN_COLLECTION = "run_collection"
    EDIT_COLLECTION = "edit_collection"
    SEE_EXCHANGE = "see_exchange"
    IMPORT_FILES = "import_files"
    EDIT_EXCHANGE = "edit_exchange"
    SEE_AUDIT = "see_audit"
    SEE_OFFICE = "see_office"
    EDIT_TEXTS = "edit_texts"
    EDIT_ORGANISATION = "edit_organisation"
    MANAGE_USERS = "manage_users"
    EDIT_RETENTION = "edit_retention"
    EDIT_CLIENTS = "edit_clients"
    SEE_ORDERS = "see_orders"
    REQUEST_LIMIT = "request_limit"
    PROTECT_SUPPLY = "protect_supply"
    SEE_ALARMS = "see_alarms"
    ANSWER_ALARMS = "answer_alarms"
    SEE_CALENDARS = "see_calendars"
    EDIT_CALENDARS = "edit_calendars"
    SEE_TARIFFS = "see_tariffs"
    EDIT_TARIFFS = "edit_tariffs"
    SEE_CASES = "see_cases"
    ANSWER_CASES = "answer_cases"
    SEE_NEWS = "see_news"
    EDIT_NEWS = "edit_news"
    SEE_EXCEPTIONS = "see_exceptions"
    SOLVE_EXCEPTIONS = "solve_exceptions"
    EDIT_RULES = "edit_rules"
    SEE_READINGS = "see_readings"
    CHECK_READINGS = "check_readings"
    SEE_WINDOWS = "see_windows"
    EDIT_WINDOWS = "edit_windows"
    SEE_ROUNDS = "see_rounds"
    TYPE_ROUNDS = "type_rounds"
    SWITCH_RELAY = "switch_relay"


TABLE: dict[Right, frozenset[User.Role]] = {
    Right.OPEN_DESK: STAFF,
    Right.SEE_SUBSCRIBERS: STAFF,
    Right.DECIDE_APPLICATIONS: _OPERATORS,
    Right.EDIT_CUSTOMERS: _OPERATORS,
    Right.EDIT_ACCESS: _OPERATORS,
    Right.SEE_NETWORK: STAFF,
    Right.EDIT_NETWORK: _OPERATORS,
    Right.IMPORT_GRID: _OPERATORS,
    Right.SEE_COLLECTION: STAFF,
    Right.RUN_COLLECTION: _OPERATORS,
    # Plans and access to meters belong to no area: who changes them changes them for all.
    Right.EDIT_COLLECTION: _ADMINISTRATOR,
    Right.SEE_EXCHANGE: STAFF,
    Right.IMPORT_FILES: _OPERATORS,
    # What goes to counterparties is of all areas.
    Right.EDIT_EXCHANGE: _ADMINISTRATOR,
    Right.SEE_AUDIT: _ADMINISTRATOR | {User.Role.AUDITOR},
    Right.SEE_OFFICE: _ADMINISTRATOR | {User.Role.AUDITOR},
    Right.EDIT_TEXTS: _ADMINISTRATOR,
    Right.EDIT_ORGANISATION: _ADMINISTRATOR,
    Right.MANAGE_USERS: _ADMINISTRATOR,
    Right.EDIT_RETENTION: _ADMINISTRATOR,
    Right.EDIT_CLIENTS: _ADMINISTRATOR,
    Right.SEE_ORDERS: STAFF,
    # Asking is all that a supplier may; it is decided at the desk.
    Right.REQUEST_LIMIT: frozenset({User.Role.SUPPLIER}),
    Right.PROTECT_SUPPLY: _OPERATORS,
    Right.SEE_ALARMS: STAFF,
    Right.ANSWER_ALARMS: _OPERATORS,
    Right.SEE_CALENDARS: STAFF,
    Right.EDIT_CALENDARS: _OPERATORS,
    Right.SEE_TARIFFS: STAFF,
    # Prices are of all areas.
    Right.EDIT_TARIFFS: _ADMINISTRATOR,
    Right.SEE_CASES: STAFF,
    Right.ANSWER_CASES: _OPERATORS,
    Right.SEE_NEWS: STAFF,
    # An operator for the own areas, the administrator for everywhere: `desk.news.reach`.
    Right.EDIT_NEWS: _OPERATORS,
    Right.SEE_EXCEPTIONS: STAFF,
    Right.SOLVE_EXCEPTIONS: _OPERATORS,
    # What a rule does decides what is billed.
    Right.EDIT_RULES: _ADMINISTRATOR,
    Right.SEE_READINGS: STAFF,
    Right.CHECK_READINGS: _OPERATORS,
    Right.SEE_WINDOWS: STAFF,
    # An operator within the own areas, the administrator everywhere: `desk.windows.reach`.
    Right.EDIT_WINDOWS: _OPERATORS,
    Right.SEE_ROUNDS: STAFF,
    Right.TYPE_ROUNDS: _OPERATORS,
    # Nobody by role: given to a person by name (PersonalRight).
    Right.SWITCH_RELAY: frozenset(),
}


PERSONAL = frozenset({Right.SWITCH_RELAY})
"""Rights that nobody has by role: a PersonalRight gives them, to staff only."""


def may(user: User, right: Right, *, at: datetime | None = None) -> bool:
    """Whether a user has a right, by role or by name; an inactive one has none.

    For a right that is given by name, `at` is needed: it may have ended.
    """
    if not user.is_active:
        return False
    if right not in PERSONAL:
        return user.role in TABLE[right]
    if at is None:
        raise TypeError(f"{right} is given by name and for a time: at which moment?")
    if user.role not in STAFF:
        return False
    return PersonalRight.objects.filter(user=user, right=right).valid_at(at).exists()


def table_for_people() -> str:
    """The table in Markdown, as the page of roles in the documentation has it."""
    roles = list(User.Role)
    lines = [
        "| right | " + " | ".join(role.value for role in roles) + " |",
        "|---" * (len(roles) + 1) + "|",
    ]
    for right, holders in TABLE.items():
        cells = [
            "by name" if right in PERSONAL and role in STAFF else "yes" if role in holders else "–"
            for role in roles
        ]
        lines.append(f"| `{right.value}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
