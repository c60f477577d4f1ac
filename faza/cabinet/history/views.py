from __future__ import annotations

from datetime import date
from typing import cast

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet.history import file, page
from faza.cabinet.views.pages import chosen_of, remembered
from faza.ui.files import FORMATS


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """What a point used by billing month and meter."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1)
    shown = page.page(user, chosen, request.GET, at=at)
    return remembered(render(request, "cabinet/history.html", {"page": shown}), request)


@require_safe
@login_required
def history_file(request: HttpRequest, format: str) -> HttpResponse:
    """The same as a file; taken by staff it is noted."""
    if format not in FORMATS:
        raise Http404(format)
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1)
    if not chosen.points:
        raise Http404("no point")
    shown = page.page(user, chosen, request.GET, at=at)
    if user.role != User.Role.SUBSCRIBER:
        audit.note_export(
            of=user, by=user, at=at, points=[chosen.points[0].code],
            first=date(shown.year, 1, 1), last=date(shown.year, 12, 31), channels=["history"],
            format=format, address=get_adapter(request).get_client_ip(request),
        )  # fmt: skip
    title = _("History %(point)s") % {"point": chosen.points[0].name}
    return FORMATS[format](file.rows_of(shown), title=title, name="history")
