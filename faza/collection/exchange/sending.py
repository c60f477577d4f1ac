"""Which days are to be sent, and the file that says them; what brings it away is `delivering`.

A day is sent when it is over, and again under a new number when what it says has changed since
(rules, 80020 exchange). The bytes of a file and its numbers are written down before anything goes
out, so that whatever happens then, the same number never says two things.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.collection import queries, rules, services
from faza.collection.exchange import fingerprints
from faza.collection.exchange.fingerprints import Said
from faza.collection.models import Delivery, Dispatch, ExchangeProfile, PointCode, SentDay
from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.reading_types import BY_CHANNEL, ReadingType
from faza.core.windows import Window, Windows
from faza.protocols import xml80020

DAYS = 400
"""For so long the bytes of what was sent are kept."""


class NothingToSend(Exception):
    """A profile cannot send: no points are mapped, or there is no receiver; the text says which."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A day that is to be sent. `before`: the fingerprint that was sent last, "" if none."""

    message: xml80020.Message
    said: Said
    before: str


def local_day(profile: ExchangeProfile, at: datetime) -> date:
    """The day at a moment, by the clock of the profile's zone."""
    return at.astimezone(ZoneInfo(profile.zone or rules.MOSCOW)).date()


def is_due(profile: ExchangeProfile, *, at: datetime) -> bool:
    """Whether the round of the day is to be made now."""
    local = at.astimezone(ZoneInfo(profile.zone or rules.MOSCOW))
    if profile.sends_from is None or profile.sends_from >= local.date():
        return False
    is_done = profile.sent_on is not None and profile.sent_on >= local.date()
    return local.hour >= profile.send_hour and not is_done


def send_changed(
    profile: ExchangeProfile, *, at: datetime, by: User | None = None
) -> Dispatch | None:
    """Make the file of all days that are new or have changed; None if there are none.

    It goes out with the next `delivering.deliver`. Twice is once. Raises NothingToSend.
    """
    days = _days(profile, at)
    if days is None:
        return None
    windows, receivers = _windows(profile), _receivers(profile)
    if not windows:
        raise NothingToSend(_("No usage point has a code for this counterparty."))
    if not receivers:
        raise NothingToSend(_("There is no address and no place to send to."))
    changed = list(_changed(profile, windows, *days, at))
    if not changed:
        return None
    number = services.take_numbers(profile, len(changed))
    messages = [replace(one.message, number=number + n) for n, one in enumerate(changed)]
    name, content = _file(profile, messages)
    with transaction.atomic():
        ExchangeProfile.objects.select_for_update().get(pk=profile.pk)
        last = _last_sent(profile, *days)
        if any(last.get(one.message.day, "") != one.before for one in changed):
            return None  # another round was faster; the numbers are lost
        dispatch = Dispatch.objects.create(
            profile=profile,
            name=name,
            content=zlib.compress(content),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            first=changed[0].message.day,
            last=changed[-1].message.day,
            days=len(changed),
            again=sum(bool(one.before) for one in changed),
            created_at=at,
            by=by,
        )
        SentDay.objects.bulk_create(
            SentDay(
                profile=profile, dispatch=dispatch, day=message.day, number=message.number,
                fingerprint=one.said.fingerprint, points=one.said.points,
                missing=one.said.missing, estimated=one.said.estimated,
            )
            for one, message in zip(changed, messages, strict=True)
        )  # fmt: skip
        for delivery in receivers:
            delivery.dispatch, delivery.due_at = dispatch, at
        Delivery.objects.bulk_create(receivers)
    return dispatch


def content_of(dispatch: Dispatch) -> bytes:
    """The bytes of a file that we send; empty where they are not kept any more."""
    packed = bytes(dispatch.content)
    return zlib.decompress(packed) if packed else b""


def forget(before: datetime, at: datetime) -> int:
    """Empty the files that were made before a moment and need no sending; how many."""
    waiting = Delivery.objects.filter(state__in=("waiting", "sending")).values("dispatch")
    old = Dispatch.objects.filter(created_at__lt=before).exclude(content=b"")
    return old.exclude(pk__in=waiting).update(content=b"")


def _days(profile: ExchangeProfile, at: datetime) -> tuple[date, date] | None:
    """The days [first, end) that are looked at; None where there are none yet."""
    if profile.sends_from is None:
        return None
    end = local_day(profile, at)
    first = max(profile.sends_from, end - timedelta(days=profile.resend_days))
    return (first, end) if first < end else None


def _windows(profile: ExchangeProfile) -> Windows:
    rows = PointCode.objects.filter(profile=profile).values_list(
        "usage_point_id", "usage_point__zone"
    )
    always = Period(ALWAYS, FOREVER)
    return Windows.merged([Window(point, zone, always) for point, zone in rows])


def _kinds(profile: ExchangeProfile) -> list[ReadingType]:
    return [BY_CHANNEL[name] for name in profile.channels if name in xml80020.CODES]


def _receivers(profile: ExchangeProfile) -> list[Delivery]:
    ways = Delivery.Channel
    found = [Delivery(channel=ways.MAIL, address=address) for address in profile.addresses]
    if profile.place is not None and profile.place.outbox:
        found.append(Delivery(channel=ways.SFTP, place=profile.place))
    return found


def _last_sent(profile: ExchangeProfile, first: date, end: date) -> dict[date, str]:
    rows = SentDay.objects.filter(profile=profile, day__gte=first, day__lt=end)
    return dict(rows.order_by("number").values_list("day", "fingerprint"))


def _changed(
    profile: ExchangeProfile, windows: Windows, first: date, end: date, at: datetime
) -> Iterator[Changed]:
    letter = queries.letter_of(profile, first_number=0, at=at)
    last = _last_sent(profile, first, end)
    for message in queries.messages(windows, _kinds(profile), first=first, end=end, letter=letter):
        said = fingerprints.of(message, letter.rounding)
        before = last.get(message.day, "")
        if said.fingerprint != before:
            yield Changed(message, said, before)


def _file(profile: ExchangeProfile, messages: list[xml80020.Message]) -> tuple[str, bytes]:
    """Name and bytes: a message alone, or several in a zip (rules, 80020 exchange)."""
    whole = profile.rounding == ExchangeProfile.Rounding.WHOLE
    rounding: xml80020.writer.Rounding = "whole" if whole else "exact"
    first, last = messages[0], messages[-1]
    if first is last:
        return xml80020.file_name(first), xml80020.write(first, rounding=rounding)
    stem = xml80020.file_name(replace(last, number=first.number)).removesuffix(".xml")
    return f"{stem}-{last.number}.zip", xml80020.write_zip(messages, rounding=rounding)
