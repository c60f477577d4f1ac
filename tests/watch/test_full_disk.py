"""A database whose disk is full: nothing is said to be done that is not, and all goes on after.

PostgreSQL is made to say so by a trigger, with the SQLSTATE of a full disk (53100,
https://www.postgresql.org/docs/current/errcodes-appendix.html); SQLite's words come from us.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, models, transaction
from django.urls import reverse

from faza.collection.models import Session as LineSession
from faza.jobs import registry, services
from faza.jobs.models import Job
from faza.jobs.worker import run_waiting
from faza.readings.models import IntervalBlock
from tests.api.test_intake import made, pushed
from tests.cabinet.factories import PASSWORD, make_user
from tests.collection.factories import days_of
from tests.collection.intake.factories import CODE, day, make_point
from tests.collection.polling import factories as polled

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TRIGGER = """
CREATE FUNCTION pg_temp.is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER is_full BEFORE INSERT OR UPDATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.is_full();
"""


@contextmanager
def no_room_for(model: type[models.Model]) -> Iterator[None]:
    """As long as the block lasts, its table takes nothing; what the block wrote is undone."""
    table = model._meta.db_table

    def refuse(execute, sql, *more):
        if sql.lstrip().startswith(("INSERT", "UPDATE")) and table in sql.partition("(")[0]:
            raise OperationalError("database or disk is full")
        return execute(sql, *more)

    mark = transaction.savepoint()
    try:
        if connection.vendor == "sqlite":
            with connection.execute_wrapper(refuse):
                yield
        else:
            with connection.cursor() as cursor:
                cursor.execute(TRIGGER.format(table=table))
            yield
    finally:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(mark)


def test_a_page_with_a_deed_says_try_again_and_does_it_when_there_is_room(client):
    user = make_user("anna@example.ru")
    client.raise_request_exception = False
    page, told = reverse("account_login"), {"login": user.email, "password": PASSWORD}
    russian = {"accept-language": "ru"}
    with no_room_for(Session):
        assert client.get(page, headers=russian).status_code == 200
        answer = client.post(page, told, headers=russian)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "Данные сейчас недоступны" in answer.content.decode()
    assert client.post(page, told, headers=russian).status_code == 302


def test_what_is_pushed_is_not_acknowledged_and_may_come_again():
    point = make_point(CODE)
    token = made(node=point.node)
    with no_room_for(IntervalBlock):
        refused = pushed(day(), token)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "try-later")
    assert days_of(point) == {}
    assert pushed(day(), token).json()["changed"] == 48


def test_what_was_read_of_a_meter_can_be_stored_again_when_there_is_room():
    """`collector.recorder` keeps it meanwhile: see test_a_database_that_is_away_is_waited_for."""
    device = polled.make_device()
    (work,) = polled.claim()
    read = polled.answered(work, work.devices[0])
    with no_room_for(IntervalBlock), pytest.raises(OperationalError):
        polled.store(read)
    assert (polled.stored(polled.point_of(device)), LineSession.objects.count()) == ({}, 0)
    polled.store(read)
    assert polled.stored(polled.point_of(device))
    assert LineSession.objects.get().outcome == "done"


def test_a_job_stays_in_its_queue(monkeypatch):
    ran = []
    monkeypatch.setitem(registry.handlers, "test.full", lambda job: ran.append(1))
    job = services.start("test.full", arguments={}, by=None, at=AT)
    with no_room_for(Job), pytest.raises(OperationalError):
        run_waiting()
    job.refresh_from_db()
    assert (job.state, job.attempts, ran) == (Job.State.WAITING, 0, [])
    run_waiting()
    job.refresh_from_db()
    assert (job.state, ran) == (Job.State.DONE, [1])
