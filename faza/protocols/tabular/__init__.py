"""Tables: CSV, TXT and XLSX with interval profiles or register readings.

    document = tabular.read_profiles(data, file="profile.csv", options=Options(zone="Asia/Omsk"))
    for stack in document.values.stacks():        # one BlockBatch.from_series call each
        ...
    document = tabular.read_registers(data, file="registers.xlsx")

What was found out about a file (encoding, separator, layout, stamps, unit) is in its notes.
"""

from __future__ import annotations

from faza.protocols.tabular.reader import read_profiles
from faza.protocols.tabular.registers import read_registers
from faza.protocols.tabular.values import (
    REGISTERS,
    TARIFFS,
    Layout,
    Options,
    Profiles,
    ReadingKind,
    Registers,
    Series,
    Stack,
)
from faza.protocols.tabular.workbook import write_registers_xlsx, write_xlsx
from faza.protocols.tabular.writer import write_csv, write_registers_csv

__all__ = [
    "REGISTERS",
    "TARIFFS",
    "Layout",
    "Options",
    "Profiles",
    "ReadingKind",
    "Registers",
    "Series",
    "Stack",
    "read_profiles",
    "read_registers",
    "write_csv",
    "write_registers_csv",
    "write_registers_xlsx",
    "write_xlsx",
]
