"""What answers look like, for the OpenAPI document: things that are listed."""

from __future__ import annotations

from typing import Any

from ninja import Field, Schema
from pydantic import ConfigDict

POINT = "501203740001014"
FROM_DOC = "Null: since ever."
TO_DOC = "Null: up to now, or without an end."


def example(told: dict[str, Any]) -> ConfigDict:
    """The configuration of a schema that shows an example."""
    return ConfigDict(json_schema_extra={"examples": [told]})


class Span(Schema):
    """A stretch of time; moments have the offset of the usage point's zone."""

    from_: str | None = Field(alias="from", description=FROM_DOC)
    to: str | None = Field(description=TO_DOC)


class Me(Schema):
    """A token, and for whom it asks."""

    model_config = example(
        {
            "name": "Ковалёва Елена Павловна", "token": "Телефон", "kind": "device",
            "scopes": ["entry", "points", "readings"], "usage_points": 2, "is_limited": False,
            "resolution": None, "period": None, "expires_at": "2027-10-01T12:00:00+03:00",
            "unread": 3,
        }
    )  # fmt: skip
    name: str | None = Field(description="The person's; null for links and applications of others.")
    token: str | None = Field(description="What the person calls the token.")
    kind: str = Field(description="personal, device, share, application")
    scopes: list[str]
    usage_points: int
    is_limited: bool = Field(description="It reads some points only.")
    resolution: str | None = Field(description="The finest that it reads: hour, day, month.")
    period: Span | None = Field(description="Nothing outside of it is answered.")
    expires_at: str
    unread: int | None = Field(description="Unread notices, up to 100; null without the scope.")


class Customer(Schema):
    """Who has agreements."""

    id: int
    name: str
    kind: str = Field(description="person, entrepreneur, organisation, budget")


class Customers(Schema):
    model_config = example(
        {"items": [{"id": 7, "name": "Ковалёва Е. П.", "kind": "person"}], "next": None}
    )
    items: list[Customer]
    next: str | None = Field(description="Cursor of the next page, null on the last one.")


class AgreementPoint(Span):
    """A usage point that an agreement covers, and since when."""

    usage_point: str


class Agreement(Span):
    """An agreement with the usage points it covers."""

    id: int
    number: str
    kind: str
    customer: int
    supplier: str | None
    tariff: str | None
    points: list[AgreementPoint]


class Agreements(Schema):
    model_config = example(
        {
            "items": [
                {
                    "id": 11, "number": "Д-1014", "kind": "household", "customer": 7,
                    "supplier": "ООО «Сбыт»", "tariff": "Двухзонный",
                    "from": "2024-01-01T00:00:00+03:00", "to": None,
                    "points": [
                        {"usage_point": POINT, "from": "2024-01-01T00:00:00+03:00", "to": None}
                    ],
                }
            ],
            "next": None,
        }
    )  # fmt: skip
    items: list[Agreement]
    next: str | None


class UsagePoint(Schema):
    """A point where energy is metered, and when the token reads it."""

    code: str
    name: str
    address: str
    zone: str = Field(description="IANA zone: days and months are counted in it.")
    resource: str = Field(description="electricity, water, gas, heat")
    phases: int
    max_power_w: int | None
    voltage_level: str
    is_common: bool = Field(description="The meter of a whole house.")
    windows: list[Span] = Field(description="Nothing outside of them is answered.")


POINT_EXAMPLE = {
    "code": POINT, "name": "Дом", "address": "Заречный, ул. Полевая, 10",
    "zone": "Europe/Moscow", "resource": "electricity", "phases": 3, "max_power_w": 15000,
    "voltage_level": "LV", "is_common": False,
    "windows": [{"from": "2024-01-01T00:00:00+03:00", "to": None}],
}  # fmt: skip


class OnePoint(UsagePoint):
    model_config = example(POINT_EXAMPLE)


class UsagePoints(Schema):
    model_config = example({"items": [POINT_EXAMPLE], "next": None})
    items: list[UsagePoint]
    next: str | None


class Meter(Span):
    """A meter, for the time in which it stands at a usage point within the windows."""

    usage_point: str
    role: str = Field(description="billing, control, technical")
    number: str
    model: str
    manufacturer: str
    made_in: int | None
    phases: int
    accuracy_active: str
    accuracy_reactive: str
    constant: int | None = Field(description="Impulses per kWh.")
    digits: int
    decimals: int
    type_approval: str
    verified_on: str | None
    verification_due: str | None = Field(description="That day excluded.")
    certificate: str


