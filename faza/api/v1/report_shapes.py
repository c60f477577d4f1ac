"""What is asked and told of reports, for the OpenAPI document."""

from __future__ import annotations

from typing import Literal

from ninja import Field, Schema
from pydantic import ConfigDict

from faza.api.v1.asking import Day
from faza.api.v1.schemas import POINT, example

CODE = r"^[a-z0-9-]{1,40}$"
FORMAT = "html, pdf, xlsx, xls, csv, json"


class Kind(Schema):
    """A kind of report and what it takes."""

    kind: str
    title: str
    description: str
    periods: list[str]
    resolutions: list[str]
    parameters: list[str]
    formats: list[str]


class Kinds(Schema):
    model_config = example(
        {
            "items": [
                {
                    "kind": "load-profile", "title": "Профиль нагрузки",
                    "description": "Каждый интервал", "periods": ["day", "week", "month"],
                    "resolutions": ["interval", "hour"], "parameters": ["channel", "resolution"],
                    "formats": ["html", "pdf", "xlsx", "xls", "csv", "json"],
                }
            ]
        }
    )  # fmt: skip
    items: list[Kind]


class Asked(Schema):
    """A report: its kind, points, period, and what else the kind takes."""

    kind: str = Field(pattern=CODE, description="Of report-kinds.", examples=["load-profile"])
    format: str = Field(pattern=CODE, description=FORMAT, examples=["csv"])
    points: list[str] = Field(
        [], max_length=500, description="Codes of usage points; none: all that the token reads."
    )
    period: Literal["day", "week", "month", "quarter", "year"] | None = Field(
        None, description="The one that `on` lies in; without any what the kind begins with."
    )
    on: Day | None = Field(None, description="A day of the period.")
    first: Day | None = Field(None, alias="from", description="First day of another period.")
    end: Day | None = Field(None, alias="to", description="The day after its last one.")
    resource: str | None = Field(None, pattern=CODE)
    channel: str | None = Field(None, max_length=8, description="A+, A-, R+, …")
    resolution: str | None = Field(None, pattern=CODE)
    layout: str | None = Field(None, pattern=CODE, description="columns, rows")
    digits: int | None = Field(None, ge=0, le=6, description="Decimal places.")
    tariffs: bool | None = Field(None, description="With columns by zones of the day.")
    fixed: bool | None = Field(None, description="Only what the meter captured itself.")
    replacements: bool | None = Field(None, description="Old and new meter where one was replaced.")
    interval: int | None = Field(None, description="Minutes of a maximum: 15, 30, 60.")


class Starting(Asked):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "load-profile", "format": "xlsx", "points": [POINT],
                    "from": "2026-10-01", "to": "2026-11-01", "channel": "A+",
                }
            ]
        },
    )  # fmt: skip


class Run(Schema):
    """A report that is made, or was."""

    id: int
    kind: str
    title: str
    format: str
    state: str = Field(description="waiting, made, failed, cancelled")
    percent: int | None = Field(description="How far it is; null: not known.")
    why: str = Field(description="Why it failed; empty otherwise.")
    created_at: str
    ended_at: str | None
    file: str | None = Field(description="Its address, once it is made.")
    name: str | None
    size: int | None = Field(description="Bytes.")
    kept_until: str | None


RUN_EXAMPLE = {
    "id": 71, "kind": "load-profile", "title": "Профиль нагрузки", "format": "xlsx",
    "state": "made", "percent": None, "why": "", "created_at": "2026-11-02T10:00:00+03:00",
    "ended_at": "2026-11-02T10:00:09+03:00", "file": "/api/v1/reports/71/file",
    "name": "Профиль нагрузки 2026-11-02.xlsx", "size": 48211,
    "kept_until": "2026-11-16T10:00:09+03:00",
}  # fmt: skip


class OneRun(Run):
    model_config = example(RUN_EXAMPLE)


class Runs(Schema):
    model_config = example({"items": [RUN_EXAMPLE], "next": None})
    items: list[Run]
    next: str | None
