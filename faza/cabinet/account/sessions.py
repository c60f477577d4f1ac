"""Devices on which a person is signed in, and the language of pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from faza.accounts import services
from faza.accounts.browsers import name_of
from faza.accounts.models import User


@dataclass(frozen=True, slots=True)
class Device:
    """A session in words."""

    session: UserSession
    browser: str
    is_current: bool


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def devices(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in; a POST signs out everywhere else."""
    user, here = cast(User, request.user), request.session.session_key or ""
    if request.method == "POST":
        ended = services.end_other_sessions(user=user, but=here, at=timezone.now())
        told = ngettext(
            "You are signed out on %(n)s other device.",
            "You are signed out on %(n)s other devices.",
            ended,
        )
        messages.success(request, told % {"n": ended})
        return redirect("usersessions_list")
    found = [
        Device(session, name_of(session.user_agent), session.session_key == here)
        for session in UserSession.objects.purge_and_list(user)
    ]
    found.sort(key=lambda one: (not one.is_current, -one.session.created_at.timestamp()))
    return render(request, "usersessions/usersession_list.html", {"devices": found})


@require_POST
@login_required
def end(request: HttpRequest, session: int) -> HttpResponse:
    """Sign out on one device; of somebody else's nothing is said."""
    user = cast(User, request.user)
    if services.end_session(user=user, session=session, at=timezone.now()):
        messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list")


@require_POST
def speak(request: HttpRequest) -> HttpResponse:
    """Change the language of pages; of a signed-in person, of mails too."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        services.change_language(user=request.user, language=language, at=timezone.now())
    return set_language(request)
