"""The packages that Faza runs on, with their versions and licences.

Names of Python's are in packages.txt, versions and licences are asked of what is installed. What
the front end is built from is in frontend.json: of it only the result is installed. Tests hold both
to requirements/base.txt and to the front end's lock file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
LONGEST = 60
"""A longer licence is its whole text, not its name."""
_CLASSIFIER = "License :: "


@dataclass(frozen=True, slots=True)
class Package:
    """A package; `version` is empty where it is not installed (one for another system)."""

    name: str
    version: str
    licence: str


@cache
def of_python() -> tuple[Package, ...]:
    """Those that run on the server and are installed here, by name."""
    names = (HERE / "packages.txt").read_text(encoding="utf-8").split()
    found = (_package(name) for name in names)
    return tuple(one for one in found if one is not None)


@cache
def of_the_front_end() -> tuple[Package, ...]:
    """Those that pages are built from."""
    told = json.loads((HERE / "frontend.json").read_text(encoding="utf-8"))
    return tuple(Package(one["name"], one["version"], one["licence"]) for one in told)


def _package(name: str) -> Package | None:
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    return Package(told["Name"], told["Version"], licence_of(told))


def licence_of(told: metadata.PackageMetadata) -> str:
    """The licence by its expression, else its name, else by the classifiers."""
    if "License-Expression" in told:
        return told["License-Expression"]
    named = told["License"].strip() if "License" in told else ""
    if named and len(named) <= LONGEST and "\n" not in named:
        return named
    kinds = [one for one in told.get_all("Classifier") or [] if one.startswith(_CLASSIFIER)]
    names = [one.rsplit(" :: ", 1)[-1] for one in kinds]
    return ", ".join(dict.fromkeys(name for name in names if name != "OSI Approved"))
