"""Events to record, for tests."""

from datetime import UTC, datetime

from faza.events import services
from faza.events.batches import EventBatch

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""When events of tests are received."""


def second(text: str) -> int:
    """A moment of UTC as in "2026-11-17 15:40:02", in unix seconds."""
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())


def batch_of(*events, point: int = 1, meter: int = 1, **more) -> EventBatch:
    """A batch of (moment, journal, code), moments as in `second`."""
    moments, journals, codes = zip(*events, strict=True) if events else ((), (), ())
    return EventBatch.of(point, meter, [second(m) for m in moments], journals, codes, **more)


def happen(*events, point: int = 1, meter: int = 1, at=AT, **more) -> list[bool]:
    """Record events; which of them were new."""
    batch = batch_of(*events, point=point, meter=meter, **more)
    return services.record(batch, source=0, at=at).new.tolist()
