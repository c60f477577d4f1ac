"""Forms of the office. Each lists its own fields: what else a request brings is not read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faza.accounts import rules
from faza.accounts.models import OrganisationCard, User
from faza.contracts.permissions import PERSONAL, STAFF
from faza.desk.dates import validate_day
from faza.desk.forms import DeskForm
from faza.desk.words import right_words

INVITED = [
    User.Role.OPERATOR,
    *(role for role in User.Role if role not in {User.Role.OPERATOR, User.Role.SUBSCRIBER}),
]
"""Those an invitation may give; what is given most often comes first."""
LONGEST_TEXT = 200_000
LEAST_DAYS, MOST_DAYS = 1, 3650
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class Draft(DeskForm):
    """A draft of a text; `seen` is the mark of the draft that it was written over."""

    title = forms.CharField(
        label=_("Title"), max_length=300, widget=forms.TextInput(attrs={"wide": True})
    )
    body = forms.CharField(
        label=_("Text, in Markdown"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 26, "class": "form-control mono", "wide": True}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class Card(DeskForm):
    """The organisation card; the logo is judged by its bytes, whatever its name says."""

    name = forms.CharField(
        label=_("Name of the organisation"),
        max_length=300,
        widget=forms.TextInput(attrs={"wide": True}),
    )
    operator_of_personal_data = forms.CharField(
        label=_("Operator of personal data"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"wide": True}),
        help_text=_("Full name and taxpayer number, as in the notice to the supervisory body."),
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"wide": True}),
    )
    phones = forms.CharField(label=_("Telephones"), max_length=200, required=False)
    hours = forms.CharField(label=_("Working hours"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    site = forms.URLField(
        label=_("Site"),
        required=False,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(rules.LOGO_TYPES)}),
        help_text=_("PNG, JPEG or WebP, up to 512 KB. A new file takes the place of the old one."),
    )
    drop_logo = forms.BooleanField(label=_("Take the logo away"), required=False)

    def __init__(self, *args: Any, card: OrganisationCard | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if card is None or not card.logo_type:
            del self.fields["drop_logo"]

    def clean_logo(self) -> bytes | None:
        """The bytes of the picture. The size is asked before they are read."""
        found = self.cleaned_data.get("logo")
        if not found:
            return None
        if found.size > rules.MOST_OF_LOGO:
            raise forms.ValidationError(_("The picture is larger than 512 KB."))
        data: bytes = found.read()
        if rules.logo_type(data) is None:
            raise forms.ValidationError(_("This is no PNG, JPEG or WebP picture."))
        return data


def of_card(card: OrganisationCard | None) -> dict[str, object]:
    """What a card says, as the beginning of its form."""
    names = [name for name in Card.base_fields if name not in ("logo", "drop_logo")]
    return {name: getattr(card, name) for name in names} if card else {}


class Invite(DeskForm):
    """Somebody who is to get an account and a mail."""

    full_name = forms.CharField(label=_("Full name"), max_length=300)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[(role, role.label) for role in INVITED])


class Role(DeskForm):
    role = forms.ChoiceField(label=_("Role"), choices=User.Role.choices)


class Profile(DeskForm):
    full_name = forms.CharField(label=_("Full name"), max_length=300)
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)


class Reason(DeskForm):
    """Why something is done; the trail keeps it."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "wide": True})
    )


class Node(DeskForm):
    """A part of the network that was found."""

    node = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class House(Node):
    """A house for a manager, from a day on."""

    valid_from = forms.DateField(label=_("From"), widget=DAY, validators=[validate_day])


class PersonalRight(DeskForm):
    """A right by name, until a day or for good."""

    right = forms.ChoiceField(
        label=_("Right"), choices=lambda: [(one, right_words(one)) for one in sorted(PERSONAL)]
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=DAY,
        validators=[validate_day],
        help_text=_("Empty: until it is taken away."),
    )

    def clean_until(self) -> datetime | None:
        """The moment at which the last day is over."""
        day = self.cleaned_data["until"]
        if day is None:
            return None
        moment = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
        if moment <= timezone.now():
            raise forms.ValidationError(_("This day is over already."))
        return moment


class Retention(DeskForm):
    """How long a kind is kept, within sane bounds."""

    days = forms.IntegerField(
        label=_("Days"),
        min_value=LEAST_DAYS,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("From 1 day to 10 years."),
    )
    forever = forms.BooleanField(label=_("Keep for ever"), required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("forever") and told.get("days") is None and "days" not in self.errors:
            self.add_error("days", _("Say a number of days, or tick “Keep for ever”."))
        return told

    @property
    def term(self) -> int | None:
        """The days of a valid form; None keeps for ever."""
        return None if self.cleaned_data["forever"] else self.cleaned_data["days"]


def is_staff(user: User) -> bool:
    """Whether rights by name can be given to a person."""
    return user.role in STAFF
