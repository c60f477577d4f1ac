from __future__ import annotations

from typing import Any

import phonenumbers
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.accounts.models import LegalText, User

REGION = "RU"
PERSON, ORGANISATION = "person", "organisation"


class PhoneField(forms.CharField):
    """A telephone number as people type it; kept as `+7 900 000-00-00`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        wrong = _("This is no telephone number. Example: +7 912 345-67-89.")
        try:
            number = phonenumbers.parse(text, REGION)
        except phonenumbers.NumberParseException as unclear:
            raise ValidationError(wrong) from unclear
        # Possible, not valid: which ranges are given out changes, and a true one is never refused.
        if not phonenumbers.is_possible_number(number):
            raise ValidationError(wrong)
        shape = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(number, shape)


class Applicant(forms.Form):
    """Who applies, and for which agreement; also what is sent again after a correction."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Whom the account is for"),
        choices=[
            (PERSON, gettext_lazy("For myself")),
            (ORGANISATION, gettext_lazy("For an organisation")),
        ],
        initial=PERSON,
    )
    organisation = forms.CharField(
        label=gettext_lazy("Organisation"), max_length=300, required=False
    )
    full_name = forms.CharField(label=gettext_lazy("Full name"), max_length=300)
    agreement_number = forms.CharField(label=gettext_lazy("Agreement number"), max_length=100)
    phone = PhoneField(label=gettext_lazy("Telephone"))
    address = forms.CharField(
        label=gettext_lazy("Where the meter stands"), max_length=300, required=False
    )

    AUTOCOMPLETE = {
        "full_name": "name",
        "organisation": "organization",
        "phone": "tel",
        "address": "street-address",
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, hint in self.AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = hint
        self.fields["phone"].widget.input_type = "tel"

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("kind") == ORGANISATION and not told.get("organisation"):
            self.add_error("organisation", _("Name the organisation that the agreement is with."))
        if told.get("kind") == PERSON:
            told["organisation"] = ""
        return told

    @property
    def asked(self) -> dict[str, str]:
        """The fields of an application, as its services take them."""
        names = ("kind", "full_name", "organisation", "agreement_number", "phone", "address")
        return {name: self.cleaned_data[name] for name in names}


class Registration(Applicant):
    """A new account. The boxes of the texts carry the edition that was read."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    password1 = forms.CharField(label=gettext_lazy("Password"), max_length=200, strip=False)
    password2 = forms.CharField(label=gettext_lazy("Password again"), max_length=200, strip=False)
    licence = forms.IntegerField(
        error_messages={"required": gettext_lazy("Without the agreement there is no cabinet.")}
    )
    consent = forms.IntegerField(
        error_messages={
            "required": gettext_lazy("Without the consent we cannot find your usage points.")
        }
    )

    AUTOCOMPLETE = Applicant.AUTOCOMPLETE | {
        "email": "email",
        "password1": "new-password",
        "password2": "new-password",
    }

    def __init__(self, *args: Any, texts: dict[LegalText.Kind, LegalText], **options: Any) -> None:
        super().__init__(*args, **options)
        self.texts = texts
        self.fields["password1"].widget = forms.PasswordInput(
            attrs={"autocomplete": "new-password"}
        )
        self.fields["password2"].widget = forms.PasswordInput(
            attrs={"autocomplete": "new-password"}
        )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_licence(self) -> int:
        return self._read(LegalText.Kind.LICENCE)

    def clean_consent(self) -> int:
        return self._read(LegalText.Kind.CONSENT)

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        first, second = told.get("password1"), told.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The passwords differ."))
        if first:
            who = User(email=told.get("email", ""), full_name=told.get("full_name", ""))
            try:
                validate_password(first, who)
            except ValidationError as weak:
                self.add_error("password1", weak)
        return told

    def _read(self, kind: LegalText.Kind) -> int:
        read = int(self.cleaned_data[kind.value])
        if read != self.texts[kind].pk:
            raise ValidationError(
                _("A newer edition has been published meanwhile. Read it, and tick again.")
            )
        return read


class Address(forms.Form):
    """An e-mail address, to send a link to once more."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget.attrs["autocomplete"] = "email"


class Code(forms.Form):
    """The code of an activation mail."""

    code = forms.CharField(label=gettext_lazy("Activation code"), max_length=200)


class Profile(forms.Form):
    """Name and telephone of a person."""

    full_name = forms.CharField(label=gettext_lazy("Full name"), max_length=300)
    phone = PhoneField(label=gettext_lazy("Telephone"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["full_name"].widget.attrs["autocomplete"] = "name"
        self.fields["phone"].widget.attrs["autocomplete"] = "tel"
        self.fields["phone"].widget.input_type = "tel"


class Note(forms.Form):
    """A few lines to the operator."""

    text = forms.CharField(
        label=gettext_lazy("Message"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class Close(forms.Form):
    """That somebody means to close the account: the own address is typed."""

    email = forms.CharField(label=gettext_lazy("Your e-mail"), max_length=254)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_email(self) -> str:
        typed = str(self.cleaned_data["email"]).strip().lower()
        if typed != self.user.email:
            raise ValidationError(_("Type the address that you sign in with."))
        return typed
