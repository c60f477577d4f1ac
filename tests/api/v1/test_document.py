"""The OpenAPI document: a snapshot, its examples, and every operation asked by it."""

import json
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from pydantic import BaseModel
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from faza.api.v1 import entry_shapes, push, report_shapes, schemas, shapes
from faza.manual_entry.models import EntryRule
from tests.api.v1.asking import (
    NUMBERED,
    OF_DEVICES,
    OPERATIONS,
    WRITES,
    in_process,
    token_of,
)
from tests.cabinet.factories import fill, make_agreement, make_meter, make_point, make_user

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).resolve().parent.parent / "openapi.json"
CODE = "500000000000001"
EXAMPLES = 10


def document() -> dict:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_the_document_changes_on_purpose_only():
    """`SNAPSHOT=1 pytest tests/api/v1/test_document.py` writes it anew."""
    text = json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("SNAPSHOT") == "1":
        SNAPSHOT.write_text(text)
    assert SNAPSHOT.read_text() == text


def test_all_operations_tell_of_problems_limits_and_the_token():
    for address in document()["paths"].values():
        for method, operation in address.items():
            assert operation["security"] == [{"token": []}, {"device": [], "app": []}]
            responses = set(operation["responses"])
            assert responses >= {"400", "401", "403", "404", "422", "429"}
            assert ("304" in responses) == (method == "get")
            (fine,) = (told for status, told in operation["responses"].items() if status < "300")
            assert "RateLimit-Remaining" in fine["headers"]
            assert ("ETag" in fine["headers"]) == (method == "get")
            if method == "post":
                names = [one["name"] for one in operation["parameters"]]
                assert "Idempotency-Key" in names
                assert "Location" in fine["headers"]
                assert "409" in responses


def test_every_operation_has_an_example_of_what_is_told_and_sent():
    told = document()
    parts = told["components"]["schemas"]
    for address in told["paths"].values():
        for operation in address.values():
            (fine,) = (one for status, one in operation["responses"].items() if status < "300")
            bodies = [fine.get("content", {}), operation.get("requestBody", {}).get("content", {})]
            for content in bodies:
                for media, shape in content.items():
                    if media == "application/json" and "$ref" in shape["schema"]:
                        assert parts[shape["schema"]["$ref"].rpartition("/")[2]]["examples"]


@pytest.mark.parametrize(
    "schema",
    [
        one
        for module in (schemas, shapes, entry_shapes, report_shapes, push)
        for one in vars(module).values()
        if isinstance(one, type)
        and issubclass(one, BaseModel)
        and one.__module__ == module.__name__
    ],
)
def test_examples_are_as_they_say(schema):
    extra = schema.model_config.get("json_schema_extra") or {}
    for told in extra.get("examples", ()):
        schema.model_validate(told)
        fields = {field.alias or name for name, field in schema.model_fields.items()}
        assert set(told) <= fields


@pytest.fixture
def answers(monkeypatch):
    """A token of somebody with a month of data, and no limit on questions."""
    monkeypatch.setattr("faza.contracts.rules.tokens.LIMIT", 10**6)
    monkeypatch.setattr("faza.reports.services.MOST_WAITING", 10**6)
    user = make_user("owner@example.org")
    point = make_point(CODE, "Дом")
    make_agreement("Д-1", [user], [point])
    make_meter(point, "M-1", due=date(2030, 1, 1))
    fill(point, date(2026, 3, 1), date(2026, 4, 1))
    EntryRule.objects.create(
        made_at=datetime(2026, 1, 1, tzinfo=UTC), first_day=1, last_day=31, silent_days=None
    )
    return token_of(user)


def test_every_operation_answers_as_the_document_says(answers):
    """schemathesis: questions that fit and that do not; no 5xx, nothing but what is described."""
    config = schemathesis.Config.from_dict({"generation": {"allow-x00": False}})
    with in_process():
        schema = schemathesis.openapi.from_wsgi(
            "/api/v1/openapi.json", whole(get_wsgi_application()), config=config
        )
    asked: set[str] = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:
            with in_process():
                _ask(operation, mode, answers)
        asked.add(operation.definition.raw["operationId"])

    assert asked == {*OPERATIONS, *NUMBERED, *WRITES, *OF_DEVICES}


def whole(application):
    """The application as a server runs it: answers are read to their end and closed."""

    def run(environ, start_response):
        answer = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return run


def _ask(operation, mode, token: str) -> None:
    """Some questions to an operation, half of those about a point about the one that is there."""

    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode), here=hypothesis.strategies.booleans()
    )
    def run(case, here):
        if here and case.path_parameters and "point" in case.path_parameters:
            case.path_parameters["point"] = CODE
        if here and isinstance(case.body, dict) and "points" in case.body:
            case.body["points"] = [CODE]
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"} | _key(case),
            # No schema says that a cursor is one of ours, or that `to` is after `from`; and the
            # token is a good one here even where a bad one was made up.
            excluded_checks=[positive_data_acceptance, negative_data_rejection],
        )

    run()


def _key(case) -> dict[str, str]:
    """Each question that fits is a deed of its own."""
    key = (case.headers or {}).get("Idempotency-Key", "")
    fits = re.fullmatch('"?[A-Za-z0-9_-]{16,98}"?', str(key))
    return {"Idempotency-Key": uuid4().hex} if fits else {}