class Meters(Schema):
    model_config = example(
        {
            "items": [
                {
                    "usage_point": POINT, "role": "billing", "number": "40123456",
                    "model": "ЭМ-3", "manufacturer": "АО «Завод»", "made_in": 2021, "phases": 3,
                    "accuracy_active": "1", "accuracy_reactive": "2", "constant": 1000,
                    "digits": 6, "decimals": 2, "type_approval": "12345-21",
                    "verified_on": "2021-03-02", "verification_due": "2037-03-02",
                    "certificate": "", "from": "2024-01-01T00:00:00+03:00", "to": None,
                }
            ],
            "next": None,
        }
    )  # fmt: skip
    items: list[Meter]
    next: str | None = Field(description="A page is of `limit` usage points, with all theirs.")


class Transformer(Schema):
    """A current or voltage transformer; the ratio is the fraction of its plate."""

    kind: str = Field(description="CT, VT")
    type_name: str
    number: str
    phase: str
    ratio: str
    accuracy: str
    verification_due: str | None


class Complex(Span):
    """A meter with its transformers at a usage point."""

    usage_point: str
    role: str
    meter: str
    ct_ratio: str
    vt_ratio: str
    transformers: list[Transformer]


class Complexes(Schema):
    model_config = example(
        {
            "items": [
                {
                    "usage_point": POINT, "role": "billing", "meter": "40123456",
                    "ct_ratio": "200/5", "vt_ratio": "1/1",
                    "from": "2024-01-01T00:00:00+03:00", "to": None,
                    "transformers": [
                        {
                            "kind": "CT", "type_name": "Т-0,66", "number": "1001", "phase": "A",
                            "ratio": "200/5", "accuracy": "0,5S", "verification_due": "2030-05-01",
                        }
                    ],
                }
            ],
            "next": None,
        }
    )  # fmt: skip
    items: list[Complex]
    next: str | None


class Event(Schema):
    """An event of a journal of a meter, or one that Faza found."""

    usage_point: str
    at: str
    journal: int
    code: int
    category: str
    importance: str = Field(description="info, notice, warning, alarm")
    device: str
    text: str = Field(description="In the language of Accept-Language.")
    lasted_s: int | None = Field(description="Seconds to what ended it; null without a length.")


class Events(Schema):
    model_config = example(
        {
            "items": [
                {
                    "usage_point": POINT, "at": "2026-10-03T14:21:00+03:00", "journal": 2,
                    "code": 1, "category": "power", "importance": "warning", "device": "meter",
                    "text": "Пропадание напряжения", "lasted_s": 3720,
                }
            ],
            "next": None,
        }
    )  # fmt: skip
    items: list[Event]
    next: str | None


class Notice(Schema):
    """What the person was told of."""

    id: int
    topic: str
    title: str
    lines: list[str]
    usage_point: str | None
    happened_at: str
    told_at: str
    is_read: bool


class Notices(Schema):
    model_config = example(
        {
            "items": [
                {
                    "id": 31, "topic": "outages", "title": "Не было напряжения 1 ч 2 мин",
                    "lines": ["С 14:21 до 15:23"], "usage_point": POINT,
                    "happened_at": "2026-10-03T15:23:00+03:00",
                    "told_at": "2026-10-03T15:25:00+03:00", "is_read": False,
                }
            ],
            "next": None,
        }
    )  # fmt: skip
    items: list[Notice]
    next: str | None


class Reading(Schema):
    """Notices that the person has read."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"ids": [31, 32]}]}
    )  # fmt: skip
    ids: list[int] = Field(min_length=1, max_length=500)


class Read(Schema):
    model_config = example({"read": 2})
    read: int = Field(description="How many of them were unread.")


class Push(Schema):
    """Web Push of a device."""

    model_config = example({"on": True, "key": "BKd3…", "registered": False})
    on: bool = Field(description="Whether the administrator has switched it on.")
    key: str | None = Field(description="applicationServerKey, base64url.")
    registered: bool


class Wrong(Schema):
    """A parameter that does not fit."""

    field: str
    reason: str


class Problem(Schema):
    """What went wrong (RFC 9457). Programs go by `code`; words are for people."""

    model_config = example(
        {
            "type": "urn:faza:problem:invalid",
            "title": "Вопрос задан неверно",
            "status": 422,
            "code": "invalid",
            "errors": [{"field": "to", "reason": "Конец должен быть позже начала."}],
        }
    )
    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[Wrong] = []
