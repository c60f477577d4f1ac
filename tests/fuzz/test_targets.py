"""Every seed, and every input that broke a parser once, at each target: a pass of milliseconds."""

from __future__ import annotations

import time

import pytest

from tests.fuzz.targets import FOUND, TARGETS

SECONDS = 5.0
"""Of CPU for one input."""


def inputs(name: str) -> list[bytes]:
    folder = FOUND / name
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [*TARGETS[name].seeds(), *(path.read_bytes() for path in found)]


@pytest.mark.parametrize("name", TARGETS)
def test_known_inputs_do_no_harm(name: str) -> None:
    assert inputs(name)
    for data in inputs(name):
        for cut in (data, data[: len(data) // 2], b""):
            started = time.process_time()
            TARGETS[name].run(cut)
            assert time.process_time() - started < SECONDS


def test_every_found_input_has_a_target() -> None:
    if FOUND.is_dir():
        assert {path.name for path in FOUND.iterdir()} <= set(TARGETS)
