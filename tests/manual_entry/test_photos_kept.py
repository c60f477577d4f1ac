"""Photos kept: with their readings or not at all, seen by whose they are, gone when it is time."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from faza.accounts import retention
from faza.audit.models import Entry as Deed
from faza.jobs import registry
from faza.manual_entry import handlers, photos, queries, services
from faza.manual_entry.models import Entry, EntryRule, Photo
from faza.manual_entry.photos import files, keeping
from faza.manual_entry.photos import queries as found
from tests.cabinet.factories import make_agreement, make_meter, make_node, make_point, make_user
from tests.manual_entry.factories import make_entry, make_picture
from tests.manual_entry.pictures import exif, face, packed
from tests.support.installation import installed, run

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def point():
    found = make_point("HOUSE", "Дом", node=make_node("N-1", "Сети"))
    make_meter(found, "100")
    return found


@pytest.fixture
def rule():
    return EntryRule.objects.create(made_at=NOW, wants_photo=True)


@pytest.fixture
def owner(point):
    user = make_user("own@example.org")
    make_agreement("A-1", [user], [point])
    return user


def send(point, by, photo=None, *, token="1", way=Entry.Way.CABINET, shown=1000):
    (due,) = queries.due([point], at=NOW)
    return services.send(
        due=due, shown={0: shown}, way=way, token=token, by=by, at=NOW, confirmed=True, photo=photo
    )


def kept(home):
    return sorted(place for place in (home / "files").rglob("*") if place.is_file())


class TestSending:
    def test_the_photo_comes_with_its_reading(self, point, owner, rule, home):
        picture = make_picture()

        entry = send(point, owner, picture)

        (place,) = kept(home)
        assert place.name == entry.photo.name
        assert place.read_bytes() == found.data_of(entry.photo) == picture.data
        assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert (entry.photo.width, entry.photo.height, entry.photo.kept_by) == (64, 48, owner)

    def test_where_the_rule_wants_one_it_is_asked_for(self, point, owner, rule):
        with pytest.raises(services.PhotoWanted):
            send(point, owner)

        assert not Entry.objects.exists()

    def test_from_a_round_none_is_asked_for(self, point, owner, rule):
        assert send(point, owner, way=Entry.Way.ROUND).pk

    def test_where_none_is_wanted_none_is_asked_for(self, point, owner, rule):
        EntryRule.objects.update(wants_photo=False)

        assert send(point, owner).pk

    def test_sent_twice_it_is_kept_once(self, point, owner, rule, home):
        assert send(point, owner, make_picture()) == send(point, owner, make_picture())
        assert (Photo.objects.count(), len(kept(home))) == (1, 1)

    def test_one_sent_meanwhile_is_found_within_and_leaves_no_file(
        self, point, owner, rule, home, monkeypatch
    ):
        """Two tabs at once: the second looks before the first has committed."""
        first = send(point, owner, make_picture())
        asked = iter([None, first])
        monkeypatch.setattr(services, "_again", lambda due, token: next(asked))

        assert send(point, owner, make_picture()) == first
        assert len(kept(home)) == 1

    def test_when_the_sending_fails_the_file_goes(self, point, owner, rule, home, monkeypatch):
        def fail(*args, **more):
            raise RuntimeError

        monkeypatch.setattr(services.keeping, "attach", fail)
        with pytest.raises(RuntimeError):
            send(point, owner, make_picture())

        assert (Entry.objects.count(), kept(home)) == (0, [])

    def test_when_a_transaction_around_is_lost_the_sweep_takes_the_file(
        self, point, owner, rule, home
    ):
        with transaction.atomic():
            send(point, owner, make_picture())
            transaction.set_rollback(True)

        assert (Photo.objects.count(), len(kept(home))) == (0, 1)
        assert keeping.sweep_litter(datetime.now(UTC)) == 0  # it may be under way yet
        assert keeping.sweep_litter(datetime.now(UTC) + 2 * HOUR) == 1
        assert kept(home) == []

    @pytest.mark.django_db(transaction=True)
    def test_what_fails_after_the_commit_takes_no_photo_away(
        self, point, owner, rule, home, monkeypatch
    ):
        def fail():
            raise RuntimeError

        real = keeping.attach

        def attach(*args, **more):
            transaction.on_commit(fail)
            return real(*args, **more)

        monkeypatch.setattr(services.keeping, "attach", attach)
        with pytest.raises(RuntimeError):
            send(point, owner, make_picture())

        assert found.data_of(Photo.objects.get())

    def test_names_of_files_are_ours_whatever_the_sender_calls_them(self, point, owner, rule, home):
        for number, name in enumerate(
            (
                "../../../etc/passwd",
                "a.php\0.jpg",
                "CON.jpg",
                "<script>.jpg",
                'a;b="c.jpg',
                "я" * 300,
            )
        ):
            upload = SimpleUploadedFile(name, packed(face(64, 64)), "text/html")
            send(point, owner, photos.taken(upload), token=str(number))

        assert len(kept(home)) == 6
        for place in kept(home):
            assert place.parent.parent == home / "files" / "entries"
            assert place.stem.isalnum()
            assert (len(place.stem), place.suffix) == (32, ".jpg")

    def test_the_same_photo_of_another_reading_is_found(self, point, owner, rule):
        first = send(point, owner, make_picture())
        other = send(point, owner, make_picture(48, 48), token="2")
        again = send(point, owner, make_picture(), token="3")

        assert list(found.same_before(again.photo)) == [first]
        assert list(found.same_before(other.photo)) == []


class TestHeld:
    def test_it_waits_for_its_reading(self, point, owner, rule, home):
        held = keeping.hold(make_picture(), by=owner, at=NOW)

        entry = send(point, owner, found.held(owner, held.name))

        assert entry.photo == held
        assert len(kept(home)) == 1
        with pytest.raises(found.NoPhoto):
            found.held(owner, held.name)

    def test_another_person_cannot_take_it(self, point, owner, rule):
        other = make_user("other@example.org")
        held = keeping.hold(make_picture(), by=other, at=NOW)

        with pytest.raises(found.NoPhoto):
            found.held(owner, held.name)
        with pytest.raises(services.NotHeld):
            send(point, owner, held)
        assert not Entry.objects.exists()

    def test_it_is_of_one_reading(self, point, owner, rule):
        held = keeping.hold(make_picture(), by=owner, at=NOW)
        send(point, owner, held)

        with pytest.raises(services.NotHeld):
            send(point, owner, held, token="2")

    @pytest.mark.django_db(transaction=True)
    def test_the_oldest_of_very_many_goes(self, owner, home, monkeypatch):
        monkeypatch.setattr(keeping, "MOST_HELD", 3)
        held = [keeping.hold(make_picture(), by=owner, at=NOW + n * HOUR) for n in range(5)]

        assert set(Photo.objects.all()) == set(held[2:])
        assert len(kept(home)) == 3

    @pytest.mark.django_db(transaction=True)
    def test_let_go(self, owner, point, rule, home):
        held = keeping.hold(make_picture(), by=owner, at=NOW)

        keeping.let_go(held)

        assert (Photo.objects.count(), kept(home)) == (0, [])
        sent = send(point, owner, make_picture()).photo
        with pytest.raises(keeping.NotHeld):
            keeping.let_go(sent)


class TestSwept:
    @pytest.mark.django_db(transaction=True)
    def test_what_was_not_sent_for_a_day(self, owner, point, rule, home):
        keeping.hold(make_picture(), by=owner, at=NOW - DAY - HOUR)
        young = keeping.hold(make_picture(), by=owner, at=NOW - HOUR)
        sent = send(point, owner, keeping.hold(make_picture(), by=owner, at=NOW - 2 * DAY))

        assert keeping.sweep_unsent(NOW) == 1
        assert keeping.sweep_unsent(NOW) == 0
        assert set(Photo.objects.all()) == {young, sent.photo}
        assert len(kept(home)) == 2

    def test_readings_outlive_their_photos(self, owner, point, rule, home):
        old = make_entry(point, owner, {0: 1}, at=NOW - 1100 * DAY, photo=make_picture())
        Entry.objects.update(state=Entry.State.APPROVED, decided_at=NOW)
        young = make_entry(point, owner, {0: 2}, at=NOW, token="2", photo=make_picture())
        (kind,) = [kind for kind, _ in retention.kinds() if kind.name == "manual_entry.photos"]
        before = NOW - timedelta(days=kind.days)

        assert (kind.days, kind.count(before)) == (1095, 1)
        assert (kind.sweep(before, NOW), kind.sweep(before, NOW)) == (1, 0)

        assert Entry.objects.count() == 2
        assert [place.name for place in kept(home)] == [young.photo.name]
        assert Photo.objects.get(entry=old).removed_at == NOW
        assert Deed.objects.filter(action="manual_entry.photo.expired").count() == 1
        with pytest.raises(found.NoPhoto):
            found.of_entry(Entry.objects.all(), old.pk)

    def test_it_is_done_daily(self):
        registry.load()

        assert "manual_entry.photos.sweep" in registry.dailies
        assert registry.handlers["manual_entry.photos.sweep"] is handlers.sweep_photos

    def test_without_any_photo_there_is_nothing_to_do(self):
        assert keeping.sweep_litter(NOW) == 0


class TestSeen:
    @pytest.fixture
    def entry(self, point, owner):
        return make_entry(point, owner, {0: 1}, at=datetime.now(UTC) - HOUR, photo=make_picture())

    def get(self, user, entry):
        client = Client()
        client.force_login(user)
        return client.get(reverse("cabinet:entry_photo", args=[entry.pk]))

    def test_it_can_do_nothing_but_be_looked_at(self, owner, entry):
        response = self.get(owner, entry)

        assert response.content == make_picture().data
        assert response["Content-Type"] == "image/jpeg"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"] == f'inline; filename="{entry.pk}.jpg"'
        assert response["Content-Security-Policy"] == (
            "default-src 'none'; frame-ancestors 'none'; sandbox"
        )
        assert response["Cache-Control"] == "private, no-store"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_who_had_the_point_before_or_has_it_after_sees_the_own_time(self, point, entry):
        """Of two successive owners each sees the photos of the own time."""
        Entry.objects.update(of_at=NOW - 40 * DAY)
        former, present = make_user("former@example.org"), make_user("present@example.org")
        make_agreement("A-2", [former], [point], end=NOW - 20 * DAY)
        make_agreement("A-3", [present], [point], start=NOW - 20 * DAY)

        assert self.get(former, entry).status_code == 200
        assert self.get(present, entry).status_code == 404

    def test_a_file_that_is_gone_is_not_there(self, owner, entry):
        files.remove(entry.photo.name)

        assert self.get(owner, entry).status_code == 404

    def test_no_path_leads_out_of_the_folder(self, owner):
        client = Client()
        client.force_login(owner)
        for name in ("..%2f..%2fsecret-key", "../../secret-key", "%2e%2e", "x.jpg", "a" * 5000):
            assert client.get(f"/entry/photo/held/{name}/").status_code in (404, 301), name


class TestKilled:
    def test_wherever_a_sending_is_killed_nothing_stays_by_half(self, transactional_db):
        with installed() as environment:
            lines = run(
                environment, "-m", "tests.manual_entry.killing_photos",
                *("writing", "named", "row", "sent", "", "expired"),
            )  # fmt: skip
        told = [json.loads(line) for line in lines.splitlines()]

        assert [one["entries"] for one in told] == [0, 0, 0, 1, 1, 1]
        assert [one["files"] for one in told] == [1, 1, 1, 1, 1, 1]
        assert [one["left"] for one in told] == [0, 0, 0, 1, 1, 0]
        assert all(one["are_named"] for one in told)


def test_a_photo_of_a_phone_end_to_end(point, owner, rule, home):
    """As a phone sends it: on its side, with its place; upright and without a word when kept."""
    raw = packed(face(1200, 900), exif=exif(6))
    assert b"Anna Owner" in raw

    entry = send(point, owner, photos.clean(raw))

    (place,) = kept(home)
    assert b"Anna Owner" not in place.read_bytes()
    assert (entry.photo.width, entry.photo.height) == (900, 1200)
    assert entry.photo.size == place.stat().st_size
    assert connection.vendor in ("sqlite", "postgresql")
