"""What can go wrong beyond the connection; the rest is in `faza.protocols.dlms.problems`."""

from __future__ import annotations

from faza.protocols.dlms import GiveUp


class Denied(GiveUp):
    """The meter refused to tell, to write or to do; `result` is its reason by name."""

    def __init__(self, what: str, result: str) -> None:
        super().__init__(f"{what}: the meter refuses ({result}).")
        self.what = what
        self.result = result


class NotTaken(GiveUp):
    """The meter said yes, and when read back it says another thing than what was written."""

    def __init__(self, what: str, wanted: object, found: object) -> None:
        super().__init__(f"{what}: wanted {wanted}, the meter says {found}.")
        self.wanted = wanted
        self.found = found
