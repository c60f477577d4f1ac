"""Figures as Prometheus reads them (text format 0.0.4): names, kinds, labels, numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
Kind = Literal["gauge", "counter", "histogram"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A number with its labels; `suffix` stands behind the figure's name."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: what it is in a line, and its samples. Without any it is not written."""

    name: str
    kind: Kind
    about: str
    samples: Sequence[Sample]


def written(figures: Iterable[Figure]) -> str:
    """All figures, in their order."""
    lines: list[str] = []
    for figure in figures:
        if not figure.samples:
            continue
        lines.append(f"# HELP {figure.name} {figure.about}")
        lines.append(f"# TYPE {figure.name} {figure.kind}")
        lines += [
            f"{figure.name}{one.suffix}{_labels(one.labels)} {_number(one.value)}"
            for one in figure.samples
        ]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_quoted(told)}"' for name, told in labels.items()) + "}"


def _quoted(told: str) -> str:
    return told.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(float(value))
