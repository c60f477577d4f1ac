"""News: whom they are for, from both sides; written, published, withdrawn; told by mail once."""

from datetime import UTC, datetime, timedelta

import pytest

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.contracts.models import Customer, CustomerMember, HouseManagement
from faza.jobs import worker
from faza.notifications import subscriptions
from faza.notifications.models import News, Topic, Way
from faza.notifications.news import audience, queries, services, spreading
from faza.notifications.news.services import Piece
from faza.outbox.models import Message
from tests.accounts.factories import make_user
from tests.contracts.factories import LONG_AGO, cover, make_customer, make_member
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def publish(piece: Piece, *, by: User | None = None, at: datetime = AT) -> News:
    author = by or make_user(User.Role.ADMINISTRATOR)
    row = services.write(piece=piece, by=author, at=at)
    return services.publish(news=row, by=author, at=at, seen=row.written_at.isoformat())


def read_by(user: User, at: datetime = LATER) -> list[str]:
    return [one.news.title for one in queries.own(user, at=at)]


@pytest.fixture
def world():
    """Two parts of a network; people of each sort."""
    here, there = make_node("Здесь"), make_node("Там")
    flat, works = make_point(here, name="Квартира"), make_point(there, name="Цех")
    house = make_point(here, name="Общий", is_common=True)
    person = make_customer()
    firm = make_customer(kind=Customer.Kind.ORGANISATION)
    sales = make_customer(kind=Customer.Kind.ORGANISATION)
    cover(person, flat, LONG_AGO, supplier=sales)
    cover(firm, works, LONG_AGO)
    manager = make_user(User.Role.HOUSE_MANAGER)
    HouseManagement.objects.create(user=manager, node=here, valid_from=LONG_AGO)
    return {
        "here": here, "there": there, "flat": flat, "works": works, "house": house,
        "people": {
            "tenant": make_member(person), "engineer": make_member(firm),
            "supplier": make_member(sales, role=User.Role.SUPPLIER), "manager": manager,
            "nobody": make_user(),
        },
    }  # fmt: skip


EVERYBODY = {"tenant", "engineer", "supplier", "manager"}
AIMS = [
    ({}, EVERYBODY),
    ({"nodes": ["here"]}, {"tenant", "supplier", "manager"}),
    ({"nodes": ["there"]}, {"engineer"}),
    ({"points": ["flat"]}, {"tenant", "supplier"}),
    ({"points": ["house"]}, {"manager"}),
    ({"points": ["works"], "nodes": ["here"]}, EVERYBODY),
    ({"group": News.Group.PEOPLE}, {"tenant"}),
    ({"group": News.Group.ORGANISATIONS}, {"engineer", "supplier"}),
    ({"group": News.Group.MANAGERS}, {"manager"}),
    ({"group": News.Group.SUPPLIERS}, {"supplier"}),
    ({"group": News.Group.ORGANISATIONS, "nodes": ["here"]}, {"supplier"}),
    ({"group": News.Group.PEOPLE, "nodes": ["there"]}, set()),
    ({"group": News.Group.MANAGERS, "points": ["flat"]}, set()),
]


@pytest.mark.parametrize(("aim", "readers"), AIMS)
def test_both_sides_say_the_same(world, aim, readers):
    """Who finds it on the page is who is counted and gets the mail."""
    told = {
        name: [world[one] for one in value] if isinstance(value, list) else value
        for name, value in aim.items()
    }
    news = publish(Piece("Новость", "Слова.", **told))
    people = world["people"]

    mails = set(audience.people(news, at=AT).values_list("pk", flat=True))
    pages = {name for name, user in people.items() if read_by(user)}
    pages -= {"nobody"} if not told else set()  # has no page of the cabinet yet
    assert {name for name, user in people.items() if user.pk in mails} == readers
    assert pages == readers


def test_a_former_customer_hears_nothing_of_later(world):
    old, moved = make_customer(), AT - timedelta(days=1)
    point = make_point(world["here"])
    cover(old, point, LONG_AGO, moved)
    gone = make_member(old)
    publish(Piece("До", "Слова.", nodes=[world["here"]]), at=moved - timedelta(days=1))
    publish(Piece("После", "Слова.", nodes=[world["here"]]))
    assert read_by(gone) == ["До"]


def test_the_staff_sees_all(world):
    publish(Piece("Новость", "Слова.", News.Group.MANAGERS, nodes=[world["there"]]))
    assert read_by(make_user(User.Role.AUDITOR)) == ["Новость"]


def test_questions_do_not_grow_with_news(world, django_assert_max_num_queries):
    for n in range(15):
        publish(Piece(f"Новость {n}", "Слова.", News.Group.PEOPLE, nodes=[world["here"]]))
    with django_assert_max_num_queries(10):
        assert len(read_by(world["people"]["tenant"])) == 15


