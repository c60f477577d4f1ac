"""Forms of the network: what they do, what they refuse, what they keep of what was typed."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from faza.audit import queries as audit
from faza.audit.models import Entry
from faza.metering import services
from faza.metering.models import InstrumentTransformer, Meter, MeterModel, NetworkNode, UsagePoint
from tests.desk.network.conftest import node, point
from tests.readings.meters import read

POINT = {"name": "Точка P1", "code": "P1", "phases": "1", "voltage_level": "LV"}


def again(row):
    return type(row).objects.get(pk=row.pk)


def last(action: str):
    return audit.deeds(audit.trail(audit.Filters(action=action))[:1])[0]


class TestPoints:
    def test_a_new_one_stands_at_the_place(self, client, grid, operator):
        told = POINT | {"code": "NEW", "max_power": "15,5", "zone": "Asia/Omsk",
                        "resource": "electricity", "address": "ул. Мира, 1"}  # fmt: skip
        answer = client.post(f"/desk/network/new-point/?node={grid.house.pk}", told)

        assert answer.status_code == 302
        made = UsagePoint.objects.get(code="NEW")
        assert (made.node, made.max_power, made.zone) == (grid.house, 15_500, "Asia/Omsk")
        deed = last("metering.usage_point.added")
        assert (deed.user, deed.address) == (operator.pk, "127.0.0.1")
        assert deed.after["address"] == "ул. Мира, 1"

    def test_a_change_is_kept_and_told(self, client, grid):
        client.post("/desk/points/P1/edit/", POINT | {"name": "Ввод 1", "code": "P-1"})

        assert (again(grid.point).name, again(grid.point).code) == ("Ввод 1", "P-1")
        assert last("metering.usage_point.changed").after == {
            "name": "Ввод 1", "code": "P-1", "address": "",
        }  # fmt: skip

    def test_what_is_no_field_of_the_form_changes_nothing(self, client, grid):
        extra = {"node": grid.other.pk, "zone": "Asia/Omsk", "id": grid.foreign.pk, "path": "x"}
        client.post("/desk/points/P1/edit/", POINT | {key: str(v) for key, v in extra.items()})

        assert (again(grid.point).node, again(grid.point).zone) == (grid.house, "Europe/Moscow")
        assert again(grid.foreign).code == "OUT-1"

    def test_what_was_typed_wrong_is_kept_with_the_reason(self, client, grid):
        told = POINT | {"code": "OUT-1", "max_power": "много", "name": "Новое имя"}
        answer = client.post("/desk/points/P1/edit/", told)

        shown = answer.content.decode()
        assert answer.status_code == 422
        for words in ("Такой код уже занят.", "Это не число.", "Новое имя", "много"):
            assert words in shown
        assert again(grid.point).name == "Точка P1"

    def test_chosen_points_move_after_a_look(self, client, grid):
        two = point("P2", grid.root)
        to = node("E", grid.house)
        chosen = {"chosen": [grid.point.pk, two.pk, grid.foreign.pk]}

        seen = client.post("/desk/network/move/", chosen).content.decode()
        assert "Точка P1" in seen
        assert "OUT-1" not in seen
        assert not Entry.objects.filter(action="metering.usage_point.moved").exists()
        client.post("/desk/network/move/", chosen | {"to": "E", "sure": "1"})

        assert {again(grid.point).node, again(two).node} == {to}
        assert again(grid.foreign).node == grid.other

    def test_all_that_a_filter_finds_move_within_the_place(self, client, grid):
        point("P2", grid.root)
        node("E", grid.house)
        told = {"all": "1", "filters": "", "node": grid.house.pk, "to": "E", "sure": "1"}
        client.post("/desk/network/move/", told)
        assert again(grid.point).node.code == "E"
        assert UsagePoint.objects.get(code="P2").node == grid.root

    def test_not_to_a_place_of_others(self, client, grid):
        told = {"chosen": grid.point.pk, "to": "O", "sure": "1"}
        answer = client.post("/desk/network/move/", told)
        assert answer.status_code == 422
        assert again(grid.point).node == grid.house


class TestPlaces:
    def test_a_new_one_stands_under_its_parent(self, client, grid):
        told = {"name": "Дом 8", "kind": "building", "code": "D8"}
        client.post(f"/desk/network/new-place/?parent={grid.root.pk}", told)
        assert NetworkNode.objects.get(code="D8").parent == grid.root

    def test_moving_takes_all_below_along(self, client, grid):
        to = node("X", grid.root)
        client.post(f"/desk/nodes/{grid.house.pk}/move/", {"to": "X"})
        assert again(grid.house).path.startswith(to.path)

    def test_not_under_itself(self, client, grid):
        inside = node("E", grid.house)
        answer = client.post(f"/desk/nodes/{grid.house.pk}/move/", {"to": inside.code})
        assert "самого себя" in answer.content.decode()

    def test_an_empty_one_is_removed_and_one_with_points_is_not(self, client, grid):
        empty = node("E", grid.house)
        client.post(f"/desk/nodes/{empty.pk}/remove/")
        client.post(f"/desk/nodes/{grid.house.pk}/remove/")
        assert not NetworkNode.objects.filter(code="E").exists()
        assert again(grid.house)


class TestInstruments:
    def test_a_meter_gets_its_seals_and_its_due_day(self, client, grid):
        MeterModel.objects.update(verification_interval=192)
        told = {"model": grid.model.pk, "number": "7", "verified_on": "2026-03-05",
                "seals": "A1; крышка; 05.03.2026\nB2"}  # fmt: skip
        client.post("/desk/meters/new/", told)

        made = Meter.objects.get(number="7")
        assert [seal["number"] for seal in made.seals] == ["A1", "B2"]
        assert str(made.verification_due) == "2042-03-05"
        assert "A1; крышка" in client.get(f"/desk/meters/{made.pk}/edit/").content.decode()

    def test_a_number_is_taken_once(self, client, grid):
        told = {"model": grid.model.pk, "number": "100"}
        answer = client.post("/desk/meters/new/", told)
        assert "с таким номером уже есть" in answer.content.decode()

    def test_the_ratio_of_a_transformer_in_use_stands(self, client, grid):
        told = {"kind": "CT", "type_name": "Т-0,66", "number": "71", "ratio_numerator": "300",
                "ratio_denominator": "5"}  # fmt: skip
        answer = client.post(f"/desk/transformers/{grid.ct.pk}/edit/", told)
        assert answer.status_code == 422
        assert again(grid.ct).ratio == 40

    def test_units_are_those_of_people(self, client, grid):
        told = {"name": "СЧ-9", "manufacturer": "Пример", "phases": "3", "digits": "6",
                "decimals": "2", "tariffs": "4", "nominal_voltage": "230",
                "max_current": "7,5"}  # fmt: skip
        client.post("/desk/meters/types/new/", told)
        made = MeterModel.objects.get(name="СЧ-9")
        assert (made.nominal_voltage, made.max_current) == (2_300, 7_500)
        assert "7,5" in client.get(f"/desk/meters/types/{made.pk}/edit/").content.decode()


class TestComplex:
    def told(self, **other: str) -> dict[str, str]:
        return {"role": "billing", "transformers": "71", "ct": "", "vt": ""} | other

    def test_its_ratio_follows_from_the_plates(self, client, grid, now):
        other = services.add_transformer(
            InstrumentTransformer(
                kind="CT", type_name="Т", number="72", ratio_numerator=300, ratio_denominator=5
            ),
            at=now,
        )
        answer = client.post(
            f"/desk/complexes/{grid.complex.pk}/edit/", self.told(transformers="72")
        )

        assert answer.status_code == 302, re.findall(r"err.*", answer.content.decode())
        assert again(grid.complex).ct_ratio == 60
        assert list(grid.complex.transformers.all()) == [other]

    def test_with_readings_the_ratio_stands_and_why_is_said(self, client, grid):
        read(grid.point, grid.meter, grid.complex.valid_from, 100)
        address = f"/desk/complexes/{grid.complex.pk}/edit/"

        answer = client.post(address, self.told(transformers="", ct="60"))
        assert "нужно пересчитать" in answer.content.decode()
        assert again(grid.complex).ct_ratio == 40
        assert client.post(address, self.told(role="technical")).status_code == 302
        assert again(grid.complex).role == "technical"

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"transformers": "71, 99"}, "№ 99"),
            ({"ct": "40/0"}, "200/5"),
            ({"ct": "-3"}, "200/5"),
            ({"ct": "²"}, "200/5"),
        ],
    )
    def test_what_is_wrong_is_said(self, client, grid, wrong, words):
        answer = client.post(f"/desk/complexes/{grid.complex.pk}/edit/", self.told(**wrong))
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert again(grid.complex).ct_ratio == Fraction(40)
