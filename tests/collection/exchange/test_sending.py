"""What is sent: each day once, a changed one again under a new number, the same bytes always."""

import zipfile
from datetime import date, timedelta
from io import BytesIO

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from faza.collection.exchange import delivering, rounds, sending
from faza.collection.models import Delivery, Dispatch, ExchangeProfile, SentDay
from faza.core.quality import Quality
from faza.protocols import xml80020
from tests.collection.exchange.factories import (
    AT,
    DAY,
    FULL,
    OURS,
    PARTNER,
    THEIRS,
    make_profile,
)
from tests.collection.factories import imported, make_point, message, written

pytestmark = pytest.mark.django_db
STILL_OPEN = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def point():
    return make_point()


def fill(tmp_path, *days: date, values=FULL, number: int = 1) -> None:
    imported(written(tmp_path, *(message([values], day=day, number=number) for day in days)))


def sent_messages(dispatch: Dispatch) -> list[xml80020.Message]:
    data = sending.content_of(dispatch)
    if not dispatch.name.endswith(".zip"):
        return [xml80020.read(data, file="x").values]
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return [xml80020.read(archive.read(n), file=n).values for n in archive.namelist()]


def test_days_that_are_over_are_sent_in_one_zip_with_growing_numbers(tmp_path, mailbox):
    fill(tmp_path, DAY, DAY + timedelta(days=1), DAY + timedelta(days=2))
    profile = make_profile(last_number=40)

    done = rounds.run(AT)

    assert (done.made, done.sent, done.problems) == (1, 1, [])
    dispatch = Dispatch.objects.get()
    assert dispatch.name == f"80020_{OURS}_20260115_41-42.zip"
    first, second = sent_messages(dispatch)
    assert [first.day, second.day] == [DAY, DAY + timedelta(days=1)]
    assert [first.number, second.number] == [41, 42]
    channel = first.grids[0].channels[0]
    assert (channel.code, channel.channel) == (THEIRS, "01")
    assert first.grids[0].values.tolist() == [FULL]
    profile.refresh_from_db()
    assert (profile.last_number, profile.sent_on, profile.problem) == (42, date(2026, 1, 16), "")
    mail = mailbox.wait_for(to=PARTNER, kind="exchange")
    assert mail["Subject"] == dispatch.name
    part = next(mail.iter_attachments())
    assert part.get_filename() == dispatch.name
    assert part.get_payload(decode=True) == sending.content_of(dispatch)


def test_a_round_is_made_once_a_day_and_not_before_its_hour(tmp_path, mailbox):
    fill(tmp_path, DAY)
    make_profile(send_hour=11)

    assert rounds.run(AT).made == 0  # ten in Moscow
    assert rounds.run(AT + timedelta(hours=1)).made == 1
    assert rounds.run(AT + timedelta(hours=2)).made == 0
    assert Dispatch.objects.count() == 1


def test_the_hour_is_that_of_the_profiles_zone(tmp_path):
    make_profile(send_hour=11, zone="Asia/Yekaterinburg")  # 12 there

    assert sending.is_due(ExchangeProfile.objects.get(), at=AT)


def test_a_changed_day_goes_again_alone_under_a_new_number(tmp_path, mailbox):
    days = DAY, DAY + timedelta(days=1)
    fill(tmp_path, *days)
    profile = make_profile()
    rounds.run(AT)
    fill(tmp_path, DAY, values=[500] * 47 + [700], number=9)

    rounds.run(AT + timedelta(days=1))

    first, again = Dispatch.objects.order_by("pk")
    assert (again.days, again.again) == (2, 1)  # the changed one, and the day that is over now
    told = {m.day: m for m in sent_messages(again)}
    assert list(told) == [DAY, date(2026, 1, 16)]
    assert told[DAY].number > max(m.number for m in sent_messages(first))
    assert told[DAY].grids[0].values[0, -1] == 700
    assert SentDay.objects.filter(profile=profile, day=DAY).count() == 2


def test_what_says_the_same_is_not_sent_again(tmp_path, point):
    """A name, another delivery of the same values, a difference that rounding hides."""
    fill(tmp_path, DAY, values=[500, 501] + [500] * 46)
    profile = make_profile(rounding=ExchangeProfile.Rounding.WHOLE)
    assert sending.send_changed(profile, at=AT)
    point.name = "Другое имя"
    point.save()
    fill(tmp_path, DAY, values=[500, 500] + [500] * 46, number=9)

    assert sending.send_changed(profile, at=AT + STILL_OPEN) is None


def test_missing_and_estimated_values_have_status_1_and_are_counted(tmp_path):
    fill(tmp_path, DAY, values=[500] * 46 + [None, None])
    profile = make_profile()

    dispatch = sending.send_changed(profile, at=AT)

    day = SentDay.objects.get(day=DAY)
    assert (day.points, day.missing, day.estimated) == (1, 2, 0)
    one = next(m for m in sent_messages(dispatch) if m.day == DAY)
    assert one.grids[0].quality[0, -1] == Quality.MISSING
    assert np.all(one.grids[0].quality[0, :-2] != Quality.MISSING)
    # And the day of which nothing came is sent as missing, not passed over.
    assert SentDay.objects.get(day=DAY + timedelta(days=1)).missing == 48


