"""What answers look like, for the OpenAPI document: what was measured, in columns."""

from __future__ import annotations

from ninja import Field, Schema

from faza.api.v1.schemas import POINT, example

NUMBER = "In `unit`; null where there is none, which is not zero."


class Counted(Schema):
    """How complete it is: numbers of intervals, and what they are of each other."""

    expected: int
    present: int
    estimated: int
    completeness: float | None = Field(description="present / expected, rounded down.")
    estimated_share: float | None = Field(description="estimated / present, rounded down.")


class IntervalRun(Schema):
    """Intervals of one length, one after the other without a break."""

    start: str
    minutes: int
    values: list[float | None] = Field(description=NUMBER)
    quality: list[int | None] = Field(
        description="ESPI QualityOfReading: 0 valid, 8 and 9 estimated, 11 derived, 14 raw, …"
    )


class ProfileChannel(Counted):
    channel: str
    unit: str
    total: float | None = Field(description="Sum of what is present; null for averages.")
    runs: list[IntervalRun]


class Profile(Schema):
    """Intervals of a usage point by channel. A value is primary: ratios are in it."""

    model_config = example(
        {
            "usage_point": POINT, "zone": "Europe/Moscow",
            "from": "2026-10-01", "to": "2026-10-02", "as_of": None,
            "channels": [
                {
                    "channel": "A+", "unit": "kWh", "total": 1.113, "expected": 4, "present": 3,
                    "estimated": 1, "completeness": 0.75, "estimated_share": 0.3333,
                    "runs": [
                        {
                            "start": "2026-10-01T00:00:00+03:00", "minutes": 30,
                            "values": [0.412, 0.398, None, 0.303], "quality": [0, 0, None, 9],
                        }
                    ],
                }
            ],
            "next": None,
        }
    )  # fmt: skip
    usage_point: str
    zone: str
    from_: str = Field(alias="from")
    to: str = Field(description="The day after the last one of this page.")
    as_of: str | None = Field(description="What was known then; null: what is known now.")
    channels: list[ProfileChannel]
    next: str | None


class ConsumptionChannel(Counted):
    channel: str
    unit: str
    values: list[float | None] = Field(description="Sums of energy; means of averages. " + NUMBER)
    expected_each: list[int]
    present_each: list[int]
    estimated_each: list[int]
    peak: list[float | None] = Field(description="Greatest measured interval of each.")


class Consumption(Schema):
    """Sums by civil hours, days or months; a column has an entry for each of `starts`."""

    model_config = example(
        {
            "usage_point": POINT, "zone": "Europe/Moscow", "by": "day",
            "from": "2026-10-01", "to": "2026-10-03", "as_of": None,
            "starts": ["2026-10-01T00:00:00+03:00", "2026-10-02T00:00:00+03:00"],
            "channels": [
                {
                    "channel": "A+", "unit": "kWh", "values": [17.23, None],
                    "expected_each": [48, 48], "present_each": [48, 0], "estimated_each": [2, 0],
                    "peak": [0.91, None], "expected": 96, "present": 48, "estimated": 2,
                    "completeness": 0.5, "estimated_share": 0.0416,
                }
            ],
            "next": None,
        }
    )  # fmt: skip
    usage_point: str
    zone: str
    by: str
    from_: str = Field(alias="from")
    to: str
    as_of: str | None
    starts: list[str]
    channels: list[ConsumptionChannel]
    next: str | None


class Stretch(Schema):
    """Civil days [from, to) of the usage point's zone."""

    name: str = Field(description="asked, before, year_before")
    from_: str = Field(alias="from")
    to: str


class Total(Counted):
    """A sum with how complete it is."""

    total: float | None = Field(description=NUMBER)


class ComparisonChannel(Schema):
    channel: str
    unit: str
    sums: list[Total] = Field(description="One for each of `stretches`.")


COUNTED = {
    "expected": 912, "present": 912, "estimated": 0, "completeness": 1.0, "estimated_share": 0.0,
}  # fmt: skip


class Comparison(Schema):
    """Sums of days and of those alike a month and a year before."""

    model_config = example(
        {
            "usage_point": POINT, "zone": "Europe/Moscow",
            "stretches": [
                {"name": "asked", "from": "2026-10-01", "to": "2026-10-20"},
                {"name": "before", "from": "2026-09-01", "to": "2026-09-20"},
                {"name": "year_before", "from": "2025-10-01", "to": "2025-10-20"},
            ],
            "channels": [
                {
                    "channel": "A+", "unit": "kWh",
                    "sums": [
                        {"total": 230.1} | COUNTED, {"total": 214.6} | COUNTED,
                        {"total": 241.9} | COUNTED,
                    ],
                }
            ],
        }
    )  # fmt: skip
    usage_point: str
    zone: str
    stretches: list[Stretch]
    channels: list[ComparisonChannel]


class Register(Schema):
    """Readings of one register of one meter, as it shows them, before any ratio."""

    meter: str
    channel: str
    tariff: int = Field(description="0: the sum of all zones.")
    unit: str
    at: list[str]
    kind: list[str] = Field(description="day, month, on_demand, manual, closing, opening")
    values: list[float]
    quality: list[int]


