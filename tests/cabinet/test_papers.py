"""«Характеристики прибора», «Измерительные комплексы», «Потребители и договоры»."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.cabinet.papers import facts, setting
from faza.collection.models import CalendarVersion, ConfigurationVersion
from faza.collection.orders import scheduling
from faza.collection.polling import calendars
from faza.contracts import services as contracts
from faza.contracts.models import (
    AgreementPoint,
    Customer,
    CustomerAgreement,
    CustomerMember,
    HouseManagement,
)
from faza.metering import services as metering
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    MeterModel,
    UsagePoint,
)
from faza.protocols.metered import DaySchedule, Season, TariffCalendar
from faza.readings import replacement, services
from faza.readings.registers import register
from tests.cabinet.factories import (
    SINCE,
    give_tariff,
    make_agreement,
    make_meter,
    make_node,
    make_point,
    make_user,
)
from tests.cabinet.reading import words
from tests.cabinet.test_query_counts import counted

pytestmark = pytest.mark.django_db
SOLD = datetime(2026, 5, 1, tzinfo=UTC)
PASSPORT, COMPLEXES = "cabinet:passport", "cabinet:complexes"


@pytest.fixture
def owner() -> User:
    return make_user("owner@example.org", name="Ольга Новая")


@pytest.fixture
def point(owner) -> UsagePoint:
    point = make_point("A", "Аптека", address="Лесная, 1")
    make_agreement("Д-1", [owner], [point])
    return point


def meter(point: UsagePoint, number: str = "100", **fields) -> Meter:
    made = make_meter(point, number)
    Meter.objects.filter(pk=made.pk).update(**fields)
    return Meter.objects.get(pk=made.pk)


def page(enter, user: User, name: str, query: str = "?point=A") -> str:
    answer = enter(user).get(reverse(name) + query)
    assert answer.status_code == 200
    return words(answer)


def replace(point: UsagePoint, at: datetime, *, to: str, ratio: int = 1) -> Meter:
    """Another meter: the old one closes at 1 234,56, the new one begins at 0,07 kWh."""
    model = MeterModel.objects.get(name="ЭМ-1")
    new = Meter.objects.create(model=model, number=to)
    replacement.replace_meter(
        usage_point=point, meter=new, replaced_at=at, ct=Fraction(ratio),
        closing={register(1): 1_234_560}, opening={register(1): 70},
        source=services.get_source("operator"), at=at,
    )  # fmt: skip
    return new


class TestPassport:
    def test_tells_all_that_is_known(self, owner, point, enter):
        made = meter(
            point, made_in=2024, verified_on=date(2024, 4, 5), verification_due=date(2040, 4, 5),
            certificate="С-1", firmware="1.5", interface="PLC",
            seals=[{"number": "ЗС 1", "place": "корпус", "set_on": "2024-07-19"}],
        )  # fmt: skip
        MeterModel.objects.filter(pk=made.model_id).update(
            accuracy_reactive="2", nominal_voltage=2300, nominal_current=5000, max_current=60000,
            constant=3200, verification_interval=192, type_approval="00117-19", has_relay=True,
        )  # fmt: skip

        told = page(enter, owner, PASSPORT)

        for one in (
            "ЭМ-1 № 100 поверен до 05.04.2040", "Аптека, Лесная, 1", "16 лет", "05.04.2024", "С-1",
            "2024", "1.5", "PLC", "ЗС 1", "корпус · установлена 19.07.2024", "1 / 2", "230 В",
            "5 (60) А", "3 200 имп/кВт·ч", "000000,00 кВт·ч", "00117-19",
            "есть, питание можно ограничить", "1 фаза",
        ):  # fmt: skip
            assert one in told

    def test_an_ended_verification_is_the_answer(self, owner, point, enter):
        meter(point, verification_due=date(2025, 1, 1))

        told = page(enter, owner, PASSPORT)

        assert "Поверка ЭМ-1 № 100 закончилась 01.01.2025" in told
        assert "просрочена" in told

    def test_without_a_meter_it_says_what_to_do(self, owner, point, enter):
        assert "Сейчас здесь нет прибора" in page(enter, owner, PASSPORT)

    def test_of_several_points_a_list_and_from_it_one(self, owner, point, enter):
        meter(point)
        other = make_point("B", "Баня")
        contracts.bind_point(agreement=_agreement(point), usage_point=other, at=SINCE)
        make_meter(other, "200", due=timezone.now().date() + timedelta(days=30))

        told = page(enter, owner, PASSPORT, "?points=all")

        assert "2 прибора учёта: у 1 из них поверка скоро закончится" in told
        assert "Баня" in told
        assert "№ 200: поверка до" in page(enter, owner, PASSPORT, "?point=B").replace("ЭМ-1 ", "")
        assert "Баня" not in page(enter, owner, PASSPORT, "?points=all&q=Апт").split("Выгрузить")[1]

    def test_of_a_former_customer_what_became_of_it_later_is_not_told(self, owner, point, enter):
        former = make_user("former@example.org")
        flat = make_point("F", "Квартира")
        make_agreement("Д-2", [former], [flat], end=SOLD)
        meter(flat, "300", certificate="С-НОВОЕ", verification_due=date(2041, 1, 1),
              seals=[{"number": "ЗС 9"}])  # fmt: skip

        told = page(enter, former, PASSPORT, "?point=F")

        assert "Ваш доступ к этой точке закончился 01.05.2026" in told
        assert "№ 300" in told
        for one in ("С-НОВОЕ", "2041", "ЗС 9"):
            assert one not in told

    def test_of_a_new_customer_when_the_meter_came_before_is_not_told(self, enter):
        buyer = make_user("buyer@example.org")
        flat = make_point("F", "Квартира")
        make_agreement("Д-2", [buyer], [flat], start=SOLD)
        make_meter(flat, "300")

        told = page(enter, buyer, PASSPORT, "?point=F")

        assert "раньше 01.05.2026" in told
        assert "01.01.2020" not in told

    def test_a_meter_beside_it_is_chosen(self, owner, point, enter):
        meter(point)
        model = MeterModel.objects.get()
        beside = metering.install(
            usage_point=point, meter=Meter.objects.create(model=model, number="999"),
            valid_from=SINCE, at=SINCE, role=MeteringComplex.Role.CONTROL,
        )  # fmt: skip

        assert "№ 100: до какого" in page(enter, owner, PASSPORT)
        told = page(enter, owner, PASSPORT, f"?point=A&complex={beside.pk}")
        assert "№ 999: до какого" in told
        assert "Контрольный комплекс" in told

    def test_asks_the_same_however_many_points(self, owner, point, enter):
        made = meter(point)
        give_tariff(_agreement(point))
        _set(made, {"firmware": "1.2"}, SINCE)
        client = enter(owner)
        client.get(reverse(PASSPORT) + "?point=A")
        with counted() as told:
            client.get(reverse(PASSPORT) + "?point=A")

        assert len(told) <= 22


class TestSettings:
    def test_the_schedule_of_the_meter_is_held_against_the_tariff(self, owner, point, enter):
        made = meter(point)
        tariff = give_tariff(_agreement(point))
        wanted = scheduling.wanted_of([tariff.pk], on=timezone.now().date())[tariff.pk]
        assert "из прибора ещё не читалось" in page(enter, owner, PASSPORT)

        _schedule(made, wanted, SINCE)
        told = page(enter, owner, PASSPORT)
        assert "Как в тарифе договора «HH2»" in told
        assert "T1 07:00–23:00; T2 00:00–07:00, 23:00–24:00" in told

        other = TariffCalendar(
            "X", (Season("1", (1, 1), (1, 1, 1, 1, 1, 1, 1)),), (DaySchedule(1, ((0, 1),)),)
        )
        _schedule(made, other, SINCE + timedelta(days=1))
        assert "Расходится с тарифом договора «HH2»" in page(enter, owner, PASSPORT)

    def test_changes_of_settings_are_told_of_the_own_time_only(self, enter):
        buyer = make_user("buyer@example.org")
        flat = make_point("F", "Квартира")
        make_agreement("Д-2", [buyer], [flat], start=SOLD)
        made = make_meter(flat, "300")
        _set(made, {"firmware": "1.0"}, SINCE)
        _set(made, {"firmware": "1.1"}, SOLD - timedelta(days=9))
        _set(made, {"firmware": "1.2"}, SOLD + timedelta(days=9))

        told = page(enter, buyer, PASSPORT, "?point=F")

        assert "1.1" in told
        assert "1.2" in told
        assert "1.0" not in told.split("Изменение замечено")[1]

    def test_what_a_meter_keeps_of_the_place_is_not_told(self):
        assert set(setting.told({"point": "кв. Ивановой", "firmware": "2"})) == {"firmware"}

    @pytest.mark.parametrize(
        ("day", "name"),
        [(date(2026, 1, 15), "2"), (date(2026, 4, 1), "1"), (date(2026, 12, 1), "2")],
    )
    def test_the_season_is_the_last_that_began(self, day, name):
        week = (1, 1, 1, 1, 1, 1, 1)
        seasons = (Season("2", (10, 1), week), Season("1", (4, 1), week))

        found = setting.season_of(seasons, day)
        assert found is not None
        assert found.name == name


class TestComplexes:
    def test_a_replacement_stands_with_both_readings(self, owner, point, enter):
        meter(point, "100")
        replace(point, SOLD, to="200", ratio=40)

        told = page(enter, owner, COMPLEXES)

        assert "Энергию считает ЭМ-1 № 200 с коэффициентом 40; с 01.01.2020 — 1 замена" in told
        assert "01.05.2026 03:00 Замена счётчика № 100 → № 200, K 1 → 40" in told
        assert "1 234,56" in told
        assert "0,07" in told
        assert "Стояло раньше" in told

    def test_transformers_make_the_ratio(self, owner, point, enter):
        made = make_meter(point, "100")
        held = MeteringComplex.objects.get(meter=made)
        for phase in "ABC":
            held.transformers.add(_transformer("CT", phase, 200, 5))
        held.transformers.add(_transformer("VT", "", 10000, 100))
        metering.set_ratios(installed=held, ct=Fraction(40), vt=Fraction(100), at=SINCE)

        told = page(enter, owner, COMPLEXES)

        assert "K = 200/5 × 10000/100 = 4 000" in told
        assert "A: № CTA, B: № CTB, C: № CTC" in told

    def test_each_of_two_customers_in_turn_sees_the_own_time(self, enter):
        """The meter is replaced in the time of the first, and again in the second's."""
        former, buyer = make_user("former@example.org"), make_user("buyer@example.org")
        flat = make_point("F", "Квартира")
        make_agreement("Д-2", [former], [flat], end=SOLD)
        make_agreement("Д-3", [buyer], [flat], start=SOLD)
        make_meter(flat, "100")
        replace(flat, SOLD - timedelta(days=30), to="200")
        replace(flat, SOLD + timedelta(days=30), to="300")

        before = page(enter, former, COMPLEXES, "?point=F")
        after = page(enter, buyer, COMPLEXES, "?point=F")

        assert "№ 100 → № 200" in before
        assert "300" not in before
        assert "№ 200 → № 300" in after
        assert "№ 100" not in after
        assert "01.04.2026" not in after

    def test_nothing_replaced_is_said(self, owner, point, enter):
        make_meter(point, "100")

        assert "с 01.01.2020 ничего не меняли" in page(enter, owner, COMPLEXES)

    def test_nothing_here_is_said(self, owner, point, enter):
        assert "Здесь пока ничего не стоит" in page(enter, owner, COMPLEXES)

    def test_the_list_counts_replacements(self, owner, point, enter):
        meter(point, "100")
        replace(point, SOLD, to="200", ratio=40)
        contracts.bind_point(
            agreement=_agreement(point), usage_point=make_point("B", "Баня"), at=SINCE
        )

        told = page(enter, owner, COMPLEXES, "?points=all")

        assert "Какие счётчики и трансформаторы стоят: 2 точки учёта" in told
        assert "№ 200" in told
        assert "нет прибора" in told.split("Баня")[-1]

    def test_the_file_has_a_row_for_each_complex(self, owner, point, enter):
        meter(point, "100", certificate="=1+1")
        replace(point, SOLD, to="200", ratio=40)

        answer = enter(owner).get(reverse("cabinet:complexes_file", args=["csv"]) + "?point=A")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))

        assert [row[7] for row in rows[1:]] == ["200", "100"]
        assert [row[-1] for row in rows[1:]] == ["40", "1"]
        assert rows[2][13] == "'=1+1"
        assert not Entry.objects.filter(action="desk.list.exported").exists()

    def test_what_staff_take_is_noted(self, point, enter):
        make_meter(point, "100")
        admin = make_user("admin@example.org", User.Role.ADMINISTRATOR)

        answer = enter(admin).get(reverse("cabinet:complexes_file", args=["xlsx"]) + "?point=A")
        b"".join(answer.streaming_content)

        assert Entry.objects.get(action="desk.list.exported").after["list"] == "complexes"


