"""POST /api/intake: telemetry of a program that has a token (docs/reference/telemetry.md).

Who is signed in in a browser has no say here: only the token counts, so no other site can have a
person's browser send anything.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from faza.collection.intake.pushing import push as store
from faza.collection.intake.taking import Taken
from faza.collection.intake.tokens import token_of

LARGEST = 8 * 2**20
"""Bytes of a request."""
KINDS = frozenset({"application/json", "application/x-ndjson", "application/jsonl"})
RETRY = 30
"""Seconds after which a sender may try again where we cannot store."""
log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def push(request: HttpRequest) -> JsonResponse:
    """Store telemetry and say what became of it: 200 when anything was, else 422."""
    at = timezone.now()
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        token = token_of(text.strip(), at=at) if scheme.lower() == "bearer" else None
    except (OperationalError, InterfaceError):
        log.error("a push cannot be looked at: the database is away")
        return _later()
    if token is None:
        refused = _refusal(401, "unauthorised", "A valid token is wanted: Authorization: Bearer …")
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    if request.content_type not in KINDS:
        return _refusal(415, "media-type", f"Expected one of {', '.join(sorted(KINDS))}.")
    data = _body(request)
    if data is None:
        return _refusal(413, "too-large", f"The limit is {LARGEST} bytes: send several requests.")
    try:
        taken = store(data, token=token, at=at)
    except (DataError, IntegrityError):
        log.exception("a push of %s cannot be stored", token.sender)
        return _refusal(422, "data", "It cannot be stored, and need not be sent again.")
    except (OperationalError, InterfaceError) as problem:
        log.error("a push of %s cannot be stored now: %s", token.sender, type(problem).__name__)
        return _later()
    except DatabaseError:
        log.exception("a push of %s cannot be stored now", token.sender)
        return _later()
    return _answer(taken)


def _body(request: HttpRequest) -> bytes | None:
    """The body; None if it is too large, of which no more is read than shows it."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > LARGEST:
        return None
    data = request.read(LARGEST + 1)
    return data if len(data) <= LARGEST else None


def _answer(taken: Taken) -> JsonResponse:
    summary, verdict = taken.summary, taken.verdicts[0]
    if verdict.is_refused:
        return _refusal(400, verdict.complaints[0].code, verdict.complaints[0].reason)
    said: dict[str, Any] = {
        "points": len(summary.points),
        "values": summary.values,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "superseded": summary.superseded,
        "registers": summary.registers,
        "unassigned": summary.unassigned,
        "events": summary.events,
        "new_events": summary.new_events,
        "problems": [
            {"place": one.place, "code": one.code, "reason": one.reason}
            for one in verdict.complaints
        ],
        "problem_count": verdict.n_problems,
    }
    useless = verdict.n_problems and verdict.is_useless
    return JsonResponse(said, status=422 if useless else 200)


def _later() -> JsonResponse:
    later = _refusal(503, "try-later", "It cannot be stored now: send it again.")
    later["Retry-After"] = str(RETRY)
    return later


def _refusal(status: int, code: str, reason: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "reason": reason}}, status=status)
