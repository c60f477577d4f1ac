"""Work in the background and mails: how far, what came of it, cancel, send again."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from faza.contracts.permissions import Right, may
from faza.desk.doors import needs
from faza.desk.lists import PER_PAGE, request_user
from faza.desk.office import background
from faza.desk.office import services as office
from faza.jobs import services


@require_safe
@needs(Right.OPEN_DESK)
def jobs(request: HttpRequest) -> HttpResponse:
    """One's own work, of an administrator everybody's; newest first."""
    rows = background.narrowed(background.jobs_of(request_user(request)), request.GET)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    told = {
        "page": page,
        "shown": background.told(page.object_list),
        "state": request.GET.get("state", ""),
        "states": background.STATES,
        "sees_all": background.sees_all(request_user(request)),
        "stands_still": background.overdue(at=timezone.now()),
    }
    return render(request, "desk/office/jobs.html", told)


@require_safe
@needs(Right.OPEN_DESK)
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """A piece of work: how far it is, and what came of it."""
    return render(request, "desk/office/job.html", {"one": _told(request, pk)})


@require_safe
@needs(Right.OPEN_DESK)
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress alone: what a page asks for again and again until it has ended.

    When it has, the whole page is asked for once more: what can be done there has changed.
    """
    one = _told(request, pk)
    response = render(request, "desk/parts/job.html", {"one": one})
    if one.job.is_ended:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs(Right.OPEN_DESK)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a piece of work to end."""
    user = request_user(request)
    found = get_object_or_404(background.cancellable_by(user), pk=pk)
    services.cancel(found, by=user, at=timezone.now())
    messages.success(request, _("The work ends at its next good moment."))
    return redirect("desk:job", pk=pk)


@require_safe
@needs(Right.SEE_OFFICE)
def mails(request: HttpRequest) -> HttpResponse:
    """Mails that were not delivered, with the reason."""
    rows = background.mails(at=timezone.now())
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    told = {"page": page, "shown": background.mails_told(page.object_list)}
    return render(request, "desk/office/mails.html", told)


@require_POST
@needs(Right.MANAGE_USERS)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a mail that was given up once more."""
    found = get_object_or_404(background.mails(at=timezone.now()), pk=pk)
    office.retry_mail(message=found, by=request_user(request), at=timezone.now())
    messages.success(request, _("The mail is tried once more."))
    return redirect("desk:mails")


def _told(request: HttpRequest, pk: int) -> background.Shown:
    user = request_user(request)
    found = get_object_or_404(background.jobs_of(user), pk=pk)
    (one,) = background.told([found])
    one.is_cancellable = may(user, Right.OPEN_DESK) and background.may_cancel(user, found)
    return one
