"""The tree and what stands in it are changed; the trail tells from what to what."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from faza.audit import queries as audit
from faza.audit.models import Entry
from faza.metering import rules, services
from faza.metering.models import InstrumentTransformer, Meter, MeterModel, NetworkNode, UsagePoint
from tests.metering.factories import NOW, make_meter, make_node, make_point

pytestmark = pytest.mark.django_db

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def told(action: str) -> tuple[object, object]:
    deed = audit.deeds(audit.trail(audit.Filters(action=action))[:1])[0]
    return deed.before, deed.after


def again(row):
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def tree():
    """root -> (a -> b -> c, d); a point at c."""
    root = make_node("root")
    a = make_node("a", root)
    b = make_node("b", a)
    c = make_node("c", b)
    return {"root": root, "a": a, "b": b, "c": c, "d": make_node("d", root)}


def path_of(node):
    node = again(node)
    return [again(NetworkNode(pk=one)).name for one in rules.chain(node.path)]


class TestMoveNode:
    def test_the_whole_subtree_goes_along(self, tree):
        services.move_node(node=tree["b"], to=tree["d"], at=NOW)

        assert path_of(tree["b"]) == ["root", "d", "b"]
        assert path_of(tree["c"]) == ["root", "d", "b", "c"]
        assert path_of(tree["a"]) == ["root", "a"]
        assert told("metering.node.moved") == (
            {"parent": tree["a"].pk},
            {"parent": tree["d"].pk},
        )

    def test_it_may_become_a_root_and_come_back(self, tree):
        services.move_node(node=tree["b"], to=None, at=NOW)
        assert path_of(tree["c"]) == ["b", "c"]

        services.move_node(node=tree["b"], to=tree["a"], at=NOW)
        assert again(tree["c"]).path == tree["c"].path

    @pytest.mark.parametrize("below", ["b", "c"])
    def test_not_under_itself(self, tree, below):
        with pytest.raises(services.UnderItself):
            services.move_node(node=tree["b"], to=tree[below], at=NOW)
        assert path_of(tree["c"]) == ["root", "a", "b", "c"]

    def test_where_it_stands_already_nothing_is_done(self, tree):
        services.move_node(node=tree["b"], to=tree["a"], at=NOW)
        assert not Entry.objects.filter(action="metering.node.moved").exists()

    def test_its_statements_do_not_grow_with_the_subtree(self, tree, django_assert_max_num_queries):
        for number in range(20):
            make_node(f"x{number}", tree["c"])
        with django_assert_max_num_queries(12):
            services.move_node(node=tree["b"], to=tree["d"], at=NOW)

    def test_the_tree_is_not_deeper_than_a_path_can_tell(self):
        def chain(length):
            nodes = [make_node("top")]
            while len(nodes) < length:
                nodes.append(make_node("next", nodes[-1]))
            return nodes

        high, low = chain(rules.MOST_LEVELS - 2), chain(3)
        with pytest.raises(services.TooDeep):
            services.move_node(node=low[0], to=high[-1], at=NOW)
        services.move_node(node=low[1], to=high[-1], at=NOW)
        with pytest.raises(services.TooDeep):
            make_node("deeper", again(low[2]))
        assert len(again(low[2]).path) <= 250


class TestChangeNode:
    def test_only_what_differs_is_told(self, tree):
        node = again(tree["a"])
        node.name = "ТП-369"
        services.change_node(node, at=NOW)
        services.change_node(node, at=NOW)

        assert told("metering.node.changed") == ({"name": "a"}, {"name": "ТП-369"})
        assert Entry.objects.filter(action="metering.node.changed").count() == 1

    def test_a_code_is_taken_once(self, tree):
        node = again(tree["a"])
        node.code = tree["b"].code
        with pytest.raises(ValidationError):
            services.change_node(node, at=NOW)

    def test_its_place_is_not_changed_by_the_way(self, tree):
        node = again(tree["b"])
        node.parent, node.path, node.name = tree["d"], "0/", "new"
        services.change_node(node, at=NOW)
        assert path_of(tree["b"]) == ["root", "a", "new"]


class TestRemoveNode:
    def test_an_empty_one_goes_and_the_trail_tells_what_it_was(self, tree):
        services.remove_node(node=tree["d"], at=NOW)

        assert not NetworkNode.objects.filter(name="d").exists()
        before, _ = told("metering.node.removed")
        assert (before["name"], before["parent"]) == ("d", tree["root"].pk)

    def test_not_with_children_or_points(self, tree):
        make_point(tree["d"])
        for name in ("a", "d"):
            with pytest.raises(services.InUse):
                services.remove_node(node=tree[name], at=NOW)
        assert again(tree["d"]).name == "d"


class TestPoints:
    def test_a_change_is_told_and_the_address_is_kept_apart(self):
        point = make_point(address="ул. Речная, 8")
        point.address, point.max_power = "ул. Речная, 10", 15_000
        services.change_usage_point(point, at=NOW)

        entry = Entry.objects.get(action="metering.usage_point.changed")
        assert list(entry.after["address"]) == ["$personal"]
        assert told("metering.usage_point.changed") == (
            {"address": "ул. Речная, 8", "max_power": None},
            {"address": "ул. Речная, 10", "max_power": 15_000},
        )

    @pytest.mark.parametrize("field", [{"zone": "Asia/Omsk"}, {"resource": "water"}])
    def test_the_zone_and_the_resource_stand(self, field):
        point = make_point()
        for name, value in field.items():
            setattr(point, name, value)
        with pytest.raises(services.ZoneStands):
            services.change_usage_point(point, at=NOW)

    def test_points_move_together_and_only_those_that_stood_elsewhere_are_told(self):
        old, new = make_node(), make_node()
        points = [make_point(old), make_point(old), make_point(new)]
        chosen = UsagePoint.objects.filter(pk__in=[point.pk for point in points])

        assert services.move_usage_points(chosen, to=new, at=NOW) == 2
        assert services.move_usage_points(chosen, to=new, at=NOW) == 0

        assert {again(point).node_id for point in points} == {new.pk}
        assert Entry.objects.filter(action="metering.usage_point.moved").count() == 2
        assert told("metering.usage_point.moved") == ({"node": old.pk}, {"node": new.pk})

    def test_many_points_take_few_statements(self, django_assert_max_num_queries):
        old, new = make_node(), make_node()
        UsagePoint.objects.bulk_create(
            UsagePoint(code=f"B{number}", name="B", node=old) for number in range(900)
        )
        with django_assert_max_num_queries(20):
            moved = services.move_usage_points(UsagePoint.objects.filter(node=old), to=new, at=NOW)
        assert moved == 900


class TestInstruments:
    def model(self, **fields):
        made = MeterModel(**({"name": "СЧ-1", "manufacturer": "Пример"} | fields))
        return services.add_meter_model(made, at=NOW)

    def installed(self, meter, transformers=()):
        return services.install(
            usage_point=make_point(), meter=meter, valid_from=JANUARY, at=NOW,
            transformers=transformers, ct=Fraction(40),
        )  # fmt: skip

    def test_the_next_verification_follows_from_the_last(self):
        model = self.model(verification_interval=192)
        meter = Meter(model=model, number="1", verified_on=date(2026, 3, 5))
        services.add_meter(meter, at=NOW)

        assert meter.verification_due == date(2042, 3, 5)

    def test_one_that_is_told_stands(self):
        model = self.model(verification_interval=192)
        due = date(2030, 1, 1)
        meter = Meter(model=model, number="1", verified_on=date(2026, 3, 5), verification_due=due)
        assert services.add_meter(meter, at=NOW).verification_due == due

    def test_a_meters_change_is_told(self):
        meter = make_meter()
        meter.seals = [{"number": "A1", "place": "крышка", "set_on": "2026-11-20"}]
        services.change_meter(meter, at=NOW)
        assert told("metering.meter.changed") == ({"seals": []}, {"seals": meter.seals})

    def test_a_number_is_taken_once_in_a_model(self):
        meter, other = make_meter(number="1"), make_meter(number="2")
        other.number = meter.number
        with pytest.raises(ValidationError):
            services.change_meter(other, at=NOW)

    def test_digits_stand_once_a_meter_of_the_model_was_installed(self):
        model = self.model()
        model.digits = 5
        services.change_meter_model(model, at=NOW)
        meter = services.add_meter(Meter(model=model, number="1"), at=NOW)
        self.installed(meter)
        model.digits = 7
        with pytest.raises(services.InUse):
            services.change_meter_model(model, at=NOW)
        meter.model = self.model(name="СЧ-2", digits=8)
        with pytest.raises(services.InUse):
            services.change_meter(meter, at=NOW)
        assert again(model).digits == 5

    def test_a_transformers_ratio_stands_once_it_was_part_of_a_complex(self):
        ct = InstrumentTransformer(
            kind="CT", type_name="Т-0,66", number="1", ratio_numerator=200, ratio_denominator=5
        )
        services.add_transformer(ct, at=NOW)
        ct.ratio_numerator = 300
        services.change_transformer(ct, at=NOW)
        self.installed(make_meter(), [ct])
        ct.accuracy = "0,5S"
        services.change_transformer(ct, at=NOW)
        ct.ratio_numerator = 400
        with pytest.raises(services.InUse):
            services.change_transformer(ct, at=NOW)
        assert (again(ct).ratio, again(ct).accuracy) == (60, "0,5S")


class TestComplexes:
    def test_a_control_meter_does_not_become_a_second_billing_one(self):
        point = make_point()
        fields = {"usage_point": point, "valid_from": JANUARY, "at": NOW}
        billing = services.install(meter=make_meter(), **fields)
        control = services.install(meter=make_meter(), role="control", control_of=billing, **fields)

        with pytest.raises(services.AnotherInstalled):
            services.change_role(installed=control, role="billing", at=NOW)
        services.change_role(installed=control, role="technical", at=NOW)

        assert told("metering.complex.changed") == (
            {"role": "control", "control_of": billing.pk},
            {"role": "technical", "control_of": None},
        )
