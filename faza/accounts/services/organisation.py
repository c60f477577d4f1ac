from __future__ import annotations

from datetime import datetime

from django.db import transaction

from faza.accounts import card as cards
from faza.accounts import rules
from faza.accounts.models import OrganisationCard, User
from faza.audit import services as audit

_WORDS = ("name", "operator_of_personal_data", "address", "phones", "hours", "email", "site")


class NotALogo(Exception):
    """The bytes are no PNG, JPEG or WebP, or too many."""


@transaction.atomic
def set_card(
    *,
    name: str,
    at: datetime,
    operator_of_personal_data: str = "",
    address: str = "",
    phones: str = "",
    hours: str = "",
    email: str = "",
    site: str = "",
    logo: bytes | None = None,
    drop_logo: bool = False,
    by: User | None = None,
) -> OrganisationCard:
    """Say who runs this installation; a logo stays unless another is given or it is dropped.

    Raises NotALogo, and ValidationError if a field says what cannot be.
    """
    card = OrganisationCard.objects.select_for_update().first() or OrganisationCard(pk=1)
    before = {word: getattr(card, word) for word in (*_WORDS, "logo_type")}
    told = (name, operator_of_personal_data, address, phones, hours, email, site)
    for word, value in zip(_WORDS, told, strict=True):
        setattr(card, word, value.strip())
    if logo is not None:
        kind = rules.logo_type(logo)
        if kind is None:
            raise NotALogo(f"{len(logo)} bytes")
        card.logo, card.logo_type = logo, kind
    elif drop_logo:
        card.logo, card.logo_type = None, ""
    card.changed_at = at
    card.full_clean(validate_unique=False)
    card.save()
    after = {word: getattr(card, word) for word in before}
    differs = {word for word in before if before[word] != after[word]}
    audit.note(
        "accounts.card.set",
        of=card,
        by=by,
        at=at,
        before={word: before[word] for word in before if word in differs},
        after={word: after[word] for word in after if word in differs},
    )
    cards.forget_current()
    transaction.on_commit(cards.forget_current)
    return card
