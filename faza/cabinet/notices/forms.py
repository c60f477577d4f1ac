"""Forms of what to tell of."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from faza.core.reading_types import A_PLUS
from faza.core.units import from_unit
from faza.events.kinds import Category
from faza.metering.models import UsagePoint
from faza.notifications.models import Subscription, Topic, Way
from faza.notifications.subscriptions import CHOOSABLE, DEFAULTS, GREATEST_LIMIT, categories

NO = ""
OFFERED = 100
"""So many points are offered to choose from; of more, one is named by its code."""
SELECT = {"class": "form-select"}
WISH = SELECT | {"form": "wishes"}
"""The fields stand beside another form, and so outside of their own."""


class WaysForm(forms.Form):
    """A way for each topic, and for each category of events a way or none."""

    def __init__(self, *args: Any, own: Iterable[Subscription], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = {(row.topic, row.category): row.way for row in own if row.limit is None}
        for topic in CHOOSABLE:
            self.fields[f"topic-{topic.value}"] = forms.ChoiceField(
                label=topic.label, choices=Way.choices,
                initial=chosen.get((topic.value, ""), DEFAULTS[topic].value),
                widget=forms.Select(attrs=WISH),
            )  # fmt: skip
        for category in categories():
            self.fields[f"event-{category.value}"] = forms.ChoiceField(
                label=category.label, choices=[(NO, _("do not tell")), *Way.choices],
                initial=chosen.get((Topic.EVENTS.value, category.value), NO), required=False,
                widget=forms.Select(attrs=WISH),
            )  # fmt: skip

    @property
    def topics(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("topic-")]

    @property
    def events(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("event-")]

    @property
    def ways(self) -> dict[Topic, Way]:
        """What was chosen for topics."""
        told = self.cleaned_data
        return {topic: Way(told[f"topic-{topic.value}"]) for topic in CHOOSABLE}

    @property
    def of_events(self) -> dict[Category, Way | None]:
        """What was chosen for categories of events."""
        told = self.cleaned_data
        return {
            category: Way(way) if (way := told[f"event-{category.value}"]) else None
            for category in categories()
        }


class LimitForm(forms.Form):
    """A limit of a day at a point, or at any; kWh with one decimal place."""

    point = forms.CharField(label=_("Usage point"), required=False, max_length=100)
    limit = forms.DecimalField(
        label=_("More than, kWh a day"), min_value=Decimal("0.1"),
        max_value=Decimal(GREATEST_LIMIT) / 1000, decimal_places=1, localize=True,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal"}),
    )  # fmt: skip
    way = forms.ChoiceField(
        label=_("How"), choices=Way.choices, initial=Way.PAGE, widget=forms.Select(attrs=SELECT)
    )

    def __init__(self, *args: Any, points: list[UsagePoint], **kwargs: Any) -> None:
        """points: what is offered; one more than OFFERED are too many for a list."""
        super().__init__(*args, **kwargs)
        if len(points) <= OFFERED:
            offered = [
                (point.code, f"{point.name}, {point.address}".strip(", ")) for point in points
            ]
            self.fields["point"] = forms.ChoiceField(
                label=_("Usage point"), required=False,
                choices=[("", _("any of mine")), *offered], widget=forms.Select(attrs=SELECT),
            )  # fmt: skip
        else:
            field = self.fields["point"]
            field.help_text = _("The code of the point; empty: any of mine.")
            field.widget.attrs["class"] = "form-control"

    @property
    def watt_hours(self) -> int:
        return from_unit(self.cleaned_data["limit"], A_PLUS)[0]
