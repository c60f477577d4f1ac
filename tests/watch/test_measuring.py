"""How complete and how new the data are, as the worker measures it for the figures."""

from datetime import timedelta

import pytest
from django.utils import timezone

from faza.jobs import services
from faza.jobs.worker import run_waiting
from faza.metering.models import MeteringComplex
from faza.readings.models import IntervalBlock
from faza.watch import figures
from faza.watch.handlers import MEASURE
from faza.watch.measuring import measure
from tests.doors.world import make_world

pytestmark = pytest.mark.django_db


def test_points_are_told_by_what_came_for_yesterday(client):
    make_world()
    at = timezone.now()
    steps = []
    found = measure(at=at, progress=lambda done, total: steps.append((done, total)))
    standing = MeteringComplex.objects.billing().valid_at(at)  # of a point without a meter nothing
    sending = IntervalBlock.objects.filter(
        usage_point_id__in=standing.values("usage_point"),
        reading_type=1,
        day__gt=(at - timedelta(days=45)).date(),
        total__gt=0,
    )
    assert steps
    assert found.complete + found.partial + found.silent == (
        sending.values("usage_point_id").distinct().count()
    )
    assert (found.newest > 0) == sending.exists()
    assert found.newest <= at.timestamp()

    later = measure(at=at + timedelta(days=3), progress=lambda done, total: None)
    assert later.silent == found.complete + found.partial + found.silent
    assert later.behind == later.silent

    services.start_round(MEASURE, at=at, pause=timedelta(minutes=30))
    assert run_waiting() >= 1
    figures.forget()
    text = client.get("/metrics").content.decode()
    assert f'faza_points{{state="silent"}} {found.silent}' in text
    assert "faza_measured_seconds" in text
    figures.forget()
