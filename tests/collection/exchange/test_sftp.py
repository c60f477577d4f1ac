"""SFTP places: taken from once, put into whole, and only where the agreed key answers."""

import io
import os

import paramiko
import pytest
from django.core.exceptions import ValidationError

from faza.audit.models import Entry
from faza.collection.exchange import agreements, delivering, rounds, sending, sftp
from faza.collection.models import Arrival, Delivery, ExchangePlace
from tests.collection.exchange.factories import AT, OURS, SENDER, make_place, make_profile, xml
from tests.collection.factories import days_of, make_point
from tests.support import sftp as servers

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings, tmp_path):
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    for name in ("in", "out"):
        (tmp_path / "remote" / name).mkdir(parents=True)
    with servers.serving(tmp_path / "remote") as found:
        yield found


def put(server, name: str, data: bytes, moment: int = 1_768_000_000):
    place = server.folder / "in" / name
    place.write_bytes(data)
    os.utime(place, (moment, moment))


def test_files_are_taken_once_and_again_when_they_change(server):
    point = make_point()
    make_place(server)
    put(server, "80020.xml", xml())
    put(server, ".hidden.xml", xml())
    put(server, "80020.xml.part", b"half")

    done, again = rounds.run(AT), rounds.run(AT)

    assert (done.taken, done.read, done.problems) == (1, 1, [])
    assert (again.taken, again.read) == (0, 0)
    assert days_of(point)["2026-01-14"] == [500] * 48
    put(server, "80020.xml", xml([700] * 48, number=2), 1_768_000_999)
    assert rounds.run(AT).read == 1
    assert days_of(point)["2026-01-14"] == [700] * 48
    assert (server.folder / "in" / "80020.xml").exists()


def test_only_agreed_senders_are_taken_from_a_place(server):
    make_point()
    make_place(server, senders=["7700000077"])
    put(server, "80020.xml", xml())

    rounds.run(AT)

    assert SENDER in Arrival.objects.get(state="failed").reason


def test_a_file_that_grows_meanwhile_is_left_for_the_next_round(server):
    place = make_place(server)
    put(server, "80020.xml", xml())
    with sftp.connected(place) as client:
        found = sftp.files_in(client, "in")[0]
        put(server, "80020.xml", xml() + b"  ", 1_768_000_001)

        assert sftp.fetched(client, "in", found) is None


def test_messages_are_put_into_a_place_and_twice_is_once(server):
    make_point()
    make_profile(place=make_place(server), addresses=[])
    rounds.run(AT)

    name = f"80020_{OURS}_20260115_1-2.zip"
    assert [file.name for file in (server.folder / "out").iterdir()] == [name]
    delivery = Delivery.objects.select_related("dispatch", "place").get()
    assert delivery.state == Delivery.State.SENT
    assert (server.folder / "out" / name).read_bytes() == sending.content_of(delivery.dispatch)
    delivering._send(delivery)
    assert [file.name for file in (server.folder / "out").iterdir()] == [name]


def test_another_server_gets_no_password_and_no_file(server):
    other = paramiko.ECDSAKey.generate()
    make_place(server, host_key=f"{other.get_name()} {other.get_base64()}")
    put(server, "80020.xml", xml())

    done = rounds.run(AT)

    assert "another key" in done.problems[0]
    assert not Arrival.objects.exists()
    place = ExchangePlace.objects.get()
    assert "another key" in place.problem
    assert place.problem_since == AT


def test_a_server_without_the_agreed_type_of_key_is_another_server(server):
    other = paramiko.RSAKey.generate(2048)
    place = make_place(server, host_key=f"ssh-rsa {other.get_base64()}")

    with pytest.raises(sftp.WrongHostKey), sftp.connected(place):
        pass


def test_a_wrong_password_is_told(server):
    make_place(server, given="чужая тайна")

    done = rounds.run(AT)

    assert "not taken" in done.problems[0]
    assert "чужая тайна" not in done.problems[0]


def test_a_private_key_opens_a_place(server):
    key = paramiko.ECDSAKey.generate()
    server.keys.add(key.get_base64())
    text = io.StringIO()
    key.write_private_key(text)
    place = make_place(server, is_key=True, given=text.getvalue())

    with sftp.connected(place) as client:
        assert sftp.files_in(client, "in") == []


def test_secrets_are_closed_in_the_database_and_absent_from_the_trail(server):
    place = make_place(server)

    assert servers.PASSWORD not in place.secret
    kept = Entry.objects.get(action="collection.place.kept")
    assert servers.PASSWORD not in str(kept.after)
    assert kept.after["secrets_changed"]
    agreements.keep_place(place, at=AT)
    again = Entry.objects.filter(action="collection.place.kept").order_by("-pk")[0]
    assert not again.after["secrets_changed"]
    with sftp.connected(place):
        pass


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"host_key": "ssh-ed25519"}, "host_key"),
        ({"host_key": "ssh-ed25519 АБВ"}, "host_key"),
        ({"host_key": "ssh-ed25519 AAAAB3NzaC1yc2E="}, "host_key"),
        ({"is_key": True}, "secret"),
        ({"given": None}, "secret"),
        ({"inbox": "", "outbox": ""}, "inbox"),
    ],
)
def test_a_place_that_cannot_work_is_refused(server, fields, where):
    with pytest.raises(ValidationError) as refused:
        make_place(server, **fields)

    assert where in refused.value.message_dict
    assert not ExchangePlace.objects.exists()


def test_a_server_that_is_away_holds_up_nothing_else(server, tmp_path):
    make_point()
    make_place(server, name="А", port=1)
    make_place(server, name="Б")
    put(server, "80020.xml", xml())

    done = rounds.run(AT)

    assert done.read == 1
    assert len(done.problems) == 1
