"""Whose time it is: every page and file of the cabinet, asked by two owners and by outsiders."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from fractions import Fraction
from zipfile import ZipFile

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.cabinet.account import own_data
from faza.charges import keeping
from faza.core.periods import start_of_day
from faza.metering.models import Meter, MeterModel
from faza.readings import replacement, services
from faza.readings.registers import register
from tests.cabinet.factories import (
    ZONE,
    fill,
    give_area,
    give_house,
    give_tariff,
    make_agreement,
    make_meter,
    make_node,
    make_point,
    make_user,
)
from tests.cabinet.reading import today

pytestmark = pytest.mark.django_db

PAGES = (
    "home", "explorer", "events", "meters", "network", "passport", "complexes", "registers",
    "costs", "resources", "history",
)  # fmt: skip
FILES = (
    "events_file", "network_file", "complexes_file", "registers_file", "costs_file",
    "history_file",
)  # fmt: skip
FIRST, SECOND, THIRD = "71110001", "72220002", "73330003"
"""Meters one after another: the first went in the former owner's time, the third came in the
present one's."""

ODD = (
    "on=0001-01-01&period=year", "on=9999-12-31&period=year", "on=9999-12-31&period=month",
    "period=any&from=0001-01-01&to=0001-01-02", "page=" + "9" * 5000, "page=-1",
    "at=9999-12-31T23:59", "at=1990-01-01T00:00&span=month", "complex=" + "9" * 30,
    "branch=a" + "9" * 30, "q=%5C(%5B*&text=%25_", "point=" + "x" * 3000, "month=0001-01",
)  # fmt: skip


def replace(point, at: datetime, number: str) -> None:
    new = Meter.objects.create(model=MeterModel.objects.get(name="ЭМ-1"), number=number)
    replacement.replace_meter(
        usage_point=point, meter=new, replaced_at=at, ct=Fraction(1),
        closing={register(1): 1_234_560}, opening={register(1): 70},
        source=services.get_source("operator"), at=at,
    )  # fmt: skip


@pytest.fixture
def flat():
    """A flat sold twenty days ago, with a meter replaced before and another after that."""
    sold = today() - timedelta(days=20)
    moment = start_of_day(sold, ZONE)
    point = make_point("F7", "Квартира 7", address="ул. Чехова, 9, кв. 7")
    make_meter(point, FIRST)
    former, owner = make_user("former@example.org"), make_user("owner@example.org")
    give_tariff(make_agreement("Д-1", [former], [point], end=moment))
    give_tariff(make_agreement("Д-2", [owner], [point], start=moment))
    for number, user in enumerate((former, owner), 1):
        make_agreement(f"Г-{number}", [user], [make_point(f"G{number}", f"Гараж {number}")])
    fill(point, sold - timedelta(days=30), sold, 100)
    fill(point, sold, today(), 300)
    replace(point, moment - timedelta(days=9), SECOND)
    replace(point, moment + timedelta(days=9), THIRD)
    keeping.keep(at=timezone.now())
    return point, former, owner, sold


def body(response) -> str:
    told = b"".join(response.streaming_content) if response.streaming else response.content
    return told.decode("utf-8-sig")


def asked(enter, user: User, name: str, query: str) -> str:
    args = ["csv"] if name.endswith("_file") else []
    response = enter(user).get(reverse(f"cabinet:{name}", args=args) + query)
    assert response.status_code in {200, 404}, name
    return body(response) if response.status_code == 200 else ""


