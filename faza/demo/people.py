"""Who has agreements and who signs in: invented customers and users of the demo grid."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from faza.demo.plan import POINTS

DOMAIN = "example.ru"
PASSWORD = "Zarechny-35-10"  # noqa: S105 - printed at every start; the demo's data are invented
SUPPLIER = 'АО "Заречье-Энергосбыт"'
MANAGER = 'ООО "УК Тёплый двор"'
WORKS = 'ООО "Тигель"'

# Of one flat: the owner before and the owner now.
SOLD = "Квартира 7"
FORMER, PRESENT = "Рябинин Олег Тимофеевич", "Сорокина Дарья Ильинична"
MISTRESS = "Ковалёва Марина Сергеевна"
HOMESTEAD = ("Дом", "Мастерская", "Баня", "Гараж")
"""Her points of one agreement; her flat has another."""
HER_FLAT = "Квартира 52"
SUNNY = "Луговой Степан Аркадьевич"

_PERSONS = """
Абрамов Кирилл Львович; Белкина Анна Романовна; Вихрев Павел Олегович; Громова Нина Юрьевна;
Дроздов Игорь Маркович; Елисеева Вера Павловна; Журавлёв Антон Сергеевич; Зимина Алла Петровна;
Исаков Роман Дмитриевич; Калинина Ольга Глебовна; Лаптев Денис Юрьевич; Мохова Ирина Андреевна;
Носов Фёдор Ильич; Осокина Юлия Викторовна; Пескарёв Лев Борисович; Рощина Елена Игоревна;
Снегирёв Виктор Павлович; Травина Софья Кирилловна; Ушаков Тимур Алексеевич; Фокина Лидия Львовна;
Хвостов Матвей Егорович; Цветкова Инна Олеговна; Чижов Аркадий Романович; Шубина Галина Фёдоровна;
Щеглов Никита Антонович; Юрасова Полина Денисовна; Яковцев Семён Ильич; Аистова Зоя Марковна;
Бобров Глеб Викторович; Вьюгина Тамара Львовна; Гусев Эдуард Петрович; Долина Кира Степановна
"""
PERSONS = tuple(" ".join(name.split()) for name in _PERSONS.split(";"))

FIRMS = {
    'Магазин "Берег"': ("organisation", 'ООО "Берег"'),
    'Пекарня "Каравай"': ("entrepreneur", "ИП Караваев Иван Лукич"),
    'Кафе "Пристань"': ("organisation", 'ООО "Пристань"'),
    "Аптека": ("organisation", 'ООО "Ромашка-Фарм"'),
    'Автосервис "Колея"': ("entrepreneur", "ИП Колеин Руслан Маратович"),
    "Тепличное хозяйство": ("organisation", 'ООО "Заречные теплицы"'),
    "Насосная станция": ("organisation", 'МУП "Источник"'),
    'Детский сад "Лучик"': ("budget", 'МБДОУ "Детский сад "Лучик"'),
    "Уличное освещение": ("budget", "Администрация пос. Заречный"),
    "Базовая станция": ("organisation", 'ООО "Дальняя связь"'),
    "Зарядная станция": ("organisation", 'ООО "Тихий ход"'),
    'Гаражный кооператив "Руль"': ("organisation", 'ГСК "Руль"'),
    "Ввод 1 10 кВ": ("organisation", WORKS),
    "Ввод 2 10 кВ": ("organisation", WORKS),
    "Офис продаж": ("organisation", WORKS),
    "Общедомовой учёт": ("organisation", MANAGER),
}
OWN = ("Ввод Т-1 0,4 кВ", "Ячейка Ф-7", "Ячейка Ф-12")
"""Points of the network itself: nobody has an agreement for them."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who signs in: role, name, address before the @, and for which customer."""

    role: str
    name: str
    local: str
    customer: str = ""
    note: tuple[str, str] = ("", "")
    """What there is to see, in Russian and in English."""

    @property
    def email(self) -> str:
        return f"{self.local}@{DOMAIN}"


