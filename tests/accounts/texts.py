"""Published texts, and what a person types to register."""

from datetime import datetime

from django.urls import reverse

from faza.accounts import services
from faza.accounts.models import LegalText
from tests.accounts.factories import NOW

PASSWORD = "a-Rather-long-secret-7"


def publish(kind: LegalText.Kind, body: str = "Мы храним ваше имя.", at: datetime = NOW):
    services.draft_text(kind=kind, title=f"Текст {kind}", body=body, at=at)
    return services.publish_text(kind=kind, at=at)


def publish_both(at: datetime = NOW) -> dict[str, LegalText]:
    return {kind.value: publish(kind, at=at) for kind in LegalText.Kind}


def typed(texts: dict[str, LegalText], **fields: str) -> dict[str, object]:
    """A whole form of registration."""
    return {
        "kind": "person",
        "full_name": "Ковалёва Марина Сергеевна",
        "agreement_number": "42-0042317",
        "phone": "8 912 345-67-89",
        "email": "new@example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
        **{kind: text.pk for kind, text in texts.items()},
        **fields,
    }


def register(client, texts, **fields):
    return client.post(reverse("account_signup"), typed(texts, **fields))
