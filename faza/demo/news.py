"""What the demo's people are told: news of the network, notices of the last weeks, their wishes.

Events of the demo are history when it is made, of which nobody gets a mail; on the pages they
stand as they would if each had been told when it happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from faza.accounts.models import User
from faza.contracts import access
from faza.core.periods import Period
from faza.demo import people
from faza.demo.plan import BY_NAME, POINTS
from faza.events import queries as events
from faza.events.kinds import Category
from faza.events.outages import outages
from faza.metering.models import NetworkNode, UsagePoint
from faza.notifications import subscriptions
from faza.notifications.models import News, Notice, Subscription, Topic, Way
from faza.notifications.news import services
from faza.notifications.news.services import Piece
from faza.notifications.rounds import thresholds, verification
from faza.notifications.rounds.events import SHORTEST
from faza.notifications.telling import New, Person, tell

DAY = timedelta(days=1)
BACK = timedelta(days=45)
READ_AFTER = timedelta(days=4)
"""What is older has been read."""
MOST = 60
"""Notices of a person at most: a supplier has many points."""
LIMIT = 30_000
"""Wh a day at the mistress's house: some days of a week are above it."""

WORKS = """\
С 9:00 до 13:00 меняем опоры на линии ВЛ-1. Электричества не будет у домов 1–14 и на улице Садовой.

- Холодильник продержится закрытым до четырёх часов.
- Насосы и котлы выключите заранее.

Если закончим раньше, включим сразу. Вопросы – **8 800 000-00-00**, круглосуточно.
"""
HOURS = """\
С первого числа счётчики посёлка опрашиваются раз в час. Раньше показания приходили раз в сутки.

В разделе «Учётные данные» видно расход вплоть до последнего часа, а о выключении питания мы \
узнаём почти сразу.
"""
FORECAST = """\
В кабинете появились прогноз расхода до конца месяца и сравнение тарифов на ваших данных.

Прогноз показан с границами: фактический расход попадает в них в восьми случаях из десяти.
"""
CHECK = """\
В декабре проверяем пломбы и показания в подъездах дома 12. Вход в квартиры не нужен.

У инспектора есть удостоверение с фотографией; проверить его можно по телефону диспетчера.
"""
DRAFT = """\
В праздники диспетчер работает как обычно, а ответы на вопросы придут после 9 января.
"""


def write(*, at: datetime) -> None:
    """News, wishes and notices; once, when the demo is made."""
    users = {user.email: user for user in User.objects.filter(is_active=True)}
    admin = users[f"admin@{people.DOMAIN}"]
    line = list(NetworkNode.objects.filter(code="VL-1"))
    house = [UsagePoint.objects.get(code=POINTS[BY_NAME["Общедомовой учёт"]].code)]
    _publish(Piece("Счётчики опрашиваются каждый час", HOURS), admin, at - 38 * DAY)
    _publish(Piece("Прогноз и сравнение тарифов", FORECAST, News.Group.PEOPLE), admin, at - 9 * DAY)
    _publish(
        Piece("Проверка пломб в доме 12", CHECK, News.Group.MANAGERS, points=house), admin,
        at - 3 * DAY,
    )  # fmt: skip
    works = Piece(
        "Плановое отключение на линии ВЛ-1", WORKS, nodes=line, is_important=True,
        shown_until=(at + 6 * DAY).date(),
    )  # fmt: skip
    _publish(works, admin, at - 2 * DAY)
    services.write(piece=Piece("Как мы работаем в праздники", DRAFT), by=admin, at=at)
    for login in people.LOGINS:
        if login.role in {"subscriber", "supplier", "house_manager"}:
            _history(users[login.email], at)
    _wishes(users[f"kovaleva@{people.DOMAIN}"], at)
    thresholds.run(at=at)
    verification.run(at=at)
    Notice.objects.filter(created_at__lt=at - READ_AFTER, read_at=None).update(read_at=at)


def _publish(piece: Piece, by: User, at: datetime) -> None:
    row = services.write(piece=piece, by=by, at=at)
    services.publish(news=row, by=by, at=at + DAY / 24, seen=row.written_at.isoformat())


def _wishes(user: User, at: datetime) -> None:
    """A limit at the house, and kinds of events."""
    house = UsagePoint.objects.get(code=POINTS[BY_NAME["Дом"]].code)
    wish = subscriptions.set_limit(user=user, point=house, limit=LIMIT, way=Way.PAGE, at=at)
    # As if it had stood for long: days before it are not looked at.
    Subscription.objects.filter(pk=wish.pk).update(made_at=at - BACK)
    subscriptions.choose(
        user=user, topics={Topic.OUTAGES: Way.DIGEST}, at=at,
        events={Category.VOLTAGE: Way.PAGE, Category.SETTINGS: Way.DIGEST},
    )  # fmt: skip


def _history(user: User, at: datetime) -> None:
    """What a person would have been told of in the last weeks, on the page."""
    windows = access.windows_of(user, at=at)
    places = {
        key: ", ".join(part for part in (name, address) if part)
        for key, name, address in UsagePoint.objects.filter(id__in=windows.points).values_list(
            "id", "name", "address"
        )
    }
    period = Period(at - BACK, at)
    found = [
        New(
            key=f"demo:{one.usage_point}:{one.at.isoformat()}:{one.kind.journal}:{one.kind.code}",
            kind="events.warning",
            topic=Topic.WARNINGS,
            happened_at=one.at,
            payload={
                "events": [[int(one.at.timestamp()), one.kind.journal, one.kind.code]],
                "place": places[one.usage_point],
            },
            usage_point=one.usage_point,
        )
        for one in events.events(windows, period, limit=20 * MOST)
        if one.kind.warns is not None
    ]
    cuts = outages(windows, period)
    found += [
        New(
            key=f"outage:{point}:{start}",
            kind="outage",
            topic=Topic.OUTAGES,
            happened_at=datetime.fromtimestamp(end, at.tzinfo),
            payload={"from": start, "to": end, "place": places[point]},
            usage_point=point,
        )
        for point, start, end in zip(
            cuts.points.tolist(), cuts.starts.tolist(), cuts.ends.tolist(), strict=True
        )
        if end - start >= SHORTEST.total_seconds()
    ]
    person = Person(user.pk, user.language)
    for one in sorted(found, key=lambda new: new.happened_at)[-MOST:]:
        tell(person, [one], way=Way.PAGE, at=one.happened_at + timedelta(minutes=2))
