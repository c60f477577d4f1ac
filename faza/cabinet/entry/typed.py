"""What somebody typed as a meter's reading, digit by digit as on its face."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.core.reading_types import BY_CODE
from faza.core.units import from_unit
from faza.manual_entry.dials import Dial

SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009"), None)
LONGEST = 32
"""So much of a text is looked at, and given back to be mended."""


@dataclass(frozen=True, slots=True)
class Typed:
    """shown: quanta by register; texts: as typed; errors: in words, by register."""

    shown: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return bool(self.shown) and not self.errors

    @property
    def plain(self) -> str:
        """The values in one text: what somebody has confirmed is these and no others."""
        return ";".join(f"{number}={value}" for number, value in sorted(self.shown.items()))

    def sending(self, token: str) -> str:
        """The name of the sending of these values by a form: twice the same is one sending."""
        return digest(f"{token}:{self.plain}")


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def name_of(register: int) -> str:
    """The name of a register's field in the form."""
    return f"r{register}"


def digits_of(dial: Dial) -> int:
    """Digits before the comma on the meter's face."""
    return len(str(dial.capacity // dial.quantum)) - 1


def read(dials: tuple[Dial, ...], data: Mapping[str, str]) -> Typed:
    """The fields of a form; an empty one is an error, for a half of a meter says little."""
    found = Typed()
    for dial in dials:
        text = str(data.get(name_of(dial.register), ""))[:LONGEST].strip()
        found.texts[dial.register] = text
        value = value_of(dial, text)
        if value is None:
            found.errors[dial.register] = _wrong(dial, text)
        else:
            found.shown[dial.register] = value
    return found


def value_of(dial: Dial, text: str) -> int | None:
    """Quanta of a text, None where the meter cannot show it so."""
    plain = text.translate(SPACES).replace(",", ".")
    if not re.fullmatch(r"[0-9]+(\.[0-9]*)?", plain):
        return None
    before, _point, after = plain.partition(".")
    if len(before.lstrip("0")) > digits_of(dial) or len(after) > dial.decimals:
        return None
    kind = BY_CODE[dial.reading_type]
    value, _rounded = from_unit(Decimal(f"{before}.{after or 0}"), kind)
    return value


def _wrong(dial: Dial, text: str) -> str:
    if not text:
        return _("Type what the meter shows.")
    whole = digits_of(dial)
    if not dial.decimals:
        return ngettext(
            "At most %(count)s digit, nothing else.", "At most %(count)s digits, nothing else.",
            whole,
        ) % {"count": whole}  # fmt: skip
    return _(
        "Digits only: at most %(whole)s before the comma and %(after)s after it."
    ) % {"whole": whole, "after": dial.decimals}  # fmt: skip
