"""The page of a user, and what an administrator does there."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts import services
from faza.accounts.models import User
from faza.accounts.services import support
from faza.contracts import access
from faza.contracts import services as contracts
from faza.contracts.models import HouseManagement, OperatorArea, PersonalRight
from faza.contracts.permissions import STAFF, Right
from faza.core.periods import start_of_day
from faza.desk.doors import needs
from faza.desk.forms import DeskForm
from faza.desk.lists import request_user
from faza.desk.office import forms, people
from faza.desk.requests import viewing


@require_safe
@needs(Right.SEE_OFFICE)
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """What a person is here, may and did: role, areas, houses, rights by name, history."""
    person = _person(request, pk)
    if person.role not in STAFF:
        viewing.note("accounts.card.viewed", person, by=request_user(request), at=timezone.now())
    return _page(request, person)


def _page(request: HttpRequest, person: User, status: int = 200, **told: object) -> HttpResponse:
    at = timezone.now()
    words = people.searched(request)
    held = people.rights_of(person, at)
    areas = OperatorArea.objects.filter(user=person).select_related("node").order_by("node__name")
    houses = HouseManagement.objects.filter(user=person).select_related("node")
    context = {
        "person": person,
        "state": people.state_words(person),
        "second_factor": people.second_factor(person),
        "areas": list(areas),
        "houses": list(houses.order_by("-valid_from")),
        "rights": held,
        "words": words,
        "nodes": people.nodes(words) if words else [],
        "house_form": forms.House(initial={"valid_from": timezone.localdate()}),
        "right_form": forms.PersonalRight(),
        "takes_rights": forms.is_staff(person),
        "last_sign_ins": person.sign_ins.order_by("-at")[:5],
        "deeds": people.history(person),
        "is_self": person == request.user,
    }
    return render(request, "desk/office/user.html", context | told, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MANAGE_USERS)
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the name or phone."""
    person = _person(request, pk)
    beginning = {"full_name": person.full_name, "phone": person.phone}
    form = forms.Profile(request.POST or None, initial=beginning)

    def change() -> str:
        told = form.cleaned_data
        services.change_profile(
            user=person, full_name=told["full_name"], phone=told["phone"],
            at=timezone.now(), by=request_user(request),
        )  # fmt: skip
        return _("Name and telephone are kept.")

    title = _("Name and telephone")
    return _form(request, person, form, change, title=title, submit=_("Save"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MANAGE_USERS)
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give another role. All sessions of the person end."""
    person = _person(request, pk)
    form = forms.Role(request.POST or None, initial={"role": person.role})

    def change() -> str:
        asked = User.Role(form.cleaned_data["role"])
        services.change_role(user=person, role=asked, at=timezone.now(), by=request_user(request))
        return _("The role is changed; the person signs in anew.")

    lead = _("The sessions of the person end at once: what they showed may not be theirs now.")
    return _form(
        request, person, form, change, title=_("Change the role"), submit=_("Change the role"),
        lead=lead,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MANAGE_USERS)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the access at once, with a reason for the trail."""
    person = _person(request, pk)
    form = forms.Reason(request.POST or None)

    def shut() -> str:
        reason = form.cleaned_data["reason"]
        services.deactivate(user=person, reason=reason, at=timezone.now(), by=request_user(request))
        return _("Access is closed, all sessions have ended.")

    lead = _("The person is signed out at once and cannot sign in until access is opened again.")
    return _form(
        request, person, form, shut, title=_("Close the access"), submit=_("Close the access"),
        lead=lead,
    )  # fmt: skip


@require_POST
@needs(Right.MANAGE_USERS)
def open_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the access again."""
    person = _person(request, pk)
    services.activate(user=person, at=timezone.now(), by=request_user(request))
    messages.success(request, _("Access is open again."))
    return redirect("desk:user", pk=pk)


@require_POST
@needs(Right.MANAGE_USERS)
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the mail with the link for a password once more."""
    person = get_object_or_404(_reached(request), pk=pk, last_login=None, is_active=True)
    services.send_invitation(user=person, at=timezone.now())
    messages.success(
        request, _("A mail with a new link goes to %(email)s.") % {"email": person.email}
    )
    return redirect("desk:user", pk=pk)


@require_POST
@needs(Right.MANAGE_USERS)
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """End all sessions of a person."""
    person = _person(request, pk)
    support.sign_out(user=person, at=timezone.now(), by=request_user(request))
    messages.success(request, _("The person is signed out on all devices."))
    return redirect("desk:user", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MANAGE_USERS)
def second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the second factor off, of somebody who lost it and whose identity was checked."""
    person = _person(request, pk)
    form = forms.Reason(request.POST or None)

    def reset() -> str:
        reason = form.cleaned_data["reason"]
        try:
            support.reset_second_factor(
                user=person, reason=reason, at=timezone.now(), by=request_user(request)
            )
        except support.NoSecondFactor:
            return _("There was no second factor.")
        return _("The second factor is taken off; the person was told by mail.")

    lead = _("Make sure first who asks for it: say in the reason how you checked.")
    return _form(
        request, person, form, reset, title=_("Take the second factor off"),
        submit=_("Take it off"), lead=lead,
    )  # fmt: skip


@require_POST
@needs(Right.MANAGE_USERS)
def areas(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a part of the network to an operator."""
    at, person = timezone.now(), get_object_or_404(_reached(request), pk=pk, role="operator")
    form = forms.Node(request.POST)
    node = get_object_or_404(access.nodes_of(request_user(request), at=at), pk=_node(form))
    contracts.assign_area(user=person, node=node, at=at, by=request_user(request))
    messages.success(request, _("The area %(name)s is given.") % {"name": node.name})
    return redirect("desk:user", pk=pk)


@require_POST
@needs(Right.MANAGE_USERS)
def drop_area(request: HttpRequest, pk: int, area: int) -> HttpResponse:
    """Take a part of the network from an operator."""
    held = get_object_or_404(OperatorArea, pk=area, user=_person(request, pk))
    contracts.withdraw_area(area=held, at=timezone.now(), by=request_user(request))
    messages.success(request, _("The area is taken away."))
    return redirect("desk:user", pk=pk)


@require_POST
@needs(Right.MANAGE_USERS)
def houses(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a house to a manager, from a day on."""
    at, person = timezone.now(), get_object_or_404(_reached(request), pk=pk, role="house_manager")
    form = forms.House(request.POST)
    node = get_object_or_404(access.nodes_of(request_user(request), at=at), pk=_node(form))
    if not form.is_valid():
        return _page(request, person, status=422, house_form=form, nodes=[(node, "")])
    start = start_of_day(form.cleaned_data["valid_from"], timezone.get_current_timezone_name())
    contracts.assign_house(
        user=person, node=node, valid_from=start, at=at, by=request_user(request)
    )
    messages.success(request, _("The house %(name)s is given.") % {"name": node.name})
    return redirect("desk:user", pk=pk)


@require_POST
@needs(Right.MANAGE_USERS)
def end_house(request: HttpRequest, pk: int, house: int) -> HttpResponse:
    """End the management of a house now; its time stays readable."""
    held = get_object_or_404(HouseManagement, pk=house, user=_person(request, pk))
    try:
        contracts.withdraw_house(house=held, at=timezone.now(), by=request_user(request))
    except contracts.AlreadyEnded:
        messages.warning(request, _("It ended before."))
    else:
        messages.success(request, _("The house is taken away; its past stays readable."))
    return redirect("desk:user", pk=pk)


@require_POST
@needs(Right.MANAGE_USERS)
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a right by name."""
    person = _person(request, pk)
    form = forms.PersonalRight(request.POST)
    if not forms.is_staff(person):
        messages.error(request, _("Rights by name are given to staff only."))
    elif not form.is_valid():
        return _page(request, person, status=422, right_form=form)
    else:
        at, until = timezone.now(), form.cleaned_data["until"]
        given = contracts.grant_right(
            user=person,
            right=Right(form.cleaned_data["right"]),
            valid_to=until,
            at=at,
            by=request_user(request),
        )
        if given.valid_to == until:
            messages.success(request, _("The right is given."))
        else:
            messages.warning(
                request,
                _("The person has this right already, with another term: take it away first."),
            )
    return redirect("desk:user", pk=pk)


@require_POST
@needs(Right.MANAGE_USERS)
def withdraw(request: HttpRequest, pk: int, right: int) -> HttpResponse:
    """Take a right by name away."""
    held = get_object_or_404(PersonalRight, pk=right, user=_person(request, pk))
    try:
        contracts.withdraw_right(granted=held, at=timezone.now(), by=request_user(request))
    except contracts.AlreadyEnded:
        messages.warning(request, _("It ended before."))
    else:
        messages.success(request, _("The right is taken away."))
    return redirect("desk:user", pk=pk)


def _form(
    request: HttpRequest,
    person: User,
    form: DeskForm,
    deed: Callable[[], str],
    *,
    title: str,
    submit: str,
    lead: str = "",
) -> HttpResponse:
    """A deed on a person that a form asks for: back to the page with what came of it."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, deed())
        except services.LastAdministrator:
            form.add_error(
                None,
                _("This is the last administrator: without one nobody could manage users. "
                  "Make somebody else an administrator first."),
            )  # fmt: skip
        else:
            return redirect("desk:user", pk=person.pk)
    told = {"title": title, "lead": lead, "form": form, "submit": submit, "person": person}
    return render(request, "desk/office/form.html", told, status=422 if form.is_bound else 200)


def _reached(request: HttpRequest) -> QuerySet[User]:
    return access.people_of(request_user(request), at=timezone.now()).filter(erased_at=None)


def _person(request: HttpRequest, pk: int) -> User:
    found: User = get_object_or_404(_reached(request), pk=pk)
    return found


def _node(form: forms.Node) -> int:
    """The number of the part of the network that was chosen; 0, which none has, if none was."""
    form.is_valid()
    return int(form.cleaned_data.get("node") or 0)
