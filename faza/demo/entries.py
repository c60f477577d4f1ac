"""Typed readings of the demo: windows, a year of history, one that waits, one refused, a queue.

Dated back from the last window that has been open for a day when the grid is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.contracts import services as contracts
from faza.contracts.models import Customer
from faza.core.periods import Period, start_of_day
from faza.core.windows import Window, Windows
from faza.demo import faces, meters, people, registers
from faza.demo.loads import Truth
from faza.demo.people import HOMESTEAD, MISTRESS
from faza.demo.plan import BY_NAME, MOSCOW, POINTS
from faza.demo.scenario import STEP, WINDOW, Scenario
from faza.manual_entry import queries, services, windows
from faza.manual_entry.models import Entry
from faza.manual_entry.photos import keeping
from faza.manual_entry.queries import Due
from faza.manual_entry.windows import Place, Terms
from faza.metering.models import Meter, NetworkNode, UsagePoint
from faza.notifications.rounds import entry as reminder
from faza.readings.models import RegisterReading
from faza.readings.register_queries import readings_between

BATH, GARAGE = "Баня", "Гараж"
WITH_PHOTO = "CH-9"
"""The house where a photo is wanted."""
SENDERS = 18
TOO_MUCH, TOO_LITTLE, BLURRED, BY_TELEPHONE = {3, 11}, {8}, {6}, {2, 5, 9, 14}
"""Of the senders those whose reading is not right, whose photo is not, and who use a telephone."""
REFUSED = "На фото счётчик № {seen}, а в гараже стоит № {own}. Снимите, пожалуйста, нужный счётчик."
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KWH = 1000


def write(truth: Truth, scenario: Scenario, places: dict[int, int], *, at: datetime) -> None:
    """All of it; once, when the demo is made."""
    users = {user.email.split("@")[0]: user for user in User.objects.filter(is_active=True)}
    operator, admin = users["operator"], users["admin"]
    since = start_of_day(scenario.since, MOSCOW)
    terms = Terms(first_day=WINDOW[0], last_day=WINDOW[1])
    windows.keep_rule(place=Place(), terms=terms, by=admin, at=since)
    house = NetworkNode.objects.get(code=WITH_PHOTO)
    photo = Terms(first_day=WINDOW[0], last_day=WINDOW[1], wants_photo=True)
    windows.keep_rule(place=Place(node=house), terms=photo, by=operator, at=since)
    opened = start_of_day(scenario.window_opened, MOSCOW)
    mistress = users["kovaleva"]
    _history(scenario, places, by=mistress, decided_by=operator, at=at)
    closes = start_of_day(scenario.window_opened.replace(day=WINDOW[1]), MOSCOW) + DAY
    last = min(at - HOUR / 2, scenario.first_until, closes - 4 * HOUR)
    shown = _Shown(truth, scenario, places)
    _homestead(shown, last, by=mistress, operator=operator, at=at)
    _queue(shown, opened, last, at=at)
    reminder.run(at=at)


class _Shown:
    """What the meters of points show at moments."""

    def __init__(self, truth: Truth, scenario: Scenario, places: dict[int, int]) -> None:
        self.truth, self.scenario, self.places = truth, scenario, places
        self.zones = registers.zones_of_half_hours(scenario.since)
        self.stands = {stand.point: stand for stand in truth.stands}

    def at(self, place: int, moment: datetime, due: Due) -> dict[int, int]:
        """The registers that are to be typed, in whole kWh as people read them."""
        slot = (moment - start_of_day(self.scenario.since, POINTS[place].zone)) // STEP
        values = meters.registers(
            self.truth, self.stands[place], self.zones[POINTS[place].tariff],
            self.scenario.since, np.array([slot]),
        ).reshape(-1)  # fmt: skip
        return {dial.register: int(values[dial.register]) // KWH * KWH for dial in due.dials}

    def due(self, names: list[int], moment: datetime) -> dict[int, Due]:
        """What may be typed at points by their place in the plan."""
        points = UsagePoint.objects.filter(pk__in=[self.places[n] for n in names])
        found = queries.due(list(points.select_related("node")), at=moment)
        by_id = {due.point.pk: due for due in found}
        return {n: by_id[self.places[n]] for n in names}


def _history(
    scenario: Scenario, places: dict[int, int], *, by: User, decided_by: User, at: datetime
) -> None:
    """Who typed the readings of past months that are stored, as if each had been accepted."""
    own = [places[BY_NAME[name]] for name in HOMESTEAD]
    period = Period(start_of_day(scenario.since, MOSCOW), at)
    found = readings_between(Windows(tuple(Window(one, MOSCOW, period) for one in own)), period)
    customer = Customer.objects.get(name=MISTRESS)
    numbers = dict(Meter.objects.values_list("pk", "number"))
    entries = []
    for row in np.flatnonzero(found.kinds == RegisterReading.Kind.MANUAL).tolist():
        moment = datetime.fromtimestamp(int(found.moments[row]), at.tzinfo)
        entries.append(
            Entry(
                usage_point_id=int(found.usage_points[row]), meter_id=int(found.meters[row]),
                customer=customer, of_at=moment, shown={"0": int(found.values[row, 0])},
                way=Entry.Way.CABINET, token=f"demo-{row}", state=Entry.State.APPROVED,
                sent_by=by, sent_at=moment, decided_by=decided_by, decided_at=moment + 14 * HOUR,
            )
        )  # fmt: skip
    Entry.objects.bulk_create(entries)
    for entry in sorted(entries, key=lambda entry: entry.of_at)[-6:]:
        picture = faces.draw(numbers[entry.meter_id], _digits(entry.shown["0"]))
        with keeping.written(picture) as name:
            keeping.attach(entry, picture, name, by=by, at=entry.sent_at)


def _homestead(shown: _Shown, last: datetime, *, by: User, operator: User, at: datetime) -> None:
    """One that waits, and one that was refused: its photo is of the other meter."""
    bath, garage = BY_NAME[BATH], BY_NAME[GARAGE]
    customer = Customer.objects.get(name=MISTRESS)
    for place, number, moment in (
        (garage, POINTS[bath].number, last - 20 * HOUR), (bath, POINTS[bath].number, last - HOUR),
    ):  # fmt: skip
        due = shown.due([place], moment)[place]
        values = shown.at(place, moment, due)
        sent = services.send(
            due=due, shown=values, way=Entry.Way.CABINET, token=f"demo-{place}", by=by, at=moment,
            customer=customer, confirmed=True, photo=faces.draw(number, _digits(values[0])),
        )  # fmt: skip
        if place == garage:
            reason = REFUSED.format(seen=number, own=POINTS[garage].number)
            services.refuse(entry=sent, reason=reason, by=operator, at=at)


def _queue(shown: _Shown, opened: datetime, last: datetime, *, at: datetime) -> None:
    """What neighbours have sent: most as it is, some with a slip of the finger."""
    found = list(_senders(at))
    moment_of = [last - n * min(5 * HOUR, (last - opened) / (SENDERS + 2)) for n in range(SENDERS)]
    first_due = shown.due([place for place, *_ in found], moment_of[-1])
    standing = {one.meter: n for n, of in first_due.items() if (one := of.installed) is not None}
    rows = Meter.objects.filter(pk__in=standing).values_list("pk", "number")
    numbers = {standing[meter]: number for meter, number in rows}
    for n, ((place, user, customer), moment) in enumerate(zip(found, moment_of, strict=True)):
        mine = shown.due([place], moment)[place]
        values = shown.at(place, moment, mine)
        first = min(values)
        if n in TOO_MUCH:
            values[first] += 900 * KWH
        elif n in TOO_LITTLE:
            values[first] -= 300 * KWH
        picture = None
        if mine.standing.wants_photo or n % 4 == 0:
            picture = faces.draw(numbers[place], _digits(values[first]), is_blurred=n in BLURRED)
        services.send(
            due=mine, shown=values, token=f"demo-{n}", by=user, at=moment,
            way=Entry.Way.PHONE if n in BY_TELEPHONE else Entry.Way.CABINET,
            customer=customer, confirmed=True, photo=picture,
        )  # fmt: skip


def _senders(at: datetime) -> Iterator[tuple[int, User, Customer]]:
    """Private people with an account of their own, which is in no list of sign-ins."""
    signed_in = {login.customer for login in people.LOGINS}
    private = [
        contract for contract in people.contracts()
        if contract.kind == "household" and contract.customer not in signed_in
    ]  # fmt: skip
    for n, contract in enumerate(private[:SENDERS]):
        customer = Customer.objects.get(name=contract.customer)
        user = accounts.create_user(
            email=f"abonent{n + 1}@{people.DOMAIN}", full_name=contract.customer,
            role=User.Role.SUBSCRIBER, at=at,
        )  # fmt: skip
        contracts.admit_member(user=user, customer=customer, at=at)
        yield contract.points[0], user, customer


def _digits(quanta: int) -> str:
    """«004821» as the window of a meter shows it."""
    return f"{quanta // KWH:06d}"
