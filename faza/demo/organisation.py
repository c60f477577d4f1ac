"""The demo's invented organisation: its card, its two texts, and people who have applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from faza.accounts import card, services, texts
from faza.accounts.models import LegalText, User
from faza.contracts.services import applications
from faza.demo import people
from faza.demo.plan import ORGANISATION

DATA = Path(__file__).parent / "data"
TITLES = {
    LegalText.Kind.LICENCE: "Лицензионное соглашение",
    LegalText.Kind.CONSENT: "Согласие на обработку персональных данных",
}
PUBLISHED = timedelta(days=81)
"""So long before the demo is made the texts were published."""
NAME = ORGANISATION


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who has applied, and how far it got."""

    name: str
    local: str
    state: str
    number: str
    note: tuple[str, str]
    organisation: str = ""
    said: str = ""

    @property
    def email(self) -> str:
        return f"{self.local}@{people.DOMAIN}"


def _number_of(customer: str) -> str:
    return next(one.number for one in people.contracts() if one.customer == customer)


APPLICANTS = (
    Applicant(
        "Громова Нина Юрьевна", "gromova", "waiting", _number_of("Громова Нина Юрьевна"),
        ("заявитель, ждёт проверки", "applicant, waits for the check"),
    ),
    Applicant(
        "Караваев Иван Лукич", "karavaev", "waiting", "Э-102/24",
        ("заявитель от организации, ждёт проверки", "applicant of a firm, waits for the check"),
        organisation="ИП Караваев И. Л.",
    ),
    Applicant(
        "Исаков Роман Дмитриевич", "isakov", "correction",
        _number_of("Исаков Роман Дмитриевич")[:-1],
        ("заявитель, просят исправить", "applicant, asked for a correction"),
        said="В номере договора не хватает последней цифры. Проверьте его на первой странице.",
    ),
    Applicant(
        "Чужеватов Павел Кузьмич", "chuzhevatov", "refused", "77-0000001",
        ("заявитель, отказано", "applicant, refused"),
        said="Договора с таким номером у нас нет: он заключён с другой сетевой организацией.",
    ),
)  # fmt: skip


@transaction.atomic
def prepare(*, at: datetime) -> None:
    """Make what is missing of it; doing it twice does it once."""
    _card(at)
    _texts(at - PUBLISHED)
    for user in User.objects.filter(email__in=[login.email for login in people.LOGINS]):
        due = texts.due_from(user)
        if due:
            services.accept(user=user, texts=due, at=at)
    known = set(User.objects.values_list("email", flat=True))
    operator = User.objects.filter(role=User.Role.OPERATOR).order_by("id").first()
    password = make_password(people.PASSWORD)
    for applicant in APPLICANTS:
        if applicant.email not in known and operator is not None:
            _apply(applicant, operator, password, at - timedelta(hours=3))


def _card(at: datetime) -> None:
    if card.current() is None:
        services.set_card(
            name=NAME,
            operator_of_personal_data=f"{NAME}, 000000, пос. Заречный, ул. Линейная, д. 1",
            address="000000, пос. Заречный, ул. Линейная, д. 1",
            phones="8 800 000-00-00",
            hours="пн–пт 8:00–20:00, сб 9:00–15:00",
            email=f"help@{people.DOMAIN}",
            site=f"https://{people.DOMAIN}",
            at=at,
        )


def _texts(at: datetime) -> None:
    for kind in texts.missing():
        body = (DATA / f"{kind}.md").read_text(encoding="utf-8")
        services.draft_text(kind=kind, title=TITLES[kind], body=body, at=at)
        services.publish_text(kind=kind, at=at)


def _apply(applicant: Applicant, operator: User, password: str, at: datetime) -> None:
    user = services.create_user(email=applicant.email, full_name=applicant.name, at=at)
    user.password = password
    user.save(update_fields=["password"])
    services.accept(user=user, texts=texts.current().values(), at=at)
    fields = {
        "kind": "organisation" if applicant.organisation else "person",
        "full_name": applicant.name,
        "organisation": applicant.organisation,
        "agreement_number": applicant.number,
        "phone": "+7 900 000-00-00",
        "address": "",
    }
    sent = applications.submit(user=user, fields=fields, at=at)
    applications.confirm(user=user, at=at + timedelta(minutes=4))
    later = at + timedelta(hours=1)
    if applicant.state == "correction":
        applications.ask(application=sent, text=applicant.said, by=operator, at=later)
    elif applicant.state == "refused":
        applications.refuse(application=sent, reason=applicant.said, by=operator, at=later)
