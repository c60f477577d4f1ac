"""Objects of the network that a request names: those within reach, all else is not there (404)."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts import access
from faza.desk.lists import request_user
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    NetworkNode,
    UsagePoint,
)


def who_and_when(request: HttpRequest) -> tuple[User, datetime]:
    """Who asks, and the moment of the request."""
    return request_user(request), timezone.now()


def node_of(user: User, pk: object, *, at: datetime) -> NetworkNode:
    """Raises Http404 for a place the user does not work in, and for none."""
    text = str(pk)
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404("no such place")
    return get_object_or_404(access.nodes_of(user, at=at), pk=int(text))


def point_of(user: User, code: str, *, at: datetime) -> UsagePoint:
    points = access.worked_points_of(user, at=at).select_related("node")
    return get_object_or_404(points, code=code)


def meter_of(user: User, pk: int, *, at: datetime) -> Meter:
    return get_object_or_404(access.meters_of(user, at=at).select_related("model"), pk=pk)


def transformer_of(user: User, pk: int, *, at: datetime) -> InstrumentTransformer:
    return get_object_or_404(access.transformers_of(user, at=at), pk=pk)


def complex_of(user: User, pk: int, *, at: datetime) -> MeteringComplex:
    rows = access.complexes_of(user, at=at).select_related("usage_point__node", "meter__model")
    return get_object_or_404(rows, pk=pk)
