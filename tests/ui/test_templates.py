"""What the Content-Security-Policy would refuse is refused here, at once and by name."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "faza"
MAILS = PACKAGE / "notifications/templates"
"""No policy holds in mail programs, and most of them know inline styles alone."""
TEMPLATES = sorted(
    path for path in PACKAGE.glob("*/templates/**/*.html") if MAILS not in path.parents
)
REFUSED = {
    "a style attribute": re.compile(r"<[^>]*\sstyle=", re.IGNORECASE),
    "a style element": re.compile(r"<style", re.IGNORECASE),
    "a script in the page": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a handler in an attribute": re.compile(r"<[^>]*\son[a-z]+=", re.IGNORECASE),
    "htmx code in an attribute": re.compile(r"\shx-on|js:"),
    "something from outside": re.compile(r"""(?:src|href)=["']?(?:https?:)?//""", re.IGNORECASE),
}
# Words that promise more than a reference cost. Source: design/rules.md, Money.
NOT_OURS = re.compile(r"(?<!не является )\bсч[её]т(?:а|ом|у|е|ов)?\b|квитанци", re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_template_holds_nothing_the_policy_refuses(path):
    text = path.read_text(encoding="utf-8")
    assert [name for name, sign in REFUSED.items() if sign.search(text)] == []


def test_the_russian_interface_does_not_call_a_reference_cost_a_bill():
    lines = (PACKAGE / "locale/ru/LC_MESSAGES/django.po").read_text(encoding="utf-8").splitlines()
    messages = "\n".join(line for line in lines if not line.startswith("#~"))
    assert NOT_OURS.findall(messages) == []
