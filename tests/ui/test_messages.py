"""The tool that gathers messages. That every message is translated is in test_architecture."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "messages.py"


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The tool over an empty package."""
    spec = importlib.util.spec_from_file_location("messages_tool", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PACKAGE", tmp_path)
    (tmp_path / "templates").mkdir()
    return module


def write(tool, name: str, text: str) -> None:
    (tool.PACKAGE / name).write_text(text, encoding="utf-8")


def translate(tool, **words: str) -> None:
    catalog = tool.stored("ru")
    for message in catalog:
        message.string = words.get(message.id, message.string)
    tool.write("ru", catalog)


def test_finds_contexts_plurals_and_placeholders_in_code_and_templates(tool):
    write(
        tool, "words.py", 'pgettext("bottom bar", "More")\nngettext("%(n)s day", "%(n)s days", n)'
    )
    write(
        tool,
        "templates/page.html",
        "  {% load i18n %}\n      {% translate 'Show' %}\n{% blocktranslate trimmed count n=days %}"
        "{{ n }} device{% plural %}{{ n }} devices{% endblocktranslate %}",
    )
    found = {(message.id, message.context) for message in tool.gathered() if message.id}
    assert found == {
        ("More", "bottom bar"),
        (("%(n)s day", "%(n)s days"), None),
        ("Show", None),
        (("%(n)s device", "%(n)s devices"), None),
    }


def test_a_second_time_changes_nothing(tool):
    write(tool, "words.py", '_("Show")\n_("A longer one, " "in two parts")')
    tool.extract()
    once = tool.po_file("ru").read_bytes()
    tool.extract()
    assert tool.po_file("ru").read_bytes() == once


def test_a_translation_outlives_the_message_and_comes_back_with_it(tool):
    write(tool, "words.py", '_("Show")')
    tool.extract()
    translate(tool, Show="Показать")
    write(tool, "words.py", "")
    tool.extract()
    assert "#~ msgstr" in tool.po_file("ru").read_text(encoding="utf-8")
    write(tool, "words.py", '_("Show")')
    tool.extract()
    assert tool.check() == 0


@pytest.mark.parametrize("wrong", ["", "Показать"])
def test_a_missing_translation_or_a_lost_placeholder_is_found(tool, wrong):
    write(tool, "words.py", '_("Show %(count)s")')
    tool.extract()
    translate(tool, **{"Show %(count)s": wrong})
    assert tool.check() == 1


def test_a_message_nobody_gathered_is_found(tool):
    write(tool, "words.py", "")
    tool.extract()
    write(tool, "words.py", '_("New")')
    assert tool.check() == 1
