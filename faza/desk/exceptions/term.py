"""In which time somebody is to have looked at what was found."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext as _

from faza.ui import formats


def term() -> timedelta:
    """The setting FAZA_EXCEPTION_HOURS."""
    return timedelta(hours=settings.EXCEPTION_HOURS)


class _Words:
    """Words in the language of who reads them."""

    def __str__(self) -> str:
        return _("term: %(span)s") % {"span": formats.duration(term())}


def term_words() -> Promise:
    """«срок: 2 сут», told when it is shown."""
    found: Promise = lazystr(_Words())
    return found
