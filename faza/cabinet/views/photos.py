"""Photos of readings, as the people of a point see them."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.manual_entry.photos import queries as photos
from faza.manual_entry.queries import own_entries
from faza.ui import pictures


@require_safe
@login_required
def of_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo of a reading at one's own points in one's own time; others have none (404)."""
    user = cast(User, request.user)
    try:
        photo = photos.of_entry(own_entries(user, at=timezone.now()), pk)
        data = photos.data_of(photo)
    except photos.NoPhoto as none:
        raise Http404("no such photo") from none
    return pictures.shown(data, name=f"{pk}.jpg")


@require_safe
@login_required
def held(request: HttpRequest, name: str) -> HttpResponse:
    """A photo that the person has given and whose reading is not sent yet."""
    try:
        data = photos.data_of(photos.held(cast(User, request.user), name))
    except photos.NoPhoto as none:
        raise Http404("no such photo") from none
    return pictures.shown(data, name="photo.jpg")