class TestAgreements:
    def test_the_only_one_is_shown_at_once(self, owner, point, enter):
        UsagePoint.objects.update(max_power=15_000)
        give_tariff(_agreement(point))
        Customer.objects.update(legal_address="Лесная, 1", phone="+7 912")

        told = page(enter, owner, "cabinet:agreements", "")

        assert "Договор Д-1 действует с 01.01.2020: 1 точка учёта, 15 кВт" in told
        for one in ("Абонент Д-1", "Лесная, 1", "+7 912", "HH2", "Аптека"):
            assert one in told

    def test_a_power_that_is_not_told_leaves_no_sum(self, owner, point, enter):
        UsagePoint.objects.update(max_power=15_000)
        contracts.bind_point(agreement=_agreement(point), usage_point=make_point("B"), at=SINCE)

        assert "2 точки учёта." in page(enter, owner, "cabinet:agreements", "")

    def test_several_are_listed_and_searched(self, owner, point, enter):
        make_agreement("42-0031", [owner], [make_point("B", "Баня")], end=SOLD)

        told = page(enter, owner, "cabinet:agreements", "")
        assert "2 договора, из них 1 действует" in told
        assert "01.01.2020 – 01.05.2026" in told
        found = page(enter, owner, "cabinet:agreements", "?q=420031")
        assert "42-0031" in found
        assert found.count("Абонент Д-1") == 1  # in the header

    def test_an_ended_one_says_so(self, owner, enter):
        make_agreement("Д-9", [owner], [make_point("B")], end=SOLD)

        told = page(enter, owner, "cabinet:agreements", "")

        assert "Договор Д-9 действовал с 01.01.2020 по 01.05.2026" in told

    def test_a_supplier_reads_those_it_supplies_without_the_customers_contacts(self, point, enter):
        seller = make_user("seller@example.org", User.Role.SUPPLIER)
        sales = contracts.add_customer(
            Customer(kind=Customer.Kind.ORGANISATION, name="Сбыт"), at=SINCE
        )
        contracts.admit_member(user=seller, customer=sales, at=SINCE)
        agreement = make_agreement("Д-5", [], [make_point("C", "Контора")], supplier=sales)
        Customer.objects.filter(pk=agreement.customer_id).update(phone="+7 999")

        told = page(enter, seller, "cabinet:agreements", "")

        assert "Абонент Д-5" in told
        assert "Д-1" not in told
        assert "+7 999" not in told

    def test_staff_find_their_own_alone(self, point, enter):
        admin = make_user("admin@example.org", User.Role.ADMINISTRATOR)

        told = page(enter, admin, "cabinet:agreements", "")

        assert "Собственных договоров нет" in told
        assert "Д-1" not in told
        answer = enter(admin).get(reverse("cabinet:agreement", args=[_agreement(point).pk]))
        assert answer.status_code == 404

    def test_a_house_manager_reads_of_the_houses(self, enter):
        manager = make_user("manager@example.org", User.Role.HOUSE_MANAGER)
        house = make_node("H", "Дом 9", make_node())
        HouseManagement.objects.create(user=manager, node=house, valid_from=SINCE)

        told = page(enter, manager, "cabinet:agreements", "")

        assert "Дом 9" in told
        assert "общедомовые счётчики" in told

    def test_a_member_no_more_reads_nothing(self, owner, point, enter):
        other = make_agreement("Д-7", [owner], [make_point("D")])
        CustomerMember.objects.filter(customer=other.customer).update(valid_to=SOLD)

        answer = enter(owner).get(reverse("cabinet:agreement", args=[other.pk]))

        assert answer.status_code == 404


