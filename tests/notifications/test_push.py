"""Devices are told that there is something to read, once, and nothing of whom or where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from faza.accounts.models import User
from faza.contracts.models import Token
from faza.notifications import subscriptions
from faza.notifications.models import Notice, PushAddress, Topic, Way
from faza.notifications.pushing import keys, rules, services
from faza.notifications.pushing.sending import push, words
from faza.notifications.telling import New, Person, tell
from tests.contracts.factories import LONG_AGO, cover, make_customer, make_member
from tests.metering.factories import make_node, make_point
from tests.support.pushing import Device, push_service

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOSTS = ("fcm.googleapis.com", "*.push.services.mozilla.com")


@pytest.fixture
def service(settings):
    with push_service() as found:
        settings.PUSH_CONTACT = "mailto:admin@example.ru"
        settings.PUSH_KEY = "the secret of the tests"
        settings.PUSH_SERVICES = (found.origin, *HOSTS)
        yield found


@pytest.fixture
def point():
    return make_point(make_node("ТП-1"), name="Дом Ковалёвой", address="ул. Мира, 3")


@pytest.fixture
def reader(point):
    own = make_customer()
    cover(own, point, LONG_AGO)
    return make_member(own)


@pytest.fixture
def device():
    return Device()


def make_token(user: User, name="Телефон", *, until=AT + timedelta(days=365)) -> Token:
    return Token.objects.create(
        user=user, kind=Token.Kind.DEVICE, name=name, digest=f"{name}{user.pk}", hint="fzd_",
        made_at=AT - timedelta(days=1), expires_at=until,
    )  # fmt: skip


def registered(service, device, user, name="Телефон", at=AT - timedelta(hours=1)) -> PushAddress:
    return services.register(
        token=make_token(user, name), endpoint=f"{service.origin}/{name}", key=device.key,
        secret=device.secret, at=at,
    )  # fmt: skip


def notice(user, point, key="one", topic=Topic.WARNINGS, at=AT, way=Way.MAIL):
    new = New(
        key=key, kind="events.warning", topic=topic, usage_point=point.pk if point else None,
        happened_at=at, payload={"events": [], "place": "Дом Ковалёвой, ул. Мира, 3"},
    )  # fmt: skip
    tell(Person(user.pk, user.language), [new], way=way, at=at)


def test_a_notice_is_told_once(service, device, reader, point):
    registered(service, device, reader)
    notice(reader, point)

    first, second = push(at=AT), push(at=AT + timedelta(minutes=1))

    assert (first.sent, second.count) == (1, 0)
    [got] = service.got
    assert device.open(got.body) == {
        "title": "Предупреждения счётчика", "body": "1 новое уведомление", "count": 1,
        "tag": "notices",
    }  # fmt: skip


def test_what_is_sent_names_nobody_and_nothing(service, device, reader, point):
    registered(service, device, reader)
    notice(reader, point)
    push(at=AT)

    told = str(device.open(service.got[0].body))
    for secret in ("Ковалёв", "Мира", point.code, reader.email, reader.full_name):
        assert secret not in told


def test_the_service_is_told_who_sends_and_how_long_it_keeps(service, device, reader, point):
    registered(service, device, reader)
    notice(reader, point)
    push(at=AT)

    headers = {name.lower(): text for name, text in service.got[0].headers.items()}
    assert headers["authorization"].startswith("vapid t=")
    assert headers["authorization"].endswith(f"k={keys.public()}")
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("86400", "high", "notices")


def test_several_are_one_message(service, device, reader, point):
    registered(service, device, reader)
    for number in range(3):
        notice(reader, point, key=f"n{number}")
    notice(reader, None, key="case", topic=Topic.CASES)

    push(at=AT)

    [got] = service.got
    assert device.open(got.body)["body"] == "4 новых уведомления"
    assert device.open(got.body)["title"] == "Новые уведомления"


def test_who_wants_it_on_the_page_only_is_left_in_peace(service, device, reader, point):
    registered(service, device, reader)
    subscriptions.choose(user=reader, topics={Topic.WARNINGS: Way.PAGE}, events={}, at=AT)
    notice(reader, point, way=Way.PAGE)

    assert (push(at=AT).nothing, push(at=AT).count) == (1, 0)
    assert service.got == []


def test_what_is_read_already_or_old_or_was_there_before_is_not_pushed(
    service, device, reader, point
):
    notice(reader, point, key="before", at=AT - timedelta(hours=2))
    registered(service, device, reader)
    notice(reader, point, key="old", at=AT - timedelta(days=2))
    notice(reader, point, key="read")
    Notice.objects.filter(key="read").update(read_at=AT)

    assert push(at=AT).count == 0


def test_of_a_point_that_is_lost_nothing_is_told(service, device, reader, point):
    stranger = make_member(make_customer())
    registered(service, device, stranger)
    notice(stranger, point)

    assert push(at=AT).nothing == 1
    assert service.got == []


@pytest.mark.parametrize("code", [404, 410])
def test_a_dead_subscription_is_removed(service, device, reader, point, code):
    registered(service, device, reader)
    notice(reader, point)
    service.answers = [code]

    assert push(at=AT).ended == 1
    assert not PushAddress.objects.exists()


def test_a_service_that_is_away_is_tried_again_and_given_up_at_last(service, device, reader, point):
    registered(service, device, reader)
    notice(reader, point)
    service.answers = [503, 500]

    assert push(at=AT).later == 1
    assert push(at=AT + timedelta(seconds=59)).count == 0
    assert push(at=AT + timedelta(minutes=1)).later == 1
    assert push(at=AT + timedelta(minutes=6)).sent == 1
    assert PushAddress.objects.get().failures == 0

    notice(reader, point, key="two", at=AT + timedelta(hours=1))
    PushAddress.objects.update(failures=len(rules.PAUSES))
    service.answers = [500]
    assert push(at=AT + timedelta(hours=1)).ended == 1
    assert not PushAddress.objects.exists()


def test_an_answer_sends_nobody_elsewhere(service, device, reader, point):
    registered(service, device, reader)
    notice(reader, point)
    service.answers = [307]

    assert push(at=AT).later == 1
    assert [got.path for got in service.got] == ["/%D0%A2%D0%B5%D0%BB%D0%B5%D1%84%D0%BE%D0%BD"]


@pytest.mark.parametrize("end", ["revoked", "expired", "inactive"])
def test_an_ended_device_is_told_nothing(service, device, reader, point, end):
    registered(service, device, reader)
    notice(reader, point)
    if end == "revoked":
        Token.objects.update(revoked_at=AT - timedelta(minutes=1))
    elif end == "expired":
        Token.objects.update(expires_at=AT)
    else:
        User.objects.filter(pk=reader.pk).update(is_active=False)

    assert push(at=AT).count == 0
    if end != "inactive":
        assert services.sweep(AT) == 1


def test_a_worker_does_not_take_what_another_has(service, device, reader, point):
    registered(service, device, reader)
    notice(reader, point)
    PushAddress.objects.update(leased_until=AT + timedelta(seconds=30))

    assert push(at=AT).count == 0
    assert push(at=AT + timedelta(seconds=31)).sent == 1  # it was killed


def test_an_address_that_was_put_down_anew_is_not_written_over(service, device, reader, point):
    address = registered(service, device, reader)
    notice(reader, point)
    again = Device()
    services.register(
        token=address.token, endpoint=f"{service.origin}/new", key=again.key, secret=again.secret,
        at=AT - timedelta(minutes=1),
    )  # fmt: skip

    assert push(at=AT).count == 0  # what was there is not pushed to a new address
    assert PushAddress.objects.count() == 1


def test_an_address_is_one_devices(service, device, reader, point):
    registered(service, device, reader)
    other = make_member(make_customer())
    services.register(
        token=make_token(other, "Другой"), endpoint=f"{service.origin}/Телефон", key=device.key,
        secret=device.secret, at=AT,
    )  # fmt: skip

    assert list(PushAddress.objects.values_list("user", flat=True)) == [other.pk]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://169.254.169.254/latest",
        "ftp://fcm.googleapis.com/x",
        "//fcm.googleapis.com/x",
        "https://fcm.googleapis.com\n.evil.example/",
        "https://fcm.googleapis.com/" + "x" * 1000,
        "",
    ],
)
def test_an_address_that_is_no_push_service_is_refused(endpoint):
    assert not rules.is_service(endpoint, HOSTS)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
    ],
)
def test_the_services_of_browsers_are_known(endpoint):
    assert rules.is_service(endpoint, HOSTS)


@pytest.mark.parametrize(("key", "secret"), [("AAAA", None), (None, "AAAA"), ("ж" * 87, None)])
def test_bad_keys_are_refused(service, device, reader, key, secret):
    with pytest.raises(services.WrongAddress):
        services.register(
            token=make_token(reader), endpoint=f"{service.origin}/x", key=key or device.key,
            secret=secret or device.secret, at=AT,
        )  # fmt: skip


def test_a_key_that_is_no_point_of_the_curve_stops_nobody(service, device, reader, point):
    registered(service, device, reader, "bad")
    registered(service, device, reader, "good")
    PushAddress.objects.filter(endpoint__endswith="bad").update(key="A" * 87)
    notice(reader, point)

    told = push(at=AT)

    assert (told.sent, told.later) == (1, 1)


def test_it_is_off_until_it_is_switched_on(settings, service, device, reader, point):
    registered(service, device, reader)
    notice(reader, point)
    settings.PUSH_CONTACT = ""

    assert push(at=AT).count == 0
    with pytest.raises(services.NotOn):
        registered(service, device, reader, "Второй")


def test_the_key_is_the_secrets_and_no_others(settings):
    settings.PUSH_KEY = "one"
    one = keys.public()
    settings.PUSH_KEY = "two"
    two = keys.public()
    settings.PUSH_KEY = "one"

    assert one == keys.public() != two
    assert rules.is_key(one, rules.POINT)


def test_english_readers_are_told_in_english():
    assert words([Topic.REPORTS], "en")["body"] == "1 new notice"


def test_a_look_at_nothing_is_one_question(service, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert push(at=AT).count == 0
