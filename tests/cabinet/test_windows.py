"""Of two successive owners of a flat each sees the own time only, wherever they look."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from zipfile import ZipFile

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from faza.contracts.models import CustomerAgreement
from faza.core.periods import start_of_day
from tests.cabinet.factories import (
    ZONE,
    fill,
    make_agreement,
    make_meter,
    make_point,
    make_user,
)
from tests.cabinet.reading import payload, today, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def flat():
    """A flat sold at a midnight twenty days ago: 100 Wh a half-hour before, 300 Wh after."""
    sold = today() - timedelta(days=20)
    moment = start_of_day(sold, ZONE)
    point = make_point("F7", "Квартира 7", address="ул. Чехова, 9, кв. 7")
    make_meter(point, "45120988")
    former, owner = make_user("former@example.org"), make_user("owner@example.org")
    make_agreement("Д-1", [former], [point], end=moment)
    make_agreement("Д-2", [owner], [point], start=moment)
    fill(point, sold - timedelta(days=30), sold, 100)
    fill(point, sold, today(), 300)
    return point, former, owner, sold


AROUND = "period=any&from={first}&to={last}"


def around(sold: date, days: int = 5) -> str:
    return AROUND.format(first=sold - timedelta(days=days), last=sold + timedelta(days=days - 1))


class TestTwoOwnersOfOneFlat:
    """Each sees the own time only, on every address and in every file."""

    @pytest.mark.parametrize("by", ["interval", "hour", "day"])
    def test_the_explorer(self, flat, enter, by):
        point, former, owner, sold = flat
        address = f"{reverse('cabinet:explorer')}?point=F7&by={by}&{around(sold)}"

        totals = {
            user.email: sum(
                v or 0 for v in payload(enter(user).get(address), "profile")["series"][0]["value"]
            )
            for user in (former, owner)
        }

        day = Decimal("0.1") * 48
        assert totals == pytest.approx(
            {former.email: float(5 * day), owner.email: float(5 * 3 * day)}
        )

    def test_the_comparison_does_not_reach_into_the_other_time(self, flat, enter):
        _, _, owner, sold = flat
        days = f"from={sold}&to={sold + timedelta(days=4)}"
        address = f"{reverse('cabinet:explorer')}?point=F7&compare=1&period=any&{days}"

        response = enter(owner).get(address)

        assert set(payload(response, "profile")["compare"]["value"]) == {None}
        assert "сравнить не с чем" in response.content.decode()

    @pytest.mark.parametrize("user", [1, 2])
    def test_the_files(self, flat, enter, user):
        person, sold = flat[user], flat[3]
        days = f"from={sold - timedelta(days=2)}&to={sold + timedelta(days=1)}"
        wanted = {1: Decimal("0.1"), 2: Decimal("0.3")}[user]

        def got(kind):
            address = reverse("cabinet:export", args=[kind])
            response = enter(person).get(f"{address}?point=F7&{days}")
            return b"".join(response.streaming_content)

        rows = list(csv.DictReader(io.StringIO(got("csv").decode("utf-8-sig"))))
        told = [Decimal(row["value"]) for row in rows if row["value"]]
        book = CalamineWorkbook.from_filelike(io.BytesIO(got("xlsx")))
        cells = [
            cell
            for name in book.sheet_names
            for row in book.get_sheet_by_name(name).to_python()
            for cell in row
            if isinstance(cell, float)
        ]
        archive = ZipFile(io.BytesIO(got("80020")))
        messages = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
        values = re.findall(r"<value>([\d.]+)</value>", "".join(messages))

        feed = re.findall(rb"<value>(\d+)</value>", got("espi"))

        assert (set(feed), len(feed)) == ({str(int(wanted * 1000)).encode()}, 96)
        assert (set(told), len(told)) == ({wanted}, 96)
        assert float(wanted) in cells
        assert float({1: Decimal("0.3"), 2: Decimal("0.1")}[user]) not in cells
        assert {Decimal(value) for value in values} <= {wanted, Decimal(0), wanted * 1000}

    def test_the_board_of_the_former_owner_ends_with_the_own_time(self, flat, enter):
        _, former, _, sold = flat

        response = enter(former).get(reverse("cabinet:home"))

        last = sold - timedelta(days=1)
        assert f"действовал до {last:%d.%m.%Y}" in words(response)
        running = payload(response, "running")["current"]["points"]
        assert running[-1][1] == pytest.approx(0.1 * 48 * min(last.day, 30))

    def test_the_board_of_the_owner_begins_with_the_own_time(self, flat, enter):
        _, _, owner, sold = flat

        months = payload(enter(owner).get(reverse("cabinet:home")), "months")["months"]

        total = sum(month["measured"] or 0 for month in months)
        assert total == pytest.approx(0.3 * 48 * 20, abs=0.2)

    def test_the_meter_of_the_successor_is_not_the_former_owners(self, flat, enter):
        _, former, owner, _ = flat
        address = reverse("cabinet:meters")

        assert "45120988" in words(enter(owner).get(address))
        assert "45120988" not in words(enter(former).get(address))

    def test_nor_is_its_number_in_the_tree_or_to_be_probed(self, flat, enter):
        _, former, owner, _ = flat
        address = reverse("cabinet:explorer")

        assert "45120988" in words(enter(owner).get(address))
        assert "45120988" not in words(enter(former).get(address))
        assert "Ничего не найдено" in words(enter(former).get(f"{address}?q=4512"))
        assert "Ничего не найдено" not in words(enter(owner).get(f"{address}?q=4512"))

    def test_no_branch_of_anothers_agreement_can_be_named(self, flat, enter):
        former = flat[1]
        theirs = CustomerAgreement.objects.get(number="Д-2")

        response = enter(former).get(f"{reverse('cabinet:explorer')}?branch=a{theirs.pk}")

        assert "Выберите точки" in words(response)
