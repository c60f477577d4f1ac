"""What the demo's pages look ahead by: forecasts of all points, tariffs beside each other of some.

The worker makes the other points' advice in the night; those of the person whom the tutorial
follows are there at once.
"""

from __future__ import annotations

from datetime import datetime

from faza.accounts.models import User
from faza.charges.advice import keeping as advising
from faza.charges.forecast import keeping as forecasting
from faza.contracts import access
from faza.demo.plan import MOSCOW

FOLLOWED = "kovaleva@example.ru"


def keep(*, at: datetime) -> None:
    """Make forecasts, and advice for the points of one person; after the months are kept."""
    forecasting.keep(at=at)
    person = User.objects.filter(email=FOLLOWED).first()
    if person is not None:
        points = access.usage_points_of(person, at=at).filter(zone=MOSCOW)
        advising.make(list(points.values_list("pk", flat=True)), MOSCOW, at=at)
