"""Typed readings at the desk: the queue, the evidence, each decision; two at once; many at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry as Deed
from faza.manual_entry import queries, services
from faza.manual_entry.models import Entry, EntryRule
from faza.manual_entry.rules.moves import State
from faza.metering.models import UsagePoint
from faza.readings.models import RegisterReading
from tests.cabinet.factories import give_area, make_agreement, make_node, make_point, make_user
from tests.desk.requests.factories import signed_in
from tests.desk.typed import HOUR, NOW, monthly, typed
from tests.readings.meters import make_meter, put_in, read

pytestmark = pytest.mark.django_db
AT_LIST = "/desk/readings/"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@dataclass
class Place:
    point: UsagePoint
    other: UsagePoint
    owner: User
    operator: User
    entry: Entry


@pytest.fixture
def place() -> Place:
    """A flat and a garage that are read each month; of the flat a reading inside the band waits."""
    node = make_node("N-1", "Сети")
    point, other = monthly("HOUSE", "Дом", node), monthly("GARAGE", "Гараж", node)
    owner = make_user("own@example.org", name="Абонентова А. А.")
    operator = make_user("desk@example.org", User.Role.OPERATOR, "Климова О. О.")
    give_area(operator, node)
    make_agreement("Д-1", [owner], [point, other])
    EntryRule.objects.create(made_at=NOW, silent_days=None)
    return Place(point, other, owner, operator, typed(point, owner, 3_510_000))


@pytest.fixture
def later(monkeypatch):
    """Two hours after the reading was typed."""
    monkeypatch.setattr(timezone, "now", lambda: NOW + 2 * HOUR)


@pytest.fixture
def desk(place) -> Client:
    return signed_in(place.operator)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    body = b"".join(answer) if answer.streaming else answer.content
    return plain(body.decode())


def plain(text: str) -> str:
    """As people read it: spaces of numbers are spaces."""
    return unescape(text).replace("\xa0", " ").replace("\u202f", " ")


def decide(client: Client, entry: Entry, deed: str, **body: str):
    return client.post(f"{AT_LIST}{entry.pk}/{deed}/", body, follow=True)


def state(entry: Entry) -> State:
    return State(Entry.objects.get(pk=entry.pk).state)


class TestQueue:
    def test_what_waits_is_counted_and_weighed(self, place, desk):
        said = page(desk, AT_LIST)

        assert "<b>1 показание</b>" in said
        assert "Дом" in said
        assert "В полосе" in said
        assert "210" in said  # since the first of the month

    def test_the_doubtful_first_and_by_tabs(self, place, desk):
        typed(place.other, place.owner, 5_000_000, confirmed=True)

        said = page(desk, AT_LIST)
        assert said.index("Гараж") < said.index("Дом</b>")
        assert "Дом</b>" not in page(desk, f"{AT_LIST}?group=outside&f=")
        assert "Гараж" not in page(desk, f"{AT_LIST}?group=inside")

    def test_a_photo_that_is_wanted_and_absent_is_a_group_of_its_own(self, place, desk):
        EntryRule.objects.update(wants_photo=True)

        assert "Ждали фото, его нет" in page(desk, AT_LIST)

    def test_the_first_reading_of_a_meter_has_nothing_beside_it(self, place, desk):
        new = make_point("NEW", "Новый", node=place.point.node)
        put_in(new, make_meter("M-NEW"))
        entry = typed(new, place.owner, 12_000)

        said = page(desk, f"{AT_LIST}?f={entry.pk}")

        assert "полосы пока нет" in said
        assert "сравнить не с чем" in said or "нечем сравнить" in said

    def test_of_another_area_nothing_is_there(self, place):
        stranger = make_user("there@example.org", User.Role.OPERATOR)
        give_area(stranger, make_node("N-2", "Другие"))
        client = signed_in(stranger)

        assert "Дом" not in page(client, AT_LIST)
        page(client, f"{AT_LIST}?f={place.entry.pk}", 404)
        assert decide(client, place.entry, "approve").status_code == 404

    def test_it_is_late_after_its_term(self, place, desk, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=2, hours=1))
        assert "1 просрочено" in page(desk, AT_LIST)

    @pytest.mark.parametrize("query", ["q=HOUSE", "q=M-HOUSE", "way=cabinet", "q=Дом"])
    def test_filters_that_fit(self, place, desk, query):
        assert "Дом</b>" in page(desk, f"{AT_LIST}?{query}")

    @pytest.mark.parametrize("query", ["q=NOWHERE", "way=file", "age=day", "node=999"])
    def test_filters_that_do_not(self, place, desk, query):
        if query == "node=999":
            assert "Дом" in page(desk, f"{AT_LIST}?{query}")
            return
        assert "Дом</b>" not in page(desk, f"{AT_LIST}?{query}")

    def test_the_table_and_its_files(self, place, desk):
        assert "Дом" in page(desk, f"{AT_LIST}all/?sort=-of_at")
        file = page(desk, f"{AT_LIST}all/?export=csv")
        assert "HOUSE" in file
        assert "3 510,00" in file

    def test_an_auditor_sees_and_decides_nothing(self, place):
        client = signed_in(make_user("audit@example.org", User.Role.AUDITOR))

        said = page(client, AT_LIST)
        assert "Дом" in said
        assert "/approve/" not in said
        assert decide(client, place.entry, "approve").status_code == 403


class TestConflict:
    def test_the_meter_was_read_since(self, place, desk, later):
        meter = place.entry.meter
        read(place.point, meter, NOW + HOUR, 3_505_000)

        said = page(desk, f"{AT_LIST}?f={place.entry.pk}")

        assert "прибор сам показал меньше" in said
        assert "3 505,00" in said

    def test_at_the_same_moment_the_meter_beats_what_was_typed(self, place, desk):
        read(place.point, place.entry.meter, place.entry.of_at, 3_510_000)

        said = page(desk, f"{AT_LIST}?f={place.entry.pk}")

        assert "Показание прибора сильнее введённого за тот же момент" in said


class TestDeciding:
    def test_accepted_it_counts(self, place, desk):
        said = decide(desk, place.entry, "approve").content.decode()

        assert "показание принято" in said
        assert state(place.entry) == State.APPROVED
        assert RegisterReading.objects.filter(kind=services.KIND).count() == 1

    def test_what_the_field_began_with_corrects_nothing(self, place, desk):
        Entry.objects.update(shown={"0": 3_510_004})  # finer than the face

        decide(desk, place.entry, "approve", **{"value-0": "3 510,00"})

        assert Entry.objects.get().accepted is None

    def test_corrected_the_typed_value_is_kept(self, place, desk):
        decide(desk, place.entry, "approve", **{"value-0": "3 501,5"})

        found = Entry.objects.get()
        assert (found.shown, found.accepted) == ({"0": 3_510_000}, {"0": 3_501_500})
        assert "3 501,50" in page(desk, f"{AT_LIST}?f={found.pk}")

    @pytest.mark.parametrize(
        "text",
        ["", "много", "-1", "1000000", "NaN", "1e999", "1e999999", "1e-999999", "²", "1,0001"],
    )
    def test_a_correction_that_cannot_be_is_told_and_kept(self, place, desk, text):
        answer = decide(desk, place.entry, "approve", **{"value-0": text})

        assert answer.status_code == 422
        assert f'value="{text}"' in answer.content.decode()
        assert state(place.entry) == State.SENT

    def test_refused_with_a_reason_only(self, place, desk):
        assert decide(desk, place.entry, "refuse", reason=" ").status_code == 422
        assert state(place.entry) == State.SENT

        decide(desk, place.entry, "refuse", reason="На фото другое число.")
        assert Entry.objects.get().reason == "На фото другое число."
        assert state(place.entry) == State.REFUSED

    def test_what_no_database_keeps_is_not_in_a_reason(self, place, desk):
        decide(desk, place.entry, "refuse", reason="\0Нет\0")
        assert Entry.objects.get().reason == "Нет"

    def test_withdrawn_it_counts_no_more(self, place, desk):
        decide(desk, place.entry, "approve")
        decide(desk, place.entry, "withdraw", reason="Ошибка")

        assert state(place.entry) == State.WITHDRAWN
        assert "Ошибка" in page(desk, f"{AT_LIST}?f={place.entry.pk}")

    def test_of_two_the_second_is_told_who_was_first(self, place, desk):
        other = make_user("boss@example.org", User.Role.ADMINISTRATOR, "Главный Г. Г.")
        assert place.entry.state == State.SENT  # both have it before them
        decide(signed_in(other), place.entry, "refuse", reason="Нет")

        said = decide(desk, place.entry, "approve").content.decode()

        assert "Решение уже принято" in said
        assert "Главный Г. Г." in said
        assert state(place.entry) == State.REFUSED

    def test_nobody_checks_the_own_reading(self, place):
        Entry.objects.update(sent_by=place.operator)
        client = signed_in(place.operator)

        assert decide(client, place.entry, "approve").status_code == 403
        assert "проверит кто-то другой" in page(client, f"{AT_LIST}?f={place.entry.pk}")
        Entry.objects.update(way=Entry.Way.ROUND)
        assert decide(client, place.entry, "approve").status_code == 200


class TestMany:
    @pytest.fixture
    def both(self, place) -> list[Entry]:
        return [place.entry, typed(place.other, place.owner, 5_000_000, confirmed=True)]

    def send(self, client: Client, deed: str, entries: list[Entry], **more: str):
        keys = ",".join(str(one.pk) for one in entries)
        return client.post(f"{AT_LIST}{deed}/", {"chosen": keys, **more}, follow=True)

    def test_first_it_is_told_what_will_be_done(self, place, desk, both):
        said = plain(self.send(desk, "approve", both).content.decode())

        assert "Принять 2 показания" in said
        assert "1 910 кВт·ч" in said  # 210 and 1,700 since the first of the month
        assert "Вне полосы, без фото" in said
        assert {state(one) for one in both} == {State.SENT}

    def test_then_it_is_done(self, place, desk, both):
        said = self.send(desk, "approve", both, sure="1").content.decode()

        assert "2 показания" in said
        assert {state(one) for one in both} == {State.APPROVED}

    def test_one_that_was_decided_meanwhile_stays(self, place, desk, both):
        services.refuse(entry=both[0], reason="Нет", by=place.operator, at=NOW)

        self.send(desk, "approve", both, sure="1")

        assert [state(one) for one in both] == [State.REFUSED, State.APPROVED]

    def test_one_that_the_meter_has_overtaken_stays_in_the_queue(self, place, desk, both, later):
        read(place.point, place.entry.meter, NOW + HOUR, 3_520_000)

        said = plain(self.send(desk, "approve", both, sure="1").content.decode())

        assert [state(one) for one in both] == [State.SENT, State.APPROVED], said

    def test_refused_for_one_reason(self, place, desk, both):
        assert self.send(desk, "refuse", both, sure="1").status_code == 422
        self.send(desk, "refuse", both, sure="1", reason="Нет фото")

        assert {one.reason for one in Entry.objects.all()} == {"Нет фото"}

    def test_what_is_out_of_reach_is_not_among_them(self, place, both):
        stranger = make_user("there@example.org", User.Role.OPERATOR)
        give_area(stranger, make_node("N-2", "Другие"))

        self.send(signed_in(stranger), "approve", both, sure="1")

        assert {state(one) for one in both} == {State.SENT}

    def test_all_that_a_filter_finds(self, place, desk, both):
        body = {"all": "1", "filters": "group=outside", "sure": "1"}
        desk.post(f"{AT_LIST}approve/", body)

        assert [state(one) for one in both] == [State.SENT, State.APPROVED]

    def test_a_filter_that_cannot_be_read_chooses_nothing(self, place, desk, both):
        desk.post(f"{AT_LIST}approve/", {"all": "1", "filters": "group=x", "sure": "1"})

        assert {state(one) for one in both} == {State.SENT}


def test_every_deed_is_in_the_trail(place, desk):
    decide(desk, place.entry, "approve")
    decide(desk, place.entry, "withdraw", reason="Ошибка")

    codes = [one.action for one in Deed.objects.order_by("pk")]
    assert codes[-2:] == ["manual_entry.entry.approved", "manual_entry.entry.withdrawn"]


def test_as_many_questions_of_one_reading_as_of_thirty(place, desk, django_assert_max_num_queries):
    for number in range(30):
        point = monthly(f"P{number}", f"Точка {number}", place.point.node)
        typed(point, place.owner, 3_500_000)
    assert len(queries.desk_entries(place.operator, at=NOW)) == 31

    with django_assert_max_num_queries(34):
        page(desk, AT_LIST)
