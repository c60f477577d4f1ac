"""Types of meters by what people call them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from faza.collection.grid.look_alikes import mended
from faza.collection.grid.plan import Draft

SURE = 85
"""Likeness, of 100, from which on a name is taken for another, with a warning."""
PERHAPS = 60
"""Likeness from which on another name is proposed."""

ModelKey = tuple[str, str]
"""A type to be made: manufacturer and name."""


def folded(name: str) -> str:
    """A type's name for comparing: «СЭЗ-3.1» and «сэз 3.1» are one."""
    return re.sub(r"[\s\-–_.\"'«»]+", "", mended(name).lower().replace("ё", "е"))


@dataclass(slots=True)
class Catalogue:
    """The types that there are: id to manufacturer, name and phases."""

    models: Mapping[int, tuple[str, str, int]]
    may_add: bool = False
    _known: dict[tuple[str, str], tuple[int | ModelKey | None, str, str, str]] = field(
        default_factory=dict
    )
    _by_name: dict[str, list[int]] = field(default_factory=dict)
    _words: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, (maker, name, _) in self.models.items():
            self._by_name.setdefault(folded(name), []).append(key)
            self._by_name.setdefault(folded(f"{maker} {name}"), []).append(key)
            self._words[key] = _spaced(name)

    def phases(self, model: int | ModelKey) -> int | None:
        return self.models[model][2] if isinstance(model, int) else None

    def find(self, draft: Draft, text: str, maker: str | None) -> int | ModelKey | None:
        """The type that a row names; what is doubtful or wrong is said of its cell."""
        key = (text, maker or "")
        if key not in self._known:
            self._known[key] = self._look(text, maker or "")
        model, code, proposal, told = self._known[key]
        if code == "model-no-maker":
            column = "manufacturer" if "manufacturer" in draft.texts else "meter_model"
            draft.say(column, code)
        elif code:
            draft.say("meter_model", code, proposal=proposal, name=told, expected=told)
        return model

    def _look(self, text: str, maker: str) -> tuple[int | ModelKey | None, str, str, str]:
        """(type, code, proposal, word of the sentence)."""
        exact = list(dict.fromkeys(self._by_name.get(folded(text), [])))
        if maker and len(exact) > 1:
            same = [key for key in exact if folded(self.models[key][0]) == folded(maker)]
            exact = same or exact
        if len(exact) == 1 and (not maker or self._is_of(exact[0], maker)):
            return exact[0], "", "", ""
        if len(exact) > 1:
            makers = ", ".join(sorted(self.models[key][0] for key in exact))
            return None, "model-ambiguous", "", makers
        if self.may_add:
            return (
                ((maker, text), "model-new", "", "") if maker else (None, "model-no-maker", "", "")
            )
        if exact:
            # The name fits and the manufacturer is written otherwise.
            return exact[0], "model-guessed", "", " ".join(self.models[exact[0]][:2])
        best = process.extractOne(_spaced(text), self._words, scorer=fuzz.WRatio)
        if best is None or best[1] < PERHAPS:
            return None, "model-unknown", "", ""
        name = self.models[best[2]][1]
        if best[1] >= SURE and _same_digits(text, name):
            return best[2], "model-guessed", name, name
        return None, "model-unknown", name, ""

    def _is_of(self, model: int, maker: str) -> bool:
        return fuzz.token_set_ratio(folded(self.models[model][0]), folded(maker)) >= PERHAPS


def _spaced(name: str) -> str:
    return " ".join(re.findall(r"[a-zа-я]+|\d+", mended(name).lower().replace("ё", "е")))


def _same_digits(text: str, name: str) -> bool:
    """Whether two names have the same numbers: 230 is no 234."""
    return re.findall(r"\d+", text) == re.findall(r"\d+", name)
