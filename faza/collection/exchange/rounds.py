"""The round of the exchange: what came is taken and read, what is due goes out.

Each part is done whatever becomes of the others; what is wrong stands at the mailbox, the place,
the profile or the delivery that it is about, and goes away with the next success.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.conf import settings

from faza.collection.exchange import arrivals, delivering, mailbox, sending, sftp
from faza.collection.models import Arrival, ExchangePlace, ExchangeProfile, MailboxMark
from faza.collection.secrets import WrongKey

PROBLEM = 300
MOST = 2_000
"""Files that are read in one round."""


@dataclass(slots=True)
class Round:
    """What a round did. `problems`: what could not be done, by its name."""

    taken: int = 0
    read: int = 0
    made: int = 0
    sent: int = 0
    problems: list[str] = field(default_factory=list)


def run(at: datetime, *, beat: Callable[[], None] = lambda: None) -> Round:
    """Make a round; `beat` is called between steps. Twice is once."""
    done = Round()
    _look_into_mailbox(done, at, beat)
    for place in ExchangePlace.objects.filter(is_enabled=True).exclude(inbox="").order_by("pk"):
        beat()
        _look_into_place(place, done, at, beat)
    # An upload has a job of its own.
    waiting = Arrival.objects.filter(state=Arrival.State.WAITING, job=None)
    for arrival in waiting.order_by("arrived_at", "pk")[:MOST]:
        beat()
        if arrivals.read(arrival, at=at) is not None:
            done.read += 1
    for profile in ExchangeProfile.objects.exclude(sends_from=None).select_related("place"):
        beat()
        if sending.is_due(profile, at=at):
            make(profile, at=at, done=done)
    beat()
    done.sent, failed = delivering.deliver(at=at)
    if failed:
        done.problems.append(f"{failed} not sent")
    return done


def make(profile: ExchangeProfile, *, at: datetime, done: Round) -> None:
    """The day's round of a profile: what changed is made ready to go."""
    problem = ""
    try:
        if sending.send_changed(profile, at=at) is not None:
            done.made += 1
    except sending.NothingToSend as told:
        problem = str(told)
        done.problems.append(f"{profile}: {problem}")
    today = sending.local_day(profile, at)
    ExchangeProfile.objects.filter(pk=profile.pk).update(sent_on=today, problem=problem[:PROBLEM])


def _look_into_mailbox(done: Round, at: datetime, beat: Callable[[], None]) -> None:
    if not settings.IMAP_URL:
        return
    try:
        name = mailbox.address_of(settings.IMAP_URL).shown[:300]
    except ValueError as told:
        done.problems.append(str(told))
        return
    problem = ""
    try:
        for taken in mailbox.look(settings.IMAP_URL, at=at):
            done.taken += taken
            beat()
    except mailbox.Trouble as told:
        problem = str(told)
        done.problems.append(f"{name}: {problem}")
    mark, _ = MailboxMark.objects.get_or_create(mailbox=name)
    _note(mark, problem, at)


def _look_into_place(
    place: ExchangePlace, done: Round, at: datetime, beat: Callable[[], None]
) -> None:
    problem = ""
    try:
        done.taken += _taken_from(place, at, beat)
    except (sftp.Trouble, WrongKey) as told:
        problem = str(told)
        done.problems.append(f"{place.name}: {problem}")
    _note(place, problem, at)


def _note(row: MailboxMark | ExchangePlace, problem: str, at: datetime) -> None:
    """Write down that somebody looked, and since when it does not work."""
    row.looked_at, row.problem = at, problem[:PROBLEM]
    row.problem_since = (row.problem_since or at) if problem else None
    row.save(update_fields=["looked_at", "problem", "problem_since"])


def _taken_from(place: ExchangePlace, at: datetime, beat: Callable[[], None]) -> int:
    """Take the new files of a place; they stay there. How many were taken."""
    taken = 0
    with sftp.connected(place) as client:
        found = {
            f"sftp:{place.pk}:{one.signature}": one for one in sftp.files_in(client, place.inbox)
        }
        known: set[str] = set()
        keys = list(found)
        for start in range(0, len(keys), 500):
            part = Arrival.objects.filter(key__in=keys[start : start + 500])
            known.update(part.values_list("key", flat=True))
        for key, one in found.items():
            if key in known:
                continue
            beat()
            taken += _take(client, place, key, one, at)
    return taken


def _take(
    client: sftp.Client, place: ExchangePlace, key: str, one: sftp.Found, at: datetime
) -> bool:
    keep = partial(arrivals.keep, channel=Arrival.Channel.SFTP, key=key, at=at, origin=place.name)
    if one.size > sftp.LIMIT:
        reason = f"The file has {one.size:,} bytes; at most {sftp.LIMIT:,} are taken."
        keep(one.name, b"", state=Arrival.State.FAILED, reason=reason)
        return False
    data = sftp.fetched(client, place.inbox, one)
    if data is None:
        return False  # somebody writes it: the next round finds it whole
    return keep(one.name, data, senders=place.senders) is not None
