"""What the page of legal texts shows: editions by kind, and how many people accepted them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from faza.accounts import texts
from faza.accounts.models import Acceptance, LegalText, User
from faza.contracts.permissions import STAFF


@dataclass(frozen=True, slots=True)
class Edition:
    """A text, and how many of those who can sign in stand by it."""

    text: LegalText
    accepted: int


@dataclass(frozen=True, slots=True)
class Papers:
    """The editions of a kind: the one in force, the draft, those before, newest first."""

    kind: LegalText.Kind
    current: Edition | None
    draft: LegalText | None
    earlier: tuple[Edition, ...]


def kinds() -> list[Papers]:
    """Both kinds with all their editions. Two queries."""
    standing = Q(withdrawn_at=None, user__is_active=True)
    asked = Acceptance.objects.filter(standing).exclude(user__role__in=STAFF)
    counted = asked.values("text").annotate(count=Count("user"))
    accepted = dict(counted.values_list("text", "count"))
    rows = list(LegalText.objects.defer("body").order_by("-number"))
    return [_papers(kind, rows, accepted) for kind in LegalText.Kind]


def _papers(kind: LegalText.Kind, rows: list[LegalText], accepted: dict[int, int]) -> Papers:
    mine = [row for row in rows if row.kind == kind]
    out = [Edition(row, accepted.get(row.pk, 0)) for row in mine if row.published_at]
    return Papers(
        kind=kind,
        current=out[0] if out else None,
        draft=next((row for row in mine if row.published_at is None), None),
        earlier=tuple(out[1:]),
    )


def people() -> int:
    """How many can sign in to the cabinet: so many are asked for a new edition.

    The staff are not: their duties are with their employer.
    """
    return User.objects.filter(is_active=True).exclude(role__in=STAFF).count()


def accepted(text: LegalText) -> int:
    """How many of those who are asked stand by an edition."""
    standing = Acceptance.objects.filter(text=text, withdrawn_at=None, user__is_active=True)
    return standing.exclude(user__role__in=STAFF).count()


def draft(kind: LegalText.Kind) -> LegalText | None:
    """The draft of a kind."""
    return LegalText.objects.filter(kind=kind, published_at=None).first()


def beginning(kind: LegalText.Kind, standing: LegalText | None) -> dict[str, object]:
    """What the editor begins with: the draft, else the edition in force, to be changed."""
    from_text = standing or texts.current().get(kind)
    told = {"title": from_text.title, "body": from_text.body} if from_text else {}
    return {**told, "seen": texts.mark(standing)}
