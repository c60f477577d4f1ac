"""What balances of places are made of: as the tree tells, or as somebody set it, from a day on."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from faza.audit.models import Entry
from faza.core.periods import Period
from faza.metering import balances, services
from faza.metering.models import (
    BalanceGroup,
    BalanceLoss,
    BalanceMember,
    InstrumentTransformer,
    NetworkNode,
    UsagePoint,
)
from faza.metering.rules import Place, Sides, accuracy_class, derived_balances
from tests.metering.factories import NOW, make_meter, make_node, make_point

JANUARY, JUNE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
YEAR = Period(JANUARY, datetime(2027, 1, 1, tzinfo=UTC))


class TestDerived:
    """places are (id, parent, gathers, is_board); points by node: (id, is common)."""

    def test_points_above_others_come_in_and_the_topmost_below_go_out(self):
        places = [Place(1, None), Place(2, 1), Place(3, 1), Place(4, 3)]
        points = {1: [(10, False)], 2: [(20, False)], 4: [(40, False), (41, False)]}

        assert derived_balances(places, points) == {1: Sides((10,), (20, 40, 41))}

    def test_what_stands_below_a_measured_place_is_hidden_by_it(self):
        places = [Place(1, None), Place(2, 1), Place(3, 2)]
        points = {1: [(10, False)], 2: [(20, False)], 3: [(30, False)]}

        found = derived_balances(places, points)
        assert found == {1: Sides((10,), (20,)), 2: Sides((20,), (30,))}

    def test_a_single_board_speaks_for_its_substation(self):
        places = [
            Place(1, None),
            Place(2, 1, gathers=True),
            Place(3, 2, is_board=True),
            Place(4, 3),
        ]
        points = {3: [(30, False)], 4: [(40, False)]}

        assert derived_balances(places, points) == {2: Sides((30,), (40,))}

    def test_two_fed_boards_have_a_balance_each_and_one_together(self):
        places = [
            Place(1, None, gathers=True),
            *(Place(2, 1, is_board=True), Place(3, 2), Place(4, 1, is_board=True), Place(5, 4)),
        ]
        points = {2: [(20, False)], 3: [(30, False)], 4: [(40, False)], 5: [(50, False)]}

        found = derived_balances(places, points)
        assert found[1] == Sides((20, 40), (30, 50))
        assert found.keys() == {1, 2, 4}

    def test_a_board_that_nothing_feeds_leaves_the_substation_without(self):
        places = [Place(1, None, gathers=True), Place(2, 1, is_board=True), Place(3, 2),
                  Place(4, 1, is_board=True)]  # fmt: skip
        points = {2: [(20, False)], 3: [(30, False)], 4: [(40, False)]}

        assert derived_balances(places, points) == {2: Sides((20,), (30,))}

    def test_beside_a_common_point_the_others_of_the_place_go_out(self):
        places = [Place(1, None), Place(2, 1), Place(3, 2)]
        points = {1: [(10, False)], 2: [(20, False), (21, True)], 3: [(30, False)]}

        found = derived_balances(places, points)
        assert found[2] == Sides((21,), (20, 30))
        assert found[1] == Sides((10,), (21,))

    def test_a_place_without_points_below_has_none(self):
        assert derived_balances([Place(1, None)], {1: [(10, False), (11, False)]}) == {}


@pytest.mark.parametrize(
    ("text", "number"),
    [("0,5S", 0.5), ("1", 1.0), (" 0.2 ", 0.2), ("0,5S/1", 0.5), ("", None), ("S", None),
     ("0", None), ("99", None)],
)  # fmt: skip
def test_an_accuracy_class_is_read_from_its_plate(text, number):
    assert accuracy_class(text) == number


@pytest.fixture
def grid(db):
    top = make_node("ТП", kind=NetworkNode.Kind.FEEDER)
    below = make_node("Линия", top)
    inlet, flats = make_point(top), [make_point(below) for _ in range(2)]
    return top, inlet, flats


def members(inlet, flats):
    return [
        BalanceMember(usage_point=inlet, side="in"),
        *(BalanceMember(usage_point=flat, side="out") for flat in flats),
    ]


def set_group(grid, since=JANUARY, flats=None, losses=(), **settings):
    top, inlet, every = grid
    chosen = every if flats is None else flats
    return services.set_balance_group(
        node=top, members=members(inlet, chosen), losses=list(losses), valid_from=since, at=NOW,
        **settings,
    )  # fmt: skip


def held(grid, period=YEAR):
    return balances.schemes(NetworkNode.objects.below(grid[0]), period=period).get(grid[0].pk, [])


class TestGroups:
    def test_without_one_the_tree_tells(self, grid):
        top, inlet, flats = grid
        scheme = balances.scheme_at(held(grid), JUNE)

        assert scheme.group is None
        assert scheme.sides == Sides((inlet.pk,), tuple(flat.pk for flat in flats))

    def test_water_is_no_part_of_it(self, grid):
        top, inlet, flats = grid
        make_point(flats[0].node, resource=UsagePoint.Resource.WATER)

        assert len(balances.scheme_at(held(grid), JUNE).sides.outward) == 2

    def test_a_change_leaves_the_time_before_as_it_was(self, grid):
        first = set_group(grid)
        second = set_group(grid, JUNE, flats=grid[2][:1])

        found = held(grid)
        assert balances.scheme_at(found, JANUARY).group == first.pk
        assert balances.scheme_at(found, JUNE).group == second.pk
        assert balances.scheme_at(found, JUNE).number == 2
        before = datetime(2025, 12, 31, tzinfo=UTC)
        assert balances.scheme_at(found, before).group is None

    def test_the_same_again_writes_nothing(self, grid):
        first = set_group(grid, losses=[share("2")])
        notes = Entry.objects.count()

        assert set_group(grid, JUNE, losses=[share("2")]).pk == first.pk
        assert Entry.objects.count() == notes

    def test_of_the_same_day_it_is_replaced(self, grid):
        set_group(grid)
        set_group(grid, least_complete=Decimal(50))

        assert BalanceGroup.objects.get().least_complete == 50

    def test_the_past_is_not_changed_behind_what_stands(self, grid):
        set_group(grid, JUNE)

        with pytest.raises(services.LaterStands):
            set_group(grid, JANUARY)

    def test_after_its_end_the_tree_tells_again(self, grid):
        group = set_group(grid)
        services.end_balance_group(group=group, valid_to=JUNE, at=NOW)
        services.end_balance_group(group=group, valid_to=JUNE, at=NOW)

        found = held(grid)
        assert balances.scheme_at(found, JANUARY).group == group.pk
        assert balances.scheme_at(found, JUNE).group is None
        assert Entry.objects.filter(action="metering.balance.ended").count() == 1

    def test_a_group_that_ends_as_it_begins_is_taken_away(self, grid):
        services.end_balance_group(group=set_group(grid), valid_to=JANUARY, at=NOW)

        assert not BalanceGroup.objects.exists()

    def test_both_sides_are_needed(self, grid):
        with pytest.raises(services.OneSided):
            set_group(grid, flats=[])

    def test_a_point_stands_once_and_is_of_electricity(self, grid):
        top, inlet, flats = grid
        with pytest.raises(ValidationError):
            set_group(grid, flats=[inlet])
        with pytest.raises(ValidationError):
            set_group(grid, flats=[make_point(top, resource=UsagePoint.Resource.HEAT)])

    @pytest.mark.parametrize(
        "loss",
        [
            {"kind": "constant"},
            {"kind": "load", "power": 5_000},
            {"kind": "share", "percents": []},
            {"kind": "share", "percents": ["1", "2"]},
            {"kind": "share", "percents": ["100"]},
        ],
    )
    def test_a_loss_says_how_much(self, grid, loss):
        with pytest.raises(ValidationError):
            set_group(grid, losses=[BalanceLoss(name="Потери", **loss)])

    def test_its_losses_and_settings_are_told(self, grid):
        idle = BalanceLoss(name="Холостой ход", kind="constant", power=1_300)
        set_group(grid, losses=[idle, share("2.1")], permitted=Decimal("1.5"))

        scheme = balances.scheme_at(held(grid), JUNE)
        assert [(one.name, one.power, one.percents) for one in scheme.losses] == [
            ("Холостой ход", 1_300, ()),
            ("Линии", 0, (Decimal("2.1"),)),
        ]
        assert scheme.permitted == Decimal("1.5")

    def test_the_trail_tells_what_it_was_and_is(self, grid):
        set_group(grid)
        set_group(grid, JUNE, flats=grid[2][:1])

        entry = Entry.objects.filter(action="metering.balance.set").latest("id")
        assert entry.before["points_out"] == [flat.pk for flat in grid[2]]
        assert entry.after["points_out"] == [grid[2][0].pk]

    def test_the_number_of_questions_is_fixed(self, grid, django_assert_num_queries):
        top, _inlet, _flats = grid
        for n in range(6):
            node = make_node(f"ТП-{n}", top)
            inlet, flat = make_point(node), make_point(make_node(f"Л-{n}", node))
            services.set_balance_group(
                node=node, members=members(inlet, [flat]), losses=[share("1")],
                valid_from=JANUARY, at=NOW,
            )  # fmt: skip
        with django_assert_num_queries(5):
            assert len(balances.schemes(NetworkNode.objects.below(top), period=YEAR)) == 7


def share(*percents: str) -> BalanceLoss:
    return BalanceLoss(name="Линии", kind="share", percents=list(percents))


class TestAccuracies:
    def test_the_coarsest_of_the_phases_and_the_nearest_end_count(self, grid):
        _top, inlet, _flats = grid
        meter = make_meter(verification_due=date(2030, 1, 1))
        plates = [
            InstrumentTransformer.objects.create(
                kind="CT", type_name="Т-0,66", number=str(n), ratio_numerator=200,
                ratio_denominator=5, accuracy=accuracy, verification_due=due,
            )
            for n, (accuracy, due) in enumerate(
                [("0,5S", date(2031, 1, 1)), ("1,0", date(2027, 5, 1)), ("0,2S", None)]
            )
        ]  # fmt: skip
        services.install(
            usage_point=inlet, meter=meter, valid_from=JANUARY, at=NOW, ct=plates[0].ratio,
            transformers=plates,
        )  # fmt: skip

        told = balances.accuracies([inlet.pk], YEAR)[inlet.pk]
        assert (told.ct, told.has_ct, told.has_vt) == ("1,0", True, False)
        assert told.due == date(2027, 5, 1)

    def test_of_two_meters_the_later_one_counts(self, grid):
        _top, inlet, _flats = grid
        first, second = make_meter(), make_meter()
        services.install(usage_point=inlet, meter=first, valid_from=JANUARY, valid_to=JUNE, at=NOW)
        services.install(usage_point=inlet, meter=second, valid_from=JUNE, at=NOW)

        assert balances.accuracies([inlet.pk], YEAR)[inlet.pk].number == second.number

    def test_a_ratio_without_plates_is_a_transformer_of_unknown_class(self, grid):
        _top, inlet, _flats = grid
        services.install(
            usage_point=inlet, meter=make_meter(), valid_from=JANUARY, at=NOW, ct=Fraction(200, 5)
        )

        told = balances.accuracies([inlet.pk], YEAR)[inlet.pk]
        assert (told.has_ct, told.ct) == (True, "")
