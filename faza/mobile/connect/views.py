"""What a phone opens to be connected. Nobody is signed in here; the owner answers on the web page.

The secret of a QR comes in the fragment of the address, which no server sees; a script puts it
into the form.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from faza.accounts.browsers import name_of
from faza.audit.middleware import network_address
from faza.contracts.access import grant_of
from faza.contracts.rules.pairing import check_number, is_secret
from faza.contracts.rules.tokens import digest
from faza.contracts.services import pairing
from faza.contracts.services.pairing import Outcome
from faza.mobile.connect import cookies, limits
from faza.ui.camera import with_camera

APP_HEADER = "X-Faza-App"


@never_cache
@with_camera
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Scan, open or type a code; a POST asks the owner."""
    if request.method != "POST":
        return _page(request)
    text = (request.POST.get("secret") or request.POST.get("code") or "").strip()
    action = "scan" if is_secret(text) else "code"
    try:
        with limits.counting(request, action):
            _pairing, waiting = pairing.claim(
                text=text,
                model=request.POST.get("model", ""),
                browser=name_of(request.META.get("HTTP_USER_AGENT", "")),
                address=network_address(request),
                at=timezone.now(),
                waiting=cookies.waiting_of(request),
            )
    except limits.TooOften:
        told = _("There were too many wrong codes. Try again in a few minutes.")
        return _page(request, told, status=429)
    except pairing.NoSuchCode:
        told = _("This code does not fit or is over. Take the one that the page shows now.")
        return _page(request, told, status=422)
    except pairing.AlreadyClaimed:
        told = _(
            "Another phone has used this code already. If it is not yours, turn it away on the"
            " page of the cabinet."
        )
        return _page(request, told, status=422)
    answer = redirect("mobile:connect_wait")
    cookies.keep_waiting(answer, waiting)
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: HttpRequest) -> HttpResponse:
    """The phone waits for the owner; a POST asks how it stands, and fetches the key.

    A script is answered in JSON: `state`, and `next` where the phone is to go on.
    """
    secret = cookies.waiting_of(request)
    if request.method != "POST":
        if not secret:
            return redirect("mobile:connect")
        told = {"check": check_number(digest(secret))}
        return render(request, "mobile/connect/wait.html", told)
    got = pairing.collect(waiting=secret, at=timezone.now())
    answer = _answer(request, got.outcome)
    if got.token is not None:
        cookies.keep_device(answer, got.text, until=got.token.expires_at)
    if got.outcome != Outcome.WAITING:
        cookies.drop_waiting(answer)
    return answer


@csrf_exempt  # no form of another site can send the header
@require_POST
def out(request: HttpRequest) -> HttpResponse:
    """Sign the phone out: its key ends everywhere, the cookie goes. Twice is once."""
    if request.headers.get(APP_HEADER) != "1":
        return HttpResponseForbidden(content_type="text/plain")
    text = cookies.device_of(request)
    if text:
        pairing.sign_out(text=text, at=timezone.now())
    answer = HttpResponse(status=204)
    cookies.drop_device(answer)
    return answer


SAID = {
    Outcome.REFUSED: "refused",
    Outcome.OVER: "over",
}
"""How a phone that got no key is led back: the page says why."""


def _page(request: HttpRequest, wrong: str = "", *, status: int = 200) -> HttpResponse:
    text = cookies.device_of(request)
    grant = grant_of(text, at=timezone.now()) if text else None
    said = request.GET.get("said", "")
    told = {
        "wrong": wrong or _said(said),
        "person": (grant.user.full_name or grant.user.email) if grant else "",
        "home": _home(),
    }
    return render(request, "mobile/connect/connect.html", told, status=status)


def _home() -> str:
    """Where the client itself begins; "" in an installation without it."""
    try:
        return reverse("mobile:home")
    except NoReverseMatch:
        return ""


def _said(said: str) -> str:
    if said == SAID[Outcome.REFUSED]:
        return _("The owner of the cabinet turned this phone away.")
    if said == SAID[Outcome.OVER]:
        return _("Nobody answered in time. Begin again with a new code.")
    return ""


def _answer(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    connected = _home() or reverse("mobile:connect")
    there = {Outcome.WAITING: "", Outcome.CONNECTED: connected}.get(outcome)
    if there is None:
        there = f"{reverse('mobile:connect')}?said={SAID[outcome]}"
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"state": outcome.value, "next": there})
    return redirect(there or "mobile:connect_wait")
