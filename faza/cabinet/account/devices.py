"""«Мобильный клиент»: connected phones, and how one is connected by a QR or a short code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import qrcode
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect
from qrcode.image.svg import SvgPathImage

from faza.accounts import links
from faza.accounts.models import User
from faza.contracts.access.grants import READERS
from faza.contracts.models import Pairing, Token, TokenUse
from faza.contracts.rules.pairing import STANDING, check_number, shown
from faza.contracts.rules.tokens import Kind
from faza.contracts.services import pairing, tokens

PAGE, PART = "cabinet/account/connect.html", "cabinet/account/_connect.html"


@dataclass(frozen=True, slots=True)
class Step:
    """What the page of connecting shows. name: open, asked, confirmed, done, refused or none.

    `mark` tells this state from others, so that a page that has it is not sent it again; `left`
    are seconds that the state still holds. qr, link, where (the address to be opened by hand) and
    code belong to an open code, `check` to a phone that asks. is_fresh: whether a further code may
    be shown without a password.
    """

    name: str
    mark: str
    is_fresh: bool
    pairing: Pairing | None = None
    left: int = 0
    qr: SafeString = mark_safe("")
    link: str = ""
    where: str = ""
    code: str = ""
    check: str = ""


@never_cache
@require_safe
@login_required
def device_list(request: HttpRequest) -> HttpResponse:
    """Connected phones: when they were connected, when and from where they were used."""
    user, at = _reader(request), timezone.now()
    rows = pairing.devices_of(user, at=at).annotate(last_address=_last_address())
    return render(request, "cabinet/account/devices.html", {"devices": rows.order_by("-made_at")})


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a phone at once. No password is asked: who lost a phone is not to be held up."""
    user = _reader(request)
    token = get_object_or_404(Token, pk=pk, user=user, kind=Kind.DEVICE)
    if tokens.revoke(token=token, at=timezone.now(), by=user):
        messages.success(request, _("%(phone)s is signed out.") % {"phone": token.name})
    return redirect("cabinet:devices")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def connect(request: HttpRequest) -> HttpResponse:
    """The code and what has become of it; a POST shows a fresh one, behind the password.

    Asked by the page itself: 204 while nothing has changed since the state `seen`.
    """
    user, at = _reader(request), timezone.now()
    is_part = bool(request.headers.get("HX-Request"))
    # A part that renews itself says that the password is wanted, instead of leading there.
    if request.method == "POST" and not (is_part and _is_stale(request)):
        return _begin(request)
    step = _step(request, user, at)
    if is_part and request.GET.get("seen") == step.mark:
        return HttpResponse(status=204)
    return render(request, PART if is_part else PAGE, {"step": step})


@reauthentication_required
def _begin(request: HttpRequest) -> HttpResponse:
    user, at = _reader(request), timezone.now()
    is_part = bool(request.headers.get("HX-Request"))
    try:
        pairing.begin(user=user, session=_session(request), at=at)
    except pairing.TooManyDevices:
        messages.error(request, _("Too many phones are connected: sign some of them out."))
        there = reverse("cabinet:devices")
        return HttpResponseClientRedirect(there) if is_part else redirect(there)
    if not is_part:
        return redirect("cabinet:connect")
    return render(request, PART, {"step": _step(request, user, at)})


@require_POST
@login_required
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the phone in that asks; only the session that showed its code can."""
    return _answered(request, pk, pairing.confirm)


@require_POST
@login_required
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn the phone away that asks."""
    return _answered(request, pk, pairing.refuse)


def _answered(request: HttpRequest, pk: int, deed: Callable[..., Pairing]) -> HttpResponse:
    user, at = _reader(request), timezone.now()
    try:
        deed(pairing=pk, user=user, session=_session(request), at=at)
    except pairing.NotAsked as nothing:
        raise Http404 from nothing
    if request.headers.get("HX-Request"):
        return render(request, PART, {"step": _step(request, user, at)})
    return redirect("cabinet:connect")


def _step(request: HttpRequest, user: User, at: datetime) -> Step:
    held = pairing.find_pairing(user=user, session=_session(request))
    is_fresh = not _is_stale(request)
    if held is None or (held.state in STANDING and held.expires_at <= at):
        return Step("none", f"none-{is_fresh}", is_fresh)
    left = max(0, int((held.expires_at - at).total_seconds()))
    mark = f"{held.pk}-{held.state}"
    if held.state == Pairing.State.OPEN:
        if not is_fresh:  # who left the page open shows no code to whoever comes by
            return Step("none", f"none-{is_fresh}", is_fresh)
        told = pairing.invitation(held)
        place = links.absolute(reverse("mobile:connect"))
        link = f"{place}#{told.secret}"  # a fragment: it is in no log of a server
        return Step(
            held.state, mark, is_fresh, held, left, qr=_drawn(link), link=link,
            where=place.partition("://")[2], code=shown(told.code),
        )  # fmt: skip
    check = check_number(held.waiting_digest) if held.waiting_digest else ""
    return Step(held.state, mark, is_fresh, held, left, check=check)


def _drawn(link: str) -> SafeString:
    """A QR as an inline picture: no address of its own that it could be fetched from."""
    drawn = qrcode.make(link, image_factory=SvgPathImage, border=4).to_string()
    return mark_safe(drawn.decode())  # noqa: S308  # drawn here, of our own link


def _last_address() -> Subquery:
    uses = TokenUse.objects.filter(token=OuterRef("pk")).order_by("-last_at")
    return Subquery(uses.values("address")[:1])


def _is_stale(request: HttpRequest) -> bool:
    return bool(is_reauthentication_required(request, app="account"))


def _session(request: HttpRequest) -> str:
    return request.session.session_key or ""


def _reader(request: HttpRequest) -> User:
    """The person, if keys are for them. Raises Http404."""
    user = cast(User, request.user)
    if user.role not in READERS:
        raise Http404
    return user
