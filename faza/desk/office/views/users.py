"""Users and roles: the list, inviting somebody, who may do what."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from faza.accounts import services
from faza.accounts.models import User
from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.office import forms, people


@require_safe
@needs(Right.SEE_OFFICE)
def users(request: HttpRequest) -> HttpResponse:
    """Everybody with an account but subscribers, who are listed if they are asked for."""
    at = timezone.now()
    listed = lists.shown(
        request,
        people.rows(request_user(request)),
        table=people.Table,
        filters=people.Filter,
        name="users",
        places=people.places(at),
    )
    file = lists.exported(request, listed, title=_("Users and roles"), personal=True)
    return file or render(request, "desk/office/users.html", {"listed": listed})


@require_safe
@needs(Right.SEE_OFFICE)
def rights(request: HttpRequest) -> HttpResponse:
    """Who may do what, by role."""
    told = {"roles": list(User.Role), "lines": people.who_may()}
    return render(request, "desk/office/rights.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MANAGE_USERS)
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account for somebody, who sets the password by the link of a mail."""
    form = forms.Invite(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = services.invite_user(
                email=told["email"],
                full_name=told["full_name"],
                phone=told["phone"],
                role=User.Role(told["role"]),
                at=timezone.now(),
                by=request_user(request),
            )
        except services.EmailTaken:
            form.add_error("email", _("Somebody has an account with this address already."))
        else:
            messages.success(
                request,
                _("The account is made; a mail with a link goes to %(email)s.")
                % {"email": made.email},
            )
            return redirect("desk:user", pk=made.pk)
    told = {
        "title": _("Invite a user"),
        "lead": _("The person gets a mail with a link, sets a password and signs in."),
        "form": form,
        "submit": _("Send the invitation"),
        "back": "desk:users",
    }
    return render(request, "desk/office/form.html", told, status=422 if form.is_bound else 200)
