"""Meters at points and what they show, for tests of registers and of replacement."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.windows import Window, Windows
from faza.metering import services as metering
from faza.metering.models import Meter, MeteringComplex, MeterModel, UsagePoint
from faza.readings import rules, services
from faza.readings.models import RegisterReading
from faza.readings.register_services import RegistersRecorded, record_registers
from faza.readings.registers import RegisterBatch

Kind = RegisterReading.Kind
START = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def day(number: float) -> datetime:
    """A moment so many days after the start."""
    return START + timedelta(days=number)


def make_meter(number: str = "100", *, digits: int = 6, decimals: int = 2) -> Meter:
    model, _ = MeterModel.objects.get_or_create(
        name=f"{digits}.{decimals}", manufacturer="Завод", digits=digits, decimals=decimals
    )
    return Meter.objects.create(model=model, number=number)


def put_in(
    point: UsagePoint, meter: Meter, *, since=START, to=None, ct=1, vt=1, role="billing"
) -> MeteringComplex:
    return metering.install(
        usage_point=point, meter=meter, valid_from=since, valid_to=to, at=AT,
        ct=Fraction(ct), vt=Fraction(vt), role=MeteringComplex.Role(role),
    )  # fmt: skip


def read(
    point, meter, at: datetime, shown, *, kind=Kind.DAY, source="meter", number=1, quality=0
) -> RegistersRecorded:
    """Record one reading; `shown` by register, or one number for the sum of A+."""
    batch = RegisterBatch.of(
        usage_point=point.pk, meter=meter.pk, at=at, kind=kind,
        shown=shown if isinstance(shown, dict) else {0: shown}, quality=quality,
    )  # fmt: skip
    return record_registers(
        batch, source=services.get_source(source), sequence=rules.sequence(number), at=AT
    )


def stored() -> list[tuple]:
    """All that is stored: (moment, kind, what is shown by register)."""
    from faza.readings import registers

    rows = RegisterReading.objects.order_by("usage_point_id", "meter_id", "at", "kind")
    found = []
    for row in rows:
        values, present = registers.unpack([row.present], [bytes(row.registers)])
        shown = {int(n): int(values[0, n]) for n in present[0].nonzero()[0]}
        found.append((row.at, row.kind, shown))
    return found


def window(point, since=ALWAYS, to=FOREVER) -> Windows:
    return Windows((Window(point.pk, "Europe/Moscow", Period(since, to)),))
