"""The list of news."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from faza.accounts.models import User
from faza.desk.lists import ListTable
from faza.desk.news.reach import news_of
from faza.notifications.models import News
from faza.ui import formats

STATES = {
    "draft": pgettext_lazy("news", "draft"),
    "published": pgettext_lazy("news", "published"),
    "withdrawn": pgettext_lazy("news", "withdrawn"),
}
CSS = {"draft": "", "published": "good", "withdrawn": "warn"}


def news(user: User, *, at: datetime) -> QuerySet[News]:
    """News within reach, with how many places they are for and how many people have read them."""
    return news_of(user, at=at).annotate(
        n_nodes=Count("nodes", distinct=True),
        n_points=Count("points", distinct=True),
        n_read=Count("reads", distinct=True),
    )


class NewsFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(field_name="title", lookup_expr="icontains",
                                  label=gettext_lazy("Title"))  # fmt: skip
    state = django_filters.ChoiceFilter(
        method="by_state", label=gettext_lazy("State"), choices=list(STATES.items()),
        empty_label=gettext_lazy("all"),
    )  # fmt: skip

    class Meta:
        model = News
        fields = ()

    def by_state(self, rows: QuerySet[News], name: str, state: str) -> QuerySet[News]:
        return rows.filter(
            {
                "draft": Q(published_at=None),
                "published": Q(published_at__isnull=False, withdrawn_at=None),
                "withdrawn": Q(withdrawn_at__isnull=False),
            }[state]
        )


class NewsTable(ListTable):
    title = tables.Column(verbose_name=gettext_lazy("Title"))
    state = tables.Column(
        verbose_name=gettext_lazy("State"), empty_values=(),
        order_by=("withdrawn_at", "published_at"),
    )  # fmt: skip
    readers = tables.Column(verbose_name=gettext_lazy("To whom"), empty_values=(), orderable=False)
    published_at = tables.Column(
        verbose_name=pgettext_lazy("news", "Published"),
        attrs={"th": {"class": "n"}, "td": {"class": "n"}},
    )
    n_read = tables.Column(
        verbose_name=pgettext_lazy("news", "Read by"),
        attrs={"th": {"class": "n"}, "td": {"class": "n"}},
    )

    class Meta(ListTable.Meta):
        order_by = ("-published_at", "-written_at")

    def render_title(self, record: News) -> SafeString:
        mark = format_html(' <span class="tag warn">{}</span>', _("important"))
        return format_html(
            '<a href="{}">{}</a>{}', reverse("desk:news-piece", args=[record.pk]), record.title,
            mark if record.is_important else "",
        )  # fmt: skip

    def value_title(self, record: News) -> str:
        return record.title

    def render_state(self, record: News) -> SafeString:
        return format_html(
            '<span class="tag {}">{}</span>', CSS[record.state], STATES[record.state]
        )

    def value_state(self, record: News) -> str:
        return str(STATES[record.state])

    def render_readers(self, record: Any) -> str:
        return readers(record, record.n_nodes, record.n_points)

    def value_readers(self, record: Any) -> str:
        return self.render_readers(record)

    def render_published_at(self, value: datetime) -> SafeString:
        local = formats.moment(value, timezone.get_current_timezone())
        return format_html('<span class="nw">{}</span>', local)

    def value_published_at(self, value: datetime) -> datetime:
        return value

    def render_n_read(self, value: int) -> str:
        return formats.number(value)

    def value_n_read(self, value: int) -> int:
        return value


def readers(news: News, n_nodes: int, n_points: int) -> str:
    """«все; 2 части сети, 1 точка»."""
    places = []
    if n_nodes:
        told = ngettext("%(count)s part of the network", "%(count)s parts of the network", n_nodes)
        places.append(told % {"count": n_nodes})
    if n_points:
        told = ngettext("%(count)s usage point", "%(count)s usage points", n_points)
        places.append(told % {"count": n_points})
    where = ", ".join(places) if places else _("everywhere")
    return f"{News.Group(news.group).label}; {where}"
