"""What is said of an application of others when it is registered, or said otherwise later."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.contracts.models import OAuthClient
from faza.contracts.rules.tokens import FOREIGN, Scope
from faza.contracts.services.oauth.clients import About
from faza.desk.forms import DeskForm

WORDS = {
    Scope.POINTS: _("points, agreements, meters"),
    Scope.READINGS: _("profile, consumption, registers"),
    Scope.EVENTS: pgettext_lazy("scope", "events"),
    Scope.CHARGES: _("reference cost"),
    Scope.NOTICES: pgettext_lazy("scope", "notices"),
}
ADDRESSES = 6_000


class Client(DeskForm):
    """An application: who it is, where it leads people back, what it may ask for."""

    name = forms.CharField(label=_("What people know it by"), max_length=100)
    owner = forms.CharField(label=_("Who answers for it"), max_length=300)
    site = forms.URLField(label=_("Site"), max_length=200, assume_scheme="https")
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    redirect_uris = forms.CharField(
        label=_("Addresses to which people are led back, one a line"),
        max_length=ADDRESSES,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control mono", "wide": True}),
        help_text=_("https; http of 127.0.0.1 only. They are compared letter by letter."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may ask for"),
        choices=[(scope.value, WORDS[scope]) for scope in Scope if scope in FOREIGN],
        widget=forms.CheckboxSelectMultiple(attrs={"wide": True}),
    )

    @property
    def about(self) -> About:
        """Of a valid form."""
        told = self.cleaned_data
        return About(
            name=told["name"],
            owner=told["owner"],
            site=told["site"],
            email=told["email"],
            redirect_uris=told["redirect_uris"].split(),
            scopes=[Scope(one) for one in told["scopes"]],
        )


class NewClient(Client):
    """Whether it keeps a secret is said once."""

    is_confidential = forms.BooleanField(
        label=_("It runs on a server of its own and keeps a secret"),
        required=False,
        help_text=_("Programs on people's machines and in browsers keep none."),
    )


def of_client(client: OAuthClient) -> dict[str, Any]:
    """What is said of an application, as the beginning of its form."""
    names = ("name", "owner", "site", "email", "scopes")
    told = {name: getattr(client, name) for name in names}
    return told | {"redirect_uris": "\n".join(client.redirect_uris)}
