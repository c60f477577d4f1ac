"""A fleet as the sheet of a grid, so that whoever reads the meters may know them first."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from faza.simulator.fleet import Fleet
from faza.simulator.meter import MAKER
from faza.simulator.spec import MeterSpec

NODE = "Simulated meters"
MOSCOW = 180
"""Minutes east of UTC."""
COLUMNS = (
    "Node path", "Point code", "Usage point", "Time zone", "Phases", "Manufacturer",
    "Meter model", "Meter number", "CT ratio", "VT ratio", "Installed from",
)  # fmt: skip


def sheet(fleet: Fleet) -> str:
    """A CSV table, a row a meter, as the import of a grid takes it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(meter.spec) for meter in fleet.meters)
    return out.getvalue()


def _row(spec: MeterSpec) -> list[str]:
    ahead = (spec.offset - MOSCOW) // 60
    local = spec.installed_at + timedelta(minutes=spec.offset)
    return [
        NODE,
        f"SIM-{spec.number}",
        f"Meter {spec.number}",
        f"МСК{ahead:+d}" if ahead else "Europe/Moscow",
        str(spec.phases),
        MAKER,
        spec.model,
        spec.number,
        "" if spec.ct == 1 else f"{spec.ct.numerator}/{spec.ct.denominator}",
        "" if spec.vt == 1 else f"{spec.vt.numerator}/{spec.vt.denominator}",
        f"{local:%d.%m.%Y}",
    ]
