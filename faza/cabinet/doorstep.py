"""What comes before a page of the cabinet: texts to accept, a customer to act for, an open request.

No right is decided here: what somebody sees is `contracts.access`. This only leads people who
have nothing to see yet, or texts to read first, to the page that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from faza.accounts import texts
from faza.accounts.models import User
from faza.contracts import access
from faza.metering.many import FEW

ACTING_FOR = "acting_for"
SEEN = "texts_seen"
ROLES_WITH_CUSTOMERS = frozenset({User.Role.SUBSCRIBER, User.Role.SUPPLIER})
READERS = ROLES_WITH_CUSTOMERS | {User.Role.HOUSE_MANAGER}
"""Whose consents are asked for; the staff's are their employer's business."""
ALWAYS = frozenset(
    {
        *("accept_texts", "profile", "consents", "withdraw", "close", "own_data", "own_data_file"),
        *("sign_ins", "request", "request_write", "request_correct", "act_for"),
        *("help", "help_topic", "about"),
    }
)
"""Pages about the person, which stay open to those who have not accepted or have no customer."""


class Doorstep:
    """Leads to the page that comes first; sets `request.customers` and whom the user acts for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: Any
    ) -> HttpResponse | None:
        """An answer that comes before the page's own, or None."""
        match = request.resolver_match
        if match is None or match.namespace != "cabinet" or not request.user.is_authenticated:
            return None
        user = request.user
        if user.role not in READERS:
            return None
        is_always = match.url_name in ALWAYS
        if not is_always and has_texts_due(request, user):
            here = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('cabinet:accept_texts')}?{here}")
        if user.role in ROLES_WITH_CUSTOMERS and not choose_customer(request, user):
            return None if is_always else redirect("cabinet:request")
        return None


def has_texts_due(request: HttpRequest, user: User) -> bool:
    """Whether an edition in force waits for this person; asks the database once a session."""
    here = texts.editions()
    if not here or request.session.get(SEEN) == here:
        return False
    if texts.due_from(user):
        return True
    request.session[SEEN] = here
    return False


def choose_customer(request: HttpRequest, user: User) -> bool:
    """Let a user act for the customer chosen in the header; False if there is none to act for."""
    at = timezone.now()
    mine = access.own_customers_of(user, at=at).order_by("name", "id")
    customers = list(mine.values_list("id", "name"))
    if len(customers) <= FEW:
        user.member_of = at, frozenset(number for number, _ in customers)
    chosen = request.session.get(ACTING_FOR)
    if len(customers) > 1:
        if chosen in dict(customers):
            user.acting_for = chosen
        # For the header alone; a view asks `access`.
        request.customers = customers  # type: ignore[attr-defined]
    return bool(customers)
