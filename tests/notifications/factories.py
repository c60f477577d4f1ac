"""Notices, wishes and news for tests of others."""

from datetime import timedelta

from django.utils import timezone

from faza.accounts.models import User
from faza.metering.models import UsagePoint
from faza.notifications import subscriptions
from faza.notifications.models import Notice, Topic, Way
from faza.notifications.news import services
from faza.notifications.news.services import Piece
from faza.notifications.telling import New, Person, tell


def make_notice(user: User, point: UsagePoint, key: str = "one") -> Notice:
    """A warning of power that is off, of an hour ago."""
    at = timezone.now()
    happened = at - timedelta(hours=1)
    new = New(
        key=f"{key}:{point.pk}", kind="events.warning", topic=Topic.WARNINGS, usage_point=point.pk,
        happened_at=happened,
        payload={"events": [[int(happened.timestamp()), 2, 1]], "place": point.name},
    )  # fmt: skip
    tell(Person(user.pk, "ru"), [new], way=Way.PAGE, at=at)
    return Notice.objects.get(user=user, key=new.key)


def things(prefix: str, point: UsagePoint, user: User, desk: User) -> dict[str, str]:
    """A notice and a limit of a user, a draft and a published piece of news about a place."""
    at = timezone.now()
    limit = subscriptions.set_limit(user=user, point=point, limit=9_000, way=Way.PAGE, at=at)
    piece = Piece(f"Новость {prefix}", "Электричества не будет с 9 до 13.", nodes=[point.node])
    draft = services.write(piece=piece, by=desk, at=at)
    news = services.write(piece=piece, by=desk, at=at)
    services.publish(news=news, by=desk, at=at, seen=news.written_at.isoformat())
    told = {
        "notice": make_notice(user, point).pk,
        "limit": limit.pk,
        "news": news.pk,
        "news_draft": draft.pk,
    }
    return {f"{prefix}{name}": str(value) for name, value in told.items()}
