"""Lists of files that came and went, and of counterparties."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from faza.collection.models import Arrival, Dispatch, ExchangeProfile, ImportFile, ImportRun
from faza.desk.exchange import words
from faza.desk.exchange.reasons import reason_words
from faza.desk.lists import ListTable
from faza.ui import formats

NUMBERS = {"th": {"class": "n"}, "td": {"class": "n"}}
WIDE = {"th": {"class": "wide-only"}, "td": {"class": "wide-only"}}
WIDE_NUMBERS = {"th": {"class": "n wide-only"}, "td": {"class": "n wide-only"}}
MOMENT = {"td": {"class": "tn nw"}}


def tagged(found: tuple[str, words.Words] | None, other: str = "") -> SafeString:
    """A state as a coloured tag."""
    css, text = found or ("", other)
    return format_html('<span class="tag {}">{}</span>', css, text)


class MomentColumn(tables.Column):
    """A moment to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(attrs=MOMENT, **kwargs)

    def render(self, value: datetime) -> str:
        return formats.moment(timezone.localtime(value))

    def value(self, value: datetime) -> datetime:
        return value


class CountColumn(tables.Column):
    """A number of things; a bad one is red where there are any."""

    def __init__(self, *, is_bad: bool = False, **kwargs: Any) -> None:
        self.is_bad = is_bad
        super().__init__(**({"attrs": NUMBERS} | kwargs))

    def render(self, value: int) -> SafeString:
        css = "bad" if self.is_bad and value else ""
        return format_html('<span class="{}">{}</span>', css, formats.number(value))

    def value(self, value: int) -> int:
        return value


class RunTable(ListTable):
    """Imports: when, by which way, what came of them."""

    started_at = MomentColumn(verbose_name=gettext_lazy("When"))
    name = tables.Column(verbose_name=gettext_lazy("File"), accessor="first_name", empty_values=())
    channel = tables.Column(verbose_name=pgettext_lazy("of a file", "Way"))
    whose = tables.Column(
        verbose_name=pgettext_lazy("of a file", "From"),
        accessor="origin",
        empty_values=(),
        attrs=WIDE,
    )
    state = tables.Column(verbose_name=pgettext_lazy("import", "State"))
    files = CountColumn(verbose_name=gettext_lazy("Files"), attrs=WIDE_NUMBERS)
    points = CountColumn(verbose_name=gettext_lazy("Points"), attrs=WIDE_NUMBERS)
    values = CountColumn(verbose_name=gettext_lazy("Values"))
    changed = CountColumn(verbose_name=gettext_lazy("New values"))
    problems = CountColumn(verbose_name=gettext_lazy("Errors"), is_bad=True)

    class Meta(ListTable.Meta):
        model = ImportRun
        fields = ()
        order_by = "-started_at"

    def render_name(self, record: ImportRun) -> SafeString:
        url = reverse("desk:exchange-run", args=[record.pk])
        name = self.value_name(record)
        return format_html('<a href="{}">{}</a>', url, name)

    def value_name(self, record: ImportRun) -> str:
        return name_of(record)

    def render_channel(self, value: str) -> str:
        return str(words.WAYS.get(value, value))

    def render_whose(self, record: ImportRun) -> str:
        return self.value_whose(record) or formats.DASH

    def value_whose(self, record: ImportRun) -> str:
        """Who gave it: a person, a mail's sender, a place, the holder of a key."""
        told = getattr(record, "person", None) or getattr(record, "origin", "")
        return str(told or (record.by.removeprefix("push:") if "push:" in record.by else ""))

    def render_state(self, record: ImportRun) -> SafeString:
        return tagged(state_of(record))

    def value_state(self, record: ImportRun) -> str:
        return str(state_of(record)[1])


