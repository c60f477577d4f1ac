"""Make `data/shapes.npz` from the demo's profiles; run once, by whoever maintains the simulator.

`python -m faza.simulator.extract faza/demo/data/profiles.npz`: one year of each, gaps filled with
the same weekday some weeks before, all by season weeks of the north. See data/SOURCES.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from faza.simulator.shapes import FILE

U16 = npt.NDArray[np.uint16]
NONE = 65535
SOUTH = 26
"""Weeks by which the seasons of the southern hemisphere are away."""


def _filled(profile: U16) -> U16:
    """(…, 52, 7, 48) without gaps: what was some weeks before, else after, else the mean."""
    full = profile.copy()
    for shift in (1, -1, 2, -2, 3, -3):
        full = np.where(full == NONE, np.roll(profile, shift, axis=-3), full)
    return np.where(full == NONE, np.uint16(profile[profile != NONE].mean()), full)


def main(source: Path) -> None:
    with np.load(source) as file:
        taken = {
            "homes": np.roll(_filled(file["sgsc"][:, 0]), SOUTH, axis=1),
            "house": _filled(file["uci"][0, 0]),
            "volts": _filled(file["uci"][2, 0]),
            "sunny": np.roll(_filled(file["load"]), SOUTH, axis=0),
            "sun": np.roll(_filled(file["pv"]), SOUTH, axis=0),
            "shop": file["g0"],
            "works": file["g1"],
        }
    np.savez_compressed(FILE, **taken)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
