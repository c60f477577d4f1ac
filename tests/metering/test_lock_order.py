"""Deeds on one point take their locks in one order, so that two at once wait and do not block."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faza.metering import services
from faza.metering.models import MeteringComplex
from tests.metering.factories import make_meter, make_point

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_the_point_is_held_before_what_stands_at_it():
    standing = services.install(
        usage_point=make_point(), meter=make_meter(), valid_from=NOW, at=NOW
    )

    with CaptureQueriesContext(
        connection,
    ) as asked:
        services.change_role(installed=standing, role=MeteringComplex.Role.TECHNICAL, at=NOW)

    tables = [one["sql"].split(" FROM ")[1].split()[0].strip('"') for one in asked
              if one["sql"].startswith("SELECT")]  # fmt: skip
    assert tables.index("metering_usagepoint") < tables.index("metering_meteringcomplex")
