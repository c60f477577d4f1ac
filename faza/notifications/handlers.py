"""The jobs of this room: see `jobs.registry`."""

from __future__ import annotations

from collections.abc import Mapping

from faza.jobs import registry
from faza.jobs.registry import Running
from faza.notifications.news import spreading
from faza.notifications.rounds import entry, events, thresholds, verification

EVENTS, LIMITS = "notifications.events.tell", "notifications.limits.look"
VERIFICATION, ENTRY = "notifications.verification.tell", "notifications.entry.remind"


@registry.every(EVENTS, minutes=1)
def tell_events(job: Running) -> Mapping[str, object]:
    """New events to those who subscribed to their kinds, and power cuts with their length."""
    return {"told": events.run(at=job.at)}


@registry.every(LIMITS, minutes=15)
def look_at_limits(job: Running) -> Mapping[str, object]:
    """Days that took more than somebody's limit."""
    return {"told": thresholds.run(at=job.at)}


@registry.daily(VERIFICATION, hour=6)
def tell_of_verification(job: Running) -> Mapping[str, object]:
    """Verifications that end soon or have ended."""
    return {"told": verification.run(at=job.at)}


@registry.daily(ENTRY, hour=9)
def remind_of_entry(job: Running) -> Mapping[str, object]:
    """Windows in which readings may be typed, when they open and before they close."""
    return {"told": entry.run(at=job.at)}


@registry.handler(spreading.SPREAD)
def spread_news(job: Running) -> Mapping[str, object]:
    """Mails about a piece of news, to whoever wants them."""
    told = spreading.spread(job.arguments["news"], at=job.at, progress=job.progress)
    return {"told": told}
