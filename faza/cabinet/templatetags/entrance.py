"""`{% load entrance %}`: who runs this installation, for pages that no view of ours renders."""

from __future__ import annotations

from django import template

from faza.accounts import card, texts
from faza.accounts.models import OrganisationCard

register = template.Library()


@register.simple_tag
def organisation() -> OrganisationCard | None:
    """The organisation card, None before there is one."""
    return card.current()


@register.simple_tag
def is_registration_open() -> bool:
    """Whether people may register: both texts are published."""
    return texts.is_registration_open()
