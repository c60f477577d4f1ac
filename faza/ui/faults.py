"""What a page answers that fell over: 503 where the database cannot go on just now, else 500.

The database says by its kind of fault which it is: away, restarting, full, locked for too long.
All of them pass, so the person is told to try again, and programs are (Retry-After).
"""

from __future__ import annotations

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.defaults import server_error

OUTAGES = (OperationalError, InterfaceError)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where a file can grow no more."""
AGAIN = 10
"""Seconds after which it is worth another try."""


def broken(request: HttpRequest) -> HttpResponse:
    """Answer for a fault that is being handled; Django's handler500.

    Asks nothing of the database.
    """
    if not is_outage(sys.exc_info()[1]):
        return server_error(request)
    page = loader.get_template("503.html").render({"is_read": request.method in ("GET", "HEAD")})
    return HttpResponse(page, status=503, headers={"Retry-After": str(AGAIN)})


def is_outage(problem: BaseException | None) -> bool:
    """Whether a fault passes by itself, or when somebody makes room."""
    is_full = isinstance(problem, OSError) and problem.errno in FULL
    return is_full or isinstance(problem, OUTAGES)
