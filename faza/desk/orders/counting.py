"""How many orders wait for the desk; one query."""

from __future__ import annotations

from datetime import datetime, timedelta

from faza.accounts.models import User
from faza.collection.orders.rules import State
from faza.desk.counts import Queue, counted
from faza.desk.orders.rows import orders
from faza.desk.requests.counting import queue

TERM = timedelta(days=1)
"""By then a request should be taken up or confirmed; a choice of ours."""


@counted("orders")
def waiting_orders(user: User, at: datetime) -> Queue:
    """Requests that nobody has taken up, and orders that wait for a second person."""
    rows = orders(user, at=at).filter(state__in=[State.ASKED, State.WAITING])
    return queue([(asked, asked + TERM) for asked in rows.values_list("asked_at", flat=True)], at)