class Registers(Schema):
    model_config = example(
        {
            "usage_point": POINT, "zone": "Europe/Moscow",
            "from": "2026-10-01", "to": "2026-11-01",
            "registers": [
                {
                    "meter": "40123456", "channel": "A+", "tariff": 1, "unit": "kWh",
                    "at": ["2026-10-01T00:00:00+03:00", "2026-11-01T00:00:00+03:00"],
                    "kind": ["month", "month"], "values": [12034.51, 12398.07], "quality": [0, 0],
                }
            ],
            "next": None,
        }
    )  # fmt: skip
    usage_point: str
    zone: str
    from_: str = Field(alias="from")
    to: str = Field(description="Readings of its very beginning are in the answer too.")
    registers: list[Register]
    next: str | None


class Verdict(Schema):
    """What is to be said of the values; limits are told in reference/network.md."""

    topic: str = Field(description="voltage, connection, evenness, character")
    code: str = Field(
        description="Of voltage: inside, outside, lost. Of connection: right, one-phase, order"
        " (A–C–B), reversed (a current transformer is turned about), backwards, no-voltage, gives,"
        " lost, order-unknown, idle. Of evenness: even, uneven, overloaded, idle. Of character:"
        " plain, motor, capacitive, gives, idle. Of each: unknown."
    )
    state: str = Field(description="good, warn, bad, info, unknown")
    phases: list[str] = Field(description="Those that it is of; empty: of all, or of none.")
    numbers: dict[str, float] = Field(description="What was compared: V, A, percent, degrees.")


class Network(Schema):
    """Network parameters of the moment nearest to the one asked for."""

    model_config = example(
        {
            "usage_point": POINT, "zone": "Europe/Moscow", "at": "2026-10-01T12:30:00+03:00",
            "minutes": 30, "is_doubtful": False,
            "values": {"UA": 229.4, "UB": 231.0, "UC": 230.2},
            "units": {"UA": "V", "UB": "V", "UC": "V"},
            "verdicts": [
                {
                    "topic": "voltage", "code": "inside", "state": "good",
                    "phases": ["A", "B", "C"],
                    "numbers": {
                        "agreed": 230, "high": 0.43, "least": 229.4, "low": -0.26, "most": 231,
                    },
                }
            ],
            "earlier": "2026-10-01T12:00:00+03:00", "later": "2026-10-01T13:00:00+03:00",
        }
    )  # fmt: skip
    usage_point: str
    zone: str
    at: str | None = Field(description="Null: nothing is known of this point.")
    minutes: int | None = Field(
        description="Averages of the interval that ends then; 0: told by the meter of that moment."
    )
    is_doubtful: bool
    values: dict[str, float]
    units: dict[str, str]
    verdicts: list[Verdict] = Field(description="Empty where no values are known.")
    earlier: str | None = Field(description="Where the moment before is; an edge of its day.")
    later: str | None


class Charge(Counted):
    """The reference cost of a month by one agreement; it is no bill."""

    month: str
    agreement: str
    tariff: str | None
    total: str | None = Field(description="Roubles with VAT; null where it is not known.")
    volume: float = Field(description="kWh as charged.")
    exported: float
    basis: str = Field(description="none, registers, intervals, mixed, substituted")
    is_example: bool = Field(description="By prices of an example, not of the operator.")
    problem: str


class Charges(Schema):
    model_config = example(
        {
            "usage_point": POINT, "currency": "RUB", "as_of": "2026-11-02T03:00:00+03:00",
            "items": [
                {
                    "month": "2026-10", "agreement": "Д-1014", "tariff": "Двухзонный",
                    "total": "1840.22", "volume": 363.0, "exported": 0.0, "basis": "registers",
                    "is_example": True, "problem": "", "expected": 1488, "present": 1488,
                    "estimated": 4, "completeness": 1.0, "estimated_share": 0.0026,
                }
            ],
        }
    )  # fmt: skip
    usage_point: str
    currency: str
    as_of: str | None = Field(description="Up to when it is reckoned.")
    items: list[Charge]


class ForecastMoney(Schema):
    total: str
    low: str
    high: str


class MonthForecast(Counted):
    """The present month's energy by its end; four of five months end in [low, high]."""

    month: str
    until: str = Field(description="Days before it are known.")
    unit: str
    total: float
    known: float
    low: float
    high: float
    error: float | None = Field(description="Mean error of a month in the back-test, a share.")
    tested: int
    money: ForecastMoney | None = Field(description="Null without prices or the scope charges.")
    as_of: str


class Forecast(Schema):
    model_config = example(
        {
            "usage_point": POINT,
            "forecast": {
                "month": "2026-10", "until": "2026-10-20", "unit": "kWh", "total": 361.2,
                "known": 230.1, "low": 340.0, "high": 384.9, "error": 0.062, "tested": 11,
                "money": {"total": "1835.10", "low": "1727.00", "high": "1955.00"},
                "as_of": "2026-10-20T03:10:00+03:00", "expected": 912, "present": 912,
                "estimated": 0, "completeness": 1.0, "estimated_share": 0.0,
            },
        }
    )  # fmt: skip
    usage_point: str
    forecast: MonthForecast | None
