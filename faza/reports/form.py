"""What a form asks of a kind of report, beside points and period: lists, boxes and the format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.contracts.asked import Asked
from faza.core.reading_types import OF_COMMODITY, Commodity
from faza.metering.models import UsagePoint
from faza.reports import wording
from faza.reports.parameters import MAXIMA, MOST_DIGITS, Layout, Parameters, Resolution
from faza.reports.registry import Field, Format, KindOfReport
from faza.reports.renderers import FORMATS

PARAMETERS = (
    *("kind", "period", "on", "from", "to", "resource", "channel", "resolution", "layout"),
    *("digits", "tariffs", "fixed", "replacements", "interval"),
)
"""What of an address is kept with a report, beside its points."""
POINTS = ("point", "branch", "points")


@dataclass(frozen=True, slots=True)
class Select:
    """One field of the form: (value, what it is called, whether it is chosen)."""

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Tick:
    name: str
    label: str
    hint: str
    is_on: bool


def kept(query: QueryDict) -> QueryDict:
    """The parameters and points of an address, and nothing else of it."""
    made = QueryDict(mutable=True)
    for name in (*PARAMETERS, *POINTS):
        if name in query:
            made.setlist(name, query.getlist(name))
    return made


def points_of(query: QueryDict) -> Asked:
    """The points that a report of an address is of: where nothing is chosen, all that its reader
    sees (rules.md, «Reports»), also where somebody has just cleared the tree.
    """
    told = Asked.read(query)
    return Asked(told.codes, told.branches, told.everything) or Asked(everything=True)


def selects(
    kind: KindOfReport, parameters: Parameters, resources: Iterable[str], n_points: int
) -> tuple[Select, ...]:
    """The lists of a kind to choose from. resources: of the points that are asked about."""
    made = []
    names = dict(UsagePoint.Resource.choices)
    present = {Commodity(resource) for resource in resources} | {parameters.commodity}
    if Field.RESOURCE in kind.fields and len(present) > 1:
        made.append(Select("resource", _("Resource"), tuple(
            (one.value, capfirst(str(names[one.value])), one is parameters.commodity)
            for one in Commodity if one in present
        )))  # fmt: skip
    channels = OF_COMMODITY[parameters.commodity]
    if Field.CHANNEL in kind.fields and len(channels) > 1:
        made.append(Select("channel", _("Parameter"), tuple(
            (one.channel, str(wording.CHANNELS[one.code]), one is parameters.reading_type)
            for one in channels
        )))  # fmt: skip
    if Field.RESOLUTION in kind.fields and len(kind.resolutions) > 1:
        made.append(Select("resolution", _("Resolution"), tuple(
            (one.value, _resolution(one), one is parameters.resolution)
            for one in kind.resolutions
        )))  # fmt: skip
    if Field.INTERVAL in kind.fields:
        made.append(Select("interval", _("Maximum over"), tuple(
            (str(one), _("%(minutes)s minutes") % {"minutes": one}, one == parameters.interval)
            for one in MAXIMA
        )))  # fmt: skip
    if Field.LAYOUT in kind.fields and n_points > 1:
        made.append(Select("layout", _("Usage points"), (
            (Layout.COLUMNS, _("side by side"), parameters.layout is Layout.COLUMNS),
            (Layout.ROWS, _("one below another"), parameters.layout is Layout.ROWS),
        )))  # fmt: skip
    if Field.DIGITS in kind.fields:
        made.append(Select("digits", _("Decimal places"), tuple(
            (str(one), str(one), one == parameters.digits) for one in range(MOST_DIGITS + 1)
        )))  # fmt: skip
    return tuple(made)


def _resolution(one: Resolution) -> str:
    return {
        Resolution.INTERVAL: _("as measured"),
        Resolution.HOUR: _("an hour"),
        Resolution.DAY: _("a day"),
        Resolution.MONTH: _("a month"),
    }[one]


def ticks(kind: KindOfReport, parameters: Parameters) -> tuple[Tick, ...]:
    """The boxes of a kind."""
    every = (
        (Field.TARIFFS, pgettext("tick", "Tariffs"),
         _("add columns by zones of the day"), parameters.tariffs),
        (Field.FIXED, _("Fixed readings only"),
         _("what the meter captured at that very moment; else a dash"), parameters.only_fixed),
        (Field.REPLACEMENTS, _("With replacements"),
         _("add the old and the new meter where one was replaced"),
         parameters.with_replacements),
    )  # fmt: skip
    return tuple(
        Tick(field.value, label, hint, is_on)
        for field, label, hint, is_on in every
        if field in kind.fields
    )


def formats(kind: KindOfReport, chosen: str) -> tuple[tuple[str, str, str, bool], ...]:
    """(code, name, what it is, whether it is chosen)."""
    made = []
    for one in kind.formats:
        if one is Format.X80020:
            made.append((one.value, "80020", _("Half-hours of each day with statuses")))
        else:
            known = FORMATS[one.value]
            made.append((one.value, _(known.title), _(known.description)))
    codes = {code for code, _name, _what in made}
    default = chosen if chosen in codes else made[0][0]
    return tuple((code, name, what, code == default) for code, name, what in made)