class TestDeeds:
    def test_a_draft_is_seen_by_nobody_and_a_withdrawn_piece_neither(self, world):
        tenant, author = world["people"]["tenant"], make_user(User.Role.ADMINISTRATOR)
        row = services.write(piece=Piece("Новость", "Слова."), by=author, at=AT)
        assert read_by(tenant) == []
        services.publish(news=row, by=author, at=AT, seen=row.written_at.isoformat())
        assert read_by(tenant) == ["Новость"]
        services.withdraw(news=row, by=author, at=AT)
        assert read_by(tenant) == []
        told = Entry.objects.filter(object_kind="notifications.news").order_by("id")
        assert [row.action.rpartition(".")[2] for row in told] == [
            "written", "published", "withdrawn",
        ]  # fmt: skip

    def test_until_its_last_day(self, world):
        tenant = world["people"]["tenant"]
        publish(Piece("Новость", "Слова.", shown_until=AT.date()))
        assert read_by(tenant) == ["Новость"]
        assert read_by(tenant, AT + timedelta(days=1)) == []

    def test_what_is_published_never_changes(self, world):
        news = publish(Piece("Новость", "Слова."))
        author = make_user(User.Role.ADMINISTRATOR)
        with pytest.raises(services.Published):
            services.write(piece=Piece("Другая", "Слова."), by=author, at=AT, over=news)
        with pytest.raises(services.Published):
            services.drop(news=news, by=author, at=AT)
        with pytest.raises(services.Published):
            services.publish(news=news, by=author, at=AT, seen="")

    def test_who_did_not_see_the_draft_does_not_publish_it(self, world):
        author = make_user(User.Role.ADMINISTRATOR)
        row = services.write(piece=Piece("Новость", "Слова."), by=author, at=AT)
        seen = row.written_at.isoformat()
        services.write(piece=Piece("Иная", "Слова."), by=author, at=LATER, over=row, seen=seen)
        with pytest.raises(services.Changed):
            services.publish(news=row, by=author, at=LATER, seen=seen)
        with pytest.raises(services.Changed):
            services.write(piece=Piece("Снова", "Слова."), by=author, at=LATER, over=row, seen=seen)

    def test_without_words_there_is_none(self):
        with pytest.raises(services.Empty):
            services.write(piece=Piece("Новость", "  "), by=make_user(), at=AT)

    def test_read_is_read_once(self, world):
        tenant, news = world["people"]["tenant"], publish(Piece("Новость", "Слова."))
        assert queries.unread(tenant, at=LATER) == 1
        assert services.mark_read(user=tenant, pieces=[news], at=LATER) == 1
        assert services.mark_read(user=tenant, pieces=[news], at=LATER) == 0
        assert queries.unread(tenant, at=LATER) == 0


class TestMails:
    def told(self) -> dict[int, str]:
        return dict(Message.objects.values_list("recipient", "kind"))

    def test_an_important_piece_goes_to_all_it_is_for(self, world):
        publish(Piece("Новость", "Слова.", nodes=[world["here"]], is_important=True))
        worker.run_waiting()
        people = world["people"]
        readers = {people[name].pk for name in ("tenant", "supplier", "manager")}
        assert self.told() == dict.fromkeys(readers, "notifications.news")

    def test_another_to_those_who_wish_it_so(self, world):
        people = world["people"]
        for name, way in (("tenant", Way.MAIL), ("engineer", Way.DIGEST)):
            subscriptions.choose(user=people[name], topics={Topic.NEWS: way}, events={}, at=AT)
        publish(Piece("Новость", "Слова."))
        worker.run_waiting()
        assert self.told() == {
            people["tenant"].pk: "notifications.news",
            people["engineer"].pk: "notifications.digest",
        }

    def test_each_once_however_often_it_is_begun(self, world, monkeypatch):
        monkeypatch.setattr(spreading, "USERS", 2)
        news = publish(Piece("Новость", "Слова.", is_important=True))
        spreading._some(news.pk, AT)  # and killed then
        assert Message.objects.count() == 2
        assert spreading.spread(news.pk, at=LATER) == 2
        assert spreading.spread(news.pk, at=LATER) == 0
        assert Message.objects.count() == 4

    def test_what_was_withdrawn_meanwhile_is_told_to_nobody(self, world):
        news = publish(Piece("Новость", "Слова.", is_important=True))
        services.withdraw(news=news, by=make_user(User.Role.ADMINISTRATOR), at=AT)
        assert spreading.spread(news.pk, at=LATER) == 0

    def test_who_may_read_no_more_gets_none(self, world):
        CustomerMember.objects.filter(user=world["people"]["tenant"]).update(valid_to=AT)
        publish(Piece("Новость", "Слова.", nodes=[world["here"]], is_important=True))
        worker.run_waiting()
        assert world["people"]["tenant"].pk not in self.told()
