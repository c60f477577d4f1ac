"""Doors of the desk: who is let in at all, and what is told to those who are not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from faza.accounts.models import User
from faza.contracts.permissions import Right, may

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def needs(right: Right) -> Callable[[View[P]], View[P]]:
    """Let in who has the right: nobody signed in goes to the sign-in, others get a 403.

    Objects are another matter: one that `access` does not show is not there (404).
    """

    def guarded(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def let_in(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not may(cast(User, request.user), right):
                raise PermissionDenied(right)
            return view(request, *args, **kwargs)

        return let_in

    return guarded
