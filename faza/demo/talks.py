"""Cases of the demo: what subscribers have asked of their readings, and what they were told."""

from __future__ import annotations

from datetime import datetime, timedelta

from faza.accounts.models import User
from faza.cases import services
from faza.cases.models import Case
from faza.cases.rules import Subject
from faza.core.periods import Period, start_of_day
from faza.core.reading_types import A_PLUS
from faza.demo import people
from faza.demo.plan import BY_NAME, POINTS
from faza.demo.scenario import BY_MESSAGE, Scenario
from faza.metering.models import UsagePoint

MISTRESS_SAYS = "С вечера до утра в мастерской никто не работал. Откуда взялись эти значения?"
ANSWER = (
    "Прибор не ответил, и эти получасы рассчитаны по похожим дням. Сумма сверена с показаниями"
    " счётчика на начало и конец суток, лишнего в ней нет."
)
NOTE = "Сверено с показаниями на 00:00, расхождения нет."
WORKS_ASK = "Макет за эти сутки мы отправляли. Почему у вас расчётные значения?"
SUNNY_ASKS = "Как посмотреть, сколько мои панели отдали в сеть за эти сутки?"


def ask(scenario: Scenario, *, at: datetime) -> None:
    """Three cases: one answered, one in work, one new.

    All at the moment of making: before it nobody could sign in.
    """
    users = {user.email: user for user in User.objects.all()}
    operator = users[f"operator@{people.DOMAIN}"]
    first = _case(
        users, "kovaleva", "Мастерская", scenario, 4, Subject.ESTIMATE, MISTRESS_SAYS,
        at,
    )  # fmt: skip
    services.take(case=first, by=operator, at=at)
    services.note(case=first, text=NOTE, by=operator, at=at)
    services.answer(case=first, text=ANSWER, by=operator, at=at)
    second = _case(
        users, "energetik", BY_MESSAGE[0], scenario, 3, Subject.ESTIMATE, WORKS_ASK,
        at,
    )  # fmt: skip
    services.take(case=second, by=operator, at=at)
    _case(users, "lugovoy", "Дом 1", scenario, 5, Subject.OTHER, SUNNY_ASKS, at)


def _case(
    users: dict[str, User], local: str, name: str, scenario: Scenario, days: int,
    subject: Subject, question: str, at: datetime,
) -> Case:  # fmt: skip
    """Ask about a day so long ago."""
    point = POINTS[BY_NAME[name]]
    day = scenario.ago(days)
    period = Period(
        start_of_day(day, point.zone), start_of_day(day + timedelta(days=1), point.zone)
    )
    return services.ask(
        user=users[f"{local}@{people.DOMAIN}"], point=UsagePoint.objects.get(code=point.code),
        period=period, kind=A_PLUS, subject=subject, question=question, at=at,
    )  # fmt: skip
