"""The form of a piece of news."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.access import EVERYWHERE
from faza.desk.dates import validate_day
from faza.desk.forms import DeskForm
from faza.metering.models import NetworkNode, UsagePoint
from faza.notifications.models import News
from faza.notifications.news.services import Piece

LONGEST = 50_000
MOST_PLACES = 200
MOST_POINTS = 2_000


class NewsForm(DeskForm):
    """What is written and for whom; `seen` is when the draft was written over which it is."""

    title = forms.CharField(
        label=_("Title"), max_length=200, widget=forms.TextInput(attrs={"wide": True})
    )
    body = forms.CharField(
        label=_("Text, in Markdown"), max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14, "class": "form-control mono", "wide": True}),
    )  # fmt: skip
    group = forms.ChoiceField(label=_("Readers"), choices=News.Group.choices)
    shown_until = forms.DateField(
        label=_("Show until, that day included"), required=False, validators=[validate_day],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    places = forms.CharField(
        label=_("Parts of the network"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Codes or names, one a line; all below a part is in it. Empty: everywhere."),
    )  # fmt: skip
    codes = forms.CharField(
        label=_("Usage points"), required=False, max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Codes of single points, by spaces or lines."),
    )  # fmt: skip
    is_important = forms.BooleanField(
        label=_("Important: by e-mail at once to everybody it is for"), required=False
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, at: datetime, **kwargs: Any) -> None:
        self.user, self.at = user, at
        super().__init__(*args, **kwargs)

    def clean_places(self) -> list[NetworkNode]:
        lines = [line.strip() for line in self.cleaned_data["places"].splitlines()]
        asked = list(dict.fromkeys(line for line in lines if line))
        if len(asked) > MOST_PLACES:
            raise ValidationError(gettext("Too many places at once."))
        nodes = access.nodes_of(self.user, at=self.at)
        by_code = {node.code: node for node in nodes.filter(code__in=asked) if node.code}
        by_name: dict[str, list[NetworkNode]] = {}
        for node in nodes.filter(name__in=[line for line in asked if line not in by_code]):
            by_name.setdefault(node.name, []).append(node)
        found = []
        for line in asked:
            several = [by_code[line]] if line in by_code else by_name.get(line, [])
            if not several:
                raise ValidationError(gettext("No such place: %(name)s") % {"name": line})
            if len(several) > 1:
                told = ngettext(
                    "%(count)s place is called %(name)s: give its code",
                    "%(count)s places are called %(name)s: give the code",
                    len(several),
                )
                raise ValidationError(told % {"count": len(several), "name": line})
            found += several
        return found

    def clean_codes(self) -> list[UsagePoint]:
        codes = re.split(r"[\s,;]+", self.cleaned_data["codes"].strip())
        asked = list(dict.fromkeys(code for code in codes if code))
        if len(asked) > MOST_POINTS:
            raise ValidationError(gettext("Too many codes at once."))
        points = access.worked_points_of(self.user, at=self.at)
        found = {point.code: point for point in points.filter(code__in=asked)}
        if absent := [code for code in asked if code not in found]:
            told = {"codes": ", ".join(absent[:5])}
            raise ValidationError(gettext("No such points: %(codes)s") % told)
        return [found[code] for code in asked]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.errors or told.get("places") or told.get("codes"):
            return told
        if self.user.role not in EVERYWHERE:
            raise ValidationError(gettext("Name parts of the network or points of your area."))
        return told

    @property
    def piece(self) -> Piece:
        """What was written."""
        told = self.cleaned_data
        return Piece(
            title=told["title"],
            body=told["body"],
            group=News.Group(told["group"]),
            nodes=told["places"],
            points=told["codes"],
            is_important=told["is_important"],
            shown_until=told["shown_until"],
        )


def beginning(news: News) -> dict[str, Any]:
    """What the form of a draft begins with."""
    nodes = news.nodes.order_by("path")
    return {
        "title": news.title,
        "body": news.body,
        "group": news.group,
        "shown_until": news.shown_until,
        "places": "\n".join(node.code or node.name for node in nodes),
        "codes": "\n".join(news.points.order_by("code").values_list("code", flat=True)),
        "is_important": news.is_important,
        "seen": news.written_at.isoformat(),
    }