def test_days_older_than_agreed_stay_as_they_were(tmp_path, mailbox):
    fill(tmp_path, DAY)
    profile = make_profile(resend_days=2)
    sending.send_changed(profile, at=AT)
    fill(tmp_path, DAY, values=[1] * 48, number=9)

    again = sending.send_changed(profile, at=AT + timedelta(days=2))

    assert DAY not in [m.day for m in sent_messages(again)]


def test_a_kill_after_the_mail_server_took_it_sends_the_same_bytes_again(tmp_path, mailbox):
    fill(tmp_path, DAY)
    sending.send_changed(make_profile(), at=AT)
    delivery = Delivery.objects.get()
    assert delivering._take(delivery, AT)
    delivering._send(delivery)  # and here the process is killed

    assert delivering.deliver(at=AT + timedelta(minutes=5)) == (0, 0)  # somebody may be at it
    assert delivering.deliver(at=AT + delivering.LEASE) == (1, 0)

    first, second = mailbox.find(to=PARTNER)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Subject"] == second["Subject"]
    bodies = [next(m.iter_attachments()).get_payload(decode=True) for m in (first, second)]
    assert bodies[0] == bodies[1]
    delivery.refresh_from_db()
    assert delivery.maybe_twice
    assert delivery.state == Delivery.State.SENT
    assert delivering.deliver(at=AT + timedelta(days=1)) == (0, 0)


def test_a_kill_before_sending_leaves_the_file_that_goes_later(tmp_path, mailbox):
    fill(tmp_path, DAY)
    profile = make_profile()
    sending.send_changed(profile, at=AT)  # and here the process is killed

    rounds.run(AT + STILL_OPEN)

    assert Dispatch.objects.count() == 1
    assert len(mailbox.find(to=PARTNER)) == 1
    assert not Delivery.objects.get().maybe_twice


def test_a_server_out_of_reach_is_tried_later_and_at_last_given_up(tmp_path, settings):
    fill(tmp_path, DAY)
    sending.send_changed(make_profile(), at=AT)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    at = AT
    for attempt in range(len(delivering.PAUSES)):
        assert delivering.deliver(at=at) == (0, 1), attempt
        delivery = Delivery.objects.get()
        assert delivery.state == Delivery.State.WAITING
        assert delivering.deliver(at=delivery.due_at - STILL_OPEN) == (0, 0)
        at = delivery.due_at

    assert delivering.deliver(at=at) == (0, 1)
    delivery = Delivery.objects.get()
    assert delivery.state == Delivery.State.GIVEN_UP
    assert delivery.reason
    assert not delivery.maybe_twice
    assert delivering.send_again(delivery, at=at)
    assert delivering.due(at).count() == 1


def test_two_rounds_at_once_send_once(tmp_path, monkeypatch):
    fill(tmp_path, DAY)
    profile = make_profile()
    changed = sending._changed

    def slow(*told):
        found = list(changed(*told))
        monkeypatch.setattr(sending, "_changed", changed)
        assert sending.send_changed(profile, at=AT)  # the other one is faster
        return iter(found)

    monkeypatch.setattr(sending, "_changed", slow)

    assert sending.send_changed(profile, at=AT) is None
    assert Dispatch.objects.count() == 1
    assert SentDay.objects.count() == 2


def test_a_profile_without_points_says_so(tmp_path):
    profile = make_profile()
    profile.codes.all().delete()

    done = rounds.run(AT)

    assert len(done.problems) == 1
    profile.refresh_from_db()
    assert profile.problem
    assert profile.sent_on


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"addresses": ["не адрес"]}, "addresses"),
        ({"senders": ["a b@example.org"]}, "senders"),
        ({"channels": ["P+"]}, "channels"),
        ({"channels": []}, "channels"),
        ({"addresses": []}, "addresses"),
        ({"zone": "Марс"}, "zone"),
        ({"send_hour": 24}, "__all__"),
    ],
)
def test_what_cannot_be_agreed_is_refused(fields, where):
    with pytest.raises(ValidationError) as refused:
        make_profile(**fields)

    assert where in refused.value.message_dict
    assert not ExchangeProfile.objects.exists()


def test_what_waits_is_not_forgotten(tmp_path, mailbox):
    fill(tmp_path, DAY)
    sending.send_changed(make_profile(), at=AT)
    assert sending.forget(AT + timedelta(days=1), AT) == 0
    delivering.deliver(at=AT)

    assert sending.forget(AT + timedelta(days=1), AT) == 1
    assert sending.content_of(Dispatch.objects.get()) == b""
    assert SentDay.objects.exists()
