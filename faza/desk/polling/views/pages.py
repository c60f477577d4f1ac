"""Pages to look at: how the collection stands, one meter with its dialogues, the lists."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faza.collection.models import CredentialSet, Device, Session
from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.network.finding import who_and_when
from faza.desk.polling import pane, reach, state, talk
from faza.desk.polling.tables import (
    CredentialFilter,
    CredentialTable,
    DeviceFilter,
    DeviceTable,
    LineFilter,
    LineTable,
)


@require_safe
@needs(Right.SEE_COLLECTION)
def polling(request: HttpRequest) -> HttpResponse:
    """The groups; below them one meter (`meter`, `session`), or how areas and types stand.

    Asked by htmx for the session, only that is sent.
    """
    user, at = who_and_when(request)
    if "meter" not in request.GET:
        told = {"state": state.state(user, at=at), "heat": state.heat(user, at=at)}
        return render(request, "desk/polling/page.html", told)
    device = reach.device_of(user, _number(request.GET["meter"]), at=at)
    session = _session(request, device)
    page: dict[str, object] = {
        "device": device,
        "shown": talk.shown(session) if session else None,
        "bytes": request.GET.get("bytes") == "1",
    }
    if request.headers.get("HX-Target") == "session":
        return render(request, "desk/polling/parts/session.html", page)
    page["pane"] = pane.pane(user, device, at=at)
    page["state"] = state.state(user, at=at)
    return render(request, "desk/polling/page.html", page)


def _session(request: HttpRequest, device: Device) -> Session | None:
    """The session that the address names, else the last one; None where there was none."""
    rows = device.sessions.order_by("-started_at").select_related("device__meter")
    if "session" in request.GET:
        return get_object_or_404(rows, pk=_number(request.GET["session"]))
    return rows.first()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404("no such thing")
    return int(text)


@require_safe
@needs(Right.SEE_COLLECTION)
def session_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A dialogue as a text, to be sent to somebody who knows."""
    user, at = who_and_when(request)
    session = reach.session_of(user, pk, at=at)
    answer = HttpResponse(talk.as_text(session), content_type="text/plain; charset=utf-8")
    name = f"session-{session.pk}-{session.started_at:%Y%m%d-%H%M%S}.txt"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@needs(Right.SEE_COLLECTION)
def command(request: HttpRequest, pk: int) -> HttpResponse:
    """What has become of a command; asked again until it has ended."""
    user, at = who_and_when(request)
    found = reach.command_of(user, pk, at=at)
    return render(request, "desk/polling/parts/command.html", {"command": found})


@require_safe
@needs(Right.SEE_COLLECTION)
def devices(request: HttpRequest) -> HttpResponse:
    """All devices: to search, filter, export, read now."""
    user, at = who_and_when(request)
    rows = reach.placed(reach.devices(user, at=at), user, at=at)
    # What the driver learned is long, and none of a list's business.
    rows = rows.select_related("meter__model", "plan", "line").defer(
        "layouts", "habits", "profiles", "relay", "address"
    )
    listed = lists.shown(
        request, rows, table=DeviceTable, filters=DeviceFilter, name="polling-devices"
    )
    file = lists.exported(request, listed, title=_("Meters that are read"))
    return file or render(request, "desk/polling/devices.html", {"listed": listed})


@require_safe
@needs(Right.SEE_COLLECTION)
def lines(request: HttpRequest) -> HttpResponse:
    """Lines: modems, gateways, sockets."""
    user, at = who_and_when(request)
    own = reach.own_lines(user, at=at).filter(pk=OuterRef("pk"))
    rows = reach.lines(user, at=at).select_related("node")
    rows = rows.annotate(count=Count("devices", distinct=True), is_own=Exists(own))
    listed = lists.shown(request, rows, table=LineTable, filters=LineFilter, name="polling-lines")
    file = lists.exported(request, listed, title=_("Lines"))
    return file or render(request, "desk/polling/lines.html", {"listed": listed})


@require_safe
@needs(Right.EDIT_COLLECTION)
def access_sets(request: HttpRequest) -> HttpResponse:
    """As whom meters are entered; no secret is shown."""
    rows = CredentialSet.objects.defer("closed")
    listed = lists.shown(
        request, rows, table=CredentialTable, filters=CredentialFilter, name="polling-access"
    )
    file = lists.exported(request, listed, title=_("Access to meters"))
    return file or render(request, "desk/polling/access.html", {"listed": listed})
