"""Series to a Green Button feed: usage points, meter readings, a block for each civil day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import numpy as np

from faza.core.quality import Quality, is_present
from faza.core.units import I64
from faza.protocols.espi.codes import ATOM, DELTA, ESPI, FORMS, NORMAL, Form
from faza.protocols.tabular.series import day_starts
from faza.protocols.tabular.values import Series

CHANNELS = frozenset(FORMS)
"""Channels that a feed can carry."""
RULE_OFF = "FFFFFFFF"
"""DstRuleType: no rule. Every moment of a feed is UTC; the offset only says what clocks show."""
_HOME = uuid5(NAMESPACE_URL, "urn:faza:espi")
_ROOT = "/espi/1_1/resource"


def write(series: Iterable[Series], *, zone: str, made_at: datetime) -> Iterator[bytes]:
    """A feed of series, in pieces of UTF-8, one point after another.

    series: of additive reading types, those of a point together and of a channel in order of
    time. `zone` is the points' own. made_at: aware.

    Missing intervals are left out: there is no reading, and none of 0. A quality other than
    VALID stands with its reading. What is said twice of one thing has the same id, in every
    file, for ids are made of the point's code, the channel and the day (UUID 5).

    Raises KeyError for a channel that is not in CHANNELS.
    """
    stamp = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="{ATOM}">\n'
        f"<id>urn:uuid:{_id('feed', stamp)}</id><title>Green Button</title>"
        f"<updated>{stamp}</updated>"
        f'<link rel="self" type="espi-feed/UsagePoint" href="{_ROOT}/UsagePoint"/>\n'
    ).encode()
    yield _clocks(zone, made_at, stamp).encode()
    for point, of_point in groupby(series, key=lambda one: one.point):
        yield from _point(point, of_point, zone, stamp)
    yield b"</feed>\n"


def _id(*parts: str) -> UUID:
    return uuid5(_HOME, "\0".join(parts))


def _entry(id_: UUID, title: str, stamp: str, links: Iterable[tuple[str, str]], body: str) -> str:
    """An entry of the feed. links: (relation, address); the last part of one is its type."""
    told = "".join(
        f'<link rel="{relation}" type="espi-{_shape(address)}" href={quoteattr(address)}/>'
        for relation, address in links
    )
    return (
        f"<entry><id>urn:uuid:{id_}</id>{told}<title>{_text(title)}</title>"
        f'<content type="application/xml">{body}</content>'
        f"<published>{stamp}</published><updated>{stamp}</updated></entry>\n"
    )


def _shape(address: str) -> str:
    parts = address.rsplit("/", 2)
    return f"feed/{parts[2]}" if parts[2][0].isupper() else f"entry/{parts[1]}"


def _text(text: str) -> str:
    """Text as XML takes it: control characters become spaces."""
    return escape("".join(c if c >= " " and c not in "\ufffe\uffff" else " " for c in text))


def _clocks(zone: str, at: datetime, stamp: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    saved = local.dst() or timedelta(0)
    offset = (local.utcoffset() or timedelta(0)) - saved
    home = f"{_ROOT}/LocalTimeParameters"
    body = (
        f'<LocalTimeParameters xmlns="{ESPI}"><dstEndRule>{RULE_OFF}</dstEndRule>'
        f"<dstOffset>0</dstOffset><dstStartRule>{RULE_OFF}</dstStartRule>"
        f"<tzOffset>{int(offset.total_seconds())}</tzOffset></LocalTimeParameters>"
    )
    id_ = _id("zone", zone)
    return _entry(id_, zone, stamp, [("self", f"{home}/{id_.hex}"), ("up", home)], body)


def _point(code: str, series: Iterable[Series], zone: str, stamp: str) -> Iterator[bytes]:
    """Entries of a usage point; those that name others stand before them."""
    id_ = _id("point", code)
    home = f"{_ROOT}/UsagePoint/{id_.hex}"
    head = False
    for (kind, interval), parts in groupby(series, key=lambda s: (s.reading_type, s.interval)):
        form = FORMS[kind.channel]
        if not head:
            clocks = f"{_ROOT}/LocalTimeParameters/{_id('zone', zone).hex}"
            links = [("self", home), ("up", f"{_ROOT}/UsagePoint"),
                     ("related", f"{home}/MeterReading"), ("related", clocks)]  # fmt: skip
            body = (
                f'<UsagePoint xmlns="{ESPI}"><ServiceCategory><kind>{form.service}</kind>'
                "</ServiceCategory><status>1</status></UsagePoint>"
            )
            yield _entry(id_, code, stamp, links, body).encode()
            head = True
        yield from _reading(form, interval, list(parts), home, zone, stamp)


def _reading(
    form: Form, interval: int, parts: list[Series], point: str, zone: str, stamp: str
) -> Iterator[bytes]:
    key = (point, form.kind.channel, str(interval))
    id_, type_ = _id("reading", *key), _id("type", form.kind.channel, str(interval))
    home = f"{point}/MeterReading/{id_.hex}"
    type_home = f"{_ROOT}/ReadingType/{type_.hex}"
    title = f"{form.kind.channel}, {interval} min"
    links = [("self", home), ("up", f"{point}/MeterReading"),
             ("related", f"{home}/IntervalBlock"), ("related", type_home)]  # fmt: skip
    yield _entry(id_, title, stamp, links, f'<MeterReading xmlns="{ESPI}"/>').encode()
    body = (
        f'<ReadingType xmlns="{ESPI}"><accumulationBehaviour>{DELTA}</accumulationBehaviour>'
        f"<commodity>{form.commodity}</commodity><dataQualifier>{NORMAL}</dataQualifier>"
        f"<defaultQuality>{Quality.VALID.value}</defaultQuality>"
        f"<flowDirection>{form.flow}</flowDirection>"
        f"<intervalLength>{interval * 60}</intervalLength><kind>{form.measured}</kind>"
        f"<phase>0</phase><powerOfTenMultiplier>{form.multiplier}</powerOfTenMultiplier>"
        f"<timeAttribute>0</timeAttribute><uom>{form.uom}</uom></ReadingType>"
    )
    links = [("self", type_home), ("up", f"{_ROOT}/ReadingType")]
    yield _entry(type_, title, stamp, links, body).encode()
    seen: Counter[str] = Counter()
    for one in parts:
        yield from _blocks(form, one, home, zone, stamp, seen)


def _blocks(
    form: Form, one: Series, home: str, zone: str, stamp: str, seen: Counter[str]
) -> Iterator[bytes]:
    """A block for each civil day of a series that has values; it spans those it has."""
    step = one.interval * 60
    starts: I64 = int(one.start.timestamp()) + step * np.arange(len(one.values), dtype=np.int64)
    if not len(starts):
        return
    edges = [*day_starts(starts, zone), len(starts)]
    tz = ZoneInfo(zone)
    for begin, end in zip(edges, edges[1:], strict=False):
        kept = begin + np.flatnonzero(is_present(one.quality[begin:end]))
        if not len(kept):
            continue
        first, last = int(starts[kept[0]]), int(starts[kept[-1]])
        day = datetime.fromtimestamp(first, tz).date().isoformat()
        seen[day] += 1
        id_ = _id("block", home, day, str(seen[day]))
        rows = zip(
            starts[kept].tolist(), one.values[kept].tolist(), one.quality[kept].tolist(),
            strict=True,
        )  # fmt: skip
        readings = "".join([_value(*row, step, form.times) for row in rows])
        body = (
            f'<IntervalBlock xmlns="{ESPI}"><interval><duration>{last + step - first}</duration>'
            f"<start>{first}</start></interval>{readings}</IntervalBlock>"
        )
        links = [("self", f"{home}/IntervalBlock/{id_.hex}"), ("up", f"{home}/IntervalBlock")]
        yield _entry(id_, day, stamp, links, body).encode()


def _value(start: int, value: int, quality: int, step: int, times: int) -> str:
    told = f"<ReadingQuality><quality>{quality}</quality></ReadingQuality>" if quality else ""
    return (
        f"<IntervalReading>{told}<timePeriod><duration>{step}</duration><start>{start}</start>"
        f"</timePeriod><value>{value * times}</value></IntervalReading>"
    )
