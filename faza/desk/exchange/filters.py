"""Filters of the lists of files."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.collection.models import Arrival, Dispatch, ExchangeProfile, ImportFile, ImportRun
from faza.desk.exchange import words

SEARCH = forms.TextInput(attrs={"type": "search"})
WITH_ERRORS = [("some", _("with errors")), ("none", _("without errors"))]
SINCE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class RunFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("Name of a file"), widget=SEARCH)
    channel = django_filters.ChoiceFilter(
        choices=list(words.WAYS.items()), label=pgettext_lazy("of a file", "Way")
    )
    errors = django_filters.ChoiceFilter(
        method="with_errors", choices=WITH_ERRORS, label=_("Errors")
    )
    since = django_filters.DateFilter(
        field_name="started_at",
        lookup_expr="date__gte",
        label=pgettext_lazy("of a file", "Since"),
        widget=SINCE,
    )

    class Meta:
        model = ImportRun
        fields = ("q", "channel", "errors", "since")

    def search(self, rows: Any, name: str, value: str) -> Any:
        # Not icontains: SQLite's LIKE knows only Latin letters in both cases.
        part = re.escape(value)
        found = ImportFile.objects.filter(name__iregex=part).values("run")
        return rows.filter(Q(pk__in=found) | Q(first_name__iregex=part))

    def with_errors(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(problems__gt=0) if value == "some" else rows.filter(problems=0)


class FileFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("Name of a file"), widget=SEARCH)
    errors = django_filters.ChoiceFilter(
        method="with_errors", choices=WITH_ERRORS, label=_("Errors")
    )

    class Meta:
        model = ImportFile
        fields = ("q", "errors")

    def search(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(name__iregex=re.escape(value))

    def with_errors(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(n_problems__gt=0) if value == "some" else rows.filter(n_problems=0)


class ArrivalFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("File or sender"), widget=SEARCH)
    channel = django_filters.ChoiceFilter(
        choices=Arrival.Channel.choices, label=pgettext_lazy("of a file", "Way")
    )
    state = django_filters.ChoiceFilter(
        choices=[(code, told[1]) for code, told in words.ARRIVALS.items()],
        label=pgettext_lazy("import", "State"),
    )

    class Meta:
        model = Arrival
        fields = ("q", "channel", "state")

    def search(self, rows: Any, name: str, value: str) -> Any:
        part = re.escape(value)
        return rows.filter(Q(name__iregex=part) | Q(origin__iregex=part))


class DispatchFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("File or counterparty"), widget=SEARCH)
    state = django_filters.ChoiceFilter(
        method="in_state",
        choices=[(code, words.DELIVERIES[code][1]) for code in ("waiting", "sent", "given_up")],
        label=pgettext_lazy("import", "State"),
    )
    day = django_filters.DateFilter(method="of_day", label=_("Day"), widget=SINCE)

    class Meta:
        model = Dispatch
        fields = ("q", "state", "day")

    def search(self, rows: Any, name: str, value: str) -> Any:
        part = re.escape(value)
        return rows.filter(Q(name__iregex=part) | Q(profile__counterparty__iregex=part))

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "given_up":
            return rows.filter(n_given_up__gt=0)
        return rows.filter(n_open__gt=0) if value == "waiting" else rows.filter(n_sent__gt=0)

    def of_day(self, rows: Any, name: str, value: Any) -> Any:
        return rows.filter(pk__in=_with_day(value))


def _with_day(day: Any) -> Any:
    return Dispatch.objects.filter(sent_days__day=day).values("pk")


class ProfileFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("Counterparty or INN"), widget=SEARCH)

    class Meta:
        model = ExchangeProfile
        fields = ("q",)

    def search(self, rows: Any, name: str, value: str) -> Any:
        named = Q(counterparty__iregex=re.escape(value))
        return rows.filter(named | Q(sender_inn__startswith=value) | Q(area_inn__startswith=value))
