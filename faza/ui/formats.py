"""How numbers, times and stretches of time are written, by the active language.

Pure functions of their arguments and the language. An unknown value is a dash, never a zero.
frontend/src/charts/numbers.ts and words.ts write the same way in pictures.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

THIN = "\N{NARROW NO-BREAK SPACE}"
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "—"

# From here on energy is read more easily in the thousandfold unit. Source: design, Numbers.
LARGE = Decimal(100_000)

# Written out, so that gettext finds them; the unit's symbol in English is the key.
_LARGER = {"kWh": "MWh", "kvarh": "Mvarh"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written, and its unit as written ("" where there is no value)."""

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number}{NBSP}{self.unit}" if self.unit else self.number


def unit_name(unit: str) -> str:
    """A unit's symbol in the active language; a symbol nobody translated stays as it is."""
    names = {
        "kWh": _("kWh"),
        "MWh": _("MWh"),
        "kvarh": _("kvarh"),
        "Mvarh": _("Mvarh"),
        "m3": _("m³"),
        "Gcal": _("Gcal"),
        "kW": _("kW"),
        "kvar": _("kvar"),
        "kVA": _("kVA"),
        "V": _("V"),
        "A": _("A"),
        "Hz": _("Hz"),
        "min": _("min"),
        "h": _("h"),
        "d": _("d"),
    }
    return names.get(unit, unit)


def number(value: Decimal | float | int | None, decimals: int = 0) -> str:
    """`1 234,5` in Russian, `1,234.5` in English, rounded half up."""
    if value is None:
        return DASH
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}"
    if _russian():
        text = text.replace(",", THIN).replace(".", ",")
    return f"{MINUS}{text}" if rounded < 0 else text


def signed(value: Decimal | float | int | None, decimals: int = 0) -> str:
    """A change: `+8`, `−4`, `0`."""
    text = number(value, decimals)
    changed = value is not None and any(digit in text for digit in "123456789")
    return f"+{text}" if changed and not text.startswith(MINUS) else text


def quantity(value: Decimal | float | int | None, unit: str, decimals: int = 1) -> Quantity:
    """A value in a unit named in English: `1 234,5 кВт·ч`; the dash stands without a unit."""
    if value is None:
        return Quantity(DASH, "")
    return Quantity(number(value, decimals), unit_name(unit))


def energy(value: Decimal | float | int | None, unit: str = "kWh", decimals: int = 1) -> Quantity:
    """Energy given in kWh or kvarh, written in the thousandfold unit past 100,000."""
    if value is not None and unit in _LARGER:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        if abs(exact) > LARGE:
            return quantity(exact / 1000, _LARGER[unit], decimals)
    return quantity(value, unit, decimals)


def percent(value: Decimal | float | int | None, decimals: int = 0) -> str:
    """A share given in percent: `97,8 %`."""
    return DASH if value is None else f"{number(value, decimals)}{NBSP}%"


def signed_percent(value: Decimal | float | int | None, decimals: int = 0) -> str:
    """A change in percent: `+8 %`."""
    return DASH if value is None else f"{signed(value, decimals)}{NBSP}%"


def completeness(value: Decimal | float | int | None) -> str:
    """A share of values present: one decimal place, none at exactly 100.

    Rounded down, because 99.97 % is not complete and must not read so.
    """
    if value is None:
        return DASH
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if exact >= 100:
        return percent(100)
    return percent(Decimal(int(exact * 10)) / 10, 1)


def day(value: date | None) -> str:
    """`21.11.2026`; of a moment, its own date."""
    return DASH if value is None else f"{value:%d.%m.%Y}"


def moment(value: datetime | None, zone: tzinfo | None = None) -> str:
    """`21.11.2026 14:30` on the wall clock of the zone (else the moment's own)."""
    if value is None:
        return DASH
    local = value.astimezone(zone) if zone else value
    return f"{local:%d.%m.%Y}{NBSP}{local:%H:%M}"


def clock(value: datetime | None, zone: tzinfo | None = None) -> str:
    """`14:30` on the wall clock of the zone."""
    if value is None:
        return DASH
    return f"{(value.astimezone(zone) if zone else value):%H:%M}"


def dates(first: date | None, last: date | None) -> str:
    """A period by its first and last day: `01.11.2026 – 30.11.2026`, or one date."""
    if first == last:
        return day(first)
    return f"{day(first)}{NBSP}–{NBSP}{day(last)}"


def duration(value: timedelta | None) -> str:
    """`30 мин`, `10 ч`, `2 сут 3 ч`: two units at most, days from 48 hours on."""
    if value is None:
        return DASH
    minutes = round(value / timedelta(minutes=1))
    if minutes < 60:
        return _parts((minutes, "min"))
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return _parts((hours, "h"), (rest, "min"))
    return _parts((hours // 24, "d"), (hours % 24, "h"))


def _parts(*parts: tuple[int, str]) -> str:
    told = [str(quantity(count, unit, 0)) for count, unit in parts if count or len(parts) == 1]
    return NBSP.join(told)


def _russian() -> bool:
    return not (get_language() or "ru").startswith("en")
