"""The demo grid in the configured database: made once, continued on later days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.audit.models import Entry
from faza.charges import keeping
from faza.contracts.models import Customer
from faza.demo import (
    ahead,
    balances,
    checking,
    deliveries,
    entries,
    events,
    exchange,
    grid,
    network,
    news,
    organisation,
    papers,
    prices,
    programs,
    registers,
    resources,
    talks,
)
from faza.demo.loads import Truth, truth
from faza.demo.plan import MOSCOW, PLACES, POINTS
from faza.demo.profiles import Calendar
from faza.demo.scenario import STEP, Scenario
from faza.metering.models import NetworkNode, UsagePoint
from faza.tariffs import queries as tariffs
from faza.tariffs.rules import HOLIDAY, WORKING

MONTHS = 14
MADE = "demo.grid.made"
LAG = timedelta(minutes=90)
"""How far what is known is behind the clock: meters are read once an hour."""
CONTINUED_AFTER = timedelta(hours=3)
"""Data that are younger are not continued, so that a second start is immediate."""

Progress = Callable[[str, float], None]


class AnotherGrid(Exception):
    """The database holds something that is not the demo: nothing invented is put beside it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The demo grid as it stands: data of [since, until), and how many values were added now."""

    since: date
    until: datetime
    points: int
    added: int
    is_new: bool


def prepare(
    *,
    at: datetime,
    months: int = MONTHS,
    progress: Progress | None = None,
    is_live: bool = False,
) -> Prepared:
    """Make the demo grid, or add to it what has come since; data end shortly before `at`.

    Repeatable: what was interrupted is completed, and what is there stays, whoever delivered it.
    `months` counts when the grid is made first. is_live: meters will be read, and the factory's
    message of the last day will come by itself (`factory`).

    Raises AnotherGrid if the database holds other points, customers or users; then nothing is
    changed.
    """
    tell = progress or (lambda stage, share: None)
    until = known_until(at)
    root = NetworkNode.objects.filter(code=PLACES[0].code).first()
    if root is None:
        _refuse_others()
        tell("grid", 0)
        scenario = Scenario(_since(until, months), until)
        with transaction.atomic():
            grid.build(grid.When(scenario.since, scenario.today, scenario.sold, at))
            organisation.prepare(at=at)
            balances.set_up(scenario.since, at=at)
            resources.build(scenario, at=at)
            papers.find_settings(since=scenario.since, today=scenario.today, at=at)
            root = NetworkNode.objects.get(code=PLACES[0].code)
            _mark(root, scenario, None, at)
    scenario, done_until = _read_mark(root)
    if done_until is not None and until < done_until + CONTINUED_AFTER:
        return Prepared(scenario.since, done_until, _count(), 0, is_new=False)
    added = _fill(scenario, done_until, until, at, tell, is_live=is_live)
    # After the data, in a transaction of its own: what is marked is there.
    _mark(root, scenario, until, at)
    return Prepared(scenario.since, until, _count(), added, is_new=done_until is None)


def made_so_far() -> Scenario | None:
    """The demo that the database holds, as it was made first; None if there is none."""
    root = NetworkNode.objects.filter(code=PLACES[0].code).first()
    return _read_mark(root)[0] if root is not None else None


def known_until(at: datetime) -> datetime:
    """The end of the last half-hour that is known at a moment."""
    start = datetime(2000, 1, 1, tzinfo=at.tzinfo)
    return start + (at - LAG - start) // STEP * STEP


def calendar_of(first: date, end: date) -> Calendar:
    """The days of the demo with their holidays."""
    days = tariffs.exceptions(start=first, end=end)
    return Calendar(
        first,
        end,
        restful=frozenset(day for day, kind in days.items() if kind == HOLIDAY),
        busy=frozenset(day for day, kind in days.items() if kind == WORKING),
    )


def truth_of(scenario: Scenario, until: datetime, *, days: int = 2) -> Truth:
    """All that flows from the beginning of the data to the end of the day after `until`'s.

    days: so many from that of `until` on, itself included.
    """
    end = until.astimezone(ZoneInfo(MOSCOW)).date() + timedelta(days=days)
    calendar = calendar_of(scenario.since, end)
    return truth(calendar, scenario.stands(calendar))


def _fill(
    scenario: Scenario,
    done_until: datetime | None,
    until: datetime,
    at: datetime,
    tell: Progress,
    *,
    is_live: bool,
) -> int:
    """Deliver what is not there yet; how many values."""
    tell("profiles", 0)
    flows = truth_of(scenario, until)
    ids = dict(UsagePoint.objects.values_list("code", "id"))
    places = {n: ids[point.code] for n, point in enumerate(POINTS)}
    feed = deliveries.Feed.of(flows, scenario, places)
    first = scenario.since
    if done_until is not None:
        # From the day before: the factory's message of it may not have come.
        first = done_until.astimezone(ZoneInfo(MOSCOW)).date() - timedelta(days=1)
    else:
        registers.replace(flows, scenario, places, at=at)
    last_whole = until.astimezone(ZoneInfo(MOSCOW)).date() - timedelta(days=1)
    added = deliveries.deliver(
        feed, first=first, until=until, at=at, progress=tell, is_more=done_until is not None,
        awaited=[last_whole] if is_live else (),
    )  # fmt: skip
    prices.keep(scenario.since, until.astimezone(ZoneInfo(MOSCOW)).date())
    tell("registers", 0.9)
    registers.deliver(flows, scenario, places, first=first, until=until, at=at)
    resources.deliver(scenario, first=first, until=until, at=at)
    network.deliver(
        flows, scenario, places, first=first, until=until, at=at, is_more=done_until is not None
    )
    if done_until is None:
        exchange.exchange(feed, Path(settings.HOME) / "demo", at=at)
        tell("validation", 0.95)
        with transaction.atomic():
            checking.check(places, at=at)
            talks.ask(scenario, at=at)
            entries.write(flows, scenario, places, at=at)
    events.record(scenario, places, first=first, until=until, at=at)
    if done_until is None:
        news.write(at=at)
        programs.ask(at=at)
        tell("charges", 0.98)
        keeping.keep(at=at)
        ahead.keep(at=at)
    tell("done", 1)
    return added


def _count() -> int:
    """Points of all resources."""
    return len(POINTS) + len(resources.POINTS)


def _since(until: datetime, months: int) -> date:
    """The first of the month so many months ago."""
    today = until.astimezone(ZoneInfo(MOSCOW)).date()
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _refuse_others() -> None:
    for model in (UsagePoint, Customer, User):
        if model._default_manager.exists():
            raise AnotherGrid(
                f"the database holds {model._meta.label} that are not the demo's: {settings.HOME}"
            )


def _mark(root: NetworkNode, scenario: Scenario, until: datetime | None, at: datetime) -> None:
    """Note in the trail how far the demo's data go."""
    after = {"since": scenario.since, "first_until": scenario.first_until, "until": until}
    audit.note(MADE, of=root, by=None, at=at, after=after)


def _read_mark(root: NetworkNode) -> tuple[Scenario, datetime | None]:
    entry = Entry.objects.filter(action=MADE, object_id=str(root.pk)).latest("id")
    after = entry.after
    assert after is not None, "it is written with the grid"
    scenario = Scenario(
        date.fromisoformat(after["since"]), datetime.fromisoformat(after["first_until"])
    )
    until = after["until"]
    return scenario, datetime.fromisoformat(until) if until else None
