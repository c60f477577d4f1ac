"""«Помощь» and «О программе»."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from faza.cabinet.about import packages
from faza.cabinet.help import finding, topics
from faza.cabinet.help.topics import LANGUAGES, TOPICS
from faza.core import software
from faza.ui import menu
from tests.accounts.texts import publish_both
from tests.cabinet.factories import make_agreement, make_point, make_user
from tests.cabinet.reading import words

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def reader(db):
    user = make_user("owner@example.org")
    make_agreement("Д-1", [user], [make_point("A", "Аптека")])
    return user


class TestTexts:
    def test_every_section_of_the_menu_has_a_topic(self):
        sections = {section.url_name.partition(":")[2] for section in menu.SECTIONS}

        assert sections | set(menu.ABOUT_YOU.values()) <= set(topics.BY_SLUG)

    def test_no_text_is_left_over(self):
        for language in LANGUAGES:
            found = {path.stem for path in (topics.TEXTS / language).glob("*.md")}
            assert found == set(topics.BY_SLUG)

    @pytest.mark.parametrize("topic", TOPICS, ids=lambda one: one.slug)
    def test_both_languages_say_the_same_in_the_same_order(self, topic):
        russian, english = (topics.text_of(topic.slug, language) for language in LANGUAGES)

        assert russian.title
        assert russian.summary
        assert len(russian.sections) == len(english.sections) > 0
        for one, other in zip(russian.sections, english.sections, strict=True):
            assert _links(one.body) == _links(other.body)
            assert one.body
            assert other.body

    @pytest.mark.parametrize("topic", TOPICS, ids=lambda one: one.slug)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_links_lead_to_sections(self, topic, language):
        text = topics.text_of(topic.slug, language)
        names = {section.url_name for section in menu.SECTIONS} | {"cabinet:profile"}

        linked = [name for section in text.sections for name in _links(section.body)]
        assert {f"cabinet:{name}" for name in linked} <= names

    def test_markup_of_a_text_is_shown_and_not_run(self):
        shown = topics.render("<b>x</b> [дальше](cabinet:meters) [зло](javascript:f())")

        assert "&lt;b&gt;" in shown
        assert f'href="{reverse("cabinet:meters")}"' in shown
        assert 'href="javascript' not in shown

    def test_a_link_to_a_page_that_is_not_here_leads_to_the_help(self):
        assert f'href="{reverse("cabinet:help")}"' in topics.render("[там](cabinet:nowhere)")


def _links(body: str) -> list[str]:
    return re.findall(r"\(cabinet:(\w+)\)", body)


class TestSearch:
    def found(self, asked: str) -> list[str]:
        return [
            f"{one.text.topic.slug}{'#' + one.section.anchor if one.section else ''}"
            for one in finding.find(asked, topics.all_texts("ru"))
        ]

    def test_endings_and_letters_do_not_matter(self):
        assert "passport#s1" in self.found("Поверку")
        assert self.found("счетчиков") == self.found("счётчиков") != []

    def test_a_heading_stands_above_a_mention(self):
        assert self.found("второй фактор")[0] == "security#s1"

    def test_all_words_are_wanted(self):
        assert self.found("поверка заводной апельсин") == []
        assert self.found("и") == []

    def test_an_excerpt_holds_what_was_looked_for(self):
        text = topics.text_of("registers", "ru")
        for one in finding.find("регистров", (text,)):
            told = "".join(part for part, _is_hit in one.excerpt)
            assert any(is_hit for _part, is_hit in one.excerpt) == ("регистр" in told.lower())
            assert "](" not in told


@pytest.mark.django_db
class TestPages:
    def test_the_mark_of_a_page_leads_to_its_topic(self, reader, enter):
        client = enter(reader)

        page = client.get(reverse("cabinet:meters")).content.decode()
        assert f'class="help-mark" href="{reverse("cabinet:help_topic", args=["meters"])}"' in page
        own = client.get(reverse("cabinet:profile")).content.decode()
        assert f'class="help-mark" href="{reverse("cabinet:help_topic", args=["profile"])}"' in own

    def test_every_topic_opens(self, reader, enter):
        client = enter(reader)

        for topic in TOPICS:
            answer = client.get(reverse("cabinet:help_topic", args=[topic.slug]))
            text = topics.text_of(topic.slug, "ru")
            assert (answer.status_code, text.summary in words(answer)) == (200, True)

    def test_the_index_finds_and_says_when_it_does_not(self, reader, enter):
        client = enter(reader)

        assert "Поверка и межповерочный интервал" in words(
            client.get(reverse("cabinet:help"), {"q": "поверка"})
        )
        nothing = client.get(reverse("cabinet:help"), {"q": "<b>zzzz"})
        assert "Ничего не найдено" in words(nothing)
        assert "<b>zzzz" not in nothing.content.decode()

    def test_in_english_it_is_english(self, reader, enter):
        client = enter(reader)
        client.cookies["django_language"] = client.cookies["faza_language"] = "en"

        answer = client.get(
            reverse("cabinet:help_topic", args=["passport"]), headers={"Accept-Language": "en"}
        )
        assert "The passport of a meter" in words(answer)

    def test_somebody_who_waits_reads_it_too(self, enter):
        publish_both()
        waiting = make_user("new@example.org")

        assert enter(waiting).get(reverse("cabinet:help")).status_code == 200

    def test_the_page_about_the_software_computes_the_fingerprint(self, reader, enter):
        page = words(enter(reader).get(reverse("cabinet:about")))

        whole, each = software.fingerprints(software.present())
        assert whole.sha256 in page
        assert all(one.sha256 in page for one in each.values())
        assert "ип средства измерений не утверждён" in page
        assert "BSD-3-Clause" in page


class TestPackages:
    def test_names_are_those_that_are_locked(self):
        told = (ROOT / "requirements/base.txt").read_text(encoding="utf-8")
        locked = set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", told, re.M))

        assert set((packages.HERE / "packages.txt").read_text().split()) == locked

    def test_the_front_ends_are_those_of_its_lock_file(self):
        lock = json.loads((ROOT / "frontend/package-lock.json").read_text(encoding="utf-8"))
        built = {
            name.removeprefix("node_modules/"): (one["version"], one.get("license", ""))
            for name, one in lock["packages"].items()
            if name.startswith("node_modules/")
            and not (one.get("dev") or one.get("optional") or one.get("devOptional"))
        }

        assert {
            one.name: (one.version, one.licence) for one in packages.of_the_front_end()
        } == built

    def test_each_has_a_licence(self):
        found = packages.of_python()

        assert len(found) > 30
        assert [one.name for one in found if not one.licence] == []
