from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.cabinet import exports
from faza.cabinet.views.pages import chosen_of


@require_safe
@login_required
def export(request: HttpRequest, format: str) -> HttpResponse | StreamingHttpResponse:
    """A file of what the explorer shows, made while it is sent."""
    if format not in exports.FORMATS:
        raise Http404(format)
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1)
    address = get_adapter(request).get_client_ip(request)
    try:
        file = exports.export(user, chosen, format, request.GET, at=at, address=address)
    except exports.Unclear as unclear:
        return render(request, "cabinet/unclear.html", {"why": str(unclear)}, status=400)
    response = StreamingHttpResponse(file.chunks, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = "private, no-store"
    return response
