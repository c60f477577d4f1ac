"""Photos of readings, as the desk sees them."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.manual_entry.photos import queries as photos
from faza.manual_entry.queries import desk_entries
from faza.ui import pictures


@require_safe
@needs(Right.SEE_READINGS)
def of_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo of a reading at a point that one works with; others have none (404)."""
    user = cast(User, request.user)
    try:
        photo = photos.of_entry(desk_entries(user, at=timezone.now()), pk)
        data = photos.data_of(photo)
    except photos.NoPhoto as none:
        raise Http404("no such photo") from none
    return pictures.shown(data, name=f"{pk}.jpg")


urlpatterns = [path("readings/photo/<int:pk>/", of_entry, name="reading_photo")]
