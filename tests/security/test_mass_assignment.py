"""Mass assignment: a form takes its own fields and nothing besides.

Each POST of the table of doors is done twice, plainly and with fields that are none of its form's,
and writes the very same rows; both are taken back.
"""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from tests.doors.table import Door
from tests.doors.walk import DOORS, Walk, address_of, drain
from tests.doors.world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WRITING = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "(?!django_session|usersessions)')
# Drawn anew each time: hashes of passwords, keys of links, names of files, sealed secrets.
DRAWN = re.compile(
    r"(md5\$|!|https?://)[^\"]*|\"code\": \"[^\"]*|[0-9a-f]{32}|:[0-9a-f]{12}$|gAAAAA[\w-]+=*"
)


def extra(known: dict[str, str]) -> dict[str, str]:
    """Names of columns and of things that a form might let through by mistake."""
    return {
        "id": known["there_customer"],
        "pk": known["there_customer"],
        "role": "administrator",
        "is_active": "0",
        "is_confirmed": "1",
        "is_staff": "1",
        "is_superuser": "1",
        "verified": "1",
        "password": "chosen-by-somebody-else-1",
        "state": "approved",
        "created_at": "1970-01-01",
        "submitted_at": "1970-01-01",
        "decided_by": known["operator"],
        "author": known["operator"],
        "by": known["operator"],
        "user": known["there_user"],
        "user_id": known["there_user"],
        "customer": known["there_customer"],
        "customer_id": known["there_customer"],
        "application": known["there_application"],
        "usage_point": known["there_point_id"],
        "parent": known["there_node"],
        "path": "/",
        "taken_by": known["operator"],
        "added": "{}",
        "published_at": "1970-01-01",
        "erased_at": "1970-01-01",
    }


class Written:
    """What statements write, without what is drawn anew each time."""

    def __init__(self) -> None:
        self.rows: list[object] = []

    def __call__(self, execute: Any, sql: str, told: Any, many: bool, context: Any) -> Any:
        if WRITING.match(sql):
            values = [DRAWN.sub("", str(one)) for one in told or ()]
            self.rows.append((sql, values))
        return execute(sql, told, many, context)


def written(walk: Walk, role: str, door: Door, body: dict[str, str]) -> list[object]:
    cache.clear()
    client, found = walk.clients[role], Written()
    kept = client.cookies.copy()
    with transaction.atomic(), connection.execute_wrapper(found):
        drain(client.post(address_of(door, walk.world.names), body))
        transaction.set_rollback(True)
    client.cookies = kept
    return found.rows


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="numbers of rows are not taken back elsewhere"
)
def test_no_form_takes_more_than_its_fields(monkeypatch, settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    walk = Walk(make_world())
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    more, wrong, changing = extra(walk.world.names), [], 0
    for door in DOORS:
        doing = [role for role in ("administrator", "operator", "owner", "unverified", "anonymous")
                 if door.is_post and door.statuses[role] in (200, 302)]  # fmt: skip
        for role in doing[:1] + doing[1:][-1:]:
            body = {key: value.format(**walk.world.names) for key, value in door.body.items()}
            plain = written(walk, role, door, body)
            changing += bool(plain)
            if written(walk, role, door, more | body) != plain:
                wrong.append(f"{door.name} {dict(door.body)} for {role}")

    assert not wrong, "\n".join(wrong)
    assert changing > 50
