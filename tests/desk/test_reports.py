"""«Reports» at the desk: over the area, at once or as a job; nothing of other areas."""

import csv
from datetime import UTC, date, datetime

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.jobs import worker
from faza.metering.models import NetworkNode, UsagePoint
from faza.readings.queries import profiles
from faza.reports import pace, queries
from faza.reports.models import Run
from tests.cabinet.factories import ZONE, fill, give_area, make_meter, make_point, make_user
from tests.cabinet.reading import words

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
OCTOBER = "kind=detail&period=month&on=2026-10-01"


@pytest.fixture(autouse=True)
def _place(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(worker, "_now", lambda: NOW)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    pace.forget()


def node(code: str, parent: NetworkNode | None) -> NetworkNode:
    made = NetworkNode.objects.create(code=code, name=code, kind="substation", parent=parent)
    made.path = f"{parent.path if parent else ''}{made.pk}/"
    made.save()
    return made


@pytest.fixture
def area():
    """Two substations of the operator's with a point each, and a foreign one with a third."""
    top, foreign = node("AREA", None), node("FOREIGN", None)
    first, second = node("TP-1", top), node("TP-2", top)
    points = []
    for code, place in (("P1", first), ("P2", second), ("P9", foreign)):
        point = make_point(code, f"Точка {code}")
        point.node = place
        point.save()
        make_meter(point, f"M-{code}")
        fill(point, date(2026, 10, 1), date(2026, 10, 4))
        points.append(point)
    return top, first, foreign, points


@pytest.fixture
def operator(client, area):
    user = make_user("operator@example.org", role=User.Role.OPERATOR)
    give_area(user, area[0])
    client.force_login(user)
    return user


def get(client, name="reports", query=OCTOBER):
    return client.get(f"{reverse(f'desk:{name}')}?{query}")


class TestAsking:
    def test_it_is_of_the_whole_area_and_nothing_else(self, client, operator, area):
        shown = words(get(client))

        assert "2 точки" in shown
        assert "Точка P1" in shown
        assert "P9" not in shown
        assert "FOREIGN" not in shown

    def test_a_part_of_the_network_has_what_stands_under_it(self, client, operator, area):
        shown = get(client, query=f"{OCTOBER}&branch=t{area[1].pk}")

        assert shown.context["wanted"].n_points == 1
        assert "Точка P2" not in words(shown)

    def test_a_part_of_another_area_is_empty_and_not_named(self, client, operator, area):
        shown = get(client, query=f"{OCTOBER}&branch=t{area[2].pk}")

        assert shown.context["wanted"].n_points == 0
        assert "FOREIGN" not in words(shown)

    def test_codes_are_listed_and_those_of_others_are_as_none(self, client, operator):
        for code in ("P9", "NONE"):
            shown = get(client, query=f"{OCTOBER}&codes=P1,{code}")
            assert f"нет таких точек: {code}" in words(shown)
        assert get(client, query=f"{OCTOBER}&codes=P1").context["wanted"].n_points == 1

    @pytest.mark.parametrize(
        "query",
        ["codes=,,", "branch=t99999999999999999", "branch=t0", "points=none",
         "codes=" + ",".join(f"X{n}" for n in range(1_100)), "period=any&from=x", "digits=77"],
    )  # fmt: skip
    def test_odd_addresses_are_a_page(self, client, operator, query):
        assert get(client, query=f"{OCTOBER}&{query}").status_code == 200

    def test_its_queries_do_not_grow_with_points(
        self, client, operator, area, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(45):
            get(client)


class TestMaking:
    def test_a_small_one_opens_at_once(self, client, operator):
        made = get(client, "report-make", f"{OCTOBER}&codes=P1&format=csv")

        assert made.url.startswith(reverse("cabinet:report"))
        assert "P1" in b"".join(client.get(made.url)).decode()

    @pytest.mark.parametrize("bound", ["MOST_AT_ONCE", "MOST_ROWS"])
    def test_a_large_one_is_a_job(self, client, operator, area, monkeypatch, bound):
        monkeypatch.setattr(f"faza.desk.reports.page.{bound}", 1)
        offered = get(client, "report-make", f"{OCTOBER}&format=csv")
        assert reverse("desk:report-begin") in offered.content.decode()

        told = {"query": offered.context["query"], "format": "csv"}
        client.post(reverse("desk:report-begin"), told)
        worker.run_waiting()
        run = Run.objects.get()
        rows = list(csv.reader(
            queries.file_of(operator, run, at=NOW).read_text("utf-8-sig").splitlines(),
            delimiter=";",
        ))  # fmt: skip
        points = {row[2] for row in rows if len(row) > 2}
        assert {"P1", "P2"} <= points
        assert "P9" not in points
        (total,) = [row for row in rows if len(row) > 4 and row[1] == "Итого"]
        windows = queries.points_of(operator, QueryDict(run.query), at=NOW)
        october = Period.of_days(date(2026, 10, 1), date(2026, 11, 1), ZONE)
        stored = profiles(windows, [A_PLUS.code], october)
        kwh = sum(int(one.values.sum()) for one in stored) / 1000
        assert float(total[4].rstrip("*≈").replace("\xa0", "").replace(",", ".")) == kwh
        assert Entry.objects.get(action="reports.report.made").after["points_count"] == 2
        assert f"{reverse('desk:report-file', args=[run.pk])}" in words_of(client)

    def test_its_file_is_given_to_the_one_who_asked(self, client, operator):
        client.post(reverse("desk:report-begin"), {"query": OCTOBER, "format": "xlsx"})
        worker.run_waiting()
        address = reverse("desk:report-file", args=[Run.objects.get().pk])

        given = client.get(address)
        assert b"".join(given)[:2] == b"PK"
        assert given["Cache-Control"] == "private, no-store"
        other = make_user("other@example.org", role=User.Role.ADMINISTRATOR)
        client.force_login(other)
        assert client.get(address).status_code == 404

    def test_what_is_wrong_begins_nothing(self, client, operator):
        for query in (f"{OCTOBER}&point=P9", f"{OCTOBER}&branch=n0", f"{OCTOBER}&point=%00"):
            told = client.post(reverse("desk:report-begin"), {"query": query, "format": "csv"})
            assert [str(one) for one in get_messages(told.wsgi_request)]
        assert not Run.objects.exists()

    def test_it_is_stopped(self, client, operator):
        client.post(reverse("desk:report-begin"), {"query": OCTOBER, "format": "csv"})
        client.post(reverse("desk:report-cancel", args=[Run.objects.get().pk]))
        worker.run_waiting()

        assert Run.objects.get().state == Run.State.CANCELLED


def words_of(client) -> str:
    return client.get(reverse("desk:report-runs")).content.decode()


class TestTree:
    def test_it_is_of_the_own_area_and_is_searched(self, client, operator):
        shown = words(get(client, query=f"{OCTOBER}&choose=1"))
        found = words(get(client, query=f"{OCTOBER}&q=P2"))

        assert "2 из 2" in shown
        assert "TP-1" in shown
        assert "FOREIGN" not in shown
        assert "Точка P2" in found
        assert get(client, query=f"{OCTOBER}&q=P9").context["page"].tree.found == ()

    def test_a_point_a_place_all_none_and_the_inverse(self, client, operator, area):
        tree = get(client, query=f"{OCTOBER}&choose=1&points=none").context["page"].tree
        (first,) = tree.branches[0].leaves
        chosen = get(client, query=first.url[1:]).context
        others = get(client, query=chosen["page"].tree.inverse_url[1:]).context
        whole = get(client, query=tree.branches[1].url[1:]).context
        none = get(client, query=whole["page"].tree.none_url[1:]).context

        assert tree.picked == 0
        assert (chosen["wanted"].n_points, chosen["page"].codes) == (1, "P1")
        assert (others["wanted"].n_points, others["page"].codes) == (1, "")
        assert ("points", "all") in others["page"].kept
        assert whole["wanted"].points.branches == (f"n{area[3][1].node_id}",)
        assert (none["page"].tree.picked, none["wanted"].n_points) == (0, 2)

    def test_out_of_a_part_a_point_is_taken(self, client, operator, area):
        query = f"{OCTOBER}&choose=1&branch=t{area[0].pk}"
        tree = get(client, query=query).context["page"].tree
        (first,) = tree.branches[0].leaves

        assert tree.picked == 2
        assert get(client, query=first.url[1:]).context["wanted"].n_points == 1

    def test_the_report_is_of_what_is_ticked(self, client, operator):
        made = client.get(
            f"{reverse('desk:report-make')}?{OCTOBER}&points=all&point=P1&format=csv", follow=True
        )
        text = b"".join(made).decode()

        assert "Точка P2" in text
        assert "Точка P1" not in text

    def test_many_branches_are_told_without_a_tree(self, client, operator):
        many = "&".join(f"branch=n{number}" for number in range(1, 40))
        shown = get(client, query=f"{OCTOBER}&choose=1&{many}")

        assert shown.status_code == 200
        assert shown.context["page"].tree is None

    def test_thousands_of_points_ask_as_few_do(
        self, client, operator, area, django_assert_num_queries
    ):
        query = f"{OCTOBER}&choose=1&open=n{area[1].pk}"
        many = [
            UsagePoint(code=f"X{n:05}", name=f"Точка {n:05}", node=area[1], zone=ZONE)
            for n in range(3_100)
        ]
        UsagePoint.objects.bulk_create(many[:100])
        get(client, query=query)
        with CaptureQueriesContext(connection) as few:
            get(client, query=query)
        UsagePoint.objects.bulk_create(many[100:])
        with django_assert_num_queries(len(few)):
            shown = get(client, query=query)

        tree = shown.context["page"].tree
        assert tree.total == 3_102
        assert len(list(tree.leaves)) < 100


def test_a_message_80020_comes_from_the_exchange(client, operator):
    query = "kind=load-profile&period=month&on=2026-10-01&codes=P1&format=80020"
    made = client.get(f"{reverse('desk:report-make')}?{query}", follow=True)

    assert made.status_code == 200
    assert b"".join(made)[:2] == b"PK"
