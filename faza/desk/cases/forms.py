"""What the desk writes in a case."""

from __future__ import annotations

from django import forms
from django.utils.translation import pgettext_lazy

from faza.cases.rules import LONGEST_TEXT
from faza.desk.forms import DeskForm


class SayForm(DeskForm):
    """A text, and what it is: `as` is the button that was pressed."""

    text = forms.CharField(
        max_length=LONGEST_TEXT, label=pgettext_lazy("case", "Text"),
        widget=forms.Textarea(attrs={"rows": 5, "wide": True}),
    )  # fmt: skip
