"""Route sheets: which points a round goes to, the paper, what is typed in afterwards."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.collection.models import CollectionPlan, Device, Line
from faza.desk.rounds import finding
from faza.desk.rounds.finding import ALL, SILENT, UNROUTED, Asked
from faza.manual_entry.models import Entry, EntryFile
from faza.metering.models import MeteringComplex
from tests.cabinet.factories import give_area, make_node, make_point, make_user
from tests.manual_entry.fleets import HEAD, make_fleet
from tests.readings.meters import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    found = make_user("op@example.org", User.Role.OPERATOR)
    give_area(found, make_node("FLEET", "Посёлок"))
    return found


@pytest.fixture
def desk(operator):
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def fleet():
    """Four points that nobody reads."""
    return make_fleet(4, at=timezone.now())


def meter_of(point):
    return MeteringComplex.objects.get(usage_point=point).meter


def give_route(point):
    line, _ = Line.objects.get_or_create(name="L", defaults={"host": "127.0.0.1", "port": 4059})
    plan, _ = CollectionPlan.objects.get_or_create(name="План")
    return Device.objects.create(meter=meter_of(point), line=line, plan=plan, driver="dlms")


def bring(point, days, kind=1):
    """A register was read so many days ago."""
    at = (timezone.now() - timedelta(days=days)).replace(microsecond=0)
    read(point, meter_of(point), at, {1: 9_000_000}, kind=kind)


def codes(operator, **narrowed):
    at = timezone.now()
    found = finding.found(operator, Asked(**narrowed), at=at)
    return [
        stop.listed.due.point.code for stop in finding.stops(found.points, found.unrouted, at=at)
    ]


class TestList:
    def test_those_without_a_route_and_those_that_are_silent(self, operator, fleet):
        for point in fleet[:3]:
            give_route(point)
        bring(fleet[0], 2)
        bring(fleet[1], 20)
        bring(fleet[2], 2, kind=4)  # typed by a person
        bring(fleet[3], 2)

        assert codes(operator, why=ALL) == ["P00001", "P00002", "P00003"]
        assert codes(operator) == ["P00001", "P00002"]
        assert codes(operator, why=SILENT, days=30) == []  # all were read three weeks ago
        assert codes(operator, why=UNROUTED) == ["P00003"]

    def test_a_route_that_is_off_is_none(self, operator, fleet):
        device = give_route(fleet[0])
        bring(fleet[0], 1)
        assert codes(operator, why=UNROUTED) == ["P00001", "P00002", "P00003"]

        Device.objects.filter(pk=device.pk).update(is_enabled=False)
        assert codes(operator, why=UNROUTED)[0] == "P00000"

    def test_of_the_own_area_and_of_those_with_a_meter(self, operator, fleet):
        make_point("BARE", node=make_node("FLEET"))
        make_fleet_elsewhere()

        assert codes(operator, why=ALL) == ["P00000", "P00001", "P00002", "P00003"]
        assert codes(operator, why=ALL, text="полевая, 3") == ["P00003"]

    def test_of_too_many_a_place_is_to_be_chosen(self, operator, fleet, monkeypatch, desk):
        monkeypatch.setattr(finding, "MOST", 3)

        assert finding.found(operator, Asked(), at=timezone.now()).looked is None
        assert desk.get(reverse("desk:rounds")).status_code == 200

    def test_pages(self, desk, fleet):
        for name in ("desk:rounds", "desk:rounds-paper", "desk:rounds-type"):
            text = desk.get(reverse(name), {"why": "all"}).content.decode()
            assert "P00003" in text
            assert "41000003" in text

    def test_as_many_questions_of_few_points_as_of_many(
        self, desk, django_assert_max_num_queries, django_assert_num_queries
    ):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        make_fleet(30, at=timezone.now())
        desk.get(reverse("desk:rounds"))
        asked = []
        for text in ("P0000", ""):
            with CaptureQueriesContext(connection) as found:
                desk.get(reverse("desk:rounds"), {"q": text, "why": "all"})
            asked.append(len(found))
        assert asked[0] == asked[1] < 50


def make_fleet_elsewhere():
    point = make_point("THERE", node=make_node("OTHER", "Другие сети"))
    from tests.readings.meters import make_meter, put_in

    put_in(point, make_meter("777"))
    return point


class TestTyping:
    URL = "/desk/rounds/type/"

    def post(self, desk, values, token="a" * 32, **more):
        told = {"day": timezone.localdate().isoformat(), "token": token, **more}
        for point, shown in values.items():
            told |= {f"v_{point.pk}_{number}": text for number, text in shown.items()}
        return desk.post(self.URL, told)

    def test_what_is_good_is_sent_and_the_rest_stays_on_the_page(self, desk, operator, fleet):
        answer = self.post(
            desk,
            {fleet[0]: {1: "3 810,5", 2: "1905"}, fleet[1]: {1: "x", 2: "1905"},
             fleet[2]: {1: "9000", 2: "1905"}},
        )  # fmt: skip

        entry = Entry.objects.get()
        assert (entry.usage_point, entry.way, entry.sent_by) == (fleet[0], "round", operator)
        assert entry.shown == {"1": 3_810_500, "2": 1_905_000}
        text = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="x"' in text
        assert f'name="sure_{fleet[2].pk}"' in text
        assert 'value="9000"' in text

    def test_a_yes_sends_what_was_in_doubt(self, desk, fleet):
        values = {fleet[2]: {1: "9000", 2: "1905"}}
        self.post(desk, values)
        assert not Entry.objects.exists()

        answer = self.post(desk, values, **{f"sure_{fleet[2].pk}": "1"})

        assert answer.status_code == 302
        assert Entry.objects.get().doubts == {"1": ["much"]}

    def test_sent_twice_it_is_there_once(self, desk, fleet):
        values = {point: {1: "3810", 2: "1905"} for point in fleet}
        for _ in range(2):
            assert self.post(desk, values).status_code == 302

        assert Entry.objects.count() == 4

    def test_foreign_points_are_not_there(self, desk, fleet):
        foreign = make_fleet_elsewhere()

        self.post(desk, {foreign: {0: "5"}})

        assert not Entry.objects.exists()

    @pytest.mark.parametrize("day", ["", "x", "0001-01-01", "9999-12-31"])
    def test_odd_days(self, desk, fleet, day):
        answer = self.post(desk, {fleet[0]: {1: "3810", 2: "1905"}}, day=day)

        assert answer.status_code == 422
        assert 'value="3810"' in answer.content.decode()
        assert not Entry.objects.exists()

    @pytest.mark.parametrize(("number", "status"), [("99", 302), ("7", 422), ("38", 422)])
    def test_a_register_that_the_meter_has_not(self, desk, fleet, number, status):
        """The first is none of any meter: nothing was typed."""
        assert self.post(desk, {fleet[0]: {number: "5"}}).status_code == status
        assert not Entry.objects.exists()


class TestFile:
    def test_the_template_of_the_sheet(self, desk, fleet):
        for ending in ("xlsx", "csv"):
            answer = desk.get(reverse("desk:rounds-template", args=[ending]))
            data = answer.content if ending == "xlsx" else b"".join(answer.streaming_content)
            assert len(data) > 100

    def test_upload_trial_send(self, desk, fleet):
        data = f"{HEAD}P00000;;T1;3810\nP00000;;T2;1905\nP00001;;T1;x\nNOBODY;;;5\n"
        from django.core.files.uploadedfile import SimpleUploadedFile

        answer = desk.post(
            reverse("desk:rounds-file"), {"file": SimpleUploadedFile("a.csv", data.encode())}
        )
        page = desk.get(answer.url).content.decode()
        assert "NOBODY" in page
        assert not Entry.objects.exists()

        one = EntryFile.objects.get()
        answer = desk.post(reverse("desk:rounds-file-send", args=[one.pk]))
        assert Entry.objects.get().way == "round"
        remarks = b"".join(
            desk.get(reverse("desk:rounds-file-remarks", args=[one.pk])).streaming_content
        ).decode("utf-8-sig")
        assert [row.split(";")[0] for row in remarks.splitlines()[1:]] == ["4", "5"]

    @pytest.mark.parametrize(("name", "data"), [("a.exe", b"x"), ("a.csv", b""), ("a.xlsx", b"PK")])
    def test_what_is_no_table(self, desk, name, data):
        from django.core.files.uploadedfile import SimpleUploadedFile

        answer = desk.post(reverse("desk:rounds-file"), {"file": SimpleUploadedFile(name, data)})

        assert answer.status_code == 422
        assert not EntryFile.objects.exists()
