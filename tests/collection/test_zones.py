"""Zones agreed with several senders, whose messages come in one run."""

from dataclasses import replace

import pytest

from faza.collection.models import ExchangeProfile
from faza.protocols import xml80020
from tests.collection.factories import days_of, imported, make_point, message, written

RAMP = list(range(1, 49))
MOSCOW, OMSK = "Europe/Moscow", "Asia/Omsk"


def both(sender: str, zones: tuple[str, str]) -> xml80020.Message:
    """A message of two areas; the point of each has its zone for a code."""
    first, second = (
        message(RAMP, sender=sender, area=area, codes=(zone,), zone=zone)
        for area, zone in zip(("51", "52"), zones, strict=True)
    )
    channels = tuple(replace(c, area=1) for c in second.grids[0].channels)
    grids = (first.grids[0], replace(second.grids[0], channels=channels))
    return replace(first, areas=(*first.areas, *second.areas), grids=grids)


@pytest.mark.django_db
def test_the_sender_before_does_not_lend_its_zones(tmp_path):
    """Two senders agreed on the same two zones, the other way round."""
    points = [make_point(zone, zone) for zone in (MOSCOW, OMSK)]
    for sender, zones in (("71", (MOSCOW, OMSK)), ("72", (OMSK, MOSCOW))):
        for area, zone in zip(("51", "52"), zones, strict=True):
            ExchangeProfile.objects.create(sender_inn=sender, area_inn=area, zone=zone)
        written(tmp_path, both(sender, zones))
    imported(tmp_path)

    assert [days_of(point) for point in points] == [{"2026-01-14": RAMP}] * 2