LOGINS = (
    Login("subscriber", MISTRESS, "kovaleva", MISTRESS,
          ("абонент, 5 точек электричества, вода и газ",
           "subscriber, 5 electric points, water and gas")),
    Login("subscriber", SUNNY, "lugovoy", SUNNY,
          ("абонент, дом с солнечными панелями", "subscriber, a house with solar panels")),
    Login("subscriber", PRESENT, "sorokina", PRESENT,
          ("абонент, нынешний хозяин квартиры 7", "subscriber, owns flat 7 now")),
    Login("subscriber", FORMER, "ryabinin", FORMER,
          ("абонент, прежний хозяин квартиры 7", "subscriber, owned flat 7 before")),
    Login("subscriber", "Плавильщиков Егор Русланович", "energetik", WORKS,
          ("энергетик завода, ТТ и ТН, два часовых пояса",
           "a factory's engineer, CT and VT, two time zones")),
    Login("operator", "Климова Оксана Витальевна", "operator", "",
          ("оператор сетей", "operator of the network")),
    Login("administrator", "Северов Глеб Николаевич", "admin", "",
          ("администратор", "administrator")),
    Login("supplier", "Сбытнева Лариса Олеговна", "supplier", SUPPLIER,
          ("гарантирующий поставщик", "energy supplier")),
    Login("house_manager", "Дворников Пётр Ильич", "manager", "",
          ("управляющий домами", "house manager")),
    Login("auditor", "Проверкин Юрий Юрьевич", "auditor", "",
          ("аудитор, только чтение", "auditor, reads only")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contract:
    """An agreement: its number, whose it is, and the points it covers by their place in the plan.

    `until_sold`, `since_sold`: it ends or begins at the moment when the flat was sold.
    """

    number: str
    customer: str
    kind: str
    points: tuple[int, ...]
    until_sold: bool = False
    since_sold: bool = False


def contracts() -> list[Contract]:
    """All agreements. Who lives where follows from the order of the points."""
    found, firms, persons = [], dict[tuple[str, str], list[int]](), iter(PERSONS)
    hers = {name: n for n, p in enumerate(POINTS) for name in HOMESTEAD if p.name == name}
    found.append(Contract("42-0042317", MISTRESS, "household", tuple(hers.values())))
    for n, point in enumerate(POINTS):
        number = f"42-{17 * n + 31_180:07d}"
        if point.name in OWN or n in hers.values():
            continue
        if point.name in FIRMS:
            # What is paid by another tariff is covered by another agreement.
            key = (FIRMS[point.name][1], point.billed or "")
            firms.setdefault(key, []).append(n)
        elif point.name == HER_FLAT:
            found.append(Contract("42-0031180", MISTRESS, "household", (n,)))
        elif point.name == SOLD:
            found.append(Contract(number, FORMER, "household", (n,), until_sold=True))
            found.append(
                Contract(f"{number}-2", PRESENT, "household", (n,), since_sold=True)
            )  # fmt: skip
        elif point.name == "Дом 1":
            found.append(Contract(number, SUNNY, "household", (n,)))
        else:
            found.append(Contract(number, next(persons), "household", (n,)))
    for n, ((firm, _tariff), points) in enumerate(firms.items()):
        found.append(Contract(f"Э-{n + 101}/24", firm, "energy_supply", tuple(points)))
    return found


def kinds() -> dict[str, str]:
    """All customers with their kind."""
    found = {contract.customer: "person" for contract in contracts()}
    found |= {firm: kind for kind, firm in FIRMS.values()}
    return found | {SUPPLIER: "organisation"}


def taxpayer_of(customer: str) -> str:
    """A customer's taxpayer number; persons keep theirs to themselves."""
    digits = {"organisation": 10, "budget": 10, "entrepreneur": 12}.get(kinds()[customer])
    return inn(4100 + zlib.crc32(customer.encode()) % 900_000, digits) if digits else ""


def inn(number: int, digits: int) -> str:
    """A taxpayer number with right check digits in region 00, which there is not."""
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    text = f"00{number:0{digits - (3 if digits == 10 else 4)}d}"
    while len(text) < digits:
        used = weights[len(weights) - len(text) :]
        text += str(sum(w * int(d) for w, d in zip(used, text, strict=True)) % 11 % 10)
    return text
