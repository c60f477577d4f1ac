"""Import and export at the desk, as people walk it."""

import io

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from faza.collection.exchange import arrivals
from faza.collection.models import (
    Arrival,
    Delivery,
    Dispatch,
    ExchangePlace,
    ExchangeProfile,
    Pickup,
    PointCode,
)
from faza.jobs import worker
from tests.cabinet.factories import give_area, make_user
from tests.collection.exchange.factories import OURS, THEIRS, things, xml
from tests.collection.factories import CODE, days_of, imported, make_point
from tests.support import sftp

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
AGREED = {
    "counterparty": "Энергосбыт Пример", "sender_inn": OURS, "rounding": "exact",
    "channels": ["A+", "R+"], "send_hour": "7", "resend_days": "40", "sends_from": "2026-01-14",
    "addresses": "a@example.org, b@example.org\nc@example.org", "senders": "d@example.org",
}  # fmt: skip


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def point():
    return make_point()


@pytest.fixture
def boss():
    return make_user("boss@example.org", "administrator", "Главный")


@pytest.fixture
def client(boss) -> Client:
    client = Client()
    client.force_login(boss, backend=BACKEND)
    return client


def page(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"desk:{name}", args=args), query)
    assert answer.status_code == 200, answer
    return b"".join(answer).decode()


def upload(client: Client, data: bytes, name: str = "январь.xml", **more):
    file = io.BytesIO(data)
    file.name = name
    return client.post(reverse("desk:exchange-upload"), {"file": file} | more)


def test_a_file_goes_from_the_upload_to_its_errors_by_line(client, point):
    data = xml(codes=(CODE, "132070000000099"))

    answer = upload(client, data)
    found = Arrival.objects.get()
    assert answer.url == reverse("desk:exchange-file", args=[found.pk])
    assert "ждёт" in page(client, "exchange-file", found.pk)
    worker.run_waiting()

    assert days_of(point)["2026-01-14"] == [500] * 48
    found.refresh_from_db()
    assert reverse("desk:exchange-run", args=[found.run_id]) in page(
        client, "exchange-file", found.pk
    )
    listed = page(client, "exchange")
    assert "январь.xml" in listed
    assert "Главный" in listed
    shown = page(client, "exchange-run", found.run_id)
    assert "Нет точки учёта 132070000000099" in shown
    table = page(client, "exchange-problems", found.run_id, "csv")
    assert "январь.xml;" in table
    assert "Нет точки учёта 132070000000099" in table
    answer = client.get(reverse("desk:exchange-content", args=[found.pk]))
    assert answer.content == data
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_same_file_given_twice_brings_nothing_new(client, point):
    for _ in range(2):
        upload(client, xml())
        worker.run_waiting()

    first, second = Arrival.objects.order_by("pk")
    assert (first.run.changed, second.run.changed, second.run.unchanged) == (48, 0, 48)


@pytest.mark.parametrize(("name", "data"), [("a.exe", b"MZ"), ("a.xml", b""), ("a", b"1;2")])
def test_what_is_no_file_of_readings_is_refused_at_the_form(client, name, data):
    assert upload(client, data, name).status_code == 422
    assert not Arrival.objects.exists()


def test_imports_are_found_by_way_errors_and_name(client, point, tmp_path):
    upload(client, xml())
    worker.run_waiting()
    imported([("папка.xml", io.BytesIO(xml(number=2)))], by="inbox")
    imported([("рука.xml", io.BytesIO(b"<message"))])

    assert "папка.xml" in page(client, "exchange", channel="folder")
    assert "январь.xml" not in page(client, "exchange", channel="folder")
    assert "рука.xml" in page(client, "exchange", errors="some", channel="command")
    assert "папка.xml" in page(client, "exchange", q="ПАПКА")
    assert "рука.xml" not in page(client, "exchange", q="ПАПКА")


def test_failures_of_the_watched_folder_are_seen(client):
    now = timezone.now()
    Pickup.objects.create(
        name="сломан.xml", kept_as="x", size=1, state="failed", reason="Причина такая.",
        taken_at=now, ended_at=now,
    )  # fmt: skip

    shown = page(client, "exchange-files")

    assert "сломан.xml" in shown
    assert "Причина такая." in shown


def test_a_held_file_is_let_in(client, point):
    found = arrivals.keep(
        "чужое.xml", xml(), channel="mail", key="k", at=timezone.now(), state=Arrival.State.HELD,
        reason="No profile takes mails from x@example.net.", origin="x@example.net",
    )  # fmt: skip
    assert "x@example.net" in page(client, "exchange-files", state="held")

    client.post(reverse("desk:exchange-release", args=[found.pk]))
    worker.run_waiting()

    assert days_of(point)
    found.refresh_from_db()
    assert found.state == Arrival.State.DONE


