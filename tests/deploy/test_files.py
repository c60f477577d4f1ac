"""The files of deploy/: units of systemd, alerts and pictures name only what there is."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from faza.cli.common import parser_of
from faza.cli.environment import SETTINGS
from faza.watch import figures, gauges, pages

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
HARDENED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "RestrictNamespaces": "yes", "CapabilityBoundingSet": "",
}  # fmt: skip
NAMES = {setting.name: setting for setting in SETTINGS}


def documented() -> set[str]:
    """Figures of the page."""
    page = (ROOT / "docs/reference/metrics.md").read_text()
    return set(re.findall(r"(?m)^\| `(faza_\w+)", page))


def made() -> set[str]:
    """Figures of the sources."""
    told = "".join(Path(module.__file__).read_text() for module in (figures, gauges))
    return set(re.findall(r'"(faza_\w+)"', told))


def test_the_page_has_all_figures():
    assert documented() == made()


def used(text: str) -> set[str]:
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bfaza_\w+", text)}


def expressions(told: object) -> list[str]:
    """All that Prometheus is asked in a file."""
    if isinstance(told, dict):
        own = [told["expr"]] if isinstance(told.get("expr"), str) else []
        return own + [one for value in told.values() for one in expressions(value)]
    return [one for value in told for one in expressions(value)] if isinstance(told, list) else []


def test_alerts_name_figures_that_there_are():
    text = (DEPLOY / "prometheus-alerts.yml").read_text()
    asked = re.findall(r"(?m)^ +expr: (.+)$", text)
    assert len(asked) >= 12
    assert used("\n".join(asked)) <= made()
    assert len(re.findall(r"(?m)^ +summary: ", text)) == len(asked)


def test_the_dashboard_names_figures_that_there_are():
    board = json.loads((DEPLOY / "grafana-faza.json").read_text())
    asked = expressions(board)
    assert len(asked) >= 12
    assert used("\n".join(asked)) <= made()
    # All panels have a place of their own.
    places = [tuple(panel["gridPos"].values()) for panel in board["panels"]]
    assert len(set(places)) == len(places)


def test_labels_that_are_asked_for_are_those_that_are_told():
    states = {
        "page": {*pages.names()}, "status": {*pages.STATUSES}, "kind": {"worker", "collect"},
        "queue": None, "outcome": {"done", "partial", "failed"},
        "state": {"waiting", "running", "complete", "partial", "silent", "fine", "failing"},
    }  # fmt: skip
    text = (DEPLOY / "prometheus-alerts.yml").read_text()
    text += (DEPLOY / "grafana-faza.json").read_text().replace('\\"', '"')
    for name, told in re.findall(r'[{,](\w+)="([^"$]+)"', text):
        if name in states and states[name] is not None:
            assert told in states[name], (name, told)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
class TestUnit:
    @staticmethod
    def read(unit: Path) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for line in unit.read_text().splitlines():
            if "=" in line and not line.startswith("#"):
                name, _, value = line.partition("=")
                found.setdefault(name, []).append(value)
        return found

    def test_it_runs_a_command_that_there_is(self, unit):
        (call,) = self.read(unit)["ExecStart"]
        program, *arguments = call.split()
        assert program == "/opt/faza/bin/faza"
        parser_of().parse_args(arguments)

    def test_it_is_hardened(self, unit):
        found = self.read(unit)
        assert {name: found.get(name) for name in HARDENED} == {
            name: [value] for name, value in HARDENED.items()
        }

    def test_its_secrets_are_credentials_that_are_read(self, unit):
        for told in self.read(unit)["LoadCredential"]:
            assert NAMES[told.partition(":")[0]].may_be_in_file
        for told in self.read(unit)["Environment"]:
            for pair in told.split():
                name = pair.partition("=")[0]
                assert name in NAMES or name == "PYTHONUNBUFFERED"

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
    def test_systemd_takes_it(self, unit, tmp_path):
        text = re.sub(r"(?m)^(ExecStart(?:Pre)?)=\S+", r"\1=/bin/true", unit.read_text())
        copy = tmp_path / unit.name
        copy.write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_the_example_has_settings_that_there_are_and_no_secret():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string("[x]\n" + (DEPLOY / "systemd/faza.env.example").read_text())
    for name, value in parser["x"].items():
        assert not NAMES[name].may_be_in_file
        assert NAMES[name].is_right(value), name
