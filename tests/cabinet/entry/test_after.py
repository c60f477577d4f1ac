"""The photo beside a reading, what became of it, and whose meters are read by eye at all."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from faza.contracts.models import CustomerAgreement
from faza.manual_entry import services
from faza.manual_entry.models import EntryException, Photo
from faza.manual_entry.rules.moves import State
from tests.cabinet.entry.forms import DAY, ENTRY, NOW, entries, hidden, page, place, rule, send
from tests.cabinet.factories import make_agreement, make_user
from tests.cabinet.states import told
from tests.manual_entry.pictures import face, packed
from tests.readings.meters import read

pytestmark = pytest.mark.django_db


class TestPhoto:
    def photo(self, raw=None, name="meter.jpg"):
        return SimpleUploadedFile(name, raw or packed(face()), content_type="image/jpeg")

    def test_goes_with_the_reading(self, client, bath):
        send(client, bath, photo=self.photo())

        entry = entries().get()
        assert entry.photo.removed_at is None
        shown = client.get(reverse("cabinet:entry_photo", args=[entry.pk]))
        assert b"".join(shown)[:3] == b"\xff\xd8\xff"

    def test_is_kept_while_the_number_is_confirmed(self, client, bath):
        text = unescape(send(client, bath, "1900", photo=self.photo()).content.decode())
        assert hidden(text, "held")

        send(client, bath, "1900", text=text)

        assert Photo.objects.get().entry == entries().get()

    def test_a_bad_one_is_told_and_the_number_kept(self, client, bath):
        answer = send(client, bath, photo=self.photo(b"<svg onload=alert(1)>", "x.svg"))

        assert answer.status_code == 422
        assert 'value="1107"' in answer.content.decode()
        assert not entries()
        assert not Photo.objects.exists()

    def test_where_it_is_wanted_nothing_goes_without(self, client, owner):
        rule(wants_photo=True)
        point = place(owner)

        answer = send(client, point)
        assert answer.status_code == 422
        assert not entries()

        send(client, point, text=unescape(answer.content.decode()), photo=self.photo())
        assert entries().get().photo

    def test_a_foreign_one_is_not_taken(self, client, bath, enter):
        stranger = make_user("other@example.org")
        theirs = place(stranger, "THEIRS")
        other = enter(stranger)
        text = unescape(
            other.post(
                ENTRY, {"point": theirs.code, "token": "a" * 32, "r0": "1900",
                        "photo": self.photo()},
            ).content.decode()
        )  # fmt: skip

        answer = send(client, bath, held=hidden(text, "held"))

        assert answer.status_code == 422
        assert not entries()


class TestWhatBecameOfIt:
    def test_it_waits_and_may_be_mended(self, client, bath, clock):
        send(client, bath)
        text = page(client)
        assert 'name="r0"' not in text
        assert "waits for the check" in text

        clock.now += timedelta(hours=1)
        mending = page(client, f"/entry/?again={bath.code}")
        assert 'name="r0" value="1107"' in mending
        send(client, bath, "1108", text=mending)

        assert [one.state for one in entries()] == [State.REPLACED, State.SENT]

    def test_refused_with_its_reason_it_is_asked_for_again(self, client, bath, clock):
        send(client, bath)
        desk = make_user("desk@example.org")
        clock.now += timedelta(hours=1)
        services.refuse(
            entry=entries().get(), reason="A <b>digit</b> is missing", by=desk, at=clock.now
        )

        raw = client.get(ENTRY).content.decode()

        assert 'name="r0"' in raw
        assert "A <b>digit</b> is missing" not in raw
        assert unescape(raw).count("A <b>digit</b> is missing") == 2  # by the field and in the list
        # The same number may be sent once more.
        send(client, bath, "1107")
        assert [one.state for one in entries()] == [State.REFUSED, State.SENT]

    def test_accepted_and_corrected_both_numbers_stand(self, client, bath, clock):
        send(client, bath)
        desk = make_user("desk@example.org")
        clock.now += timedelta(hours=1)
        services.approve(entry=entries().get(), by=desk, at=clock.now, corrected={0: 1_117_000})

        text = told(client.get(ENTRY))

        assert "1,117" in text
        assert "1,107" in text
        assert 'name="r0"' not in page(client)

    def test_taken_back_by_the_desk_the_same_number_goes_again(self, client, bath, clock):
        send(client, bath)
        desk = make_user("desk@example.org")
        services.approve(entry=entries().get(), by=desk, at=clock.now)
        services.withdraw(entry=entries().get(), reason="another meter", by=desk, at=clock.now)

        clock.now += timedelta(hours=1)
        send(client, bath)

        assert [one.state for one in entries()] == [State.WITHDRAWN, State.SENT]

    def test_the_whole_history_and_its_file(self, client, bath, clock):
        for number in range(8):
            clock.now += timedelta(minutes=5)
            send(client, bath, str(1107 + number), text=page(client, f"/entry/?again={bath.code}"))

        text = page(client)
        assert reverse("cabinet:entry_history") in text
        whole = page(client, reverse("cabinet:entry_history"))
        assert whole.count("<tr") == 9

        answer = client.get(reverse("cabinet:entry_history_file", args=["csv"]))
        lines = b"".join(answer).decode("utf-8-sig").splitlines()
        assert len(lines) == 9
        assert "1114" in re.sub(r"[\s\u202f\u00a0]", "", lines[1])
        assert client.get("/entry/history/exe/").status_code == 404

    def test_of_two_owners_each_has_the_own_time(self, client, bath, enter, clock):
        send(client, bath)
        CustomerAgreement.objects.update(valid_to=NOW + DAY)
        new = make_user("new@example.org")
        make_agreement("Д-NEW", [new], [bath], start=NOW + DAY)
        clock.now = NOW + 2 * DAY

        entry = entries().get()
        after = enter(new)
        assert "1,107" not in told(after.get(reverse("cabinet:entry_history")))
        assert after.get(reverse("cabinet:entry_photo", args=[entry.pk])).status_code == 404
        assert "1,107" in told(client.get(reverse("cabinet:entry_history")))
        answer = client.post(ENTRY, {"point": bath.code, "token": "a" * 32, "r0": "1110"})
        assert answer.status_code == 404


class TestWhoseMeterIsRead:
    def test_a_meter_read_from_afar_is_offered_only_on_demand(self, client, bath):
        read(bath, bath.complexes.get().meter, NOW - DAY, {0: 1_100_000})

        text = page(client)

        assert 'name="r0"' not in text
        assert "there is nothing to type" in told(client.get(ENTRY))
        assert 'name="r0"' in page(client, f"/entry/?again={bath.code}")

    def test_only_those_are_said_to_be_read_that_are_read_from_afar(self, client, owner, bath):
        closed, read_daily = place(owner, "SHED"), place(owner, "GARAGE")
        EntryException.objects.create(
            usage_point=closed, starts_at=NOW - DAY, ends_at=NOW + 2 * DAY, is_open=False,
            made_at=NOW, reason="works",
        )  # fmt: skip
        text = told(client.get(ENTRY))
        assert "Send the readings of 2 meters" in text
        assert "read by" not in text

        read(read_daily, read_daily.complexes.get().meter, NOW - DAY, {0: 1_100_000})

        text = told(client.get(ENTRY))
        assert "Send the readings of 1 meter" in text
        assert "1 more is read by itself." in text

    def test_after_days_of_silence_entry_opens_by_itself(self, client, owner, clock):
        rule(silent_days=10)
        place(owner)
        clock.now = datetime(2026, 11, 5, 9, tzinfo=UTC)

        assert 'name="r0"' in page(client)
        assert "nothing comes from it by itself" in told(client.get(ENTRY))

    def test_closed_by_the_desk_it_says_until_when(self, client, bath):
        EntryException.objects.create(
            usage_point=bath, starts_at=NOW - DAY, ends_at=NOW + 2 * DAY, is_open=False,
            made_at=NOW, reason="works",
        )  # fmt: skip

        text = told(client.get(ENTRY))

        assert "until 23.11.2026" in text
        assert reverse("cabinet:case_new") in page(client)
        assert 'name="r0"' not in page(client)
