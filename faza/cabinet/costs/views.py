from __future__ import annotations

from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet.costs import lines, prices
from faza.cabinet.costs import page as pages
from faza.cabinet.views.pages import chosen_of, remembered
from faza.charges import queries as charges
from faza.contracts import access
from faza.ui import files, periods

MOST = 5_000
"""Points whose kept months a page adds up."""


@require_safe
@login_required
def costs(request: HttpRequest) -> HttpResponse:
    """What months cost, the forecast of the present one, and the cheapest tariff."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1, limit=MOST)
    shown = pages.page(user, chosen, request.GET, at=at)
    return remembered(render(request, "cabinet/costs.html", {"page": shown}), request)


@require_safe
@login_required
def costs_file(request: HttpRequest, format: str) -> HttpResponseBase:
    """The lines of a point's month as a file; taken by staff it is noted."""
    if format not in files.FORMATS:
        raise Http404(format)
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1, limit=MOST)
    point = chosen.one
    if point is None:
        raise Http404("not one point")
    today = at.astimezone(ZoneInfo(point.zone)).date()
    month = periods.around("month", periods.read(request.GET, today=today).first).first
    windows = access.windows_of(user, at=at, points=[point.id])
    kept = charges.charge(windows, point.id, month)
    if not kept:
        raise Http404("no charge")
    told = prices.prices({one.tariff for one in kept if one.tariff}, month, today)
    rows: list[list[object]] = []
    for one in kept:
        names = told.zones.get(one.tariff or 0, {}) if told else {}
        made = lines.rows_of_file(one.charge, names)
        rows += made if not rows else made[1:]
    rows.append([_("Reference calculation, not a bill.")])
    if user.role != User.Role.SUBSCRIBER:
        audit.note_export(
            of=user, by=user, at=at, points=[point.code], first=month,
            last=charges.next_month(month) - timedelta(days=1), channels=["costs"],
            format=format, address=get_adapter(request).get_client_ip(request),
        )  # fmt: skip
    return files.FORMATS[format](rows, title=f"{point.code}-{month:%Y-%m}", name=_("Cost"))
