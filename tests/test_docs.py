"""The documentation says what there is: settings, commands, models, decisions, links."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

from faza.core.quality import Quality

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SETTING = re.compile(r"(FAZA_[A-Z][A-Z_]*[A-Z]|DATABASE_URL)")
HEADINGS = [
    "Status",
    "Context",
    "Options",
    "Decision",
    "Consequences",
    "How we would know it was wrong",
]


def text(name: str) -> str:
    return (ROOT / name).read_text()


def prose(page: Path) -> list[tuple[int, str]]:
    """Numbered lines of a page that are neither code nor table."""
    found, in_code = [], False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code and not line.startswith(("    ", "|")):
            found.append((number, line))
    return found


def test_every_setting_is_documented():
    used = {
        node.value
        for file in (ROOT / "faza").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if SETTING.fullmatch(node.value)
    }
    documented = set(re.findall(r"(?m)^\| `(\w+)`", text("docs/reference/settings.md")))
    assert used == documented


def test_every_command_is_documented():
    from faza.cli.common import parser_of

    actions = parser_of()._subparsers._group_actions
    commands = {name for action in actions for name in action.choices}
    documented = set(re.findall(r"(?m)^## `faza (\w+)`", text("docs/reference/cli.md")))
    assert commands == documented


def test_every_model_is_in_the_glossary():
    ours = {
        model.__name__
        for config in apps.get_app_configs()
        if config.name.startswith("faza.")
        for model in config.get_models()
    }
    named = set(re.findall(r"`(\w+)`", text("docs/glossary.md")))
    assert ours - named == set()


def test_every_quality_is_documented():
    listed = re.findall(r"(?m)^\| (\d+) \| (\w+) \|", text("docs/reference/formats.md"))
    codes = {(str(int(code)), code.name) for code in Quality if code is not Quality.UNTOLD}
    assert set(listed) == codes


def test_every_target_that_is_named_exists():
    targets = set(re.findall(r"(?m)^([a-z-]+):", text("Makefile")))
    named = {
        name
        for page in PAGES
        for line in page.read_text().splitlines()
        for name in re.findall(r"(?:^    |`)make ([a-z-]+)", line)
    }
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
class TestPage:
    def test_links_lead_somewhere(self, page):
        links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", "\n".join(line for _, line in prose(page)))
        local = [link for link in links if not re.match(r"\w+:", link)]
        assert [link for link in local if not (page.parent / link).exists()] == []

    def test_a_line_holds_one_sentence(self, page):
        """So that a change of one sentence is a change of one line."""
        two = re.compile(r"[a-zа-яё»)`]\. [A-ZА-ЯЁ`«]")
        assert [number for number, line in prose(page) if two.search(line)] == []


class TestDecisions:
    ADRS = sorted(ROOT.glob("docs/adr/0*.md"))

    def test_they_are_numbered_without_gaps(self):
        numbers = [int(page.name[:4]) for page in self.ADRS]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_each_has_its_headings(self):
        for page in self.ADRS:
            assert re.findall(r"(?m)^## (.+)$", page.read_text()) == HEADINGS, page.name

    def test_each_is_listed(self):
        index = text("docs/README.md")
        assert [page.name for page in self.ADRS if f"adr/{page.name}" not in index] == []

    def test_the_code_cites_only_what_is_there(self):
        cited = {
            int(number)
            for file in (ROOT / "faza").rglob("*.py")
            for number in re.findall(r"\bADR (\d+)", file.read_text())
        }
        assert cited <= set(range(1, len(self.ADRS) + 1))
