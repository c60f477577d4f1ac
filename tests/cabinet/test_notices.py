"""«Уведомления», what to tell of, «Новости», the bell: without scripts, numbers by the database."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.models import CustomerMember
from faza.notifications import subscriptions
from faza.notifications.models import Notice, Subscription, Topic, Way
from faza.notifications.news import services
from faza.notifications.news.services import Piece
from faza.notifications.telling import New, Person, tell
from tests.cabinet.factories import make_agreement, make_node, make_point, make_user
from tests.cabinet.test_query_counts import counted
from tests.notifications.factories import make_notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_point("A", "Аптека", node=make_node("N", "РУ"))


@pytest.fixture
def user(place) -> User:
    found = make_user("owner@example.org")
    make_agreement("Д-1", [found], [place])
    return found


@pytest.fixture
def owner(user, enter) -> Client:
    return enter(user)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return unescape(answer.content.decode())


def questions(client: Client, address: str) -> int:
    """How many a page asks, once the session knows what it has to."""
    page(client, address)
    with counted() as told:
        page(client, address)
    return len(told)


def publish(title: str, body: str = "Слова.", **more) -> int:
    author = User.objects.filter(role=User.Role.ADMINISTRATOR).first() or make_user(
        "boss@example.org", User.Role.ADMINISTRATOR
    )
    at = timezone.now()
    row = services.write(piece=Piece(title, body, **more), by=author, at=at)
    services.publish(news=row, by=author, at=at, seen=row.written_at.isoformat())
    return row.pk


class TestNotices:
    def test_empty_says_what_will_be_here_and_what_to_do(self, owner):
        text = page(owner, "/notices/")
        assert "Пока ничего не произошло" in text
        assert 'href="/notices/subscriptions/"' in text

    def test_the_sentence_tells_how_many_are_unread(self, owner, user, place):
        for n in range(3):
            make_notice(user, place, f"k{n}")
        text = page(owner, "/notices/")
        assert "<b>3 уведомления</b> ещё не прочитаны" in " ".join(text.split())
        assert text.count("Перерыв питания</a>") == 3
        assert "Аптека" in text

    def test_following_one_reads_it_and_leads_to_the_journal(self, owner, user, place):
        notice = make_notice(user, place)
        answer = owner.get(f"/notices/{notice.pk}/")
        assert answer.status_code == 302
        assert answer["Location"].endswith("point=A")
        notice.refresh_from_db()
        assert notice.read_at
        assert "Все уведомления прочитаны" in page(owner, "/notices/")

    def test_read_unread_and_all(self, owner, user, place):
        one, _ = make_notice(user, place), make_notice(user, place, "b")
        owner.post("/notices/mark/", {"deed": "read", "notice": one.pk})
        assert set(Notice.objects.filter(read_at=None)) == {Notice.objects.latest("id")}
        answer = owner.post(
            "/notices/mark/", {"deed": "unread", "notice": one.pk, "filters": "unread=1"}
        )
        assert answer["Location"] == "/notices/?unread=1"
        assert Notice.objects.filter(read_at=None).count() == 2
        owner.post("/notices/mark/", {"deed": "all"})
        assert not Notice.objects.filter(read_at=None).exists()

    def test_anothers_is_not_touched(self, owner, place):
        other = make_user("other@example.org")
        notice = make_notice(other, place)
        page(owner, f"/notices/{notice.pk}/", 404)
        owner.post("/notices/mark/", {"deed": "read", "notice": notice.pk})
        notice.refresh_from_db()
        assert notice.read_at is None

    def test_filters_and_pages(self, owner, user, place):
        for n in range(35):
            make_notice(user, place, f"k{n}")
        tell(
            Person(user.pk, "ru"),
            [New("v", "verification", Topic.VERIFICATION, timezone.now() - timedelta(hours=1),
                 {"what": "meter", "number": "777", "due": 739_999, "is_over": False, "place": "А"},
                 usage_point=place.pk)],
            way=Way.PAGE, at=timezone.now(),
        )  # fmt: skip
        assert page(owner, "/notices/").count('name="notice"') == 30
        assert page(owner, "/notices/?page=2").count('name="notice"') == 6
        assert page(owner, "/notices/?page=99").count('name="notice"') == 6
        text = page(owner, "/notices/?topic=verification")
        assert text.count('name="notice"') == 1
        assert "Скоро закончится поверка счётчика № 777" in text
        assert "Таких нет" in page(owner, "/notices/?topic=cases")

    def test_each_kind_has_words_and_leads_somewhere(self, owner, user, place):
        at = timezone.now() - timedelta(hours=1)
        second = int(at.timestamp())
        order = {"deed": "off", "ground": "debt", "place": "А", "power": None, "when": second}
        told = {
            "events.subscribed": (Topic.EVENTS, {"events": [[second, 0, 9], [second, 0, 10]],
                                                 "more": 2, "place": "А"}),
            "events.warning.late": (Topic.WARNINGS, {"counts": [[2, 1, 3, second, second]]}),
            "outage": (Topic.OUTAGES, {"from": second - 7_260, "to": second, "place": "А"}),
            "verification": (Topic.VERIFICATION, {"what": "CT", "number": "7", "due": 739_000,
                                                  "is_over": True, "place": "А"}),
            "threshold": (Topic.THRESHOLD, {"day": 739_000, "total": 14_250, "limit": 12_000,
                                            "present": 24, "expected": 48, "estimated": 6,
                                            "place": "А"}),
            "cases.case.answered": (Topic.CASES, {"number": 17}),
            "cases.case.message": (Topic.CASES, {"number": 17}),
            "cases.case.closed": (Topic.CASES, {"number": 17}),
            **{f"collection.order.{what}": (Topic.ORDERS, order | {"reason": "Нет акта."})
               for what in ("planned", "done", "failed", "called_off", "refused")},
            "manual_entry.entry.corrected": (
                Topic.ENTRY, {"of": second, "shown": {"1": 4_821_640, "2": 9_000}, "decimals": 2,
                              "accepted": {"1": 4_812_640, "2": 9_000}, "reason": "", "place": "А"},
            ),
            "entry.window": (Topic.ENTRY, {"stage": "ending", "closes": 1764104400, "place": "А"}),
        }  # fmt: skip
        tell(
            Person(user.pk, "ru"),
            [New(kind, kind, topic, at, payload, usage_point=place.pk)
             for kind, (topic, payload) in told.items()],
            way=Way.PAGE, at=timezone.now(),
        )  # fmt: skip
        text = " ".join(page(owner, "/notices/").split())  # of unbreakable spaces too
        for words in (
            "и ещё 2", "Не было электричества 2 ч 1 мин",
            "Закончилась поверка трансформатора № 7", "14,3 кВт·ч за", "Предел 12,0 кВт·ч в сутки",
            "Пока поступило 50,0 % данных", "Из них 25 % расчётных", "Ответ на ваше обращение № 17",
            "Запланировано: Полное ограничение потребления", "Нет акта.",
        ):  # fmt: skip
            assert words in text, words
        for number in Notice.objects.values_list("pk", flat=True):
            assert owner.get(f"/notices/{number}/")["Location"] != "/notices/"

    def test_who_lost_the_point_sees_none(self, owner, user, place):
        make_notice(user, place)
        other = make_point("B", "Баня")
        make_agreement("Д-2", [user], [other])
        CustomerMember.objects.filter(user=user).order_by("id")[:1].get()
        first = CustomerMember.objects.filter(user=user).order_by("id").first()
        CustomerMember.objects.filter(pk=first.pk).update(valid_to=timezone.now())
        assert "Аптека" not in page(owner, "/notices/")

    def test_questions_are_few_and_do_not_grow(self, owner, user, place):
        make_notice(user, place)
        few = questions(owner, "/notices/")
        for n in range(40):
            make_notice(user, make_other(user, n), f"m{n}")
        assert questions(owner, "/notices/") == few <= 8


def make_other(user: User, n: int):
    point = make_point(f"P{n}", f"Ввод {n}")
    make_agreement(f"Д-{n + 10}", [user], [point])
    return point


class TestBell:
    def test_it_counts_notices_and_news(self, owner, user, place):
        assert "bell-n" not in page(owner, "/notices/bell/")
        make_notice(user, place)
        publish("Новость")
        text = page(owner, "/notices/bell/")
        assert re.search(r"bell-n[^>]*>2<", text)
        assert 'title="1 непрочитанное уведомление, 1 непрочитанная новость"' in text

    def test_it_is_in_the_frame_of_every_page_and_costs_it_nothing(self, owner):
        text = page(owner, "/meters/")
        assert 'hx-get="/notices/bell/"' in text
        assert 'href="/notices/"' in text

    def test_past_99_it_says_so(self, owner, user, place):
        for n in range(101):
            make_notice(user, place, f"k{n}")
        with counted() as told:
            text = page(owner, "/notices/bell/")
        assert ">99+<" in text
        assert len(told) <= 9


class TestWishes:
    def test_the_defaults_are_shown(self, owner):
        text = page(owner, "/notices/subscriptions/")
        assert re.search(r'name="topic-warnings".*?value="mail" selected', text, re.S)
        assert re.search(r'name="event-voltage".*?value="" selected', text, re.S)
        assert "Пределов нет" in text

    def test_they_are_kept(self, owner, user):
        form = {f"topic-{topic.value}": "page" for topic in subscriptions.CHOOSABLE}
        answer = owner.post("/notices/subscriptions/", form | {"event-voltage": "digest"})
        assert answer.status_code == 302
        kept = {(row.topic, row.category): row.way for row in Subscription.objects.all()}
        assert kept["warnings", ""] == "page"
        assert kept["events", "voltage"] == "digest"
        owner.post("/notices/subscriptions/", form)
        assert not Subscription.objects.filter(topic="events").exists()

    def test_a_way_that_is_none_is_refused(self, owner):
        form = {f"topic-{topic.value}": "page" for topic in subscriptions.CHOOSABLE}
        answer = owner.post("/notices/subscriptions/", form | {"event-voltage": "fax"})
        assert answer.status_code == 422

    @pytest.mark.parametrize("number", ["12,5", "12.5"])
    def test_a_limit_is_set_and_taken_away(self, owner, number):
        form = {"point": "A", "limit": number, "way": "mail"}
        assert owner.post("/notices/limits/", form).status_code == 302
        row = Subscription.objects.get()
        assert (row.limit, row.way, row.usage_point.code) == (12_500, "mail", "A")
        assert "12,5" in page(owner, "/notices/subscriptions/")
        assert owner.post(f"/notices/limits/{row.pk}/drop/").status_code == 302
        assert not Subscription.objects.exists()

    @pytest.mark.parametrize(
        "wrong", [{"limit": "0"}, {"limit": "много"}, {"limit": "1e99"}, {"point": "nothing"}]
    )
    def test_what_makes_no_sense_is_said(self, owner, wrong):
        form = {"point": "A", "limit": "12", "way": "mail"}
        answer = owner.post("/notices/limits/", form | wrong)
        assert answer.status_code == 422
        assert not Subscription.objects.exists()

    def test_with_many_points_one_is_named_by_its_code(self, owner, user, monkeypatch):
        from faza.cabinet.notices import forms, views

        monkeypatch.setattr(forms, "OFFERED", 1)
        monkeypatch.setattr(views, "OFFERED", 1)
        make_other(user, 1)
        assert "Код точки" in page(owner, "/notices/subscriptions/")
        assert owner.post("/notices/limits/", {"point": "P1", "limit": "1", "way": "page"})
        assert Subscription.objects.get().usage_point.code == "P1"


class TestNews:
    def test_empty_says_what_will_be_here(self, owner):
        assert "Новостей пока нет" in page(owner, "/news/")

    def test_opening_a_piece_reads_it(self, owner):
        number = publish("Работы на линии", "С утра **до обеда**. <script>alert(1)</script>")
        assert "<b>1 новость</b> ещё не прочитана" in " ".join(page(owner, "/news/").split())
        text = owner.get(f"/news/{number}/").content.decode()
        assert "<strong>до обеда</strong>" in text
        assert "<script>alert" not in text
        assert "Все новости прочитаны" in page(owner, "/news/")

    def test_all_at_once(self, owner):
        publish("Одна")
        publish("Другая")
        owner.post("/news/read/")
        assert "Все новости прочитаны" in page(owner, "/news/")

    def test_anothers_is_not_there(self, owner):
        number = publish("Чужая", nodes=[make_node("M", "Другое РУ")])
        page(owner, f"/news/{number}/", 404)
        assert "Чужая" not in page(owner, "/news/")

    def test_questions_do_not_grow(self, owner, place):
        publish("Новость", nodes=[place.node])
        few = questions(owner, "/news/")
        for n in range(10):
            publish(f"Новость {n}", nodes=[place.node])
        assert questions(owner, "/news/") == few <= 12
