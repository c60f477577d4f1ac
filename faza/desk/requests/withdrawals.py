"""Consents taken back: the queue with its terms, and what was done about each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from faza.accounts import services as accounts
from faza.accounts.models import LegalText, User, Withdrawal
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import ListTable, request_user
from faza.desk.requests import forms, viewing, words
from faza.desk.requests.subscribers import card
from faza.desk.templatetags.faza_desk import term


def withdrawals_of(user: User, *, at: datetime) -> QuerySet[Withdrawal]:
    """Consents taken back by people within reach."""
    people = access.people_of(user, at=at).values("id")
    return Withdrawal.objects.filter(user__in=people).select_related("user", "handled_by")


class WithdrawalFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_text", label=gettext_lazy("Name or e-mail"))
    state = django_filters.ChoiceFilter(
        method="by_state",
        label=gettext_lazy("State"),
        choices=[
            ("open", pgettext_lazy("withdrawals", "wait")),
            ("overdue", pgettext_lazy("withdrawals", "overdue")),
            ("handled", pgettext_lazy("withdrawals", "handled")),
        ],
        empty_label=gettext_lazy("all"),
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Text"), choices=LegalText.Kind.choices, empty_label=gettext_lazy("all")
    )

    class Meta:
        model = Withdrawal
        fields = ()

    def by_text(self, rows: QuerySet[Withdrawal], name: str, text: str) -> QuerySet[Withdrawal]:
        """Of people of whose name or address the text is a part."""
        named = rows.filter(user__full_name__iregex=words.pattern(text))
        return named | rows.filter(user__email__icontains=text.strip())

    def by_state(self, rows: QuerySet[Withdrawal], name: str, state: str) -> QuerySet[Withdrawal]:
        """Those that wait, wait too long, or are handled."""
        if state == "handled":
            return rows.exclude(handled_at=None)
        waiting = rows.filter(handled_at=None)
        return waiting.filter(due_at__lte=timezone.now()) if state == "overdue" else waiting


class WithdrawalTable(ListTable):
    user = tables.Column(verbose_name=gettext_lazy("Person"), order_by=("user__full_name", "pk"))
    kind = tables.Column(verbose_name=gettext_lazy("Text"))
    at = tables.DateTimeColumn(verbose_name=gettext_lazy("Taken back"), format="d.m.Y H:i")
    due_at = tables.Column(verbose_name=gettext_lazy("To be done by"))
    handled_at = tables.Column(
        verbose_name=pgettext_lazy("withdrawals", "Handled"), empty_values=()
    )

    class Meta(ListTable.Meta):
        order_by = ("handled_at", "due_at")

    def render_user(self, record: Withdrawal) -> SafeString:
        url = reverse("desk:withdrawal", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, _named(record.user))

    def value_user(self, record: Withdrawal) -> str:
        return _named(record.user)

    def render_due_at(self, record: Withdrawal) -> SafeString:
        day = f"{timezone.localtime(record.due_at):%d.%m.%Y}"
        if record.handled_at:
            return format_html("{}", day)
        css = "bad" if record.due_at <= timezone.now() else ""
        return format_html('{} <span class="tag {}">{}</span>', day, css, term(record.due_at))

    def value_due_at(self, record: Withdrawal) -> datetime:
        return record.due_at

    def value_at(self, record: Withdrawal) -> datetime:
        return record.at

    def render_handled_at(self, record: Withdrawal) -> SafeString:
        if record.handled_at is None:
            waits = pgettext_lazy("withdrawals", "waits")
            return format_html('<span class="tag warn">{}</span>', waits)
        who = words.short_name(record.handled_by.full_name) if record.handled_by else ""
        return format_html(
            "{} · {}", f"{timezone.localtime(record.handled_at):%d.%m.%Y %H:%M}", who
        )

    def value_handled_at(self, record: Withdrawal) -> datetime | None:
        return record.handled_at


def _named(user: User) -> str:
    return user.full_name or _("user no. %(number)s") % {"number": user.pk}


@never_cache
@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def withdrawals(request: HttpRequest) -> HttpResponse:
    """The list of consents taken back, those that wait first."""
    user, at = request_user(request), timezone.now()
    rows = withdrawals_of(user, at=at)
    listed = lists.shown(
        request, rows, table=WithdrawalTable, filters=WithdrawalFilter, name="withdrawals"
    )
    file = lists.exported(request, listed, title=_("Withdrawn consents"), personal=True)
    if file is not None:
        return file
    waiting = rows.filter(handled_at=None)
    told: dict[str, Any] = {
        "listed": listed,
        "waiting": waiting.count(),
        "overdue": waiting.filter(due_at__lte=at).count(),
    }
    return render(request, "desk/requests/withdrawals.html", told)


@never_cache
@needs(Right.SEE_SUBSCRIBERS)
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    """A consent taken back: whose, what hangs on it, by when; and, by POST, what was done."""
    user, at = request_user(request), timezone.now()
    asked = withdrawals_of(user, at=at).filter(pk=pk).first()
    if asked is None:
        raise Http404("no such withdrawal")
    if request.method == "POST":
        if not may(user, Right.DECIDE_APPLICATIONS):
            raise PermissionDenied(Right.DECIDE_APPLICATIONS)
        return _handled(request, asked, at)
    viewing.note("accounts.card.viewed", asked.user, by=request_user(request), at=at)
    told = {
        "asked": asked,
        "card": card(asked.user, reader=user, at=at),
        "form": forms.HandleForm(),
        "may_decide": may(user, Right.DECIDE_APPLICATIONS),
        "is_overdue": asked.handled_at is None and asked.due_at <= at,
    }
    return render(request, "desk/requests/withdrawal.html", told)


def _handled(request: HttpRequest, asked: Withdrawal, at: datetime) -> HttpResponse:
    """Close a withdrawal with what was done."""
    form = forms.HandleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Tell in a few words what was done."))
        return redirect("desk:withdrawal", asked.pk)
    try:
        accounts.handle_withdrawal(
            withdrawal=asked, done=form.cleaned_data["done"], by=request_user(request), at=at
        )
    except accounts.AlreadyHandled:
        messages.error(request, _("A colleague has handled it meanwhile."))
        return redirect("desk:withdrawal", asked.pk)
    messages.success(request, _("The withdrawal is handled."))
    return redirect("desk:withdrawals")
