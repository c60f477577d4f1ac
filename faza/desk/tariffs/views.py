"""Pages of tariffs: the list with the tax and the markets, one tariff, a month of a market."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from faza.audit.queries import history_of
from faza.charges import services as charges
from faza.contracts.models import CustomerAgreement
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.network.finding import who_and_when
from faza.desk.tariffs import card, hours, rows, words
from faza.desk.tariffs.forms import VatForm, WithdrawForm
from faza.tariffs import queries, writing
from faza.tariffs.models import Market, Price, Tariff, Vat
from faza.tariffs.rules.cells import FIRST, LAST
from faza.tariffs.services import prices

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LAST_DAY = date(2200, 1, 1)
"""Past all days that prices can have: a card shows those to come too."""


@require_safe
@needs(Right.SEE_TARIFFS)
def tariffs(request: HttpRequest) -> HttpResponseBase:
    """All tariffs, beside them the tax and the markets."""
    user, at = who_and_when(request)
    today = timezone.localdate(at)
    listed = lists.shown(
        request, rows.tariffs(today=today, at=at), table=rows.TariffTable,
        filters=rows.TariffFilter, name="tariffs",
    )  # fmt: skip
    file = lists.exported(request, listed, title=pgettext("section", "Tariffs"))
    if file is not None:
        return file
    told = {
        "listed": listed,
        "unpriced": rows.unpriced(today=today),
        "examples": Price.objects.filter(is_example=True).exists(),
        "rates": _rates(today),
        "markets": Market.objects.order_by("code"),
        "groups": rows.groups(today=today),
        "may_edit": may(user, Right.EDIT_TARIFFS),
    }
    return render(request, "desk/tariffs/tariffs.html", told)


def _rates(today: date) -> list[tuple[Vat, bool]]:
    """Rates of the tax, the latest first, with whether each is the one that holds."""
    rates = list(Vat.objects.order_by("-valid_from"))
    current = next((rate for rate in rates if rate.valid_from <= today), None)
    return [(rate, rate == current) for rate in rates]


@require_safe
@needs(Right.SEE_TARIFFS)
def tariff(request: HttpRequest, pk: int) -> HttpResponse:
    """One tariff: prices by date, ranges, zones, who has it, what was done to it."""
    user, at = who_and_when(request)
    found = get_object_or_404(Tariff.objects.select_related("market"), pk=pk)
    today = timezone.localdate(at)
    # Hours of the market have a page of their own: none are asked for beyond this month.
    book = queries.books([pk], today, LAST_DAY)[pk]
    told = {
        "tariff": found,
        "kind": rows.kind_words(found),
        "components": card.components(book, today),
        "ranges": card.ranges(book),
        "seasons": card.seasons(book),
        "zones": card.zones(book, today),
        "change": next(iter(book.change_days(today, LAST_DAY)), None),
        "examples": any(row.is_example for row in book.prices),
        "n_agreements": CustomerAgreement.objects.valid_at(at).filter(tariff=found).count(),
        "deeds": history_of(found),
        "may_edit": may(user, Right.EDIT_TARIFFS),
    }
    return render(request, "desk/tariffs/tariff.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_TARIFFS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a table of a tariff that was put there by mistake: first asked, then done."""
    user, at = who_and_when(request)
    found = get_object_or_404(Tariff, pk=pk)
    form = WithdrawForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        raise Http404("no such table")
    told = form.cleaned_data
    table = (told["sort"], told["component"], told["since"])
    standing = prices.rows_of(found, *table)
    if not standing:
        raise Http404("no such table")
    if request.method == "POST":
        prices.withdraw(
            tariff=found, sort=told["sort"], component=told["component"],
            valid_from=told["since"], at=at, by=user,
        )  # fmt: skip
        charges.mark_tariff(tariff_id=found.pk, since=told["since"], at=at)
        messages.success(request, _("The table is taken away."))
        return redirect("desk:tariff", pk)
    asked = {
        "tariff": found,
        "form": form,
        "table": words.table_words(told["sort"], told["component"]),
        "since": told["since"],
        "rows": [f"{name}: {value}" for name, value in words.lines(told["sort"], standing)],
        "before": prices.date_before(found, *table),
    }
    return render(request, "desk/tariffs/withdraw.html", asked)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_TARIFFS)
def vat(request: HttpRequest) -> HttpResponse:
    """Set the rate of the tax from a day on."""
    user, at = who_and_when(request)
    form = VatForm(request.POST) if request.method == "POST" else VatForm()
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        prices.set_vat(**told, at=at, by=user)
        charges.mark_all(since=told["valid_from"], at=at)
        messages.success(request, _("The rate of the tax is set."))
        return redirect("desk:tariffs")
    status = 422 if form.is_bound else 200
    told = {"form": form, "rates": _rates(timezone.localdate(at))}
    return render(request, "desk/tariffs/vat.html", told, status=status)


@require_safe
@needs(Right.SEE_TARIFFS)
def normatives(request: HttpRequest) -> HttpResponse:
    """Normatives of consumption of households: groups of dwellings, by date and residents."""
    user, at = who_and_when(request)
    told = {
        "groups": rows.groups(today=timezone.localdate(at)),
        "may_edit": may(user, Right.EDIT_TARIFFS),
    }
    return render(request, "desk/tariffs/normatives.html", told)


@require_safe
@needs(Right.SEE_TARIFFS)
def market(request: HttpRequest, pk: int) -> HttpResponse:
    """A month of a market: prices by the hour, peak hours."""
    _user, at = who_and_when(request)
    found = get_object_or_404(Market, pk=pk)
    first = _month(request.GET.get("month", ""), timezone.localdate(at))
    told = {
        "market": found,
        "month": hours.month_of(found, first),
        "hours": range(24),
        "tariffs": found.tariffs.order_by("code"),
    }
    return render(request, "desk/tariffs/market.html", told)


def _month(asked: str, today: date) -> date:
    """The month that an address names, as 2026-10; else that of today."""
    try:
        first = date.fromisoformat(f"{asked[:7]}-01")
    except ValueError:
        return today.replace(day=1)
    return first if FIRST <= first <= LAST else today.replace(day=1)


@require_safe
@needs(Right.SEE_TARIFFS)
def file_of_all(request: HttpRequest) -> HttpResponse:
    """All tariffs with everything dated, as a workbook that can be imported."""
    return _file(writing.of_all(language=get_language() or "ru"), "all")


@require_safe
@needs(Right.SEE_TARIFFS)
def file_of_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One tariff with everything dated, as a workbook that can be imported."""
    found = get_object_or_404(Tariff, pk=pk)
    return _file(writing.of_tariffs([found], language=get_language() or "ru"), f"{pk}")


def _file(made: bytes, name: str) -> HttpResponse:
    response = HttpResponse(made, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="faza-tariffs-{name}.xlsx"'
    return response
