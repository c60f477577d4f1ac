"""Delivers until it is stopped. The edge of the room: here the clock is read."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from faza.notifications import services

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


class Loop:
    """Delivers until `stop` is set; the mail that is being sent is finished."""

    def __init__(self) -> None:
        self.stop = threading.Event()

    def __call__(self) -> None:
        while not self.stop.is_set():
            try:
                close_old_connections()
                # A few at a time: a stop is seen between them.
                tried = services.deliver(at=datetime.now(UTC), limit=5).count
            except (DatabaseError, InterfaceError) as problem:
                log.error("the database: %s", " ".join(str(problem).split()))
                connection.close()
                self.stop.wait(TROUBLE)
            else:
                if not tried:
                    self.stop.wait(POLL)
        connection.close()
