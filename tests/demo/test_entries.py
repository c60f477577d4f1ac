"""Typed readings of the demo: what waits, what was refused, the year behind, the queue."""

from datetime import date, timedelta

import pytest

from faza.accounts.models import User
from faza.demo import people
from faza.demo.entries import SENDERS, TOO_LITTLE, TOO_MUCH
from faza.demo.scenario import Scenario
from faza.manual_entry import queries
from faza.manual_entry.models import Entry, EntryRule, Photo
from faza.manual_entry.photos import clean
from faza.manual_entry.photos.queries import data_of
from faza.manual_entry.rules.opening import Why
from faza.metering.models import UsagePoint
from faza.notifications.models import Notice
from faza.outbox.models import Message
from faza.readings.models import RegisterReading
from tests.demo.looking import AT

pytestmark = pytest.mark.usefixtures("made")


def entries(name):
    return Entry.objects.filter(usage_point__name=name).order_by("of_at")


def test_one_waits_and_one_was_refused_because_of_its_photo():
    bath, garage = entries("Баня").last(), entries("Гараж").last()

    assert (bath.state, garage.state) == ("sent", "refused")
    assert "№ 38411650" in garage.reason
    assert "№ 29776034" in garage.reason
    assert bath.sent_at > garage.decided_at - timedelta(days=1)
    assert bath.sent_by.email == f"kovaleva@{people.DOMAIN}"


def test_what_was_typed_before_has_its_sender_and_its_reading():
    for name in ("Баня", "Гараж"):
        point = UsagePoint.objects.get(name=name)
        kept = RegisterReading.objects.filter(
            usage_point_id=point.pk, kind=RegisterReading.Kind.MANUAL
        )
        approved = entries(name).filter(state="approved")
        assert [row.of_at for row in approved] == [row.at for row in kept.order_by("at")]
        assert approved.exists()


def test_the_queue_has_some_twenty_and_a_few_slips():
    waiting = Entry.objects.filter(state="sent").exclude(usage_point__name="Баня")

    assert len(waiting) == SENDERS
    wrong = [one for one in waiting if any("much" in d or "less" in d or "impossible" in d
                                           for d in one.doubts.values())]  # fmt: skip
    assert len(wrong) >= len(TOO_MUCH | TOO_LITTLE)
    assert len({one.sent_by for one in waiting}) == SENDERS
    assert {one.way for one in waiting} == {"cabinet", "phone"}


def test_photos_are_real_ones_that_would_be_taken():
    photos = Photo.objects.select_related("entry__rule")
    assert len(photos) > 8
    raw = data_of(photos[0])
    assert (clean(raw).width, clean(raw).height) == (photos[0].width, photos[0].height)
    for one in Entry.objects.filter(rule__wants_photo=True):
        assert one.photo


def test_windows_of_every_month_and_of_a_house_with_photos():
    rules = EntryRule.objects.order_by("pk")
    assert [(one.first_day, one.last_day, one.wants_photo) for one in rules] == [
        (15, 25, False), (15, 25, True),
    ]  # fmt: skip
    point = UsagePoint.objects.get(name="Баня")
    (due,) = queries.due([point], at=AT)
    assert due.standing.why is Why.WINDOW


def test_their_people_were_reminded_and_told():
    mistress = User.objects.get(email=f"kovaleva@{people.DOMAIN}")
    # Of the point whose reading was refused, while the window is open.
    notice = Notice.objects.get(user=mistress, kind="entry.window")
    assert notice.usage_point is None or notice.usage_point.name == "Гараж"
    told = Message.objects.filter(kind="manual_entry.entry.refused")
    assert told.get().recipient == mistress.pk


@pytest.mark.parametrize(
    ("today", "opened"),
    [
        (date(2026, 11, 22), date(2026, 11, 15)),
        (date(2026, 11, 16), date(2026, 11, 15)),
        (date(2026, 11, 15), date(2026, 10, 15)),
        (date(2026, 1, 3), date(2025, 12, 15)),
    ],
)
def test_the_last_window_that_has_been_open_for_a_day(today, opened):
    assert Scenario(date(2025, 9, 1), AT.replace(
        year=today.year, month=today.month, day=today.day
    )).window_opened == opened  # fmt: skip
