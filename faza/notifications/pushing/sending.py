"""Sends what is due to push services."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pywebpush import WebPushException, webpush

from faza.notifications import queries, subscriptions
from faza.notifications.models import Notice, PushAddress, Topic, Way
from faza.notifications.pushing import keys, rules

TIMEOUT = 10.0
KEPT = 24 * 3600
"""Seconds for which the push service keeps what it cannot hand over."""
GONE = (404, 410)
"""The subscription is no more. Source: RFC 8030, 7.3."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Pushed:
    """How many devices were told, put off, given up, and had nothing that they want told."""

    sent: int = 0
    later: int = 0
    ended: int = 0
    nothing: int = 0

    @property
    def count(self) -> int:
        """How many were looked at."""
        return self.sent + self.later + self.ended + self.nothing


class _Session(requests.Session):
    """Goes only where it was sent: an answer may not send it on into our own network."""

    def post(self, *args: Any, **named: Any) -> requests.Response:
        return super().post(*args, **named, allow_redirects=False)


def push(*, at: datetime, limit: int = 20) -> Pushed:
    """Tell devices that there are new notices; call it again as long as its `count` is not 0.

    Several notices are one message, that replaces the one before it on the screen. Several
    workers may run: each leases its devices. One that is killed between the service's answer and
    writing it down sends again, which the screen shows once, for both have the same tag.
    """
    told = Pushed()
    if not keys.is_on() or not _due(at).exists():
        return told
    with _Session() as session:
        for address in _claim(at, limit):
            _tell(address, session, told, at)
    return told


def _due(at: datetime) -> Any:  # a QuerySet with an annotation
    news = Notice.objects.filter(
        user=OuterRef("user"), pk__gt=OuterRef("told"), read_at=None,
        created_at__gt=at - rules.YOUNG,
    )  # fmt: skip
    free = Q(leased_until=None) | Q(leased_until__lte=at)
    return PushAddress.objects.filter(
        free, Exists(news), due_at__lte=at, token__revoked_at=None, token__expires_at__gt=at,
        user__is_active=True,
    ).order_by("due_at", "id")  # fmt: skip


@transaction.atomic
def _claim(at: datetime, limit: int) -> list[PushAddress]:
    chosen = list(_due(at).select_for_update(skip_locked=True, of=("self",))[:limit])
    numbers = [address.pk for address in chosen]
    PushAddress.objects.filter(pk__in=numbers).update(leased_until=at + rules.LEASE)
    return list(PushAddress.objects.select_related("user").filter(pk__in=numbers).order_by("id"))


def _tell(address: PushAddress, session: requests.Session, told: Pushed, at: datetime) -> None:
    newest, topics = _news(address, at)
    if not topics:
        _mark(address, told=newest)
        told.nothing += 1
        return
    try:
        _send(address, topics, newest, session)
    except (WebPushException, requests.RequestException) as problem:
        _fail(address, problem, told, at)
    except Exception as problem:  # a key that is on no curve: the next device may be told
        log.exception("device %s", address.token_id)
        _fail(address, problem, told, at)
    else:
        _mark(address, told=newest, failures=0)
        told.sent += 1


def _news(address: PushAddress, at: datetime) -> tuple[int, list[Topic]]:
    """The newest notice that was not told, and the topics of those that are to be told.

    Only what the person may read now, has not read, and has not asked to find on the page only.
    """
    rows = Notice.objects.filter(user=address.user_id, pk__gt=address.told)
    newest = rows.order_by("-id").values_list("id", flat=True).first() or address.told
    fresh = rows.filter(read_at=None, created_at__gt=at - rules.YOUNG, pk__lte=newest)
    numbers = dict(fresh.values_list("id", "topic"))
    readable = queries.readable(address.user, numbers, at=at)
    found = [Topic(numbers[number]) for number in readable]
    quiet = {
        topic
        for topic in set(found) & subscriptions.DEFAULTS.keys()
        if subscriptions.ways_of([address.user_id], topic)[address.user_id] == Way.PAGE
    }
    return newest, [topic for topic in found if topic not in quiet]


def _send(
    address: PushAddress, topics: Sequence[Topic], newest: int, session: requests.Session
) -> None:
    urgent = Topic.WARNINGS in topics or Topic.ORDERS in topics
    webpush(
        subscription_info={
            "endpoint": address.endpoint, "keys": {"p256dh": address.key, "auth": address.secret},
        },
        data=json.dumps(words(topics, address.user.language), ensure_ascii=False),
        vapid_private_key=keys.signer(),
        vapid_claims={"sub": settings.PUSH_CONTACT},
        ttl=KEPT,
        timeout=TIMEOUT,
        # A later message takes the place of one that was not handed over. RFC 8030, 5.4.
        headers={"Urgency": "high" if urgent else "normal", "Topic": "notices"},
        requests_session=session,
    )  # fmt: skip


def words(topics: Sequence[Topic], language: str) -> dict[str, object]:
    """What a device shows: how many there are, of what; nothing of whom or where."""
    language = language if translation.check_for_language(language) else "ru"
    with translation.override(language):
        one = str(topics[0].label)
        several = ngettext("%(count)s new notice", "%(count)s new notices", len(topics))
        title = one[:1].upper() + one[1:] if len(set(topics)) == 1 else _("New notices")
        body = several % {"count": len(topics)}
    return {"title": title, "body": body, "count": len(topics), "tag": "notices"}


def _fail(address: PushAddress, problem: Exception, told: Pushed, at: datetime) -> None:
    answer = getattr(problem, "response", None)
    code = answer.status_code if answer is not None else None
    failures = address.failures + 1
    pause = None if code in GONE else rules.pause_after(failures)
    log.info("device %s is not told: %s", address.token_id, code or type(problem).__name__)
    if pause is None:
        PushAddress.objects.filter(pk=address.pk, endpoint=address.endpoint).delete()
        told.ended += 1
    else:
        _mark(address, failures=failures, due_at=at + pause)
        told.later += 1


def _mark(address: PushAddress, **changed: object) -> None:
    """Write down and let go; an address that was put down anew meanwhile stays as it is."""
    same = PushAddress.objects.filter(pk=address.pk, made_at=address.made_at)
    same.update(leased_until=None, **changed)
