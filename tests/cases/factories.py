"""Cases as they come: a flat that was sold, its owners one after the other, an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from faza.accounts.models import User
from faza.cases import services
from faza.cases.models import Case
from faza.cases.rules import Subject
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS, ReadingType
from faza.metering.models import UsagePoint
from tests.cabinet.factories import give_area, make_agreement, make_node, make_point, make_user

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday, 12:00 in Moscow
SOLD = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(hours=3)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """A flat, who had it and has it, and who works with it at the desk."""

    point: UsagePoint
    former: User
    owner: User
    operator: User


def make_place(code: str = "FLAT-7") -> Place:
    node = make_node(f"N-{code}", "Сети")
    point = make_point(code, "Квартира 7", node=node, address="ул. Садовая, 14")
    former, owner = (make_user(f"{who}-{code}@example.org".lower(), name=name) for who, name in (
        ("former", "Прежний Иван Ильич"), ("owner", "Новая Анна Петровна"),
    ))  # fmt: skip
    make_agreement(f"{code}-1", [former], [point], end=SOLD)
    make_agreement(f"{code}-2", [owner], [point], start=SOLD)
    operator = make_user(f"desk-{code}@example.org".lower(), User.Role.OPERATOR, "Климова О. В.")
    give_area(operator, node)
    return Place(point, former, owner, operator)


def ask(
    user: User,
    point: UsagePoint,
    *,
    start: datetime = NOW - DAY,
    end: datetime = NOW - DAY + HOUR,
    kind: ReadingType | None = A_PLUS,
    subject: Subject = Subject.ESTIMATE,
    question: str = "Меня не было дома.",
    at: datetime = NOW,
) -> Case:
    return services.ask(
        user=user, point=point, period=Period(start, end), kind=kind, subject=subject,
        question=question, at=at,
    )  # fmt: skip


def things(prefix: str, point: UsagePoint, asker: User, desk: User) -> dict[str, str]:
    """Names of a case with a talk, for tests of doors."""
    now = timezone.now()
    case = ask(asker, point, start=now - 3 * DAY, end=now - 2 * DAY, at=now)
    services.write(case=case, text="Проверяем.", by=desk, at=now)
    services.note(case=case, text="Позвонить в ТП.", by=desk, at=now)
    return {f"{prefix}case": str(case.pk)}
