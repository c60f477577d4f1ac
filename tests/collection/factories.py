"""Messages to import, and the store to look into."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from faza.collection import services
from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import BY_CHANNEL
from faza.metering import services as metering
from faza.metering.models import NetworkNode, UsagePoint
from faza.protocols import xml80020
from faza.readings.store import fetch_delivered

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
SENDER, AREA = "7700000001", "5000000002"
MOSCOW = "Europe/Moscow"
CODE = "132070043214102"
DAY = date(2026, 1, 14)


def make_point(code: str = CODE, zone: str = MOSCOW) -> UsagePoint:
    node = NetworkNode.objects.filter(code="N").first() or metering.add_node(
        kind=NetworkNode.Kind.ORGANISATION, code="N", name="Сети", at=AT
    )
    return UsagePoint.objects.create(code=code, name=f"Ввод {code}", node=node, zone=zone)


def message(
    values,
    *,
    day: date = DAY,
    number: int = 1,
    codes=(CODE,),
    channels=("01",),
    sender: str = SENDER,
    area: str = AREA,
    zone: str = MOSCOW,
    interval: int = 30,
    class_: str = "80020",
    timezone: str = "",
) -> xml80020.Message:
    """A message of one area; `values` (n, k) Wh or one row for all, None where missing."""
    series = tuple(
        xml80020.Channel(xml80020.Kind.MEASURING_POINT, 0, code, channel, f"Ввод {code}")
        for code in codes
        for channel in channels
    )
    table = np.array(values, dtype=object)
    table = np.broadcast_to(table, (len(series), table.shape[-1]))
    missing = np.equal(table, None)
    grid = xml80020.Grid(
        zone, interval, start_of_day(day, zone), series,
        np.where(missing, 0, table).astype(np.int64),
        np.where(missing, np.uint8(Quality.MISSING), np.uint8(0)).astype(np.uint8),
        np.zeros(len(series), np.int32),
    )  # fmt: skip
    return xml80020.Message(
        class_, number, day, sender, "Энергосбыт Пример", created=AT, daylight=0,
        areas=(xml80020.Area(area, "Сети Пример", timezone),), grids=(grid,),
    )  # fmt: skip


def written(folder: Path, *messages: xml80020.Message) -> list[Path]:
    """The messages as files of a folder."""
    files = []
    for one in messages:
        file = folder / xml80020.file_name(one)
        file.write_bytes(xml80020.write(one))
        files.append(file)
    return files


def imported(given, *, at: datetime = AT, **options):
    """The summary of an import."""
    given = given if isinstance(given, list) else [given]
    return services.import_files(given, at=at, options=services.ImportOptions(**options))


def days_of(point: UsagePoint | int, channel: str = "A+") -> dict[str, list]:
    """All days of a channel as delivered, whatever validation says: None where missing."""
    found = fetch_delivered(
        [getattr(point, "pk", point)], [BY_CHANNEL[channel].code], date(1990, 1, 1),
        date(2100, 1, 1),
    )  # fmt: skip
    return {
        str(day): [
            None if q == Quality.MISSING else int(v)
            for v, q in zip(values[:n], quality[:n], strict=True)
        ]
        for day, n, values, quality in zip(
            found.days, found.lengths, found.values, found.quality, strict=True
        )
    }


def days_after(day: date, count: int) -> list[date]:
    return [day + timedelta(days=n) for n in range(count)]
