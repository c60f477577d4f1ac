"""The OpenAPI document: ninja's, with what all operations have in common told once."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI

from faza.api.v1.errors import KINDS, MEDIA
from faza.api.v1.schemas import Problem

ABOUT = (
    "Read what the meters of a subscriber told, send readings, have reports made. A token is made"
    " in the cabinet, under Personal data. Every answer is clipped to the windows of the token's"
    " person and to its points; a missing value is null, never zero. A deed that is to be done"
    " once has a name, Idempotency-Key. See docs/reference/api.md."
)
LIMITS = {
    "RateLimit-Limit": "Questions of the token in a minute.",
    "RateLimit-Remaining": "Questions left in this minute.",
    "RateLimit-Reset": "Seconds until the minute ends.",
}
REFUSALS = (400, 401, 403, 404, 409, 413, 422, 429, 503)
OFTEN = (401, 403, 404, 422, 429)
"""What any operation may answer."""
POSTS = frozenset({"start_report", "send_entry", "send_photo", "answer_entry"})
ONLY = {409: POSTS, 413: POSTS | {"read_notices", "start_push"}, 503: frozenset({"report"})}
"""What these may answer beside it."""
PATH = "/api/v1/"


@functools.lru_cache(maxsize=1)
def of(api: NinjaAPI) -> dict[str, Any]:
    """The document of an API."""
    told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PATH))
    parts = told.setdefault("components", {})
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"] |= schema.pop("$defs") | {"Problem": schema}
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "device": {"type": "apiKey", "in": "cookie", "name": "faza_device"},
        "app": {"type": "apiKey", "in": "header", "name": "X-Faza-App"},
    }
    parts["headers"] = {
        name: {"description": words, "schema": {"type": "integer", "minimum": 0}}
        for name, words in LIMITS.items()
    }
    parts["responses"] = {str(status): _refusal(status) for status in REFUSALS}
    parts["responses"]["400"]["content"]["text/plain"] = {"schema": {"type": "string"}}
    for _path, method, operation in _operations(told):
        _complete(method, operation)
    return told


def parameters(api: NinjaAPI) -> dict[str, frozenset[str]]:
    """Names of the parameters in the query of each operation."""
    return {
        operation["operationId"]: frozenset(
            one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"
        )
        for _path, _method, operation in _operations(api.get_openapi_schema(path_prefix=PATH))
    }


def names(api: NinjaAPI) -> dict[tuple[str, str], str]:
    """Operations by the name of their address and their method."""
    return {
        (operation.url_name or "", method): operation.operation_id or ""
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
        for method in operation.methods
    }


def _operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, address in told["paths"].items():
        for method, operation in address.items():
            yield path, method, operation


def _refusal(status: int) -> dict[str, Any]:
    codes = [code for code, kind in KINDS.items() if kind.status == status]
    return {
        "description": "Codes: " + ", ".join(codes),
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Say of an operation what is true of all of its method."""
    operation["security"] = [{"token": []}, {"device": [], "app": []}]
    name, responses = operation["operationId"], operation["responses"]
    status, fine = next((status, told) for status, told in responses.items() if int(status) < 300)
    fine["headers"] = {one: {"$ref": f"#/components/headers/{one}"} for one in LIMITS}
    told = {str(status): fine, "400": {"$ref": "#/components/responses/400"}}
    if method == "get":
        told["304"] = {"description": "What is kept still holds."}
        fine["headers"]["ETag"] = {
            "description": "Of this very answer; a file has none.", "schema": {"type": "string"},
        }  # fmt: skip
        operation.setdefault("parameters", []).append(
            {
                "name": "If-None-Match", "in": "header", "required": False,
                "description": "ETag of an answer that is kept.",
                "schema": {"type": "string"},
            }
        )  # fmt: skip
    if status in (201, 202):
        fine["headers"]["Location"] = {
            "description": "Where it is asked for.", "schema": {"type": "string"},
        }  # fmt: skip
    refusals = [*OFTEN, *(status for status, where in ONLY.items() if name in where)]
    told |= {str(one): {"$ref": f"#/components/responses/{one}"} for one in sorted(refusals)}
    operation["responses"] = dict(sorted(told.items()))
