"""The OpenAPI document: ninja's, with what all operations have in common told once."""

from __future__ import annotations

import functools
from typing import Any

from ninja import NinjaAPI

from faza.api.v1.errors import KINDS, MEDIA
from faza.api.v1.schemas import Problem

ABOUT = (
    "Read what the meters of a subscriber told. A token is made in the cabinet, under Personal"
    " data. Every answer is clipped to the windows of the token's person and to its points; a"
    " missing value is null, never zero. See docs/reference/api.md."
)
LIMITS = {
    "RateLimit-Limit": "Questions of the token in a minute.",
    "RateLimit-Remaining": "Questions left in this minute.",
    "RateLimit-Reset": "Seconds until the minute ends.",
}
REFUSALS = (401, 403, 404, 422, 429)


@functools.lru_cache(maxsize=1)
def of(api: NinjaAPI) -> dict[str, Any]:
    """The document of an API."""
    told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    parts = told.setdefault("components", {})
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"] |= schema.pop("$defs") | {"Problem": schema}
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    parts["headers"] = {
        name: {"description": words, "schema": {"type": "integer", "minimum": 0}}
        for name, words in LIMITS.items()
    }
    parts["responses"] = {str(status): _refusal(status) for status in REFUSALS}
    for address in told["paths"].values():
        for operation in address.values():
            _complete(operation)
    return told


def parameters(api: NinjaAPI) -> dict[str, frozenset[str]]:
    """Names of the parameters in the query of each operation."""
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    return {
        operation["operationId"]: frozenset(
            one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"
        )
        for address in paths.values()
        for operation in address.values()
    }


def _refusal(status: int) -> dict[str, Any]:
    codes = [code for code, kind in KINDS.items() if kind.status == status]
    return {
        "description": "Codes: " + ", ".join(codes),
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _complete(operation: dict[str, Any]) -> None:
    """Say of an operation what is true of all."""
    operation["security"] = [{"token": []}]
    operation.setdefault("parameters", []).append(
        {
            "name": "If-None-Match", "in": "header", "required": False,
            "description": "ETag of an answer that is kept.",
            "schema": {"type": "string"},
        }
    )  # fmt: skip
    fine = operation["responses"].pop(200)
    fine["headers"] = {
        "ETag": {"description": "Of this very answer.", "schema": {"type": "string"}}
    } | {name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS}
    operation["responses"] = {
        "200": fine,
        "304": {"description": "What is kept still holds."},
        "400": {"description": "A NUL in the address."},
    } | {str(status): {"$ref": f"#/components/responses/{status}"} for status in REFUSALS}
