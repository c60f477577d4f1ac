"""Pages and deeds of orders: the list, a new one, one with its guards, its documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.collection.models import OrderPaper, SupplyOrder
from faza.collection.orders import papers, services, situation
from faza.collection.orders import words as told_of
from faza.collection.orders.rules import LIMITING, Fault, Initiator, State
from faza.collection.polling.services import TooLate
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import request_user, typed_text
from faza.desk.network.finding import point_of
from faza.desk.orders import rows, words
from faza.desk.orders.forms import LONGEST_REASON, OrderForm, ReasonForm


@never_cache
@require_safe
@needs(Right.SEE_ORDERS)
def orders(request: HttpRequest) -> HttpResponse:
    """The list, with what waits."""
    user, at = request_user(request), timezone.now()
    found = rows.orders(user, at=at)
    listed = lists.shown(
        request, found, table=rows.OrderTable, filters=rows.OrderFilter, name="orders"
    )
    file = lists.exported(request, listed, title=_("Orders about supply"), personal=True)
    if file is not None:
        return file
    told = {
        "listed": listed,
        "waiting": found.filter(state=State.WAITING).count(),
        "asked": found.filter(state=State.ASKED).count(),
        "failed": found.filter(state=State.FAILED).count(),
    }
    return render(request, "desk/orders/orders.html", told)


def switching(request: HttpRequest, at: datetime) -> User:
    """Who asks, if they may switch relays by name. Raises PermissionDenied."""
    user = request_user(request)
    if not may(user, Right.SWITCH_RELAY, at=at):
        raise PermissionDenied(Right.SWITCH_RELAY)
    return user


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_ORDERS)
def new(request: HttpRequest) -> HttpResponse:
    """Write an order about the point that the address names."""
    at = timezone.now()
    user = switching(request, at)
    point = point_of(user, request.GET.get("point", ""), at=at)
    form = OrderForm(
        request.POST or None, request.FILES or None, initial={"initiator": Initiator.OWNER}
    )
    if request.method == "POST" and form.is_valid():
        try:
            order = services.make(
                point=point, wanted=form.wanted(at), documents=form.documents(), at=at, by=user
            )
        except services.Faulty as faulty:
            for fault in told_of.faults(faulty.faults):
                form.add_error(None, fault)
        except papers.NoPaper:
            form.add_error("document", told_of.FAULTS[Fault.NO_PAPER])
        except services.OtherOrder:
            form.add_error(None, _("An order about this point is open already."))
        else:
            messages.success(request, _("The order waits for a second person."))
            return redirect("desk:order", order.pk)
    told = {
        "title": _("Order about %(point)s") % {"point": point.name},
        "lead": _("It goes to the meter when a second person has confirmed it."),
        "form": form,
        "submit": _("Hand to a second person"),
        "back": reverse("desk:point", args=[point.code]),
        "here": situation.situation(point, at=at),
        "point": point,
    }
    return render(request, "desk/orders/new.html", told, status=422 if form.is_bound else 200)


@never_cache
@require_safe
@needs(Right.SEE_ORDERS)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """An order: what it says, what stands against it now, what became of it."""
    user, at = request_user(request), timezone.now()
    found = reached(request, pk, at)
    may_switch = may(user, Right.SWITCH_RELAY, at=at)
    is_open = found.state in {State.ASKED, State.WAITING}
    told = {
        "order": found,
        "css": words.CSS[State(found.state)],
        "faults": told_of.faults(services.faults_of(found, at)) if is_open else [],
        "said": words.meter_said(found),
        "device": situation.device_of(found.usage_point, at=at),
        "agreements": situation.agreements_of(found.usage_point, at=at),
        "papers": found.papers.defer("content").order_by("pk"),
        "power": None if found.threshold is None else found.threshold / 1000,
        "may_take": may_switch and found.state == State.ASKED,
        "may_confirm": may_switch and found.state == State.WAITING and found.made_by_id != user.pk,
        "is_own": found.state == State.WAITING and found.made_by_id == user.pk,
        "may_refuse": may_switch and is_open,
        "may_withdraw": may_switch and found.state == State.SENT,
        "is_limiting": found.deed in LIMITING,
        "form": ReasonForm(),
    }
    return render(request, "desk/orders/order.html", told)


def reached(request: HttpRequest, pk: int, at: datetime) -> SupplyOrder:
    """Raises Http404 for what is not within reach."""
    found = rows.orders(request_user(request), at=at)
    return get_object_or_404(found.select_related("command__session"), pk=pk)


@require_safe
@needs(Right.SEE_ORDERS)
def paper(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A document of an order, as a file: nothing of it is run in the browser."""
    found = reached(request, pk, timezone.now())
    one = OrderPaper.objects.filter(order=found, pk=number).first()
    if one is None:
        raise Http404("no such document")
    answer = HttpResponse(bytes(one.content), content_type=one.kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(one.name, safe='')}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@needs(Right.SEE_ORDERS)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a supplier's request."""
    told = _("The request is taken up; a second person has to confirm it.")
    return _done(request, pk, lambda o, u, at: services.take_up(order=o, at=at, by=u), told)


@require_POST
@needs(Right.SEE_ORDERS)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an order go to the meter."""
    told = _("The order goes to the meter; the subscriber is told by mail.")
    return _done(request, pk, lambda o, u, at: services.confirm(order=o, at=at, by=u), told)


@require_POST
@needs(Right.SEE_ORDERS)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse an order or a request."""
    reason = typed_text(request, "reason", longest=LONGEST_REASON)
    return _done(
        request, pk, lambda o, u, at: services.refuse(order=o, reason=reason, at=at, by=u),
        _("The order is refused."), reason=reason,
    )  # fmt: skip


@require_POST
@needs(Right.SEE_ORDERS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Call an order off that no collector has begun."""
    reason = typed_text(request, "reason", longest=LONGEST_REASON)
    return _done(
        request, pk, lambda o, u, at: services.withdraw(order=o, reason=reason, at=at, by=u),
        _("The order is called off."), reason=reason,
    )  # fmt: skip


def _done(
    request: HttpRequest,
    pk: int,
    deed: Callable[[SupplyOrder, User, datetime], object],
    told: str,
    *,
    reason: str | None = None,
) -> HttpResponse:
    at = timezone.now()
    user = switching(request, at)
    found = reached(request, pk, at)
    if reason is not None and not reason.strip():
        messages.error(request, _("Tell the reason."))
        return redirect("desk:order", pk)
    try:
        deed(found, user, at)
    except services.Forbidden:
        raise PermissionDenied(Right.SWITCH_RELAY) from None
    except services.Faulty as faulty:
        messages.error(request, " ".join(told_of.faults(faulty.faults)))
    except services.MovedOn:
        messages.error(request, _("The order has moved on meanwhile: look at it anew."))
    except TooLate:
        messages.error(request, _("A collector is doing it already: it cannot be called off."))
    else:
        messages.success(request, told)
    return redirect("desk:order", pk)
