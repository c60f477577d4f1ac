"""Pages of tariffs: what they show of prices, and that a file is tried before it is stored."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.tariffs import files
from faza.tariffs.models import Price, PriceImport, Tariff, Vat
from tests.cabinet.factories import make_user
from tests.tariffs import factories as make

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HEAD = "tariff;valid_from;component;zone;range;amount;unit;with_vat;order;source"
GOOD = "HH2;2026-10-01;energy;0;0;6,47;kwh;yes;№ 7;Вестник"
BAD = "HH2;2026-11-01;energy;0;0;шесть;kwh;yes;№ 7;Вестник"


@pytest.fixture
def client(client):
    user = make_user("admin@example.org", User.Role.ADMINISTRATOR)
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def hh2():
    return make.tariff("HH2", hours=make.TWO_ZONES, family="household")


def upload(client, *lines):
    file = SimpleUploadedFile("цены.csv", "\n".join(lines).encode())
    return client.post(reverse("desk:prices-import"), {"file": file}, follow=True)


class TestList:
    def test_an_empty_one_says_what_to_do(self, client):
        text = client.get(reverse("desk:tariffs")).content.decode()

        assert "Тарифов пока нет" in text
        assert "Ставка не задана" in text

    def test_it_says_since_when_prices_hold_and_when_the_next_do(self, client, hh2):
        today = timezone.localdate()
        make.price(hh2, today - timedelta(days=40), "5")
        make.price(hh2, today + timedelta(days=9), "6", is_example=True, order="")

        text = client.get(reverse("desk:tariffs")).content.decode()

        assert f"{today - timedelta(days=40):%d.%m.%Y}" in text
        assert f"{today + timedelta(days=9):%d.%m.%Y}" in text
        assert "пример" in text

    def test_many_tariffs_cost_as_many_queries_as_few(self, client, django_assert_max_num_queries):
        for n in range(30):
            make.price(make.tariff(f"T{n:02d}"), make.SINCE, "5")
        with django_assert_max_num_queries(17):
            client.get(reverse("desk:tariffs"))


class TestTariff:
    def test_prices_stand_by_zone_and_range_the_latest_first(self, client, hh2):
        for since, level in ((date(2020, 1, 1), 1), (timezone.localdate(), 2)):
            for zone in (1, 2):
                for number in (1, 2):
                    make.price(hh2, since, f"{level}{zone}{number}.5", zone=zone, range=number)
        make.ranges(hh2, make.SINCE, 3900)
        make.season(hh2, make.SINCE, "1.8", 1, 2)

        text = client.get(reverse("desk:tariff", args=[hh2.pk])).content.decode()

        assert text.index("211,50") < text.index("222,50") < text.index("111,50")
        assert "до 3\N{NARROW NO-BREAK SPACE}900" in text
        assert "×1,80: январь, февраль" in text
        assert "07–23" in text

    def test_many_dates_cost_as_many_queries_as_few(
        self, client, hh2, django_assert_max_num_queries
    ):
        for n in range(40):
            make.price(hh2, make.SINCE + timedelta(days=30 * n), "5")
        with django_assert_max_num_queries(22):
            client.get(reverse("desk:tariff", args=[hh2.pk]))

    def test_without_prices_it_says_what_follows(self, client, hh2):
        text = client.get(reverse("desk:tariff", args=[hh2.pk])).content.decode()

        assert "У тарифа нет цен" in text

    def test_a_table_is_taken_away_after_it_was_asked(self, client, hh2):
        make.price(hh2, make.SINCE, "5")
        make.price(hh2, date(2026, 1, 1), "6")
        address = reverse("desk:tariff-withdraw", args=[hh2.pk])
        table = {"sort": "prices", "component": "energy", "since": "2026-01-01"}

        asked = client.get(address, table).content.decode()
        assert "01.01.2020" in asked
        assert Price.objects.count() == 2
        client.post(address, table)

        assert Price.objects.get().amount == 5

    def test_its_tables_as_a_file_are_what_can_be_imported(self, client, hh2):
        make.price(hh2, make.SINCE, "5.25")
        make.ranges(hh2, make.SINCE, 500)

        answer = client.get(reverse("desk:tariff-file", args=[hh2.pk]))
        found = files.read("t.xlsx", answer.content)

        assert not found.problems
        assert {table.sort for table in found.tables} == {"tariffs", "zones", "ranges", "prices"}


class TestVat:
    def test_a_rate_is_set(self, client):
        told = {"valid_from": "2026-01-01", "percent": "22", "source": "НК РФ"}
        answer = client.post(reverse("desk:tariffs-vat"), told)

        assert answer.status_code == 302
        assert Vat.objects.get().percent == 22

    def test_a_wrong_one_is_told(self, client):
        told = {"valid_from": "1899-01-01", "percent": "122", "source": ""}
        answer = client.post(reverse("desk:tariffs-vat"), told)

        assert answer.status_code == 422
        assert not Vat.objects.exists()


class TestImport:
    def test_a_file_is_tried_then_stored_once(self, client, hh2):
        page = upload(client, HEAD, GOOD)
        text = page.content.decode()
        assert "Будет записана" in text
        assert "6,47 ₽/кВт·ч" in text
        assert not Price.objects.exists()

        one = PriceImport.objects.get()
        apply = reverse("desk:prices-import-apply", args=[one.pk])
        client.post(apply, {"seen": page.context["trial"].digest})
        done = client.post(apply, {"seen": page.context["trial"].digest}, follow=True)

        assert Price.objects.get().valid_from == date(2026, 10, 1)
        assert "Этот импорт уже завершил" in done.content.decode()

    def test_a_bad_row_is_named_and_the_good_table_stays(self, client, hh2):
        page = upload(client, HEAD, GOOD, BAD)
        text = page.content.decode()

        assert "строка 3" in text
        assert "amount: «шесть»" in text
        assert "не принята" in text
        one = PriceImport.objects.get()
        client.post(
            reverse("desk:prices-import-apply", args=[one.pk]),
            {"seen": page.context["trial"].digest},
        )
        assert Price.objects.count() == 1

    def test_what_was_not_looked_at_is_not_stored(self, client, hh2):
        upload(client, HEAD, GOOD)
        one = PriceImport.objects.get()
        answer = client.post(
            reverse("desk:prices-import-apply", args=[one.pk]), {"seen": "other"}, follow=True
        )

        assert "посмотрите проверку ещё раз" in answer.content.decode()
        assert not Price.objects.exists()

    def test_a_file_that_is_no_table_is_refused_with_the_reason(self, client):
        file = SimpleUploadedFile("x.xlsx", b"PK\x03\x04broken")
        answer = client.post(reverse("desk:prices-import"), {"file": file})

        assert answer.status_code == 422
        assert "Файл не читается" in answer.content.decode()

    def test_costs_since_the_earliest_date_are_marked(self, client, hh2, monkeypatch):
        marked = []
        monkeypatch.setattr("faza.charges.services.mark_tariff", lambda **told: marked.append(told))
        page = upload(client, HEAD, GOOD)
        client.post(
            reverse("desk:prices-import-apply", args=[PriceImport.objects.get().pk]),
            {"seen": page.context["trial"].digest},
        )

        assert [(one["tariff_id"], one["since"]) for one in marked] == [
            (Tariff.objects.get().pk, date(2026, 10, 1))
        ]


class TestMarket:
    def test_a_month_says_how_much_of_it_is_known(self, client):
        market = make.market("ZR")
        make.hourly(market, date(2026, 2, 3), "1500.5")
        make.peak(market, date(2026, 2, 3), "09:00-10:00")

        page = client.get(reverse("desk:tariffs-market", args=[market.pk]), {"month": "2026-02"})
        text = page.content.decode()

        assert "известен 1 день из 28" in text
        assert "1\N{NARROW NO-BREAK SPACE}500,50" in text
        assert 'class="s1 peak"' in text

    def test_an_unknown_month_says_so(self, client):
        market = make.market("ZR")
        page = client.get(reverse("desk:tariffs-market", args=[market.pk]), {"month": "nonsense"})

        assert "ещё ничего не опубликовано" in page.content.decode()
