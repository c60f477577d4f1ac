"""The texts that people accept: which editions are in force, and how they are shown.

Markdown is rendered with raw HTML off: what an administrator types cannot become a script.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from django.core.cache import cache as shared
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from faza.accounts.models import Acceptance, LegalText, User

KEPT = 300.0
_KEY = "accounts.texts.current"
_EDITIONS = "accounts.texts.editions"
_SHOWN = ("id", "kind", "number", "title", "body", "published_at")
LONGEST_EXCERPT = 220


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a person accepted of one kind, and what is in force; either may be missing."""

    kind: LegalText.Kind
    current: LegalText | None
    acceptance: Acceptance | None

    @property
    def is_due(self) -> bool:
        """Whether the edition in force waits for this person's tick."""
        standing = self.acceptance
        return self.current is not None and (
            standing is None or standing.text_id != self.current.pk
        )


def current() -> dict[LegalText.Kind, LegalText]:
    """The edition in force of each kind: the latest published one. Kept in the shared cache."""
    found = shared.get(_KEY)
    if found is None:
        published = LegalText.objects.filter(published_at__isnull=False).order_by("number")
        found = {LegalText.Kind(text.kind): text for text in published.only(*_SHOWN)}
        shared.set(_KEY, found, KEPT)
    return dict(found)


def editions() -> str:
    """The editions in force in few letters, empty while registration is closed.

    Cheap enough for every page: a person who accepted these has nothing to accept.
    """
    found = shared.get(_EDITIONS)
    if found is None:
        here = current()
        is_open = set(here) == set(LegalText.Kind)
        found = ",".join(str(here[kind].pk) for kind in LegalText.Kind) if is_open else ""
        shared.set(_EDITIONS, found, KEPT)
    return str(found)


def forget_current() -> None:
    """Let all processes ask the database again."""
    shared.delete_many([_KEY, _EDITIONS])


def is_registration_open() -> bool:
    """Whether people may register: an edition of every kind is published."""
    return set(current()) == set(LegalText.Kind)


def missing() -> list[LegalText.Kind]:
    """Kinds of which no edition is published; while there is one, registration is closed.

    Asks the database itself: `faza doctor` leaves no trace in the cache.
    """
    published = LegalText.objects.filter(published_at__isnull=False)
    there = set(published.values_list("kind", flat=True))
    return [kind for kind in LegalText.Kind if kind not in there]


def accepted_by(user: User) -> list[Accepted]:
    """For each kind: the edition in force, and the last one that the person stands by."""
    standing = Acceptance.objects.filter(user=user, withdrawn_at=None).select_related("text")
    latest = {LegalText.Kind(row.text.kind): row for row in standing.order_by("text__number")}
    here = current()
    return [Accepted(kind, here.get(kind), latest.get(kind)) for kind in LegalText.Kind]


def due_from(user: User) -> list[LegalText]:
    """The editions in force that a person has not accepted; none until registration is open."""
    if not is_registration_open():
        return []
    return [one.current for one in accepted_by(user) if one.current and one.is_due]


def is_any_due(user: User) -> bool:
    """Whether there is any; for those who ask very often. One short query where texts are out."""
    told = editions()
    if not told:
        return False
    wanted = {int(key) for key in told.split(",")}
    standing = Acceptance.objects.filter(user=user, text__in=wanted, withdrawn_at=None)
    return set(standing.values_list("text_id", flat=True)) != wanted


def mark(text: LegalText | None) -> str:
    """What tells a state of a text from another: who writes over it says which one was seen."""
    told = "" if text is None else f"{text.pk}\n{text.title}\n{text.body}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def render(body: str) -> SafeString:
    """A text as HTML; raw HTML in it is shown as typed, links lead to http(s) and mail only."""
    markdown = _markdown()
    tokens = markdown.parse(body)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"  # the page has its own first heading
    # The renderer escapes everything that it does not make itself.
    return mark_safe(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S308


def excerpt(body: str, longest: int = LONGEST_EXCERPT) -> str:
    """The beginning of a text in plain words, for «показать полностью» beside it."""
    words, is_heading = [], False
    for token in _markdown().parse(body):
        if token.type.startswith("heading_"):
            is_heading = token.type == "heading_open"
        elif token.type == "inline" and not is_heading:
            words += [child.content or " " for child in token.children or []] + [" "]
    text = " ".join("".join(words).split())
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0].rstrip(".,;:") + "…"


@cache
def _markdown() -> MarkdownIt:
    # "commonmark" allows raw HTML: the option turns it off. A picture would come from elsewhere.
    return MarkdownIt("commonmark", {"html": False}).disable("image")
