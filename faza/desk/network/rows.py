"""What the lists ask the database, and their filters."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts import access
from faza.metering.models import InstrumentTransformer, Meter, MeteringComplex, UsagePoint
from faza.metering.querysets import UsagePointQuerySet

SOON = timedelta(days=180)
DUE = [
    ("expired", _("has ended")),
    ("soon", _("ends within half a year")),
    ("unknown", _("is not known")),
]
STOCK = [("standing", _("standing")), ("stock", _("in stock"))]


def points(user: User, *, at: datetime) -> UsagePointQuerySet:
    """Points a user works with, with the billing meter that stands there now."""
    is_billing = Q(complexes__role=MeteringComplex.Role.BILLING, complexes__valid_to=None)
    return (
        access.worked_points_of(user, at=at)
        .select_related("node")
        .annotate(standing=FilteredRelation("complexes", condition=is_billing))
        .annotate(
            meter_number=F("standing__meter__number"),
            meter_model=F("standing__meter__model__name"),
            meter_due=F("standing__meter__verification_due"),
        )
    )


def meters(user: User, *, at: datetime) -> QuerySet[Meter]:
    """Meters within reach, with the point at which each stands now, if it is within reach."""
    standing = MeteringComplex.objects.filter(meter=OuterRef("pk"), valid_to=None)
    return _with_point(access.meters_of(user, at=at).select_related("model"), standing, user, at)


def transformers(user: User, *, at: datetime) -> QuerySet[InstrumentTransformer]:
    """Transformers within reach, with the point at which each stands now."""
    standing = MeteringComplex.objects.filter(transformers=OuterRef("pk"), valid_to=None)
    return _with_point(access.transformers_of(user, at=at), standing, user, at)


def _with_point(rows: Any, standing: Any, user: User, at: datetime) -> Any:
    mine = standing.filter(usage_point__in=access.worked_points_of(user, at=at).values("id"))
    return rows.annotate(
        point_name=Subquery(mine.values("usage_point__name")[:1]),
        point_code=Subquery(mine.values("usage_point__code")[:1]),
        stands=Exists(standing),
    )


class Listed(django_filters.FilterSet):
    """What the filters of all lists have in common."""

    q = django_filters.CharFilter(
        method="search", label=_("Search"), widget=forms.TextInput(attrs={"type": "search"})
    )

    def by_due(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        today = timezone.localdate()
        match value:
            case "expired":
                return rows.filter(**{f"{name}__lte": today})
            case "soon":
                return rows.filter(**{f"{name}__gt": today, f"{name}__lte": today + SOON})
            case "unknown":
                return rows.filter(**{f"{name}__isnull": True})
        return rows

    def by_stock(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(stands=value == "standing")


class PointFilter(Listed):
    """Of points by text, meter and verification."""

    meter = django_filters.ChoiceFilter(
        method="by_meter",
        label=_("Meter"),
        choices=[("with", _("stands")), ("without", _("no meter"))],
        empty_label=_("any"),
    )
    due = django_filters.ChoiceFilter(
        field_name="meter_due", method="by_due", label=_("Verification"), choices=DUE,
        empty_label=_("any"),
    )  # fmt: skip
    common = django_filters.ChoiceFilter(
        field_name="is_common",
        label=_("Kind"),
        choices=[("True", _("of a whole house")), ("False", _("others"))],
        empty_label=_("any"),
    )

    class Meta:
        model = UsagePoint
        fields = ()

    def search(self, rows: UsagePointQuerySet, name: str, value: str) -> UsagePointQuerySet:
        return rows.filter(id__in=UsagePoint.objects.matching(value).values("id"))

    def by_meter(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(standing__isnull=value == "without")


class MeterFilter(Listed):
    """Of meters by number, type, place and verification."""

    model = django_filters.ModelChoiceFilter(
        queryset=Meter._meta.get_field("model").related_model._default_manager.order_by("name"),
        label=_("Type"),
        empty_label=_("any"),
    )
    due = django_filters.ChoiceFilter(
        field_name="verification_due", method="by_due", label=_("Verification"), choices=DUE,
        empty_label=_("any"),
    )  # fmt: skip
    place = django_filters.ChoiceFilter(
        method="by_stock", label=_("Place"), choices=STOCK, empty_label=_("any")
    )

    class Meta:
        model = Meter
        fields = ()

    def search(self, rows: QuerySet[Meter], name: str, value: str) -> QuerySet[Meter]:
        return rows.filter(Q(number__startswith=value.strip()) | Q(model__name__iregex=_re(value)))


class TransformerFilter(Listed):
    """Of transformers by number, type, kind, place and verification."""

    kind = django_filters.ChoiceFilter(
        choices=InstrumentTransformer.Kind.choices, label=_("Kind"), empty_label=_("any")
    )
    due = django_filters.ChoiceFilter(
        field_name="verification_due", method="by_due", label=_("Verification"), choices=DUE,
        empty_label=_("any"),
    )  # fmt: skip
    place = django_filters.ChoiceFilter(
        method="by_stock", label=_("Place"), choices=STOCK, empty_label=_("any")
    )

    class Meta:
        model = InstrumentTransformer
        fields = ()

    def search(
        self, rows: QuerySet[InstrumentTransformer], name: str, value: str
    ) -> QuerySet[InstrumentTransformer]:
        return rows.filter(Q(number__startswith=value.strip()) | Q(type_name__iregex=_re(value)))


def _re(text: str) -> str:
    return re.escape(text.strip())
