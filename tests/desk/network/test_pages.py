"""What the pages of the network show, and how many questions they ask."""

from __future__ import annotations

import pytest
from django.test import Client

from faza.accounts.models import User
from faza.metering import services
from faza.metering.models import Meter, MeteringComplex, UsagePoint
from tests.cabinet.factories import make_user
from tests.desk.network.conftest import BACKEND, START, meter, node, point


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


class TestTree:
    def test_it_is_open_along_the_way_and_counts_points_below(self, client, grid):
        flat = node("E", grid.house)
        point("P2", flat)

        shown = text(client.get(f"/desk/network/?node={flat.pk}")).partition("data-tree")[2]

        assert shown.index("Узел R") < shown.index("Узел H") < shown.index("Узел E")
        assert "Узел O" not in shown
        assert "Точка P2" in shown
        assert "Точка P1" not in shown

    def test_an_administrator_sees_all_roots(self, grid):
        client = Client()
        admin = make_user("a@example.org", User.Role.ADMINISTRATOR)
        client.force_login(admin, backend=BACKEND)

        shown = text(client.get("/desk/network/"))
        assert "Узел R" in shown
        assert "Узел O" in shown

    def test_a_branch_is_asked_for(self, client, grid):
        shown = text(client.get(f"/desk/network/branch/{grid.root.pk}/"))
        assert "Узел H" in shown
        assert "<html" not in shown

    def test_long_levels_come_in_parts(self, client, grid, monkeypatch):
        monkeypatch.setattr("faza.desk.network.tree.LEVEL", 2)
        for number in range(5):
            node(f"L{number}", grid.house)

        first = text(client.get(f"/desk/network/?node={grid.house.pk}"))
        assert "Узел L1" in first
        assert "Узел L2" not in first
        rest = text(client.get(f"/desk/network/branch/{grid.house.pk}/?from=2"))
        assert "Узел L3" in rest
        assert "from=4" in rest

    @pytest.mark.parametrize("asked", ["узел h", "УЗЕЛ H", "h"])
    def test_a_place_is_found_in_any_case_by_name_or_code(self, client, grid, asked):
        shown = text(client.get("/desk/network/", {"find": asked}, follow=True))
        assert f"?node={grid.house.pk}" in shown

    def test_a_foreign_place_is_not_found(self, client, grid):
        assert "Узел O" not in text(client.get("/desk/network/?find=Узел"))

    @pytest.mark.parametrize("asked", ["x", "-1", "²", "9" * 30])
    def test_nonsense_is_no_place(self, client, asked):
        assert client.get("/desk/network/", {"node": asked}).status_code == 404

    def test_without_any_network_it_says_what_to_do(self, db):
        client = Client()
        user = make_user("a@example.org", User.Role.ADMINISTRATOR)
        client.force_login(user, backend=BACKEND)
        assert "Сети пока нет" in text(client.get("/desk/network/"))


class TestCard:
    def test_it_shows_the_complex_with_its_ratio(self, client):
        shown = text(client.get("/desk/points/P1/"))
        for words in ("200/5", "= <b>40</b>", "№ 100", "№ 71", "СЧ-1"):
            assert words in shown

    def test_beside_the_tree_only_the_card_is_sent_to_htmx(self, client):
        shown = text(client.get("/desk/network/?point=P1", headers={"HX-Target": "card"}))
        assert shown.lstrip().startswith("<section")
        assert "№ 100" in shown

    def test_its_history_has_the_meters_coming_with_words(self, client):
        shown = text(client.get("/desk/points/P1/?tab=history"))
        assert "metering." not in shown

    def test_a_code_with_a_slash_has_its_page(self, client, grid):
        point("А/7", grid.house)
        assert "Точка А/7" in text(client.get("/desk/points/А/7/"))
        assert client.get("/desk/points/А/7/edit/").status_code == 200

    def test_names_are_never_markup(self, client, grid):
        evil = "<script>alert(1)</script>"
        point("P9", grid.house, name=evil, address=evil)
        for address in ("/desk/points/P9/", "/desk/network/?point=P9", "/desk/points/"):
            assert evil not in text(client.get(address))


class TestLists:
    def test_verification_is_filtered(self, client, grid):
        assert "№" not in text(client.get("/desk/meters/?due=expired")).split("<tbody>")[-1][:40]
        assert "100" in text(client.get("/desk/meters/?place=standing"))

    def test_a_meter_elsewhere_is_not_in_the_list_and_one_in_stock_is(self, client, grid):
        meter(grid.model, "555")
        shown = text(client.get("/desk/meters/"))
        assert "555" in shown
        assert ">900<" not in shown

    def test_where_a_meter_stands_now_is_told_only_if_it_is_within_reach(self, client, grid, now):
        """It stood here and stands elsewhere: its page is mine, the other point's name is not."""
        services.remove(installed=grid.complex, valid_to=now, at=now)
        another = point("F2", grid.other, name="Чужая точка")
        services.install(usage_point=another, meter=grid.meter, valid_from=now, at=now)

        assert "Чужая точка" not in text(client.get("/desk/meters/"))
        assert "Чужая точка" not in text(client.get(f"/desk/meters/{grid.meter.pk}/"))

    def test_points_are_exported_as_they_are_filtered(self, client, grid):
        point("P2", grid.house)
        answer = client.get("/desk/points/?q=P2&export=csv")
        told = b"".join(answer).decode("utf-8-sig")
        assert "P2" in told
        assert "P1" not in told


def many(grid, count: int) -> None:
    places = [node(f"M{number}", grid.root) for number in range(3)]
    points = UsagePoint.objects.bulk_create(
        UsagePoint(code=f"M{n}", name=f"M{n}", node=places[n % 3]) for n in range(count)
    )
    meters = Meter.objects.bulk_create(
        Meter(model=grid.model, number=f"M{n}") for n in range(count)
    )
    MeteringComplex.objects.bulk_create(
        MeteringComplex(usage_point=one, meter=of, valid_from=START)
        for one, of in zip(points, meters, strict=True)
    )


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/desk/network/", 24),
        ("/desk/network/?point=P1", 36),
        ("/desk/network/?find=Узел", 25),
        ("/desk/network/branch/{root}/", 9),
        ("/desk/nodes/{root}/", 16),
        ("/desk/points/", 14),
        ("/desk/points/P1/", 24),
        ("/desk/points/P1/?tab=data", 28),
        ("/desk/points/P1/?tab=access", 25),
        ("/desk/points/P1/?tab=history", 30),
        ("/desk/meters/", 14),
        ("/desk/transformers/", 12),
    ],
)
def test_queries_do_not_grow_with_points(
    client, grid, address, most, django_assert_max_num_queries
):  # fmt: skip
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asked = address.format(root=grid.root.pk)
    client.get(asked)
    many(grid, 40)
    with CaptureQueriesContext(connection) as few:
        assert client.get(asked).status_code == 200
    UsagePoint.objects.bulk_create(
        UsagePoint(code=f"N{n}", name=f"N{n}", node=grid.house) for n in range(160)
    )
    with django_assert_max_num_queries(most) as more:
        assert client.get(asked).status_code == 200
    assert len(more) <= len(few)
