"""What went wrong, in one shape: application/problem+json (RFC 9457), codes stable.

`title`, `detail` and `reason` are in the language of Accept-Language; programs go by `code`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from faza.contracts.access import NoSuchPoint
from faza.ui.faults import AGAIN

MEDIA = "application/problem+json"
TYPE = "urn:faza:problem:"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of problem: its HTTP status and what it is called."""

    status: int
    title: str | Promise


KINDS: dict[str, Kind] = {
    "unreadable": Kind(400, gettext_lazy("What was sent cannot be read")),
    "unauthorised": Kind(401, gettext_lazy("A valid token is wanted")),
    "scope-missing": Kind(403, gettext_lazy("The token may not be asked for this")),
    "texts-due": Kind(403, gettext_lazy("There are texts to accept in the cabinet first")),
    "devices-only": Kind(403, gettext_lazy("This is for devices only")),
    "not-found": Kind(404, gettext_lazy("There is no such thing")),
    "resolution-finer": Kind(403, gettext_lazy("The token reads nothing so fine")),
    "method-not-allowed": Kind(405, gettext_lazy("The address does not take this method")),
    "under-way": Kind(409, gettext_lazy("This very deed is being done just now")),
    "too-many": Kind(409, gettext_lazy("There are as many as there may be")),
    "superseded": Kind(409, gettext_lazy("A later reading was sent already")),
    "not-asked": Kind(409, gettext_lazy("Nothing is asked about this reading any more")),
    "too-large": Kind(413, gettext_lazy("More was sent than is taken")),
    "invalid": Kind(422, gettext_lazy("The question does not fit")),
    "key-used": Kind(422, gettext_lazy("The key was used for something else")),
    "closed": Kind(422, gettext_lazy("Readings of this point are not taken now")),
    "doubtful": Kind(422, gettext_lazy("Something is to be confirmed first")),
    "photo-wanted": Kind(422, gettext_lazy("A photo of the meter's face is wanted here")),
    "bad-photo": Kind(422, gettext_lazy("The photo cannot be taken")),
    "push-off": Kind(422, gettext_lazy("Push is switched off here")),
    "push-address": Kind(422, gettext_lazy("This is no address of a known push service")),
    "too-long": Kind(422, gettext_lazy("It takes too long to be made at once")),
    "too-often": Kind(429, gettext_lazy("The token has asked too often")),
    "busy": Kind(503, gettext_lazy("Many reports are being made just now")),
    "unavailable": Kind(503, gettext_lazy("The data cannot be reached just now")),
    "broken": Kind(500, gettext_lazy("Something is broken here")),
}
"""By code."""


class Problem(Exception):
    """An answer that is a problem. errors: (parameter, reason); more: members beside."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.code, self.detail, self.errors = code, detail, errors
        self.headers = headers or {}
        self.more = more or {}


def invalid(field: str, reason: str) -> Problem:
    """A parameter that does not fit."""
    return Problem("invalid", errors=[(field, reason)])


def answer(problem: Problem) -> HttpResponse:
    """A problem as an answer."""
    kind = KINDS[problem.code]
    told: dict[str, Any] = {
        "type": TYPE + problem.code,
        "title": str(kind.title),
        "status": kind.status,
        "code": problem.code,
    }
    if problem.detail:
        told["detail"] = problem.detail
    if problem.errors:
        told["errors"] = [{"field": field, "reason": reason} for field, reason in problem.errors]
    text = json.dumps(told | dict(problem.more), ensure_ascii=False)
    response = HttpResponse(text, status=kind.status, content_type=MEDIA)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def register(api: NinjaAPI) -> None:
    """Have all that an operation raises answered as a problem."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
        return answer(problem)

    @api.exception_handler(AuthenticationError)
    def _unauthorised(request: HttpRequest, problem: AuthenticationError) -> HttpResponse:
        return answer(Problem("unauthorised", headers={"WWW-Authenticate": "Bearer"}))

    @api.exception_handler(NoSuchPoint)
    def _no_point(request: HttpRequest, problem: NoSuchPoint) -> HttpResponse:
        return answer(Problem("not-found"))

    @api.exception_handler(Http404)
    def _nothing(request: HttpRequest, problem: Http404) -> HttpResponse:
        return answer(Problem("not-found"))

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
        errors = [(_field(one), _reason(one)) for one in problem.errors]
        return answer(Problem("invalid", errors=errors))

    @api.exception_handler(HttpError)
    @api.exception_handler(MultiPartParserError)
    @api.exception_handler(SuspiciousOperation)
    def _unreadable(request: HttpRequest, problem: Exception) -> HttpResponse:
        is_large = isinstance(problem, RequestDataTooBig)
        return answer(Problem("too-large" if is_large else "unreadable"))

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def _away(request: HttpRequest, problem: Exception) -> HttpResponse:
        log.error("an operation of the API has no database: %s", type(problem).__name__)
        return answer(Problem("unavailable", headers={"Retry-After": str(AGAIN)}))

    @api.exception_handler(Exception)
    def _broken(request: HttpRequest, problem: Exception) -> HttpResponse:
        log.exception("an operation of the API is broken: %s", request.path)
        return answer(Problem("broken"))


def _field(error: Mapping[str, Any]) -> str:
    """The parameter of an error of pydantic: the last name in its place."""
    names = [part for part in error.get("loc", ()) if isinstance(part, str)]
    return names[-1] if names else ""


def _reason(error: Mapping[str, Any]) -> str:
    """Why a value does not fit, in words of ours: those of pydantic are English only."""
    told, context = str(error.get("type", "")), error.get("ctx") or {}
    if told == "missing":
        return _("It is wanted.")
    if told == "value_error" or told.startswith(("date", "timezone")):
        return _("Expected a date or a moment, as the documentation has it.")
    if told in ("string_pattern_mismatch", "enum", "literal_error"):
        expected = context.get("expected") or context.get("pattern") or ""
        return _("Expected: %(expected)s.") % {"expected": expected}
    if told.startswith(("int", "bool", "float")):
        return _("Expected a number.")
    bounds = {"greater_than_equal": "ge", "less_than_equal": "le"}
    if told in bounds:
        limit = context.get(bounds[told])
        if told == "less_than_equal":
            return _("Expected %(limit)s at most.") % {"limit": limit}
        return _("Expected %(limit)s at least.") % {"limit": limit}
    return _("The value does not fit.")
