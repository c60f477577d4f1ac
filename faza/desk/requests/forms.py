"""What an operator sends with a decision, turned into values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from faza.contracts.services.customers import CONTACTS
from faza.core.periods import start_of_day
from faza.desk.dates import validate_day
from faza.desk.forms import DeskForm
from faza.desk.requests import words

LONGEST = 2000


class ApproveForm(DeskForm):
    """Days are those of the installation; the last one is included."""

    valid_from = forms.DateField(required=False, label=_("Bind from"), validators=[validate_day])
    valid_to = forms.DateField(
        required=False, label=_("until and including"), validators=[validate_day]
    )
    letter = forms.CharField(required=False, max_length=LONGEST)
    contacts = forms.MultipleChoiceField(
        required=False, choices=[(name, name) for name in CONTACTS]
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        first, last = told.get("valid_from"), told.get("valid_to")
        if first and last and last < first:
            raise forms.ValidationError(_("The last day stands before the first one."))
        return told

    def since(self, at: datetime) -> datetime:
        """From when points are bound: the start of the day, `at` where none is given."""
        first = self.cleaned_data["valid_from"]
        return start_of_day(first, settings.TIME_ZONE) if first else at

    def until(self) -> datetime | None:
        """Until when, the end of the last day; None for no end."""
        last = self.cleaned_data["valid_to"]
        return start_of_day(last + timedelta(days=1), settings.TIME_ZONE) if last else None


def _picked(templates: dict[str, words.Words]) -> forms.ChoiceField:
    last = ("", _("Only what is written below"))
    return forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        label=_("Picked"),
        choices=[*templates.items(), last],
    )


class SaidForm(DeskForm):
    """A text that may be picked, written, or both."""

    templates: dict[str, words.Words] = {}
    text = forms.CharField(
        required=False,
        max_length=LONGEST,
        label=_("In own words"),
        widget=forms.Textarea(attrs={"rows": 3, "wide": True}),
    )
    field_order = ("template", "text")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if not (told.get("template") or told.get("text", "").strip()):
            raise forms.ValidationError(_("Pick a text or write your own."))
        return told

    def said(self, language: str) -> str:
        """The whole text, what was picked in the language of who will read it."""
        told = self.cleaned_data
        return words.composed(told["template"], told["text"], self.templates, language)


class RefuseForm(SaidForm):
    """Why an application is refused."""

    templates = words.REFUSALS
    template = _picked(words.REFUSALS)


class AskForm(SaidForm):
    """What the applicant is asked to correct."""

    templates = words.QUESTIONS
    template = _picked(words.QUESTIONS)


class WriteForm(DeskForm):
    """A message in the talk with the applicant."""

    text = forms.CharField(
        max_length=LONGEST, label=_("Message"), widget=forms.Textarea(attrs={"rows": 2})
    )


def _reason(label: Any) -> forms.CharField:  # Any: lazy words, which stubs name privately
    return forms.CharField(
        max_length=300,
        label=label,
        help_text=_("It stays in the trail of deeds; the person does not see it."),
        widget=forms.TextInput(attrs={"wide": True}),
    )


class ReasonForm(DeskForm):
    """Why something is done to an account."""

    reason = _reason(_("Reason"))


class FactorForm(ReasonForm):
    """Why a second factor is taken off."""

    reason = _reason(_("How the identity was checked, and why"))


class HandleForm(DeskForm):
    """What was done about a consent taken back."""

    done = forms.CharField(
        max_length=500,
        label=_("What was done"),
        widget=forms.Textarea(attrs={"rows": 3, "wide": True}),
    )
