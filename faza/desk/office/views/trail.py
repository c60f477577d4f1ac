"""The trail of deeds: who did what, when, from where, from what to what."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faza.contracts.permissions import Right
from faza.desk import exports
from faza.desk.doors import needs
from faza.desk.lists import own_query, request_user
from faza.desk.models import KeptFilter
from faza.desk.office import done

NAME = "audit"


@require_safe
@needs(Right.SEE_AUDIT)
def trail(request: HttpRequest) -> HttpResponse:
    """A page of the trail, or all that the filters find as a file."""
    form = done.Asked(request.GET or None)
    rows = done.entries(form)
    format = request.GET.get("export", "")
    if format in exports.FORMATS:
        return _file(request, form, format)
    found = done.page(rows, request.GET.get("before", ""))
    kept = KeptFilter.objects.filter(user=request_user(request), listing=NAME).order_by("name")
    told = {
        "form": form,
        "found": found,
        "count": done.count(rows),
        "most": done.MOST_COUNTED,
        "most_exported": done.MOST_EXPORTED,
        "listed": {"name": NAME, "query": _query(request), "kept": list(kept)},
        "is_first": "before" not in request.GET,
    }
    return render(request, "desk/office/trail.html", told)


def _query(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked.pop("before", None)
    return own_query(asked)


def _file(request: HttpRequest, form: done.Asked, format: str) -> HttpResponse:
    rows = done.until_now(done.entries(form))
    exports.note(
        request_user(request), NAME, _query(request), format,
        min(done.count(rows, most=done.MOST_EXPORTED), done.MOST_EXPORTED), timezone.now(),
    )  # fmt: skip
    title = _("Trail of deeds")
    return exports.FORMATS[format](done.as_rows(rows), title=title, name=NAME)
