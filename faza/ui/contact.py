"""Whether a meter is heard of, from the time of its last data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LATE = timedelta(hours=36)
"""A day that is sent on the next morning is not late; one that is not there by noon is."""
LOST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Contact:
    """A state in words, with the colour and the icon that only repeat them."""

    kind: str
    words: str | Promise
    icon: str
    until: datetime | None = None
    is_over: bool = False

    @property
    def is_late(self) -> bool:
        return self.kind in {"warn", "bad"}


def contact(until: datetime | None, *, at: datetime, ended: datetime | None = None) -> Contact:
    """The state of a point whose data reach `until`; None: none were found lately.

    ended: where the reader's time with the point is over, nothing is late any more.
    """
    if ended is not None and ended < at:
        words = _("your time with the point has ended")
        return Contact("", words, icon="circle-minus", until=until, is_over=True)
    if until is None:
        return Contact("", _("no interval data"), icon="circle-dashed")
    if at - until <= LATE:
        return Contact("good", _("in contact"), icon="circle-check", until=until)
    if at - until <= LOST:
        return Contact("warn", _("data are late"), icon="clock-exclamation", until=until)
    return Contact("bad", _("no contact"), icon="plug-connected-x", until=until)
