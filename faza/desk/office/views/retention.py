"""How long personal values are kept, what the daily round erased, what it would erase now."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from faza.accounts import services
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.office import forms, keeping


@require_safe
@needs(Right.SEE_OFFICE)
def table(request: HttpRequest) -> HttpResponse:
    """All kinds with their terms, and what came of the last round."""
    at = timezone.now()
    return render(
        request, "desk/office/retention.html", {"kinds": keeping.kinds(at), "last": keeping.last()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_RETENTION)
def edit(request: HttpRequest, kind: str) -> HttpResponse:
    """Set the term of a kind; before it is set, what the next round would then erase is told."""
    at = timezone.now()
    kept = next((one for one in keeping.kinds(at) if one.name == kind), None)
    if kept is None:
        raise Http404("no such kind")
    beginning = {"days": kept.days, "forever": kept.days is None}
    form = forms.Retention(request.POST or None, initial=beginning)
    if request.method == "POST" and form.is_valid():
        asked = replace(kept, days=form.term, due=keeping.due(kept.kind, form.term, at))
        if request.POST.get("sure"):
            services.set_retention(kind=kind, days=form.term, at=at, by=request_user(request))
            messages.success(request, _("The term is kept; the next round goes by it."))
            return redirect("desk:retention")
        return render(request, "desk/office/retention_sure.html", {"was": kept, "asked": asked})
    told = {"title": kept.label, "lead": _lead(kept), "form": form, "submit": _("Go on")}
    told["back"] = "desk:retention"
    return render(request, "desk/office/form.html", told, status=422 if form.is_bound else 200)


def _lead(kept: keeping.Kept) -> str:
    if kept.days is None:
        return _("Kept for ever now.")
    return ngettext("Kept for %(count)s day now.", "Kept for %(count)s days now.", kept.days) % {
        "count": kept.days
    }
