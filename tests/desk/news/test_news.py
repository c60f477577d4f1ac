"""News at the desk: the list, a draft beside its preview, publishing, what an operator may."""

from html import unescape

import pytest
from django.test import Client

from faza.accounts.models import User
from faza.jobs.models import Job
from faza.notifications.models import News
from tests.cabinet.factories import give_area, make_agreement, make_node, make_point, make_user
from tests.desk.requests.factories import signed_in

pytestmark = pytest.mark.django_db
FORM = {
    "title": "Работы на линии", "body": "С утра **до обеда**.", "group": "all", "places": "",
    "codes": "", "shown_until": "", "seen": "",
}  # fmt: skip


@pytest.fixture
def node():
    return make_node("HERE", "ТП-1")


@pytest.fixture
def point(node):
    found = make_point("P-1", "Дом", node=node)
    make_agreement("Д-1", [make_user("owner@example.org")], [found])
    return found


@pytest.fixture
def administrator() -> Client:
    return signed_in(make_user("admin@example.org", User.Role.ADMINISTRATOR))


@pytest.fixture
def operator(node) -> Client:
    user = make_user("operator@example.org", User.Role.OPERATOR)
    give_area(user, node)
    return signed_in(user)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return " ".join(unescape(answer.content.decode()).split())


def write(client: Client, **more: str) -> News:
    answer = client.post("/desk/news/new/", FORM | more)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return News.objects.latest("id")


class TestWriting:
    def test_from_the_draft_to_the_readers_and_back(self, administrator, point):
        assert "Новостей нет" in page(administrator, "/desk/news/")
        news = write(administrator, places="ТП-1", is_important="on")
        assert list(news.nodes.all()) == [point.node]
        told = page(administrator, f"/desk/news/{news.pk}/publish/")
        assert "1 читатель увидит её в кабинете" in told
        assert "сразу придёт по почте" in told

        seen = news.written_at.isoformat()
        administrator.post(f"/desk/news/{news.pk}/publish/", {"seen": seen})
        news.refresh_from_db()
        assert news.state == "published"
        assert Job.objects.filter(kind="notifications.news.spread").count() == 1
        assert "<strong>до обеда</strong>" in page(administrator, f"/desk/news/{news.pk}/")
        assert "Опубликована <b>1 новость</b>" in page(administrator, "/desk/news/")

        administrator.post(f"/desk/news/{news.pk}/withdraw/")
        news.refresh_from_db()
        assert news.state == "withdrawn"

    def test_the_preview_keeps_nothing_and_runs_nothing(self, administrator):
        answer = administrator.post(
            "/desk/news/preview/", {"title": "А", "body": "**Б** <script>f()</script>"}
        )
        assert "<strong>Б</strong>" in answer.content.decode()
        assert "<script>" not in answer.content.decode()
        assert not News.objects.exists()

    def test_two_writers_do_not_overwrite_each_other(self, administrator):
        news = write(administrator)
        seen = news.written_at.isoformat()
        one = administrator.post(f"/desk/news/{news.pk}/edit/", FORM | {"seen": seen})
        assert one.status_code == 302
        other = administrator.post(
            f"/desk/news/{news.pk}/edit/", FORM | {"seen": seen, "title": "Иное"}
        )
        assert other.status_code == 422
        assert "Иное" in other.content.decode()
        news.refresh_from_db()
        assert news.title == "Работы на линии"

    def test_a_copy_is_a_draft_with_the_same_readers(self, administrator, point):
        news = write(administrator, codes="P-1", group="people")
        administrator.post(f"/desk/news/{news.pk}/copy/")
        copy = News.objects.latest("id")
        assert copy.pk != news.pk
        assert list(copy.points.all()) == [point]
        assert (copy.group, copy.state) == ("people", "draft")
        administrator.post(f"/desk/news/{copy.pk}/drop/")
        assert News.objects.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [({"places": "Нигде"}, "Нет такого участка: Нигде"), ({"codes": "X-1"}, "Нет таких точек"),
         ({"shown_until": "0001-01-01"}, "Укажите день")],
    )  # fmt: skip
    def test_what_is_not_there_is_said(self, administrator, wrong, said):
        answer = administrator.post("/desk/news/new/", FORM | wrong)
        assert answer.status_code == 422
        if "shown_until" not in wrong:
            assert said in unescape(answer.content.decode())

    def test_of_two_places_of_one_name_the_code_is_asked_for(self, administrator, node):
        make_node("OTHER", "ТП-1")
        answer = administrator.post("/desk/news/new/", FORM | {"places": "ТП-1"})
        assert answer.status_code == 422
        assert "2 участка называются ТП-1" in unescape(answer.content.decode())
        assert list(write(administrator, places="HERE").nodes.all()) == [node]


class TestOperator:
    def test_writes_for_the_own_area_only(self, operator, point):
        make_node("THERE", "ТП-2")
        assert operator.post("/desk/news/new/", FORM).status_code == 422
        assert operator.post("/desk/news/new/", FORM | {"places": "THERE"}).status_code == 422
        write(operator, places="HERE")

    def test_reads_what_is_for_everywhere_and_changes_it_not(self, operator, administrator):
        news = write(administrator)
        page(operator, f"/desk/news/{news.pk}/")
        assert operator.post(f"/desk/news/{news.pk}/publish/").status_code == 403

    def test_does_not_find_what_is_for_another_area_too(self, operator, administrator, node):
        make_node("THERE", "ТП-2")
        news = write(administrator, places="HERE\nTHERE")
        page(operator, f"/desk/news/{news.pk}/", 404)
        assert "Работы на линии" not in page(operator, "/desk/news/")
