from datetime import UTC, datetime
from fractions import Fraction

import pytest

from faza.core.periods import Period
from faza.metering import queries, services
from faza.metering.models import InstrumentTransformer, MeteringComplex, UsagePoint
from tests.metering.factories import NOW, make_meter, make_node, make_point

pytestmark = pytest.mark.django_db

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_full_path_is_written_as_people_write_it(django_assert_num_queries):
    owner = make_node('АО "Сети"')
    board = make_node("ВРУ-0,4 кВ", make_node("ТП-369", owner))
    cable, house = make_point(board, name="КЛ-1"), make_point(owner, name="Дом")

    with django_assert_num_queries(2):
        paths = queries.paths_of([cable.pk, house.pk])

    assert paths == {cable.pk: r'АО "Сети"\ТП-369\ВРУ-0,4 кВ\КЛ-1', house.pk: r'АО "Сети"\Дом'}


def test_paths_of_nodes():
    owner = make_node("Сети")
    board = make_node("ВРУ", owner)

    assert queries.paths_of_nodes([owner, board]) == {owner.pk: "Сети", board.pk: r"Сети\ВРУ"}


class TestRatiosOf:
    def test_of_a_replacement_both_meters_are_given_oldest_first(self, django_assert_num_queries):
        point, old, new = make_point(), make_meter(), make_meter()
        ratio = Fraction(15_750, 100)
        first = services.install(
            usage_point=point, meter=old, valid_from=JANUARY, at=NOW, ct=Fraction(40), vt=ratio
        )
        services.remove(installed=first, valid_to=MARCH, at=NOW)
        services.install(usage_point=point, meter=new, valid_from=MARCH, at=NOW)

        with django_assert_num_queries(1):
            found = queries.ratios_of([point.pk], Period(JANUARY, JUNE))[point.pk]

        assert [(each.meter, each.ratio) for each in found] == [(old.pk, 6300), (new.pk, 1)]
        assert found[0].period == Period(JANUARY, MARCH)
        assert (found[0].digits, found[0].decimals) == (6, 2)

    def test_periods_are_half_open(self):
        point = make_point()
        installed = services.install(
            usage_point=point, meter=make_meter(), valid_from=JANUARY, at=NOW
        )
        services.remove(installed=installed, valid_to=MARCH, at=NOW)

        assert queries.ratios_of([point.pk], Period(MARCH, JUNE)) == {}
        assert (
            queries.ratios_of([point.pk], Period(datetime(2025, 1, 1, tzinfo=UTC), JANUARY)) == {}
        )

    def test_control_meters_are_asked_for_by_name(self):
        point, role = make_point(), MeteringComplex.Role.CONTROL
        services.install(
            usage_point=point, meter=make_meter(), valid_from=JANUARY, at=NOW, role=role
        )

        assert queries.ratios_of([point.pk], Period(JANUARY, JUNE)) == {}
        assert len(queries.ratios_of([point.pk], Period(JANUARY, JUNE), role=role)) == 1


def test_complexes_come_with_all_that_a_page_shows(django_assert_num_queries):
    points = [make_point() for _ in range(5)]
    for number, point in enumerate(points):
        transformer = InstrumentTransformer.objects.create(
            kind="CT", type_name="Т-0,66", number=str(number), phase="A",
            ratio_numerator=200, ratio_denominator=5,
        )  # fmt: skip
        services.install(
            usage_point=point,
            meter=make_meter(),
            valid_from=JANUARY,
            at=NOW,
            ct=transformer.ratio,
            transformers=[transformer],
        )

    with django_assert_num_queries(2):
        found = queries.complexes_of(UsagePoint.objects.values_list("id", flat=True))
        told = [
            (row.meter.model.name, [str(part) for part in row.transformers.all()], row.ct_ratio)
            for point in points
            for row in found[point.pk]
        ]

    assert told == [("СЧ-3", [f"Т-0,66 {number}"], 40) for number in range(5)]


class TestPoints:
    def test_below_a_node_are_its_own_points_and_all_under_it(self):
        owner, other = make_node("А"), make_node("Б")
        deep, near, far = (
            make_point(make_node("В", make_node("Г", owner))),
            make_point(owner),
            make_point(other),
        )

        assert set(UsagePoint.objects.below(owner)) == {deep, near}
        assert set(UsagePoint.objects.below(other)) == {far}

    @pytest.mark.parametrize("text", ["ЛЕСН", "лесная", "00777", "4120", "ввод (1)"])
    def test_search_finds_by_address_code_meter_and_name_in_any_case(self, text):
        point = make_point(code="00777", name="Ввод (1)", address="ул. Лесная, 5")
        services.install(
            usage_point=point, meter=make_meter(number="41208377"), valid_from=JANUARY, at=NOW
        )
        make_point(name="Ввод 1", code="9")

        assert list(UsagePoint.objects.matching(text)) == [point]

    def test_they_are_ordered_by_the_way_through_the_network(self):
        first, second = make_node("Я"), make_node("А")
        c, a, b = (
            make_point(second, name="в"),
            make_point(first, name="а"),
            make_point(first, name="б"),
        )

        assert list(UsagePoint.objects.by_place()) == [a, b, c]
