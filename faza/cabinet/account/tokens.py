"""«Доступ для программ»: tokens with which a person's own programs read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.cabinet.account.share_forms import RESOLUTIONS
from faza.cabinet.account.token_forms import OPERATIONS, SCOPES, NewToken
from faza.contracts.access.grants import READERS
from faza.contracts.models import AccessConsent, Token
from faza.contracts.rules.tokens import Kind, Scope
from faza.contracts.services import tokens

ROWS = 50
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    """A token in the list. state: works, ends (soon), ended, revoked.

    consent: to what it was given by; None of an own program's. finest: in words.
    """

    token: Token
    scopes: tuple[str | Promise, ...]
    points: int
    week: int
    state: str
    consent: AccessConsent | None
    finest: str | Promise

    @property
    def works(self) -> bool:
        return self.state in ("works", "ends")


@dataclass(frozen=True, slots=True)
class Group:
    """The tokens of a kind, and what it is."""

    kind: Kind
    title: str | Promise
    about: str | Promise
    rows: list[Row]


KINDS = (
    (
        Kind.PERSONAL,
        gettext_lazy("Own programs"),
        gettext_lazy(
            "With a token a program of yours reads the data of your points: a smart home, a table, "
            "an accounting system."
        ),
    ),
    (
        Kind.APPLICATION,
        gettext_lazy("Applications of others"),
        gettext_lazy("An application asks you on its own page; here you see and end its access."),
    ),
    (
        Kind.SHARE,
        pgettext_lazy("share", "Links"),
        gettext_lazy(
            "A link shows the consumption of chosen points to whoever has it, without signing in."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Use:
    """A line of the log."""

    day: date
    what: str | Promise
    count: int
    last_at: datetime
    address: str | None


@never_cache
@require_safe
@login_required
def token_list(request: HttpRequest) -> HttpResponse:
    """The person's tokens, those that work first."""
    user, at = reader(request), timezone.now()
    rows = [_row(one, at) for one in _with_counts(_own(user), at)]
    rows.sort(key=lambda row: not row.works)
    groups = [
        Group(kind, title, about, [row for row in rows if row.token.kind == kind])
        for kind, title, about in KINDS
    ]
    told = {"groups": groups, "working": sum(row.works for row in rows)}
    return render(request, "cabinet/account/tokens.html", told)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def make(request: HttpRequest) -> HttpResponse:
    """A new token; its text is in this one answer and nowhere else."""
    user, at = reader(request), timezone.now()
    form = NewToken(request.POST or None, user=user, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = tokens.make(
                user=user,
                name=form.cleaned_data["name"],
                scopes=[Scope(one) for one in form.cleaned_data["scopes"]],
                days=form.cleaned_data["days"],
                points=form.chosen,
                at=at,
            )
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            told = {"token": token, "text": text, "address": request.build_absolute_uri("/api/v1/")}
            return render(request, "cabinet/account/token_made.html", told)
    status = 422 if form.errors else 200
    return render(request, "cabinet/account/token_new.html", {"form": form}, status=status)


@never_cache
@require_safe
@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What a token may read, and what was asked for with it, day by day."""
    user, at = reader(request), timezone.now()
    token = get_object_or_404(_with_counts(_own(user), at), pk=pk)
    uses = token.uses.order_by("-day", "operation")
    page = Paginator(uses, ROWS).get_page(request.GET.get("page"))
    lines = [
        Use(use.day, OPERATIONS.get(use.operation, use.operation), use.count, use.last_at,
            use.address)
        for use in page
    ]  # fmt: skip
    points = token.points.select_related("usage_point").order_by("usage_point__code")
    told = {
        "row": _row(token, at),
        "points": [one.usage_point for one in points[:ROWS]],
        "page": page,
        "lines": lines,
    }
    return render(request, "cabinet/account/token.html", told)


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token at once. No password is asked: who fears for a token is not to be held up."""
    user = reader(request)
    token = get_object_or_404(_own(user), pk=pk)
    if tokens.revoke(token=token, at=timezone.now(), by=user):
        is_own = token.kind == Kind.PERSONAL
        of_token = _("The token is revoked: it works no longer.")
        messages.success(
            request, of_token if is_own else _("The access has ended: it works no longer.")
        )
    return redirect("cabinet:tokens")


def reader(request: HttpRequest) -> User:
    """The person, if tokens are for them. Raises Http404."""
    user = cast(User, request.user)
    if user.role not in READERS:
        raise Http404
    return user


def _own(user: User) -> QuerySet[Token]:
    """All but devices, which have a page of their own."""
    own = Token.objects.filter(user=user).exclude(kind=Kind.DEVICE)
    return own.select_related("consent__client").order_by("-made_at", "-pk")


def _with_counts(rows: QuerySet[Token], at: datetime) -> QuerySet[Token]:
    """With the number of points of its own, and of questions in the last seven days."""
    since = (at - WEEK).date()
    return rows.annotate(
        n_points=Count("points", distinct=True),
        week=Sum("uses__count", filter=Q(uses__day__gt=since), default=0),
    )


def _row(token: Token, at: datetime) -> Row:
    near = min(WEEK, (token.expires_at - token.made_at) / 4)
    state = "works" if token.expires_at > at + near else "ends"
    if token.expires_at <= at:
        state = "ended"
    if token.revoked_at is not None:
        state = "revoked"
    words = tuple(label for scope, label in SCOPES.items() if scope.value in token.scopes)
    if token.resolution:
        words = (pgettext_lazy("scope", "Consumption"),)
    # Annotated by `_with_counts`.
    n_points, week = token.n_points, token.week  # type: ignore[attr-defined]
    consent = None if token.kind == Kind.PERSONAL else token.consent
    return Row(token, words, n_points, week, state, consent, RESOLUTIONS[token.resolution])
