"""Delivers until it is stopped. The edge of the room: here the clock is read."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from faza.notifications import services
from faza.notifications.pushing import sending

POLL = 0.5
"""Seconds between two looks at the outbox: how late a mail goes at most."""
TROUBLE = 5.0
"""Seconds to wait where the database is out of reach."""
log = logging.getLogger(__name__)


def deliver_waiting() -> services.Delivered:
    """Deliver what is due, here and now."""
    told = services.Delivered()
    while (now := services.deliver(at=datetime.now(UTC))).count:
        told.sent, told.later = told.sent + now.sent, told.later + now.later
        told.never += now.never
    return told


def send_some() -> int:
    """Deliver a few mails, so that a stop is seen between them; how many were tried."""
    return services.deliver(at=datetime.now(UTC), limit=5).count


def push_some() -> int:
    """Tell a few devices; how many were looked at."""
    return sending.push(at=datetime.now(UTC), limit=5).count


class Loop:
    """Does a deed again and again until `stop` is set; what is being sent is finished.

    deed: says how much it did; where that is nothing there is a pause.
    """

    def __init__(self, deed: Callable[[], int] = send_some) -> None:
        self.stop = threading.Event()
        self.deed = deed

    def __call__(self) -> None:
        while not self.stop.is_set():
            try:
                close_old_connections()
                tried = self.deed()
            except (DatabaseError, InterfaceError) as problem:
                log.error("the database: %s", " ".join(str(problem).split()))
                connection.close()
                self.stop.wait(TROUBLE)
            else:
                if not tried:
                    self.stop.wait(POLL)
        connection.close()
