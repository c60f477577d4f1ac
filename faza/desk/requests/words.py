"""Words of applications and subscribers: states, second factors, reasons for a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.accounts.models import User

Words = str | Promise


@dataclass(frozen=True, slots=True)
class State:
    """The state of an account: its code, its words and the colour that repeats them."""

    code: str
    words: Words
    css: str


OPEN = State("open", _("access is open"), "good")
UNPROVEN = State("unproven", _("the address is not confirmed"), "warn")
BLOCKED = State("blocked", _("access is closed"), "bad")
CLOSED = State("closed", _("closed by the person"), "")
ERASED = State("erased", _("personal data are erased"), "")

STATES = [(state.code, state.words) for state in (OPEN, UNPROVEN, BLOCKED, CLOSED, ERASED)]
STATE_CONDITIONS: dict[str, Q] = {
    OPEN.code: Q(is_active=True, confirmed=True),
    UNPROVEN.code: Q(is_active=True, confirmed=False),
    BLOCKED.code: Q(is_active=False, closed_at=None, erased_at=None),
    CLOSED.code: Q(is_active=False, erased_at=None) & ~Q(closed_at=None),
    ERASED.code: ~Q(erased_at=None),
}
"""The same as `state_of`, as conditions on users with `confirmed`."""


def state_of(user: User, *, confirmed: bool) -> State:
    """The state of an account; `confirmed`: whether the address was proven."""
    if user.erased_at:
        return ERASED
    if not user.is_active:
        return CLOSED if user.closed_at else BLOCKED
    return OPEN if confirmed else UNPROVEN


FACTORS: dict[str, Words] = {
    "totp": _("codes from an app"),
    "webauthn": _("device key"),
    "recovery_codes": _("recovery codes"),
}


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor of a person: what it is, since when, when it was used last."""

    kind: str
    since: datetime
    used: datetime | None

    @property
    def words(self) -> str:
        return str(FACTORS.get(self.kind, self.kind))


METHODS: dict[str, Words] = {
    "password": pgettext_lazy("sign-in", "password"),
    "totp": pgettext_lazy("sign-in", "code from an app"),
    "webauthn": pgettext_lazy("sign-in", "device key"),
    "recovery_codes": pgettext_lazy("sign-in", "recovery code"),
}


def method(text: str) -> str:
    """How somebody signed in: «password+totp» in words."""
    return ", ".join(str(METHODS.get(part, part)) for part in text.split("+") if part)


REFUSALS: dict[str, Words] = {
    "no_agreement": _(
        "We found no agreement by the number, the name and the address that you wrote. Check the"
        " number in the agreement or on a bill and apply once more."
    ),
    "another_person": _(
        "The agreement is in the name of another person. Access is opened to the customer of the"
        " agreement, or to somebody with the customer's power of attorney."
    ),
    "closed": _("The agreement has ended. Write to us if you need the data of your past time."),
    "no_authority": _(
        "We need a paper that you may act for the organisation: a power of attorney or an order."
    ),
    "double": _("You have access already: sign in under the address that you registered before."),
}
"""Reasons that an operator picks from; words of one's own may follow."""

QUESTIONS: dict[str, Words] = {
    "number": _(
        "Please check the number of the agreement: there is none like it. It stands at the top of"
        " the agreement and of each bill."
    ),
    "name": _(
        "Please write the name as it stands in the agreement, or tell us what you are to the"
        " customer of the agreement."
    ),
    "address": _("Please add the address of the place: street, house, flat."),
    "authority": _("Please tell us by which paper you act for the organisation."),
}
"""What an applicant is asked to correct."""


def composed(template: str, text: str, templates: dict[str, Words], language: str) -> str:
    """A picked text in a language and the words of one's own; either may be missing."""
    with translation.override(language):
        chosen = str(templates[template]) if template in templates else ""
    return "\n\n".join(part for part in (chosen, text.strip()) if part)


def pattern(text: str) -> str:
    """A text as a regular expression that finds it, whatever is between its words."""
    return r"\s+".join(re.escape(word) for word in text.split())


def short_name(full_name: str) -> str:
    """«Климова О. В.» of «Климова Оксана Витальевна»; anything but three words as it is."""
    said = full_name.split()
    if len(said) != 3:
        return full_name
    return f"{said[0]} {said[1][0]}. {said[2][0]}."
