"""Who must not be limited: the list, adding, ending."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from faza.accounts.models import User
from faza.collection.models import SupplyProtection
from faza.collection.orders import protecting
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.orders import rows
from faza.desk.orders.forms import ProtectionForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_ORDERS)
def protections(request: HttpRequest) -> HttpResponse:
    """The list; by POST a new one."""
    user, at = request_user(request), timezone.now()
    may_protect = may(user, Right.PROTECT_SUPPLY)
    form = ProtectionForm(request.POST or None, initial={"code": request.GET.get("point", "")})
    if request.method == "POST":
        if not may_protect:
            raise PermissionDenied(Right.PROTECT_SUPPLY)
        if form.is_valid() and _protected(request, form, user, at):
            return redirect("desk:protections")
    listed = lists.shown(
        request, rows.protections(user, at=at), table=rows.ProtectionTable,
        filters=rows.ProtectionFilter, name="protections",
        exclude=() if may_protect else ("end",),
    )  # fmt: skip
    file = lists.exported(request, listed, title=_("Protected from limitation"), personal=True)
    told = {"listed": listed, "form": form if may_protect else None}
    status = 422 if form.is_bound else 200
    return file or render(request, "desk/orders/protections.html", told, status=status)


def _protected(request: HttpRequest, form: ProtectionForm, user: User, at: datetime) -> bool:
    told = form.cleaned_data
    made = SupplyProtection(kind=told["kind"], ground=told["ground"], valid_from=at)
    if told["code"]:
        made.usage_point = access.worked_points_of(user, at=at).filter(code=told["code"]).first()
    else:
        agreements = access.agreements_of(user, at=at).filter(number=told["agreement"])
        found = agreements.select_related("customer").first()
        made.customer = found.customer if found else None
    if made.usage_point is None and made.customer is None:
        form.add_error("code" if told["code"] else "agreement", _("There is none like this."))
        return False
    running = protecting.protect(made, at=at, by=user)
    messages.success(request, _("Protected; open limitations are called off."))
    if running:
        messages.error(
            request, _("A collector is limiting a point of it right now: look at its order.")
        )
    return True


@require_POST
@needs(Right.PROTECT_SUPPLY)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a protection."""
    user, at = request_user(request), timezone.now()
    found = get_object_or_404(rows.protections(user, at=at), pk=pk)
    protecting.release(protection=found, at=at, by=user)
    messages.success(request, _("The protection has ended."))
    return redirect("desk:protections")
