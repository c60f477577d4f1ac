"""What the meter of a point counts: its registers, their names, and what they show."""

from __future__ import annotations

from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy

from faza.core.reading_types import (
    BY_CODE,
    GAS,
    HEAT,
    OF_COMMODITY,
    WATER,
    Commodity,
    ReadingType,
)
from faza.readings import registers
from faza.ui import formats

WORDS: dict[int, str | Promise] = {
    WATER.code: pgettext_lazy("channel", "Water"),
    GAS.code: pgettext_lazy("channel", "Gas"),
    HEAT.code: pgettext_lazy("channel", "Heat"),
}
"""Of what meters count in one register; energies are called by their channel."""


def kinds(resource: str) -> tuple[ReadingType, ...]:
    """What meters of a resource count; the first is what is consumed."""
    return OF_COMMODITY[Commodity(resource)]


def main(resource: str) -> int:
    """The register that says what was consumed: the sum of A+, or the one that there is."""
    return registers.register(kinds(resource)[0].code)


def is_electric(resource: str) -> bool:
    """Whether it is metered in zones and through transformers."""
    return resource == Commodity.ELECTRICITY


def kind_of(number: int) -> ReadingType:
    """What a register counts."""
    return BY_CODE[registers.meaning(number)[0]]


def words(number: int) -> str:
    """A register as the face of a meter calls it: A+ · T1, A+ · sum, Water."""
    code, tariff = registers.meaning(number)
    if code in WORDS:
        return str(WORDS[code])
    channel = BY_CODE[code].channel.replace("-", formats.MINUS)
    return f"{channel} · T{tariff}" if tariff else f"{channel} · {gettext('sum')}"


def unit(number: int) -> str:
    """The unit that people read a register in, in the active language."""
    return formats.unit_name(kind_of(number).unit)


def whole(number: int) -> int:
    """How many quanta one of its units has: 1000 Wh are a kWh."""
    return int(registers.WHOLE[number])


def read(number: int, value: int | None) -> Decimal | None:
    """What a register shows, in its unit; of integers in its quantum."""
    return None if value is None else Decimal(value) / whole(number)


def places(resource: str) -> int:
    """Decimal places that are shown of a resource's registers."""
    return 2 if is_electric(resource) else 3