class FileTable(ListTable):
    """The files of an import, with what is wrong in them by line."""

    name = tables.Column(verbose_name=gettext_lazy("File"))
    format = tables.Column(verbose_name=gettext_lazy("Format"))
    state = tables.Column(verbose_name=pgettext_lazy("import", "State"))
    sender_inn = tables.Column(verbose_name=gettext_lazy("Sender"), attrs=WIDE)
    number = tables.Column(verbose_name=gettext_lazy("Number"), attrs=NUMBERS)
    day = tables.Column(verbose_name=gettext_lazy("Day"), attrs=NUMBERS)
    values = CountColumn(verbose_name=gettext_lazy("Values"))
    n_problems = tables.Column(verbose_name=gettext_lazy("Errors"))

    class Meta(ListTable.Meta):
        model = ImportFile
        fields = ()
        order_by = ("-n_problems", "name")

    def render_format(self, value: str) -> str:
        return str(words.FORMATS.get(value, value))

    def render_state(self, record: ImportFile) -> SafeString:
        return tagged(_file_state(record))

    def value_state(self, record: ImportFile) -> str:
        return str(_file_state(record)[1])

    def render_day(self, value: date) -> str:
        return formats.day(value)

    def value_day(self, value: date) -> date:
        return value

    def render_n_problems(self, record: ImportFile) -> SafeString:
        if not record.n_problems:
            return format_html('<span class="t3">{}</span>', formats.DASH)
        lines = [
            (_place_of(one.get("line")), reason_words(one.get("reason", "")))
            for one in record.problems
        ]
        hidden = record.n_problems - len(lines)
        more = format_html("<li>{}</li>", _("… and %(count)s more") % {"count": hidden})
        return format_html(
            '<details><summary class="bad tn">{}</summary><ul>{}{}</ul></details>',
            formats.number(record.n_problems),
            format_html_join("", '<li><span class="t3 tn">{}</span> {}</li>', lines),
            more if hidden > 0 else "",
        )

    def value_n_problems(self, value: int) -> int:
        return value


def name_of(run: ImportRun) -> str:
    """By what an import is called: its first file, of a zip the zip; else its number."""
    first = str(getattr(run, "first_name", ""))
    first = first.rpartition("/")[2] if first.startswith("/") else first.split("/")[0]
    return first or _("import No. %(number)s") % {"number": run.pk}


def state_of(run: ImportRun) -> tuple[str, words.Words]:
    """How an import ended."""
    if run.state == ImportRun.State.COMPLETE and run.problems:
        return "warn", _("read with errors")
    return words.RUN_STATES[run.state]


def _file_state(file: ImportFile) -> tuple[str, words.Words]:
    if file.state == ImportFile.State.COMPLETE and file.n_problems:
        return "warn", _("read with errors")
    return words.FILE_STATES[file.state]


def _place_of(line: int | None) -> str:
    return _("line %(line)s:") % {"line": line} if line else ""


class ArrivalTable(ListTable):
    """Files that came by upload, mail and SFTP."""

    arrived_at = MomentColumn(verbose_name=gettext_lazy("When"))
    name = tables.Column(verbose_name=gettext_lazy("File"))
    channel = tables.Column(verbose_name=pgettext_lazy("of a file", "Way"))
    whose = tables.Column(
        verbose_name=pgettext_lazy("of a file", "From"),
        accessor="origin",
        empty_values=(),
        orderable=False,
    )
    state = tables.Column(verbose_name=pgettext_lazy("import", "State"))
    size = tables.Column(verbose_name=gettext_lazy("Size, KB"), attrs=WIDE_NUMBERS)
    reason = tables.Column(verbose_name=gettext_lazy("Why"), orderable=False)

    class Meta(ListTable.Meta):
        model = Arrival
        fields = ()
        order_by = "-arrived_at"

    def render_name(self, record: Arrival) -> SafeString:
        url = reverse("desk:exchange-file", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, record.name)

    def value_name(self, record: Arrival) -> str:
        return record.name

    def render_channel(self, record: Arrival) -> str:
        return str(words.WAYS[record.channel])

    def render_whose(self, record: Arrival) -> str:
        return whose(record) or formats.DASH

    def value_whose(self, record: Arrival) -> str:
        return whose(record)

    def render_state(self, record: Arrival) -> SafeString:
        return tagged(words.ARRIVALS.get(record.state), record.state)

    def value_state(self, record: Arrival) -> str:
        return str(words.ARRIVALS[record.state][1])

    def render_size(self, value: int) -> str:
        return formats.number(value / 1024, 1)

    def value_size(self, value: int) -> float:
        return round(value / 1024, 1)

    def render_reason(self, value: str) -> str:
        return reason_words(value)

    def value_reason(self, value: str) -> str:
        return reason_words(value)


