"""How many cases wait for the desk; one query."""

from __future__ import annotations

from datetime import datetime

from faza.accounts.models import User
from faza.cases import queries
from faza.desk.counts import Queue, counted
from faza.desk.requests.counting import queue


@counted("cases")
def waiting_cases(user: User, at: datetime) -> Queue:
    """Cases of the own points that nobody has answered yet, or that were asked again."""
    rows = queries.waiting(queries.desk_cases(user, at=at))
    return queue(rows.values_list("asked_at", "due_at"), at)
