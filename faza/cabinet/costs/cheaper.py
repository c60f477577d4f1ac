"""«Which tariff is cheaper»: a table of offers and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet import words as common
from faza.cabinet.costs import words
from faza.charges.advice.queries import Advice, Offer
from faza.charges.advice.replaying import SHIFTS
from faza.ui import formats

SAME = Decimal("0.005")
"""Differences below this share of the cost are none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A tariff: roubles a month and a year, beside the own one, and after a shift."""

    name: str
    is_own: bool
    is_best: bool
    month: str
    year: str
    change: str
    css: str
    bar: int
    shifts: tuple[tuple[str, str], ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Cheaper:
    """The answer, the table and what it was made of."""

    answer: SafeString | str
    rows: tuple[Row, ...]
    shifts: tuple[str, ...]
    made_of: str
    share: float | None
    gap: timedelta
    estimated: float
    is_example: bool


def cheaper(advice: Advice) -> Cheaper:
    """Advice as it is shown."""
    priced = [offer.total for offer in advice.offers if offer.total is not None]
    most = max(priced, default=Decimal(0))
    present = advice.present or 1
    has_shifts = any(offer.shifts for offer in advice.offers)
    return Cheaper(
        answer=_answer(advice),
        rows=tuple(_row(offer, advice, most) for offer in advice.offers),
        shifts=tuple(f"{percent}{formats.NBSP}%" for percent in SHIFTS) if has_shifts else (),
        made_of=_made_of(advice),
        share=100 * advice.present / advice.expected if advice.expected else None,
        gap=timedelta(minutes=30 * (advice.expected - advice.present)),
        estimated=100 * advice.estimated / present,
        is_example=any(offer.is_example for offer in advice.offers),
    )


def _row(offer: Offer, advice: Advice, most: Decimal) -> Row:
    own, best = advice.own, advice.best
    change, css = "", ""
    if offer.total is not None and own is not None and own.total is not None and not offer.is_own:
        difference = advice.a_year(offer.total - own.total)
        change = words.change(difference)
        css = "good" if difference < 0 else ""
    return Row(
        name=offer.name,
        is_own=offer.is_own,
        is_best=best is not None and best.tariff == offer.tariff,
        month=words.money(advice.a_month(offer.total) if offer.total is not None else None, 0),
        year=words.money(advice.a_year(offer.total) if offer.total is not None else None, 0),
        change=change,
        css=css,
        bar=int(100 * offer.total / most) if offer.total is not None and most else 0,
        shifts=tuple(
            (
                f"{percent}{formats.NBSP}%",
                words.change(advice.a_year(offer.shifts[percent]))
                if percent in offer.shifts
                else formats.DASH,
            )
            for percent in SHIFTS
        ),
        problem=words.problem(offer.problem) if offer.total is None else "",
    )


def _answer(advice: Advice) -> SafeString | str:
    own, best = advice.own, advice.best
    if own is None or own.total is None or best is None or best.total is None:
        if len(advice.offers) < 2:
            return _("No other tariff is open to this point.")
        return _("Some prices are not known, so tariffs cannot be laid beside each other.")
    saved = advice.a_year(own.total - best.total)
    if best.is_own or saved < SAME * advice.a_year(own.total):
        second = next((o.total for o in advice.offers if o.total is not None and not o.is_own), 0)
        if best.is_own and second and second - own.total >= SAME * own.total:
            return _("Your tariff is the cheapest of those open to you.")
        return _("Your tariff is as good as any: the difference is less than half a per cent.")
    return common.filled(
        _("%(name)s would be cheaper by %(sum)s a year."),
        name=best.name,
        sum=common.bold(words.money(saved, 0)),
    )


def _made_of(advice: Advice) -> str:
    last = advice.end - timedelta(days=1)
    parts = {
        "count": advice.months,
        "first": f"{advice.first:%m.%Y}",
        "last": f"{last:%m.%Y}",
        "energy": common.told(advice.wh, common.A_PLUS, 0),
    }
    said = (
        ngettext(
            "Own intervals of %(count)s whole month, %(first)s – %(last)s, %(energy)s, priced anew"
            " by each tariff.",
            "Own intervals of %(count)s whole months, %(first)s – %(last)s, %(energy)s, priced anew"
            " by each tariff.",
            advice.months,
        )
        % parts
    )
    if advice.months < 12:
        said += " " + _("A year is twelve such months: seasons that are not in it may differ.")
    return said