class TestFacts:
    @pytest.mark.parametrize(
        ("phases", "nominal", "told"),
        [
            (1, 2300, "230 В"),
            (3, 2300, "3 × 230/400 В"),
            (3, 577, "3 × 57,7/100 В"),
            (3, None, "—"),
        ],
    )
    def test_a_voltage_is_told_as_on_the_plate(self, phases, nominal, told):
        shown = facts.voltage(MeterModel(phases=phases, nominal_voltage=nominal))

        assert shown.replace("\xa0", " ") == told

    @pytest.mark.parametrize(
        ("months", "told"), [(192, "16 лет"), (12, "1 год"), (18, "18 месяцев"), (None, "—")]
    )
    def test_an_interval_in_years_where_it_is_whole(self, months, told):
        assert facts.interval(months) == told


def _agreement(point: UsagePoint) -> CustomerAgreement:
    return AgreementPoint.objects.select_related("agreement").get(usage_point=point).agreement


def _set(made: Meter, settings: dict, at: datetime) -> None:
    ConfigurationVersion.objects.create(
        meter=made, read_at=at, settings=settings, fingerprint=calendars.fingerprint(settings)
    )


def _schedule(made: Meter, calendar: TariffCalendar, at: datetime) -> None:
    told = calendars.to_json(calendar)
    CalendarVersion.objects.create(
        meter=made, read_at=at, calendar=told, fingerprint=calendars.fingerprint(told)
    )


def _transformer(kind: str, phase: str, over: int, under: int) -> InstrumentTransformer:
    return InstrumentTransformer.objects.create(
        kind=kind, type_name=f"Т-{kind}", number=f"{kind}{phase}", phase=phase,
        ratio_numerator=over, ratio_denominator=under,
    )  # fmt: skip
