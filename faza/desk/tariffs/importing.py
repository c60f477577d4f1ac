"""Import of prices: a file, its trial (which writes nothing), its application."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.charges import services as charges
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.network.finding import who_and_when
from faza.desk.tariffs.forms import FileForm
from faza.desk.tariffs.views import XLSX
from faza.desk.tariffs.words import lines
from faza.protocols.problems import Malformed
from faza.tariffs import words, writing
from faza.tariffs.models import PriceImport
from faza.tariffs.rules import columns
from faza.tariffs.services import prices
from faza.tariffs.trial import Change, Outcome, Trial
from faza.ui import formats

PER_PAGE = 30
MOST_PROBLEMS = 300
State = PriceImport.State


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_TARIFFS)
def imports(request: HttpRequest) -> HttpResponse:
    """Earlier imports, and the form for a new file."""
    user, at = who_and_when(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            one = prices.upload(name=file.name, content=file.read(), by=user, at=at)
        except Malformed as problem:
            form.add_error("file", _("The file cannot be read: %(why)s") % {"why": problem.reason})
        else:
            return redirect("desk:prices-import-one", one.pk)
    earlier = PriceImport.objects.select_related("by").defer("content").order_by("-uploaded_at")
    page = Paginator(earlier, PER_PAGE).get_page(request.GET.get("page"))
    status = 422 if form.errors else 200
    told = {"form": form, "page": page}
    return render(request, "desk/tariffs/imports.html", told, status=status)


@require_safe
@needs(Right.EDIT_TARIFFS)
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to begin with: titles of all tables."""
    made = writing.template(language=get_language() or "ru")
    response = HttpResponse(made, content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="faza-prices.xlsx"'
    return response


@dataclass(slots=True)
class Shown:
    """A table of a file, or a month of days of a market, with what becomes of it."""

    sort: str
    title: str
    outcome: Outcome
    count: int = 1
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    """(what, before, after); "" where there is nothing."""

    @property
    def css(self) -> str:
        return {"new": "info", "changed": "warn", "refused": "bad"}.get(self.outcome.value, "")

    @property
    def words(self) -> str:
        return str(OUTCOMES[self.outcome]())


OUTCOMES = {
    Outcome.NEW: lambda: _("new table"),
    Outcome.CHANGED: lambda: _("becomes another"),
    Outcome.SAME: lambda: _("stands already"),
    Outcome.REFUSED: lambda: _("left out"),
}


@require_safe
@needs(Right.EDIT_TARIFFS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A file as it stands: what it would do, or what it did."""
    found = get_object_or_404(PriceImport.objects.select_related("by"), pk=pk)
    trial = prices.trial_of(found)
    told = {
        "one": found,
        "is_waiting": found.state == State.WAITING,
        "shown": shown(trial),
        "trial": trial,
        "problems": [
            (words.place(problem), words.reason(problem))
            for problem in trial.problems[:MOST_PROBLEMS]
        ],
        "more": max(len(trial.problems) - MOST_PROBLEMS, 0),
        "refused": trial.counts[Outcome.REFUSED],
        "same": trial.counts[Outcome.SAME],
    }
    return render(request, "desk/tariffs/trial.html", told)


@require_POST
@needs(Right.EDIT_TARIFFS)
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Store the good tables of a file."""
    user, at = who_and_when(request)
    found = get_object_or_404(PriceImport, pk=pk)
    try:
        done = prices.apply(one=found, at=at, by=user, seen=request.POST.get("seen", ""))
    except prices.NotAsSeen:
        messages.warning(request, _("Prices have changed meanwhile: look at the trial again."))
    except prices.NotNow:
        messages.warning(request, _("Somebody else has ended this import already."))
    else:
        for tariff, since in done.since.items():
            charges.mark_tariff(tariff_id=tariff, since=since, at=at)
        if done.normatives_since is not None:
            charges.mark_normatives(since=done.normatives_since, at=at)
        messages.success(request, _("The prices are stored; costs are reckoned anew."))
    return redirect("desk:prices-import-one", pk)


@require_POST
@needs(Right.EDIT_TARIFFS)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file aside."""
    user, at = who_and_when(request)
    found = get_object_or_404(PriceImport, pk=pk)
    try:
        prices.put_aside(one=found, at=at, by=user)
    except prices.NotNow:
        messages.warning(request, _("Somebody else has ended this import already."))
    return redirect("desk:prices-import")


# What a trial says


def shown(trial: Trial) -> list[Shown]:
    """The tables of a trial for reading; days of a market are told by the month."""
    found: list[Shown] = []
    for change in trial.changes:
        if change.sort in (columns.HOURLY, columns.PEAKS):
            made = Shown(change.sort, _title(change), change.outcome)
            same = next(
                (s for s in found
                 if (s.sort, s.title, s.outcome) == (made.sort, made.title, made.outcome)),
                None,
            )  # fmt: skip
            if same is not None:
                same.count += 1
            else:
                found.append(made)
        else:
            lines = [] if change.outcome is Outcome.REFUSED else _lines(change)
            found.append(Shown(change.sort, _title(change), change.outcome, 1, lines))
    order = [Outcome.CHANGED, Outcome.NEW, Outcome.REFUSED, Outcome.SAME]
    return sorted(found, key=lambda table: order.index(table.outcome))


def _title(change: Change) -> str:
    """«Prices · HH2 · since 01.10.2026», «Hourly prices · ZR · 10.2026»."""
    days = [part for part in change.key if isinstance(part, date)]
    names = [str(part) for part in change.key if not isinstance(part, date)]
    if change.sort == columns.PEAKS:
        names = names[:1]
    if change.sort in (columns.HOURLY, columns.PEAKS):
        when = f"{days[0]:%m.%Y}"
    else:
        when = _("since %(day)s") % {"day": formats.day(days[0])} if days else ""
    return " · ".join(part for part in (str(words.SORTS[change.sort]), *names, when) if part)


def _lines(change: Change) -> list[tuple[str, str, str]]:
    """Rows side by side: what stood, what will stand."""
    before, after = (
        dict(lines(change.sort, change.before)),
        dict(lines(change.sort, change.table.rows)),
    )
    return [
        (name, before.get(name, ""), after.get(name, ""))
        for name in sorted({*before, *after})
    ]  # fmt: skip
