"""What is told and sent of readings that people type, for the OpenAPI document."""

from __future__ import annotations

from decimal import Decimal

from ninja import Field, Schema
from pydantic import ConfigDict

from faza.api.v1.asking import Moment
from faza.api.v1.schemas import POINT, example

WHOLE = "As the meter shows it, in `unit`, before any ratio."


class Usual(Schema):
    """What is usually counted since the last reading: the range of the own history, half wider."""

    low: float
    high: float


class Dial(Schema):
    """A register to be read. digits, decimals: before and after the comma on the meter's face."""

    channel: str
    tariff: int = Field(description="0: the sum of all zones, or the only register.")
    unit: str
    digits: int
    decimals: int
    last: float | None = Field(description="The last reading known. " + WHOLE)
    last_at: str | None
    usual: Usual | None = Field(description="Counted since then, as of now; null: not known.")


class Wanted(Schema):
    """A usage point and what may be typed there now."""

    usage_point: str
    name: str
    address: str
    zone: str
    meter: str | None = Field(description="Number of the meter that stands; null: none does.")
    is_open: bool = Field(description="Whether readings are taken now.")
    why: str = Field(description="window, opened, silent, between, not_allowed, closed")
    opens_at: str | None
    closes_at: str | None
    is_wanted: bool = Field(description="A reading is waited for in the window that is open.")
    is_read_from_afar: bool = Field(description="It may be typed, and need not be.")
    wants_photo: bool
    waiting: int | None = Field(description="`id` of what was sent and is not decided yet.")
    registers: list[Dial]


WANTED_EXAMPLE = {
    "usage_point": POINT, "name": "Дом", "address": "Заречный, ул. Полевая, 10",
    "zone": "Europe/Moscow", "meter": "40123456", "is_open": True, "why": "window",
    "opens_at": None, "closes_at": "2026-10-26T00:00:00+03:00", "is_wanted": True,
    "is_read_from_afar": False, "wants_photo": False, "waiting": None,
    "registers": [
        {
            "channel": "A+", "tariff": 1, "unit": "kWh", "digits": 6, "decimals": 2,
            "last": 12034.51, "last_at": "2026-09-22T19:05:00+03:00",
            "usual": {"low": 180.0, "high": 520.0},
        }
    ],
}  # fmt: skip


class Entries(Schema):
    model_config = example({"items": [WANTED_EXAMPLE], "next": None})
    items: list[Wanted]
    next: str | None


class Shown(Schema):
    """What one register shows."""

    channel: str = Field(max_length=8, examples=["A+"])
    tariff: int = Field(0, ge=0, le=8)
    value: Decimal = Field(max_digits=15, decimal_places=6, ge=0, description=WHOLE)


class Sending(Schema):
    """A meter's registers, all that are due."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "registers": [
                        {"channel": "A+", "tariff": 1, "value": 12398.07},
                        {"channel": "A+", "tariff": 2, "value": 4810.4},
                    ],
                    "read_at": "2026-10-22T08:15:00+03:00", "photo": None, "confirm": None,
                }
            ]
        },
    )  # fmt: skip
    registers: list[Shown] = Field(min_length=1, max_length=40)
    read_at: Moment | None = Field(
        None, description="When it was read, up to three days ago; without it now."
    )
    photo: str | None = Field(
        None, max_length=40, pattern=r"^[0-9a-z.-]*$", description="`photo` of entry/photos."
    )
    confirm: str | None = Field(
        None, max_length=40, description="`confirm` of the problem `doubtful`: it is right so."
    )


class Sent(Schema):
    """One register of what was sent: as typed, and what counts."""

    channel: str
    tariff: int
    unit: str
    value: float = Field(description="As approved where the desk corrected it. " + WHOLE)
    typed: float
    doubts: list[str] = Field(description="rolled, less, same, little, much, impossible")


class Word(Schema):
    """What the desk asked about a reading, or what was answered."""

    kind: str = Field(description="question, answer")
    text: str
    at: str


class Answering(Schema):
    """An answer to what the desk asks."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "Показание верное: в доме жили гости."}]},
    )
    text: str = Field(min_length=1, max_length=1000)


class Entry(Schema):
    """What was sent of a meter, and what became of it."""

    id: int
    usage_point: str
    meter: str
    read_at: str
    sent_at: str
    way: str = Field(description="cabinet, file, round, phone, program")
    state: str = Field(description="sent, asked, approved, refused, withdrawn, replaced")
    decided_at: str | None
    reason: str = Field(description="Why it was refused or withdrawn; empty otherwise.")
    has_photo: bool
    words: list[Word] = Field(
        description="What was asked and answered, the oldest first. Asked and not answered yet:"
        " `state` is asked."
    )
    registers: list[Sent]


ENTRY_EXAMPLE = {
    "id": 512, "usage_point": POINT, "meter": "40123456",
    "read_at": "2026-10-22T08:15:00+03:00", "sent_at": "2026-10-22T09:40:12+03:00",
    "way": "phone", "state": "sent", "decided_at": None, "reason": "", "has_photo": False,
    "words": [],
    "registers": [
        {
            "channel": "A+", "tariff": 1, "unit": "kWh", "value": 12398.07, "typed": 12398.07,
            "doubts": [],
        }
    ],
}  # fmt: skip


class OneEntry(Entry):
    model_config = example(ENTRY_EXAMPLE)


class SentEntries(Schema):
    model_config = example({"items": [ENTRY_EXAMPLE], "next": None})
    items: list[Entry]
    next: str | None


class Photo(Schema):
    """A photo that waits for its reading; it goes if none is sent."""

    model_config = example(
        {"photo": "7d8f3c1e5a9b4e62.jpg", "width": 1500, "height": 2000, "size": 412803,
         "kept_until": "2026-10-23T09:38:55+03:00"}
    )  # fmt: skip
    photo: str
    width: int
    height: int
    size: int
    kept_until: str
