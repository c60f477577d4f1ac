"""Cases in a mail: what one is about, in the mail's language."""

from __future__ import annotations

from django import template

from faza.cases.models import Case

register = template.Library()


@register.filter
def case_subject(subject: str) -> str:
    """What the asker picked; a code that nobody knows stands for itself."""
    return str(dict(Case.Subject.choices).get(subject, subject))