def test_a_counterparty_from_the_first_form_to_the_sent_file(client, point, mailbox):
    answer = client.post(reverse("desk:exchange-profile-add"), AGREED)
    profile = ExchangeProfile.objects.get()
    assert answer.url == reverse("desk:exchange-profile", args=[profile.pk])
    assert profile.addresses == ["a@example.org", "b@example.org", "c@example.org"]
    assert profile.channels == ["A+", "R+"]
    table = io.BytesIO(f"{THEIRS};{CODE}\n999;нет такой\n".encode())
    table.name = "codes.csv"
    answer = client.post(
        reverse("desk:exchange-codes", args=[profile.pk]), {"file": table}, follow=True
    )
    assert "нет такой" in answer.content.decode()
    assert PointCode.objects.get().code == THEIRS
    assert THEIRS in page(client, "exchange-codes-csv", profile.pk)

    client.post(reverse("desk:exchange-send", args=[profile.pk]))
    worker.run_waiting()

    dispatch = Dispatch.objects.get()
    assert dispatch.name in page(client, "exchange-sent")
    assert dispatch.name in page(client, "exchange-profile", profile.pk)
    shown = page(client, "exchange-dispatch", dispatch.pk)
    assert "a@example.org" in shown
    assert len(mailbox.find(kind="exchange")) == 3
    answer = client.get(reverse("desk:exchange-sent-content", args=[dispatch.pk]))
    assert len(answer.content) == dispatch.size


def test_the_form_begins_with_what_is_kept_and_says_what_cannot_be(client):
    client.post(reverse("desk:exchange-profile-add"), AGREED)
    profile = ExchangeProfile.objects.get()
    assert "a@example.org\nb@example.org" in page(client, "exchange-profile-edit", profile.pk)

    url = reverse("desk:exchange-profile-edit", args=[profile.pk])
    answer = client.post(url, AGREED | {"addresses": "не адрес", "send_hour": "25"})

    assert answer.status_code == 422
    answer = client.post(url, AGREED | {"addresses": ""})
    assert answer.status_code == 422
    profile.refresh_from_db()
    assert profile.addresses


def test_what_was_given_up_is_sent_again(client, point, mailbox):
    names = things(
        make_user("o@example.org", "operator"), make_user("p@example.org", "operator"), point
    )
    url = reverse("desk:exchange-again", args=[names["delivery"]])
    assert url in page(client, "exchange-dispatch", names["dispatch"])

    client.post(url)

    assert Delivery.objects.get().state == Delivery.State.WAITING


def test_a_place_is_kept_and_its_secret_is_never_shown(client, tmp_path):
    (tmp_path / "out").mkdir()
    with sftp.serving(tmp_path) as server:
        told = {
            "name": "Обмен", "host": "127.0.0.1", "port": server.port, "user": sftp.USER,
            "host_key": server.host_key, "secret": sftp.PASSWORD, "outbox": "out",
            "is_enabled": "on",
        }  # fmt: skip
        client.post(reverse("desk:exchange-place-add"), told)
        place = ExchangePlace.objects.get()
        shown = page(client, "exchange-place", place.pk) + page(client, "exchange-places")
        assert sftp.PASSWORD not in shown
        assert place.secret not in shown
        kept = place.secret
        client.post(
            reverse("desk:exchange-place", args=[place.pk]), told | {"secret": "", "inbox": "in"}
        )

    place.refresh_from_db()
    assert (place.secret, place.inbox) == (kept, "in")
    answer = client.post(
        reverse("desk:exchange-place", args=[place.pk]), told | {"host_key": "что-то"}
    )
    assert answer.status_code == 422


def test_who_works_with_a_part_sees_the_own_uploads_only(client, point):
    upload(client, xml(), "чужой.xml")
    worker.run_waiting()
    from faza.metering.models import NetworkNode

    NetworkNode.objects.create(code="M", name="Там", kind="organisation", path="9/")
    user = make_user("part@example.org", "operator", "Часть")
    give_area(user, point.node)
    part = Client()
    part.force_login(user, backend=BACKEND)

    assert "чужой.xml" not in page(part, "exchange") + page(part, "exchange-files")
    upload(part, xml(number=2), "свой.xml")
    worker.run_waiting()
    assert "свой.xml" in page(part, "exchange")
    assert "create_points" not in page(part, "exchange-upload")


@pytest.mark.parametrize(
    "name", ["exchange", "exchange-files", "exchange-sent", "exchange-profiles"]
)
def test_the_number_of_questions_does_not_grow(client, point, name):
    def count() -> int:
        page(client, name)
        from django.db import connection

        with CaptureQueriesContext(connection) as told:
            page(client, name)
        return len(told)

    users = [make_user(f"{n}@example.org", "operator") for n in range(2)]
    things(*users, point)
    few = count()
    for n in range(8):
        upload(client, xml(number=n + 1), f"{n}.xml")
        profile = ExchangeProfile.objects.create(counterparty=f"К{n}", sender_inn=f"770000010{n}")
        Dispatch.objects.create(
            profile=profile, name=f"{n}", content=b"", size=0, sha256="", first=timezone.now(),
            last=timezone.now(), days=1, created_at=timezone.now(),
        )  # fmt: skip
    worker.run_waiting()

    assert count() == few
