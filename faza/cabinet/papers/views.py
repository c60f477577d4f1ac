"""Pages of papers: each resolves points or an agreement by a door and asks one question."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet import choice
from faza.cabinet.papers import agreements as papers
from faza.cabinet.papers import complexes as standing
from faza.cabinet.papers import files as tables
from faza.cabinet.papers import passport as meters
from faza.cabinet.views.pages import chosen_of, remembered
from faza.ui import files


@require_safe
@login_required
def passport(request: HttpRequest) -> HttpResponse:
    """The meter of one point, or the list of the meters of several."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=choice.MOST)
    if chosen.one:
        card = meters.passport(user, chosen, request.GET, at=at)
        answer = render(request, "cabinet/papers/passport.html", {"page": card})
    else:
        many = meters.passports(user, chosen, request.GET, at=at)
        answer = render(request, "cabinet/papers/passports.html", {"page": many})
    return remembered(answer, request)


@require_safe
@login_required
def complexes(request: HttpRequest) -> HttpResponse:
    """The complexes of one point with what was replaced, or the list of several."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=choice.MOST)
    if chosen.one:
        card = standing.complexes(user, chosen, at=at)
        answer = render(request, "cabinet/papers/complexes.html", {"page": card})
    else:
        many = standing.of_many(user, chosen, request.GET, at=at)
        answer = render(request, "cabinet/papers/complexes_list.html", {"page": many})
    return remembered(answer, request)


@require_safe
@login_required
def complexes_file(request: HttpRequest, format: str) -> HttpResponse:
    """The passports of the chosen points' complexes as a table."""
    if format not in files.FORMATS:
        raise Http404(format)
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=choice.MOST)
    if user.role in papers.STAFF:
        # The points may come from the choice that the browser remembers.
        told = {
            "list": "complexes", "filters": request.GET.urlencode(), "format": format,
            "points": list(chosen.codes[: audit.LISTED_POINTS]), "is_cut": chosen.too_many,
        }  # fmt: skip
        audit.note("desk.list.exported", of=user, by=user, at=at, after=told)
    rows = tables.table(user, chosen, at=at)
    answer = files.FORMATS[format](rows, title=_("Metering complexes"), name="complexes")
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_safe
@login_required
def agreements(request: HttpRequest) -> HttpResponse:
    """The list of agreements; where there is only one, that one."""
    user, at = cast(User, request.user), timezone.now()
    if "q" not in request.GET:
        own = papers.of_user(user, at=at).select_related("customer", "supplier", "tariff")
        first = list(own.order_by("pk")[:2])
        if len(first) == 1 and user.role != User.Role.HOUSE_MANAGER:
            card = papers.paper(user, first[0], request.GET, at=at, is_alone=True)
            return render(request, "cabinet/papers/agreement.html", {"page": card})
    page = papers.agreements(user, request.GET, at=at)
    return render(request, "cabinet/papers/agreements.html", {"page": page})


@require_safe
@login_required
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement: the customer, its terms, its points."""
    user, at = cast(User, request.user), timezone.now()
    own = papers.of_user(user, at=at).select_related("customer", "supplier", "tariff")
    one = get_object_or_404(own, pk=pk)
    card = papers.paper(user, one, request.GET, at=at, is_alone=False)
    return render(request, "cabinet/papers/agreement.html", {"page": card})
