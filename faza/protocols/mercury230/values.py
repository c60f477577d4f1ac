"""What is asked, what is answered, and what is known of a meter."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias, TypeVar

from faza.protocols.mercury230.problems import Refusal, Status
from faza.protocols.metered import Json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. sizes: of the data of a good answer; empty: a status only. told: in words.

    is_once: not to be asked again where no answer came, because it holds for its moment only.
    """

    payload: bytes = field(repr=False)
    sizes: tuple[int, ...]
    told: str
    is_once: bool = False


@dataclass(frozen=True, slots=True)
class Got:
    """The data of a good answer; empty after a command."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A status that is not DONE, or a status where data were asked for."""

    status: Status


Answer: TypeAlias = Got | Refused
Step: TypeAlias = Generator[Ask, Answer, T]
"""Asks questions, is sent their answers, returns a value."""

CONSTANTS = {0: 5000, 1: 25000, 2: 1250, 3: 500, 4: 1000, 5: 250}
"""Impulses per kWh by the code in the passport."""
RECORD = 16
"""Bytes from one record of the load profile to the next."""


@dataclass(frozen=True, slots=True)
class Passport:
    """What a meter says it is. variant: the six bytes of its execution (figure 4.33)."""

    number: str
    made_on: date | None
    firmware: str
    variant: bytes

    @property
    def constant(self) -> int:
        """Impulses per kWh; 0 if the code is none."""
        return CONSTANTS.get(self.variant[1] & 15, 0)

    @property
    def records(self) -> int:
        """How many records the memory of the load profile has."""
        return 131_072 // RECORD if self.variant[3] & 0x80 else 65_536 // RECORD

    @property
    def has_profile(self) -> bool:
        return bool(self.variant[1] & 0x20)

    @property
    def is_one_phase(self) -> bool:
        return bool(self.variant[1] & 0x10)

    @property
    def has_days(self) -> bool:
        """Whether it keeps registers of the starts of 123 days and 36 months."""
        return bool(self.variant[5] & 0x40)

    @property
    def has_relay(self) -> bool:
        return bool(self.variant[4] & 0x80)

    @property
    def has_two_seals(self) -> bool:
        """Whether both the case and the terminal cover are watched; they share a journal then."""
        return bool(self.variant[3] & 1 and self.variant[4] & 0x10)

    @property
    def has_case_seal(self) -> bool:
        return bool(self.variant[3] & 1)

    def to_json(self) -> dict[str, Json]:
        return {
            "number": self.number,
            "made_on": self.made_on.isoformat() if self.made_on else None,
            "firmware": self.firmware,
            "variant": self.variant.hex(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Json]) -> Passport | None:
        """None if it is none: what was kept may be of another version."""
        try:
            made = told["made_on"]
            variant = bytes.fromhex(str(told["variant"]))
            day = date.fromisoformat(str(made)) if made else None
            found = cls(str(told["number"]), day, str(told["firmware"]), variant)
        except (KeyError, ValueError):
            return None
        return found if len(variant) == 6 else None


@dataclass(frozen=True, slots=True)
class Habits:
    """What was found out about this meter by trying.

    unit: what the address of the last record counts, 16 (records, as described) or 1 (bytes, as
    older ones do); 0: not known. long: whether it sends more than 16 bytes at once.
    """

    unit: int = 0
    long: bool = True

    def to_json(self) -> dict[str, Json]:
        return {"unit": self.unit, "long": self.long}

    @classmethod
    def from_json(cls, told: Mapping[str, Json]) -> Habits:
        unit = told.get("unit")
        return cls(
            unit if isinstance(unit, int) and unit in (1, 16) else 0, told.get("long") is not False
        )


@dataclass(slots=True)
class Meter:
    """What is known while talking; `passport` and `habits` grow and are worth keeping.

    offset: minutes east of UTC of the meter's clock.
    """

    offset: int = 180
    passport: Passport | None = None
    habits: Habits = Habits()


def asked(ask: Ask) -> Step[bytes]:
    """The data of an answer. Raises Refusal."""
    answer = yield ask
    if isinstance(answer, Refused):
        raise Refusal(answer.status, ask.told)
    return answer.data


def tried(ask: Ask) -> Step[bytes | None]:
    """The data of an answer, None where the meter has no such thing. Raises Refusal."""
    answer = yield ask
    if isinstance(answer, Got):
        return answer.data
    if answer.status in (Status.ILLEGAL, Status.INTERNAL):
        return None
    raise Refusal(answer.status, ask.told)
