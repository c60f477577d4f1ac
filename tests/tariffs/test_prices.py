"""Files of prices in the database: tried, applied once, taken away; and the books they make."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from faza.audit.models import Entry
from faza.protocols.problems import Malformed
from faza.tariffs import queries, rules
from faza.tariffs.models import HourlyPrice, Market, Price, PriceImport, Tariff, TariffZone, Vat
from faza.tariffs.services import import_shipped, prices
from faza.tariffs.trial import Outcome
from tests.tariffs import factories as make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
JAN = date(2026, 1, 1)
HEAD = "tariff;valid_from;component;zone;range;amount;unit;with_vat;order;source"


def kept(*lines, name="p.csv"):
    return prices.upload(name=name, content="\n".join(lines).encode(), by=None, at=AT)


def put(*lines):
    return prices.apply(one=kept(*lines), at=AT, by=None)


def outcomes(one):
    return [(change.sort, change.outcome) for change in prices.trial_of(one).changes]


@pytest.fixture
def hh2():
    return make.tariff("HH2", hours=make.TWO_ZONES)


DAY = "HH2;2026-01-01;energy;1;0;6.47;kwh;yes;№ 1;gazette"
NIGHT = "HH2;2026-01-01;energy;2;0;3.40;kwh;yes;№ 1;gazette"


class TestApply:
    def test_a_trial_writes_nothing(self, hh2):
        one = kept(HEAD, DAY, NIGHT)

        assert outcomes(one) == [("prices", Outcome.NEW)]
        assert not Price.objects.exists()

    def test_what_is_applied_is_in_the_book(self, hh2):
        done = put(HEAD, DAY, NIGHT)

        book = queries.books([hh2.pk], JAN, date(2026, 2, 1))[hh2.pk]
        assert [(row.zone, row.amount) for row in book.prices_on(JAN)] == [
            (1, D("6.47")), (2, D("3.40"))
        ]  # fmt: skip
        assert done.since == {hh2.pk: JAN}

    def test_doing_it_twice_does_it_once(self, hh2):
        put(HEAD, DAY, NIGHT)
        again = kept(HEAD, NIGHT, DAY)

        assert outcomes(again) == [("prices", Outcome.SAME)]
        done = prices.apply(one=again, at=AT, by=None)

        assert (done.counts["same"], done.since, Price.objects.count()) == (1, {}, 2)
        with pytest.raises(prices.NotNow):
            prices.apply(one=again, at=AT, by=None)

    def test_a_table_replaces_the_same_component_and_date_and_nothing_else(self, hh2):
        make.price(hh2, JAN, "1", zone=1)
        make.price(hh2, JAN, "2", "export")
        make.price(hh2, date(2025, 1, 1), "3")

        one = kept(HEAD, DAY, NIGHT)
        assert outcomes(one) == [("prices", Outcome.CHANGED)]
        prices.apply(one=one, at=AT, by=None)

        left = Price.objects.order_by("amount").values_list("amount", flat=True)
        assert list(left) == [D("2"), D("3"), D("3.40"), D("6.47")]

    def test_bad_tables_stay_out_and_good_ones_are_stored(self, hh2):
        done = put(HEAD, DAY, NIGHT, "HH2;2026-02-01;energy;1;0;x;kwh;yes;№ 1;gazette")

        assert (done.counts["new"], done.counts["refused"]) == (1, 1)
        assert set(Price.objects.values_list("valid_from", flat=True)) == {JAN}

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("XX;2026-01-01;energy;0;0;6;kwh;yes;a;b", "no-tariff"),
            ("HH2;2026-01-01;energy;3;0;6;kwh;yes;a;b", "no-zone"),
            ("HH2;2026-01-01;energy;2;0;6;kwh;yes;a;b", "hole"),
        ],
    )
    def test_what_is_not_there_cannot_be_priced(self, hh2, row, code):
        trial = prices.trial_of(kept(HEAD, row))

        assert [one.code for one in trial.problems] == [code]
        assert trial.writes == 0

    def test_another_result_than_was_seen_is_not_stored(self, hh2):
        one = kept(HEAD, DAY, NIGHT)
        seen = prices.trial_of(one).digest
        make.price(hh2, JAN, "1", zone=1)

        with pytest.raises(prices.NotAsSeen):
            prices.apply(one=one, at=AT, by=None, seen=seen)
        assert Price.objects.get().amount == 1

    def test_a_file_that_is_no_table_is_not_kept(self):
        with pytest.raises(Malformed):
            prices.upload(name="x.xlsx", content=b"PK\x03\x04", by=None, at=AT)
        assert not PriceImport.objects.exists()

    def test_a_file_put_aside_is_not_applied(self, hh2):
        one = kept(HEAD, DAY, NIGHT)
        prices.put_aside(one=one, at=AT, by=None)

        with pytest.raises(prices.NotNow):
            prices.apply(one=one, at=AT, by=None)

    def test_the_trail_tells_what_stood_and_what_stands(self, hh2):
        make.price(hh2, JAN, "1", zone=1)
        put(HEAD, DAY, NIGHT)

        deed = Entry.objects.get(action="tariffs.table.imported")
        assert deed.object_id == str(hh2.pk)
        assert deed.before == {"price_energy": "2026-01-01: T1/0 1"}
        assert deed.after == {"price_energy": "2026-01-01: T1/0 6.47; T2/0 3.4"}


class TestSorts:
    def test_a_business_with_its_market_in_one_go(self):
        hours = ";".join(f"h{h:02d}" for h in range(24))
        put("market;market_name;zone", "M;Рынок;Europe/Moscow")
        put("tariff;name;kind;category;family;voltage_level;market", "PC3;третья;business;3;b;НН;M")
        put("tariff;valid_from;month;number;name;hours;source",
            "PC3;2026-01-01;0;1;все;00:00-24:00;s")  # fmt: skip
        put(f"market;day;{hours}", "M;2026-01-01;" + ";".join(["1500,5"] * 24))
        put("market;kind;day;hours", "M;network;2026-01;08:00-10:00",
            "M;generation;2026-01-12;09:00-10:00")  # fmt: skip
        done = put("valid_from;percent;source", "2026-01-01;22;law")
        tariff = Tariff.objects.get()

        assert (tariff.kind, tariff.category, tariff.voltage_level) == ("business", 3, "LV")
        assert done.since == {tariff.pk: JAN}
        book = queries.books([tariff.pk], JAN, date(2026, 2, 1))[tariff.pk]
        assert book.market.hourly[JAN] == (D("1500.5"),) * 24
        assert book.market.network_hours(date(2026, 1, 20)) == (8, 9)
        assert book.market.generation == {date(2026, 1, 12): 9}
        assert book.vat_on(JAN).percent == 22

    def test_hours_of_a_market_mark_its_tariffs(self):
        market = make.market("M")
        tariff = make.tariff("PC3", kind="business", category=3, market=market)
        make.tariff("PC1", kind="business", category=1)
        make.hourly(market, JAN, "1")
        hours = ";".join(f"h{h:02d}" for h in range(24))

        done = put(f"market;day;{hours}", "M;2026-01-01;" + ";".join(["2"] * 24))

        assert done.since == {tariff.pk: JAN}
        assert HourlyPrice.objects.get().amounts == ["2"] * 24

    def test_zones_by_month_set_how_many_there_are(self, hh2):
        rows = [
            f"HH2;2026-01-01;{month};{n};z;{hours};s"
            for month in range(1, 13)
            for n, hours in enumerate(make.THREE_ZONES, start=1)
        ]
        put("tariff;valid_from;month;number;name;hours;source", *rows)

        hh2.refresh_from_db()
        assert hh2.zones_count == 3
        assert [zone.month for zone in queries.zones_of(hh2, on=date(2026, 5, 1))] == [5, 5, 5]
        assert [zone.month for zone in queries.zones_of(hh2, on=date(2025, 5, 1))] == [0, 0]
        assert queries.has_zones_by_month(hh2)

    def test_ranges_seasons_and_days(self, hh2):
        put("tariff;valid_from;number;up_to", "HH2;2026-01-01;1;3900", "HH2;2026-01-01;2;")
        put("tariff;valid_from;month;factor", "HH2;2026-01-01;1;1,8")
        put("region;day;kind;source", "RU;2026-01-01;holiday;s", "RU;2026-01-02;выходной;s")

        book = queries.books([hh2.pk], JAN, date(2026, 2, 1))[hh2.pk]
        assert book.range_bounds(JAN) == (D(7020), None)
        assert not book.is_working_day(date(2026, 1, 2))


class TestWithdraw:
    def test_the_table_before_holds_again(self, hh2):
        make.price(hh2, JAN, "5")
        make.price(hh2, date(2026, 2, 1), "6")

        gone = prices.withdraw(
            tariff=hh2, sort="prices", component="energy", valid_from=date(2026, 2, 1), at=AT,
            by=None,
        )  # fmt: skip

        book = queries.books([hh2.pk], JAN, date(2026, 3, 1))[hh2.pk]
        assert (gone, book.price_on(date(2026, 2, 2), "energy").amount) == (1, 5)
        assert Entry.objects.get(action="tariffs.table.withdrawn").before == {
            "price_energy": "2026-02-01: 6"
        }

    def test_zones_stay(self, hh2):
        with pytest.raises(ValueError, match="zones"):
            prices.withdraw(tariff=hh2, sort="zones", valid_from=make.SINCE, at=AT, by=None)
        assert TariffZone.objects.count() == 2


class TestBooks:
    def test_many_cost_as_many_queries_as_one(self, django_assert_num_queries):
        market = make.market()
        tariffs = [
            make.tariff(f"T{n}", kind="business", category=3, market=market) for n in range(5)
        ]
        for tariff in tariffs:
            make.price(tariff, JAN, "5")
        make.vat()

        with django_assert_num_queries(9):
            books = queries.books([t.pk for t in tariffs], JAN, date(2026, 2, 1))
        with django_assert_num_queries(9):
            queries.books([tariffs[0].pk], JAN, date(2026, 2, 1))
        assert {len(book.prices) for book in books.values()} == {1}

    def test_an_example_is_said(self, hh2):
        make.price(hh2, JAN, "5", is_example=True, order="", source="")

        book = queries.books([hh2.pk], JAN, date(2026, 2, 1))[hh2.pk]
        assert book.prices_on(JAN)[0].is_example


class TestOpenTo:
    @pytest.fixture(autouse=True)
    def _tariffs(self):
        import_shipped()
        for category, level in ((1, ""), (2, "LV"), (3, "LV"), (4, "LV"), (4, "MV2")):
            code = f"PC{category}{level}"
            make.tariff(code, kind="business", category=category, voltage_level=level, family="b")

    def codes(self, *args, **kwargs):
        return [one.code for one in queries.open_to(*args, **kwargs)]

    def test_households_choose_among_their_family(self):
        assert self.codes("household", "household") == ["HH1", "HH2", "HH3"]
        assert self.codes("household", "") == []

    def test_a_business_has_the_tariffs_of_its_level(self):
        found = self.codes("business", "b", max_power=669_999, voltage_level="LV")
        assert found == ["PC1", "PC2LV", "PC3LV", "PC4LV"]

    def test_a_large_one_has_no_first_and_second_category(self):
        found = self.codes("business", "b", max_power=rules.LARGE, voltage_level="LV")
        assert found == ["PC3LV", "PC4LV"]

    def test_agreements_say_which_kind(self):
        assert queries.kind_of_agreement("household") == "household"
        assert queries.kind_of_agreement("energy_supply") == "business"


class TestConstraints:
    def test_the_database_keeps_what_forms_promise(self, hh2):
        from django.db import IntegrityError, transaction

        market = Market.objects.create(code="M", name="m")
        wrong = [
            lambda: make.price(hh2, JAN, "-1"),
            lambda: make.price(hh2, JAN, "1", order=""),
            lambda: make.tariff("X", kind="household", category=2),
            lambda: make.peak(market, date(2026, 1, 5), "08:00-09:00", kind="network"),
            lambda: Vat.objects.create(valid_from=JAN, percent=101),
        ]
        for deed in wrong:
            with pytest.raises(IntegrityError), transaction.atomic():
                deed()
