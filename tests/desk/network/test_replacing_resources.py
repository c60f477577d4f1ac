"""The wizard at points of water, gas and heat: one register each, no zones and no ratios."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from faza.metering import services
from faza.metering.models import Meter, MeteringComplex, MeterModel
from faza.readings import registers
from faza.ui import formats
from tests.desk.network.conftest import START, meter, point
from tests.readings.meters import Kind, read, stored

AT = "2026-11-10T14:30"
WHEN = {"when-what": "meter", "when-moment": AT}
MOMENT = datetime(2026, 11, 10, 14, 30, tzinfo=ZoneInfo("Europe/Moscow"))
RESOURCES = {
    "water": (registers.register(5), "Вода, м³", 1_000),
    "gas": (registers.register(6), "Газ, м³", 1_000),
    "heat": (registers.register(7), "Тепло, Гкал", 1_000_000),
}
"""The register of each, how the form calls it, and quanta in its unit."""


@pytest.fixture
def types(grid) -> dict[str, MeterModel]:
    return {
        resource: services.add_meter_model(
            MeterModel(name=f"Тип {resource}", manufacturer="Пример", digits=5, decimals=3,
                       phases=1, tariffs=1),
            at=START,
        )
        for resource in RESOURCES
    }  # fmt: skip


@pytest.fixture(params=list(RESOURCES))
def resource(request, grid, types) -> str:
    """The resource of the point W1, where a meter № 500 of its type stands."""
    place = point("W1", grid.house, resource=request.param)
    stands = meter(types[request.param], "500", verification_due=date(2036, 1, 1))
    services.install(usage_point=place, meter=stands, valid_from=START, at=START)
    return str(request.param)


def told(resource: str, types: dict[str, MeterModel], **more: str) -> dict[str, str]:
    register = RESOURCES[resource][0]
    typed = {
        f"closing-r{register}": "1 234,567",
        "meter-model": str(types[resource].pk),
        "meter-number": "501",
        f"opening-r{register}": "0,002",
    }
    return WHEN | typed | more


def post(client, step: str, body: dict[str, str], deed: str = "replace"):
    return client.post(f"/desk/points/W1/{deed}/", {"step": step} | body)


def test_both_readings_are_kept_in_the_registers_of_the_resource(client, resource, types):
    register, words, quanta = RESOURCES[resource]
    closing = post(client, "when", told(resource, types)).content.decode()
    assert words in closing
    assert "A+" not in closing
    opening = post(client, "meter", told(resource, types)).content.decode()
    assert words in opening
    assert "opening-ct" not in opening
    assert "opening-transformers" not in opening
    check = post(client, "opening", told(resource, types)).content.decode()
    assert (formats.number(Decimal("1234.567"), 3) in check, "0,002" in check) == (True, True)
    assert ">K<" not in check

    done = post(client, "check", told(resource, types))

    assert done.url == "/desk/points/W1/"
    opened = MeteringComplex.objects.get(usage_point__code="W1", valid_to=None)
    assert (opened.meter.number, opened.valid_from, opened.ratio) == ("501", MOMENT, 1)
    assert stored() == [
        (MOMENT, Kind.CLOSING, {register: 1_234_567 * quanta // 1000}),
        (MOMENT, Kind.OPENING, {register: 2 * quanta // 1000}),
    ]
    card = client.get("/desk/points/W1/").content.decode()
    for one in (
        "№ 500 → № 501",
        formats.number(Decimal("1234.567"), 3),
        "0,002",
        words.partition(", ")[2],
    ):
        assert one in card
    for none in ("K = ", "кВт·ч", "Наибольшая мощность"):
        assert none not in card


def test_there_are_no_other_transformers_to_choose(client, resource, types):
    page = client.get("/desk/points/W1/replace/").content.decode()
    assert "when-what" not in page

    post(client, "check", told(resource, types) | {"when-what": "ratio", "opening-ct": "300/5"})

    opened = MeteringComplex.objects.get(usage_point__code="W1", valid_to=None)
    assert (opened.meter.number, opened.ratio) == ("501", 1)


def test_a_register_of_electricity_is_not_taken(client, resource, types):
    forged = told(resource, types, **{"closing-r0": "5"})
    post(client, "check", forged)
    assert all(set(shown) == {RESOURCES[resource][0]} for _, _, shown in stored())


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "хотя бы одно"),
        ("123456", "до запятой знаков: 5"),
        ("1,2345678", "знаков после запятой"),
    ],
)
def test_what_the_register_cannot_show_is_refused(client, resource, types, typed, words):
    register = RESOURCES[resource][0]
    answer = post(client, "check", told(resource, types, **{f"closing-r{register}": typed}))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Meter.objects.filter(number="501").exists()


def test_a_litre_is_the_least_of_water_and_a_kilocalorie_of_heat(client, resource, types):
    register = RESOURCES[resource][0]
    typed = told(resource, types, **{f"closing-r{register}": "10,123456"})
    answer = post(client, "check", typed)
    assert answer.status_code == (302 if resource == "heat" else 422)


def test_types_of_other_resources_are_not_offered(client, resource, types, grid):
    page = post(client, "closing", told(resource, types)).content.decode()
    assert f"Тип {resource}<" in page
    assert f">{grid.model.name}<" not in page

    answer = post(client, "check", told(resource, types, **{"meter-model": str(grid.model.pk)}))
    assert answer.status_code == 422
    electric = client.post(
        "/desk/points/P1/replace/",
        {"step": "closing", "closing-r0": "1"} | WHEN,
    ).content.decode()
    assert f"Тип {resource}<" not in electric


def test_a_closing_reading_below_the_last_is_said(client, resource, types):
    register, _, quanta = RESOURCES[resource]
    place = MeteringComplex.objects.get(usage_point__code="W1")
    read(place.usage_point, place.meter, MOMENT - timedelta(days=1), {register: 2_000 * quanta})
    check = post(client, "opening", told(resource, types)).content.decode()
    assert "меньше последнего" in check
    assert formats.number(Decimal(2000), 3) in check


def test_taken_away_and_put_in_again(client, resource, types):
    register, _, quanta = RESOURCES[resource]
    away = WHEN | {f"closing-r{register}": "15,5"}
    post(client, "check", away, "take-away")
    assert stored() == [(MOMENT, Kind.CLOSING, {register: 15_500 * quanta // 1000})]

    later = told(resource, types) | {"when-moment": "2026-11-11T10:00"}
    post(client, "check", later)

    opened = MeteringComplex.objects.get(usage_point__code="W1", valid_to=None)
    assert opened.meter.number == "501"
    assert stored()[-1][1:] == (Kind.OPENING, {register: 2 * quanta // 1000})


def test_the_list_tells_what_the_meter_shows_in_its_unit(client, resource, types, grid):
    register, words, quanta = RESOURCES[resource]
    place = MeteringComplex.objects.get(usage_point__code="W1")
    read(place.usage_point, place.meter, datetime.now(MOMENT.tzinfo).replace(microsecond=0)
         - timedelta(days=1), {register: 77 * quanta})  # fmt: skip
    page = client.get(f"/desk/network/?node={grid.house.pk}").content.decode()
    assert f"77,000\N{NO-BREAK SPACE}{words.partition(', ')[2]}" in page
