"""Topics of the help: which there are, and what their texts say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from faza.accounts import texts

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("ru", "en")
BEGIN, METERING = _("To begin with"), _("Metering")
PAPERS, CONTACT, ABOUT_YOU = _("Papers"), pgettext_lazy("menu", "Contact"), _("About you")
_LINK = re.compile(r'href="cabinet:([a-z_]+)"')


@dataclass(frozen=True, slots=True)
class Topic:
    """A text of the help. `slug` is its file's name, and the url name of its section."""

    slug: str
    icon: str
    group: str | Promise


TOPICS = (
    Topic("start", icon="rocket", group=BEGIN),
    Topic("home", icon="layout-dashboard", group=BEGIN),
    Topic("quality", icon="progress-help", group=BEGIN),
    Topic("explorer", icon="chart-histogram", group=METERING),
    Topic("registers", icon="gauge", group=METERING),
    Topic("entry", icon="edit", group=METERING),
    Topic("resources", icon="bolt", group=METERING),
    Topic("history", icon="history", group=METERING),
    Topic("events", icon="list-details", group=METERING),
    Topic("network", icon="topology-star", group=METERING),
    Topic("meters", icon="device-desktop-analytics", group=METERING),
    Topic("complexes", icon="stack-2", group=METERING),
    Topic("passport", icon="id", group=METERING),
    Topic("supply", icon="plug", group=METERING),
    Topic("reports", icon="clipboard-data", group=PAPERS),
    Topic("costs", icon="receipt", group=PAPERS),
    Topic("agreements", icon="file-text", group=PAPERS),
    Topic("notices", icon="bell", group=CONTACT),
    Topic("news", icon="news", group=CONTACT),
    Topic("cases", icon="message-question", group=CONTACT),
    Topic("request", icon="clipboard-list", group=ABOUT_YOU),
    Topic("profile", icon="user", group=ABOUT_YOU),
    Topic("security", icon="key", group=ABOUT_YOU),
)
BY_SLUG = {topic.slug: topic for topic in TOPICS}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text under its own heading, Markdown; `anchor` leads to it."""

    anchor: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Text:
    """What a topic says in one language; `summary` is plain."""

    topic: Topic
    title: str
    summary: str
    sections: tuple[Section, ...]


def language() -> str:
    """The language of the texts for the reader: the active one, or Russian."""
    active = (get_language() or "ru")[:2]
    return active if active in LANGUAGES else LANGUAGES[0]


@cache
def text_of(slug: str, language: str) -> Text:
    """A topic's text. Raises KeyError if there is no such topic."""
    topic = BY_SLUG[slug]
    told = (TEXTS / language / f"{slug}.md").read_text(encoding="utf-8")
    head, *parts = re.split(r"^## ", told, flags=re.M)
    title, _sep, summary = head.removeprefix("# ").partition("\n")
    sections = []
    for number, part in enumerate(parts, 1):
        name, _sep, body = part.partition("\n")
        sections.append(Section(f"s{number}", name.strip(), body.strip()))
    return Text(topic, title.strip(), " ".join(summary.split()), tuple(sections))


def all_texts(language: str) -> tuple[Text, ...]:
    """Every topic in the order of the list."""
    return tuple(text_of(topic.slug, language) for topic in TOPICS)


def render(body: str) -> SafeString:
    """A section as HTML, with links to pages of the cabinet; a page that is not here is words."""
    return mark_safe(_LINK.sub(_address, texts.render(body)))  # noqa: S308  # rendered with HTML off


def _address(found: re.Match[str]) -> str:
    name = found[1]
    try:
        return f'href="{escape(reverse(f"cabinet:{name}"))}"'
    except NoReverseMatch:
        return f'href="{escape(reverse("cabinet:help"))}"'