class TestTwoOwners:
    @pytest.mark.parametrize("name", PAGES + FILES)
    def test_neither_is_told_of_the_others_meter(self, flat, enter, name):
        _, former, owner, sold = flat
        wide = f"period=any&from={sold - timedelta(days=40)}&to={today()}"
        for query in (f"?point=F7&{wide}", f"?point=F7&period=month&on={sold}", "?points=all",
                      f"?point=F7&period=year&on={sold}"):  # fmt: skip
            assert THIRD not in asked(enter, former, name, query), (name, query)
            assert FIRST not in asked(enter, owner, name, query), (name, query)

    @pytest.mark.parametrize("query", ["?points=all", "?point=F7", "?point=F7&point=G1"])
    def test_nor_of_the_verification_of_a_meter_that_came_later(self, flat, enter, query):
        _, former, owner, _ = flat
        due = today() + timedelta(days=10)
        Meter.objects.filter(number=THIRD).update(verification_due=due)
        last = f"{due:%d.%m.%Y}"

        assert last in asked(enter, owner, "home", "?point=F7")
        for name in PAGES:
            assert last not in asked(enter, former, name, query), name

    def test_of_a_sold_point_nothing_is_late(self, flat, enter):
        _, former, _, _ = flat

        assert "нет связи" not in asked(enter, former, "events", "?point=F7&point=G1")

    def test_when_the_meter_went_later_is_not_told_by_the_bars(self, flat, enter):
        _, former, _, sold = flat

        told = asked(enter, former, "complexes", "?point=F7")

        assert SECOND in told
        assert f"{sold + timedelta(days=9):%d.%m.%Y}" not in told

    @pytest.mark.parametrize("name", ["passport", "complexes", "meters"])
    def test_a_successors_meter_is_not_to_be_probed(self, flat, enter, name):
        _, former, owner, _ = flat

        assert "Квартира 7" in asked(enter, owner, name, f"?points=all&q={THIRD[:4]}")
        found = asked(enter, former, name, f"?points=all&q={THIRD[:4]}")
        assert 'data-label="Адрес"' not in found
        assert len(re.findall("кв. 7", found)) <= len(
            re.findall("кв. 7", asked(enter, former, name, "?points=all&q=999999"))
        )

    def test_the_file_of_own_data(self, flat, enter):
        _, former, owner, sold = flat
        told = {}
        for user in (former, owner):
            pack = ZipFile(io.BytesIO(b"".join(own_data.archive(user, at=timezone.now()))))
            told[user.pk] = {name: pack.read(name).decode() for name in pack.namelist()}
        for name, text in told[former.pk].items():
            assert THIRD not in text, name
            assert "Д-2" not in text, name
        for name, text in told[owner.pk].items():
            assert FIRST not in text, name
            assert "Д-1" not in text, name
        days = [row.split(",")[2] for row in told[owner.pk]["days.csv"].splitlines()[1:]]
        assert min(days) == sold.isoformat()

    def test_each_point_has_its_own_file_and_none_leads_out(self):
        user = make_user("owner@example.org")
        codes = ("A/1", "A_1", "../A_1", "..")
        points = [make_point(code) for code in codes]
        make_agreement("Д-1", [user], points)
        for point in points:
            fill(point, today() - timedelta(days=2), today())

        names = ZipFile(io.BytesIO(b"".join(own_data.archive(user, at=timezone.now())))).namelist()

        found = [name for name in names if name.startswith("intervals/")]
        assert len(found) == len(set(found)) >= len(codes)
        assert not [name for name in found if ".." in name or "//" in name or name.count("/") != 2]


class TestOutsiders:
    @pytest.mark.parametrize("name", PAGES + FILES)
    def test_flats_are_not_the_house_managers(self, enter, name):
        house = make_node("H1", "Дом 1", make_node())
        make_point("H0", "Общедомовой", node=house, is_common=True)
        flat = make_point("H7", "Квартира 7", node=house)
        make_meter(flat, FIRST)
        fill(flat, today() - timedelta(days=3), today())
        keeping.keep(at=timezone.now())
        user = make_user("manager@example.org", User.Role.HOUSE_MANAGER)
        give_house(user, house)
        args = ["csv"] if name.endswith("_file") else []
        address = reverse(f"cabinet:{name}", args=args)

        client = enter(user)

        if name != "meters":
            assert client.get(f"{address}?point=H7").status_code == 404
        for query in (f"?branch=n{house.pk}", "?points=all", f"?q={FIRST}"):
            response = client.get(address + query)
            told = body(response)
            assert "Квартира 7" not in told
            assert FIRST not in told.replace(f'value="{FIRST}"', "").replace(f"q={FIRST}", "")

    @pytest.mark.parametrize("name", [*PAGES, *FILES, "search", "notices", "news", "agreements"])
    def test_odd_addresses_are_no_failure(self, enter, name):
        point = make_point("A", "Аптека")
        user = make_user("owner@example.org")
        make_agreement("Д-1", [user], [point])
        make_meter(point, FIRST)
        client, address = enter(user), reverse(
            f"cabinet:{name}", args=["csv"] if name.endswith("_file") else []
        )  # fmt: skip

        for query in ODD:
            response = client.get(f"{address}?point=A&{query}")
            assert response.status_code in {200, 400, 404}, query

    @pytest.mark.parametrize("name", ["agreement", "notice", "news_piece", "limit_drop", "case"])
    def test_numbers_that_nothing_has(self, enter, name):
        user = make_user("owner@example.org")
        make_agreement("Д-1", [user], [make_point("A", "Аптека")])
        address = reverse(f"cabinet:{name}", args=[10**30])
        client = enter(user)

        response = client.post(address) if name == "limit_drop" else client.get(address)

        assert response.status_code == 404


class TestTrail:
    @pytest.mark.parametrize("name", FILES)
    def test_every_file_that_staff_take_is_noted_with_its_days(self, flat, enter, name):
        point, _, _, sold = flat
        user = make_user("operator@example.org", User.Role.OPERATOR)
        give_area(user, point.node)
        before = set(Entry.objects.values_list("pk", flat=True))

        told = asked(enter, user, name, f"?point=F7&period=month&on={sold}")

        assert told
        [entry] = Entry.objects.exclude(pk__in=before).filter(person__user=user.pk)
        after = entry.after or {}
        assert after["points"] == ["F7"]
        if name == "history_file":
            assert after["first"] == f"{sold.year}-01-01"

    @pytest.mark.parametrize("name", FILES)
    def test_no_file_stays_in_a_shared_cache(self, flat, enter, name):
        address = reverse(f"cabinet:{name}", args=["csv"])

        response = enter(flat[2]).get(f"{address}?point=F7&period=month&on={today()}")

        assert response.status_code == 200
        assert "no-store" in response.get("Cache-Control", "")
