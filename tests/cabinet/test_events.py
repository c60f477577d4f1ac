"""The event journal: what it counts, lists and hands out, and to whom."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
import python_calamine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.cabinet.events import visits
from faza.cabinet.events import words as sentences
from faza.contracts import access
from faza.core.periods import Period
from faza.events import catalogue, queries, services
from faza.events.kinds import Device
from tests.cabinet.factories import (
    fill,
    make_agreement,
    make_meter,
    make_node,
    make_point,
    make_user,
)
from tests.cabinet.reading import payload, today, words
from tests.events.factories import happen

pytestmark = pytest.mark.django_db

NOVEMBER = "period=month&on=2026-11-01"
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _moment(monkeypatch):
    """It is 14:00 in Moscow on 21 November."""
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def home():
    """A house and a workshop: an outage of both, a corrected clock, a modem, a concentrator."""
    user = make_user("kovaleva@example.org", name="Ковалёва М. С.")
    line = make_node("VL", "ВЛ-1", make_node())
    house, shop = make_point("H", "Дом", node=line), make_point("W", "Мастерская", node=line)
    meters = [make_meter(house, "111"), make_meter(shop, "222")]
    make_agreement("Д-1", [user], [house, shop])
    for point, meter in zip((house, shop), meters, strict=True):
        happen(("2026-11-17 12:40:02", 2, 1), ("2026-11-17 12:46:20", 2, 2),
               point=point.pk, meter=meter.pk)  # fmt: skip
    happen(("2026-11-18 00:00:12", 3, 68), point=house.pk, meter=meters[0].pk,
           details=[{"before": -3, "after": 0}])  # fmt: skip
    happen(("2026-11-20 21:14:40", 1001, 2), point=shop.pk, meter=0)
    services.record_devices(
        [services.DeviceEvent(Device.CONCENTRATOR, "УСПД-214",
                              datetime(2026, 11, 19, 1, tzinfo=UTC), 1002, 2, node=line.pk)],
        source=0, at=NOW,
    )  # fmt: skip
    return user, house, shop


def journal(client: Client, query: str = ""):
    return client.get(f"{reverse('cabinet:events')}?points=all&{NOVEMBER}&{query}")


class TestPage:
    def test_the_first_sentence_counts_and_names_what_is_important(self, home, enter):
        text = words(journal(enter(home[0])))

        assert "В ноябре записано 7 событий, важных 2: перерыв питания (2)." in text
        assert "Питание: 2 перерыва, всего 12 мин 36 с; самый долгий: Дом, 6 мин 18 с" in text

    def test_its_numbers_are_those_of_the_question(self, home, enter):
        user, *points = home
        windows = access.windows_of(user, at=NOW, points=[point.pk for point in points])
        period = Period(
            datetime(2026, 10, 31, 21, tzinfo=UTC), datetime(2026, 11, 30, 21, tzinfo=UTC)
        )
        counts = queries.counts(windows, period)
        picture = payload(journal(enter(user)), "events")

        days = {int(bar["label"]): sum(bar["counts"]) for bar in picture["bars"]}
        # The concentrator's is not at a point.
        assert {day.day: sum(n.values()) for day, n in counts.by_day.items()} == {
            day: n for day, n in days.items() if n and day != 19
        }
        assert days[19] == 1
        assert [level["name"] for level in picture["levels"]] == ["обычные", "средние", "важные"]

    def test_the_list_says_what_where_by_what_and_how_long(self, home, enter):
        text = words(journal(enter(home[0])))

        assert "Сегодня, 21 ноября 00:14:40 обычное: Модем перезагружен Мастерская модем" in text
        assert "Часы отставали на 3 с, теперь точны Дом счётчик коррекция времени" in text
        assert "УСПД перезагружено ВЛ-1 УСПД-214 УСПД" in text
        assert "важное: Перерыв питания Дом счётчик питание 6 мин 18 с" in text

    def test_filters_leave_what_fits_and_say_so(self, home, enter):
        client = enter(home[0])
        text = words(journal(client, "category=power&level=high"))
        assert "В ноябре выбрано 2 события из 7." in text
        assert "Модем перезагружен" not in text
        assert "Модем перезагружен" in words(journal(client, "device=modem"))
        assert "Перерыв питания" not in words(journal(client, "text=модем")).split("Длилось")[1]

    def test_an_odd_address_is_as_if_it_were_not_said(self, home, enter):
        response = journal(enter(home[0]), "level=x&category=x&device=x&page=-1&period=x")

        assert response.status_code == 200
        assert "записано 7 событий" in words(response)

    def test_nothing_that_fits_has_a_way_out(self, home, enter):
        response = journal(enter(home[0]), "text=нет-таких")
        assert "Под все условия" in words(response) or "под все условия" in words(response)
        assert "Сбросить фильтры" in words(response)

    def test_a_page_past_the_last_is_the_last(self, home, enter):
        assert "1–7 из 7" in words(journal(enter(home[0]), "page=99"))

    def test_an_outage_without_an_end_is_told(self, home, enter):
        happen(("2026-11-21 09:00:00", 2, 1), point=home[2].pk, meter=9)
        text = words(journal(enter(home[0])))

        assert "Мастерская: конец перерыва ещё не известен" in text
        assert "продолжается" in text

    def test_empty_states_say_what_will_be_here(self, enter):
        user = make_user("new@example.org")
        make_agreement("Д-9", [user], [make_point("N", "Новая")])
        text = words(journal(enter(user)))

        assert "В ноябре событий не записано." in text
        assert "перерывы питания" in text

    def test_late_points_are_named(self, home, enter):
        user, house, shop = home
        fill(house, today() - timedelta(days=3), today())
        fill(shop, today() - timedelta(days=9), today() - timedelta(days=5))
        text = words(journal(enter(user)))

        assert "Мастерская: нет связи, события придут позже" in text

    def test_too_many_points_are_refused_in_words(self, home, enter, monkeypatch):
        monkeypatch.setattr("faza.cabinet.events.page.MOST_POINTS", 1)
        assert "Для одной страницы выбрано слишком много точек" in words(journal(enter(home[0])))

    def test_a_long_period_of_many_points_is_a_month(self, home, enter, monkeypatch):
        monkeypatch.setattr("faza.cabinet.events.page.MOST_DAYS", 100)
        response = enter(home[0]).get(f"{reverse('cabinet:events')}?points=all&period=year")

        assert "не больше месяца" in words(response)
        assert "В ноябре записано 7 событий" in words(response)

    def test_a_year_is_drawn_by_months(self, home, enter):
        response = enter(home[0]).get(f"{reverse('cabinet:events')}?points=all&period=year")
        bars = payload(response, "events")["bars"]

        assert [bar["label"] for bar in bars][:2] == ["янв", "фев"]
        assert sum(bars[10]["counts"]) == 7


class TestWindows:
    def test_successive_owners_see_their_own_time(self, enter):
        flat = make_point("F", "Квартира")
        sold = datetime(2026, 11, 18, tzinfo=UTC)
        before, after = make_user("before@example.org"), make_user("after@example.org")
        make_agreement("Д-1", [before], [flat], end=sold)
        make_agreement("Д-2", [after], [flat], start=sold)
        happen(("2026-11-17 12:00:00", 2, 1), ("2026-11-19 12:00:00", 2, 2), point=flat.pk)

        old, new = words(journal(enter(before))), words(journal(enter(after)))
        assert "записано 1 событие" in old
        assert "Перерыв питания" in old
        assert "продолжается" not in old
        assert "Питание восстановлено" not in old
        assert "записано 1 событие" in new
        assert "Питание восстановлено" in new
        assert "Перерыв питания" not in new

    def test_a_stranger_sees_none(self, home, enter):
        stranger = make_user("stranger@example.org")
        make_agreement("Д-8", [stranger], [make_point("S", "Чужая")])

        assert enter(stranger).get(f"{reverse('cabinet:events')}?point=H").status_code == 404
        assert "событий не записано" in words(journal(enter(stranger)))


class TestSinceTheLastVisit:
    def test_what_came_since_is_marked(self, home, enter, monkeypatch):
        client = enter(home[0])
        assert 'class="new"' not in journal(client).content.decode()
        later = NOW + timedelta(hours=2)
        happen(("2026-11-21 11:30:00", 7, 1), point=home[1].pk, at=NOW + timedelta(hours=1))
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)

        text = journal(client).content.decode()
        assert text.count('class="new"') == 1
        assert "1 новое с прошлого посещения" in words(journal(client))

    def test_pages_within_half_an_hour_are_one_visit(self, rf):
        request = rf.get("/")
        request.COOKIES[visits.COOKIE] = f"7.{int(NOW.timestamp()) - 9000}.{int(NOW.timestamp())}"
        known = visits.read(request, 7, at=NOW + timedelta(minutes=29))
        assert known is not None
        assert known[0] == NOW - timedelta(seconds=9000)
        known = visits.read(request, 7, at=NOW + timedelta(minutes=31))
        assert known is not None
        assert known[0] == NOW

    @pytest.mark.parametrize(
        "kept", ["", "x", "7.1", "8.1.2", "7.9.2", "7.1.99999999999", "7.-1.2"]
    )
    def test_a_cookie_of_somebody_else_or_of_nonsense_is_none(self, rf, kept):
        request = rf.get("/")
        request.COOKIES[visits.COOKIE] = kept
        assert visits.read(request, 7, at=NOW) is None


def table(response) -> list[list[str]]:
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


class TestFile:
    def address(self, format: str, query: str = "") -> str:
        address = reverse("cabinet:events_file", args=[format])
        return f"{address}?points=all&{NOVEMBER}&{query}"

    def test_it_has_what_the_page_has(self, home, enter):
        rows = table(enter(home[0]).get(self.address("csv")))

        assert rows[0][:4] == ["День", "Время (Europe/Moscow)", "Важность", "Событие"]
        assert len(rows) == 8
        off = [row for row in rows if row[3] == "Перерыв питания"]
        assert [(row[0], row[1], row[5], row[6], row[9]) for row in off] == [
            ("17.11.2026", "15:40:02", "Дом", "H", "378"),
            ("17.11.2026", "15:40:02", "Мастерская", "W", "378"),
        ]

    def test_filters_hold_in_it(self, home, enter):
        rows = table(enter(home[0]).get(self.address("csv", "device=modem")))
        assert [row[3] for row in rows[1:]] == ["Модем перезагружен"]

    def test_a_workbook_has_numbers_and_dates(self, home, enter):
        response = enter(home[0]).get(self.address("xlsx", "level=high"))
        book = python_calamine.load_workbook(io.BytesIO(b"".join(response)))

        rows = book.get_sheet_by_index(0).to_python()
        assert rows[1][0] == date(2026, 11, 17)
        assert rows[1][9] == 378

    def test_what_comes_in_several_pieces_is_whole(self, home, enter, monkeypatch):
        monkeypatch.setattr("faza.cabinet.events.files.AT_ONCE", 2)
        rows = table(enter(home[0]).get(self.address("csv")))
        assert len({tuple(row) for row in rows}) == 8

    def test_too_many_events_are_refused_in_words(self, home, enter, monkeypatch):
        monkeypatch.setattr("faza.cabinet.events.files.MOST", 3)
        response = enter(home[0]).get(self.address("csv"))
        assert response.status_code == 400
        assert "Выберите период короче" in words(response)

    def test_what_staff_take_is_in_the_trail_and_a_subscribers_own_is_not(self, home, enter):
        b"".join(enter(home[0]).get(self.address("csv")))
        assert not Entry.objects.filter(action="events.export.taken").exists()
        admin = make_user("admin@example.org", User.Role.ADMINISTRATOR)
        b"".join(enter(admin).get(self.address("csv", "point=H").replace("points=all&", "")))
        [entry] = Entry.objects.filter(action="events.export.taken")
        assert entry.after["points"] == ["H"]
        assert entry.after["events"] == 4


class TestWords:
    @pytest.fixture(autouse=True)
    def _russian(self):
        """Whatever language the last request of another test has left."""
        with translation.override("ru"):
            yield

    @pytest.mark.parametrize(
        ("seconds", "told"),
        [(0, "0 с"), (4, "4 с"), (60, "1 мин"), (378, "6 мин 18 с"), (3599, "59 мин 59 с"),
         (3600, "1 ч"), (50340, "13 ч 59 мин"), (200000, "2 сут 7 ч")],
    )  # fmt: skip
    def test_lengths(self, seconds, told):
        said = sentences.length(timedelta(seconds=seconds))
        assert said.replace("\xa0", " ").replace("\u202f", " ") == told
        assert sentences.length(None) == ""

    @pytest.mark.parametrize(
        ("details", "told"),
        [
            ({}, ""),
            ({"before": -3.2, "after": 0.1}, "Часы отставали на 3 с, теперь точны"),
            (
                {"before": 90, "after": -2},
                "Часы спешили на 1 мин 30 с, после коррекции часы отставали на 2 с",
            ),
            ({"offset": 61}, "Часы спешили на 1 мин 1 с"),
            ({"problem": "timeout"}, "Прибор не отвечает"),
            ({"number": "123"}, "Отвечает прибор № 123"),
            ({"1.0.52.7.0.255": 198.42, "0.0.1.0.0.255": 5}, "U B 198,4 В"),
            ({"until": "2026-11-20T10:00:00+00:00"}, "До 20.11.2026 13:00"),
            ({"until": "nonsense", "before": "x", "1.0.x.7.0.255": 3, "mercury": 7}, ""),
        ],
    )
    def test_details(self, details, told):
        kind = catalogue.find(3, 68)
        said = sentences.details(kind, details, "Europe/Moscow")
        assert said.replace("\xa0", " ") == told

    def test_a_device_is_told_by_its_name_once(self):
        assert sentences.device(Device.CONCENTRATOR, "УСПД-7") == "УСПД-7"
        assert sentences.device(Device.MODEM, "М-1") == "модем М-1"
        assert sentences.device(Device.METER, "") == "счётчик"


def test_as_many_questions_for_many_points_as_for_few(enter, django_assert_max_num_queries):
    user = make_user("many@example.org")
    points = [make_point(f"P{n}", f"Ввод {n}") for n in range(8)]
    make_agreement("Д-1", [user], points)
    for point in points:
        happen(("2026-11-17 12:40:02", 2, 1), ("2026-11-17 12:46:20", 2, 2), point=point.pk)
    client = enter(user)
    with django_assert_max_num_queries(14):
        journal(client)