def whose(arrival: Arrival) -> str:
    """From whom a file is: the person, the mail's sender, or the place."""
    if arrival.channel == Arrival.Channel.UPLOAD and arrival.by is not None:
        return arrival.by.full_name
    return arrival.origin


class DispatchTable(ListTable):
    """Files that were sent, with what became of their deliveries."""

    created_at = MomentColumn(verbose_name=pgettext_lazy("of a file", "Made"))
    name = tables.Column(verbose_name=gettext_lazy("File"))
    profile = tables.Column(
        verbose_name=gettext_lazy("Counterparty"), order_by="profile__counterparty"
    )
    first = tables.Column(verbose_name=gettext_lazy("Days"), attrs=MOMENT)
    again = tables.Column(verbose_name=gettext_lazy("Again"), attrs=NUMBERS)
    size = tables.Column(verbose_name=gettext_lazy("Size, KB"), attrs=WIDE_NUMBERS)
    outcome = tables.Column(
        verbose_name=pgettext_lazy("import", "State"), empty_values=(), orderable=False
    )

    class Meta(ListTable.Meta):
        model = Dispatch
        fields = ()
        order_by = "-created_at"

    def render_name(self, record: Dispatch) -> SafeString:
        url = reverse("desk:exchange-dispatch", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, record.name)

    def value_name(self, record: Dispatch) -> str:
        return record.name

    def render_first(self, record: Dispatch) -> str:
        return formats.dates(record.first, record.last)

    def value_first(self, record: Dispatch) -> str:
        return formats.dates(record.first, record.last)

    def render_again(self, value: int) -> str:
        return formats.number(value) if value else formats.DASH

    def render_size(self, value: int) -> str:
        return formats.number(value / 1024, 1)

    def value_size(self, value: int) -> float:
        return round(value / 1024, 1)

    def render_outcome(self, record: Dispatch) -> SafeString:
        return tagged(outcome(record))

    def value_outcome(self, record: Dispatch) -> str:
        return str(outcome(record)[1])


def outcome(record: Dispatch) -> tuple[str, words.Words]:
    """What became of a file altogether, from the worst of its deliveries."""
    if getattr(record, "n_given_up", 0):
        return words.DELIVERIES["given_up"]
    if getattr(record, "n_open", 0):
        return words.DELIVERIES["waiting"]
    if getattr(record, "n_twice", 0):
        return "warn", _("sent, maybe twice")
    return words.DELIVERIES["sent"]


class ProfileTable(ListTable):
    """What is agreed with counterparties."""

    counterparty = tables.Column(verbose_name=gettext_lazy("Counterparty"), empty_values=())
    sender_inn = tables.Column(verbose_name=gettext_lazy("Sender, INN"), attrs=NUMBERS)
    area_inn = tables.Column(verbose_name=gettext_lazy("Area, INN"), attrs=NUMBERS)
    n_codes = CountColumn(verbose_name=gettext_lazy("Codes of points"))
    sends_from = tables.Column(verbose_name=gettext_lazy("Sent by itself"), empty_values=())
    last_number = CountColumn(verbose_name=gettext_lazy("Last number"))
    problem = tables.Column(verbose_name=gettext_lazy("What is wrong"), orderable=False)

    class Meta(ListTable.Meta):
        model = ExchangeProfile
        fields = ()
        order_by = "counterparty"

    def render_counterparty(self, record: ExchangeProfile) -> SafeString:
        url = reverse("desk:exchange-profile", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, str(record) or record.pk)

    def value_counterparty(self, record: ExchangeProfile) -> str:
        return str(record)

    def render_sends_from(self, record: ExchangeProfile) -> str:
        if record.sends_from is None:
            return formats.DASH
        return _("daily from %(hour)s:00") % {"hour": f"{record.send_hour:02d}"}

    def render_problem(self, value: str) -> SafeString:
        return format_html('<span class="bad">{}</span>', reason_words(value))

    def value_problem(self, value: str) -> str:
        return value
