"""Stored XSS: whatever people have typed is shown as they typed it, on every page.

In a world in which every text of every row is a piece of markup, all pages of the table of doors
are read as a browser would read them: there is no element and no handler of the word's making.
"""

from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import models

from tests.doors.table import Door
from tests.doors.walk import DOORS, Walk, drain, text_of
from tests.security.world import MADE, ROOMS, Word, poisoned, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
MARKUP = Word(long="\"'><img src=x onerror=f()>", short='"><s>')
READERS = ("administrator", "operator", "unverified", "owner", "anonymous")
# What a search or a filter shows again beside what it found.
ASKED = "".join(f"{name}={{markup}}&" for name in ("q", "find", "to", "who", "place", "name"))


class Reading(HTMLParser):
    """Elements and handlers that no template of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.strange: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        handlers = [name for name in told if name.startswith("on")]
        address = (told.get("href") or told.get("src") or told.get("action") or "").strip()
        if tag == "s" or handlers or address == "x" or address.startswith("javascript:"):
            self.strange.append(self.get_starttag_text() or tag)


def strange_in(page: str) -> list[str]:
    reading = Reading()
    reading.feed(page)
    return reading.strange


def rows() -> Iterable[tuple[str, Door]]:
    """Each page of the table as each reader who may see it; forms and previews too."""
    for door in DOORS:
        for role in READERS:
            if door.statuses[role] in (200, 422) and "export=" not in door.query:
                yield role, door


def test_no_word_becomes_markup(settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    walk = Walk(poisoned(MARKUP))
    wrong, shown, failed = [], 0, []
    for role, door in rows():
        answer = walk.visit(role, door, walk.world.names)
        if answer.status_code >= 500:
            failed.append(f"{door.name} {door.args} {door.query} for {role}")
        if "html" not in answer.get("Content-Type", ""):
            drain(answer)
            continue
        page = text_of(answer)
        shown += escape(MARKUP.long) in page
        wrong += [f"{door.name} for {role}: {one[:200]}" for one in strange_in(page)]

    assert not wrong, "\n".join(sorted(set(wrong)))
    assert not failed, "\n".join(failed)
    assert shown > 200, "the word has to be on the pages at all"


def test_nor_does_what_is_asked_for(settings):
    """Reflected: searches and filters come back on the page."""
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    walk = Walk(poisoned(Word(long="слово", short="с")))
    known = walk.world.names | {"markup": MARKUP.long}
    wrong = []
    for role in ("administrator", "anonymous"):
        for name, args in {(one.name, one.args) for one in DOORS if one.statuses[role] == 200}:
            door = Door(name, {}, args=args, query=f"?next={{markup}}&{ASKED}")
            answer = walk.visit(role, door, known)
            assert answer.status_code < 500, door
            page = text_of(answer)
            if "html" in answer.get("Content-Type", ""):
                wrong += [f"{name}: {one[:200]}" for one in strange_in(page)]

    assert not wrong, "\n".join(sorted(set(wrong)))


def test_the_reading_sees_markup():
    for page in (MARKUP.long, f'<i title="{MARKUP.short}">', f"<i title=a {escape('on=f()')}>"):
        assert strange_in(page) != [], page
    assert strange_in(f'<i title="{escape(MARKUP.long)}">{escape(MARKUP.long)}</i>') == []


def test_every_exception_is_a_field():
    """A field that is gone, or has choices by now, is taken off the list."""
    known = {
        f"{model._meta.label}.{field.name}"
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
    }
    assert set(MADE) <= known
    assert words_of(apps.get_model("metering.Meter"))
