"""A file of readings from its upload to what it sends: every bad row named, nothing half taken."""

from datetime import timedelta

import pytest
from django.db import connection

from faza.accounts.models import User
from faza.audit.models import Entry as Deed
from faza.jobs.models import Job
from faza.manual_entry import bulk, file_words, filing, listing, services, table
from faza.manual_entry.matching import Reach
from faza.manual_entry.models import Entry, EntryFile, EntryRule
from faza.protocols.problems import Malformed
from faza.readings.models import RegisterReading
from tests.cabinet.factories import give_area, make_node, make_user
from tests.manual_entry.fleets import HEAD, NOW, a_file, make_fleet

pytestmark = pytest.mark.django_db
FILE, ROUND = Entry.Way.FILE, Entry.Way.ROUND
State = EntryFile.State


@pytest.fixture
def user():
    return make_user("own@example.org")


def upload(user, data, *, way=FILE, at=NOW):
    if isinstance(data, str):
        data = data.encode()
    return filing.upload(name="a.csv", content=data, way=way, by=user, at=at)


def apply(one, *, confirmed=False, at=NOW):
    return filing.apply(one=one, confirmed=confirmed, by=one.by, at=at)


def faults(one):
    return [(fault.line, fault.code) for fault in filing.faults_of(one.told)]


def counts(one):
    names = ("ready", "doubtful", "again", "left_out")
    return {name: one.told[name] for name in names if one.told[name]}


def sent():
    return dict(Entry.objects.values_list("usage_point__code", "shown"))


class TestTrial:
    def test_it_writes_nothing_but_what_it_found(self, user):
        make_fleet(3, user)

        one = upload(user, a_file(3))

        assert (one.state, counts(one), faults(one)) == (State.CHECKED, {"ready": 3}, [])
        assert not Entry.objects.exists()

    @pytest.mark.parametrize(
        ("rows", "code"),
        [
            (";;;7", "no-point"),
            ("NOBODY;;;7", "no-such-point"),
            ("P00001;;A+ T1;x", "not-a-number"),
            ("P00001;;T0;3900", "not-this-register"),
            ("P00001;;;3900", "which-register"),
            ("P00001;;Z;3900", "no-register"),
            ("P00001;999;T1;3900", "other-meter"),
            ("P00001;;T1;3900,123", "too-fine"),
            ("P00001;;T1;1000000", "too-large"),
            ("P00001;;T1;3900", "half"),
        ],
    )
    def test_every_bad_row_is_named(self, user, rows, code):
        make_fleet(2, user)

        one = upload(user, f"{HEAD}P00000;;T1;3810\nP00000;;T2;1905\n{rows}\n")

        assert faults(one) == [(4, code)]
        assert counts(one) == {"ready": 1} | ({"left_out": 1} if code != "no-point" else {})
        (remark,) = file_words.remarks(one.told)
        assert remark.line == 4
        assert remark.text

    @pytest.mark.parametrize("bad", ["x", "1000000", "3,123"])
    def test_of_a_point_with_a_bad_row_nothing_is_taken(self, user, bad):
        make_fleet(2, user)

        one = upload(user, f"{HEAD}P00000;;T1;3810\nP00000;;T2;{bad}\n" + "P00001;;T1;3810\n"
                     "P00001;;T2;1905\n")  # fmt: skip
        apply(one)

        assert [line for line, _ in faults(one)] == [2, 3]
        assert (faults(one)[0][1], sent().keys()) == ("with-other", {"P00001"})

    def test_one_register_twice(self, user):
        make_fleet(1, user)

        one = upload(user, f"{HEAD}P00000;;T1;3810\nP00000;;T1;3811\nP00000;;T2;1905\n")

        assert faults(one) == [(2, "with-other"), (3, "twice"), (4, "with-other")]

    def test_what_is_in_doubt_waits_for_a_yes(self, user):
        make_fleet(3, user)
        data = f"{HEAD}P00000;;T1;9000\nP00000;;T2;1905\nP00001;;T1;3500\nP00001;;T2;1905\n"

        one = upload(user, data)

        assert counts(one) == {"doubtful": 2}
        assert [row.line for row in file_words.doubted(one.told)] == [2, 4]
        apply(one)
        assert not Entry.objects.exists()
        again = upload(user, data)
        apply(again, confirmed=True)
        assert {entry.usage_point.code: list(entry.doubts.values())
                for entry in Entry.objects.select_related("usage_point")} == {
            "P00000": [["much"]], "P00001": [["less"]]
        }  # fmt: skip

    def test_closed_entry_and_wanted_photos(self, user):
        points = make_fleet(3, user)
        EntryRule.objects.create(usage_point=points[0], is_allowed=False, made_at=NOW)
        EntryRule.objects.create(usage_point=points[1], wants_photo=True, made_at=NOW)
        EntryRule.objects.create(
            usage_point=points[2], first_day=1, last_day=2, silent_days=None, made_at=NOW
        )

        one = upload(user, a_file(3))

        assert faults(one) == [
            (2, "closed-not_allowed"), (4, "photo-wanted"), (6, "closed-between")
        ]  # fmt: skip
        assert "01.12.2026" in file_words.remarks(one.told)[2].text

    def test_a_foreign_point_is_as_one_that_is_not_there(self, user):
        make_fleet(2, make_user("other@example.org"))

        one = upload(user, a_file(2))

        assert {code for _, code in faults(one)} == {"no-such-point"}

    def test_no_table_is_kept(self, user):
        for data in ("", "a;b\n1;2\n", HEAD):
            with pytest.raises(Malformed):
                upload(user, data)
        assert not EntryFile.objects.exists()


class TestSending:
    def test_the_good_ones_are_sent(self, user):
        points = make_fleet(3, user)

        one = apply(upload(user, a_file(3, more="NOBODY;;;5\n")))

        assert sent() == {point.code: {"1": 3_810_000, "2": 1_905_000} for point in points}
        entry = Entry.objects.first()
        assert (entry.way, entry.sent_by, entry.of_at) == ("file", user, NOW)
        assert entry.customer is not None
        assert (one.state, counts(one), faults(one)) == (
            State.APPLIED, {"ready": 3, "left_out": 1}, [(8, "no-such-point")]
        )  # fmt: skip
        assert bytes(one.content) == b""
        assert Deed.objects.filter(action="manual_entry.entry.sent").count() == 3

    def test_twice_the_same_file_is_once(self, user):
        make_fleet(3, user)
        first, second = upload(user, a_file(3)), upload(user, a_file(3))
        apply(first)
        before = list(Entry.objects.values_list("pk", "state", "sent_at"))

        apply(second, at=NOW + timedelta(hours=1))

        assert list(Entry.objects.values_list("pk", "state", "sent_at")) == before
        second.refresh_from_db()
        assert counts(second) == {"again": 3}
        assert counts(upload(user, a_file(3))) == {"again": 3}

    def test_in_the_next_month_it_is_another_sending(self, user):
        make_fleet(1, user)
        apply(upload(user, a_file(1)))

        later = apply(upload(user, a_file(1)), at=NOW + timedelta(days=30))

        assert (counts(later), Entry.objects.count()) == ({"ready": 1}, 2)

    @pytest.mark.parametrize("killed_after", [1, 2])
    def test_killed_in_the_middle_it_goes_on_and_comes_to_the_same(
        self, user, monkeypatch, killed_after
    ):
        """Killed between two batches, each of which is one transaction."""
        make_fleet(8, user)
        monkeypatch.setattr(bulk, "BATCH", 3)
        monkeypatch.setattr("faza.manual_entry.matching.BATCH", 3)
        data = a_file(8, more="NOBODY;;;5\n")
        one, whole, turns = upload(user, data), bulk.send_many, []

        def killed(*args, **how):
            if len(turns) == killed_after:
                raise KeyboardInterrupt
            turns.append(1)
            return whole(*args, **how)

        monkeypatch.setattr(bulk, "send_many", killed)
        with pytest.raises(KeyboardInterrupt):
            apply(one)
        assert Entry.objects.count() == 3 * killed_after

        monkeypatch.setattr(bulk, "send_many", whole)
        job = Job.objects.get(kind=filing.APPLY)
        filing.run(job.arguments["file"], at=NOW + timedelta(minutes=5))

        one.refresh_from_db()
        assert (one.state, counts(one)) == (State.APPLIED, {"ready": 8, "left_out": 1})
        assert Entry.objects.filter(sent_at=NOW).count() == 8
        assert filing.run(one.pk, at=NOW) == {}

    def test_in_time_is_who_said_send_in_time(self, user):
        """The window is that of the moment at which it was said, however late the job runs."""
        make_fleet(2, user)
        one = upload(user, a_file(2))
        filing.AT_ONCE, kept = 0, filing.AT_ONCE
        try:
            apply(one)
        finally:
            filing.AT_ONCE = kept

        filing.run(one.pk, at=NOW + timedelta(days=10))

        assert Entry.objects.filter(sent_at=NOW).count() == 2

    def test_what_was_put_aside_or_sent_is_not_sent_again(self, user):
        make_fleet(1, user)
        one, other = upload(user, a_file(1)), upload(user, a_file(1))
        filing.put_aside(one=one, by=user, at=NOW)
        apply(other)

        for each in (one, other):
            with pytest.raises(filing.NotNow):
                apply(each)
            with pytest.raises(filing.NotNow):
                filing.put_aside(one=each, by=user, at=NOW)

    def test_who_may_no_longer_read_the_points_sends_nothing(self, user):
        make_fleet(1, user)
        one = upload(user, a_file(1))
        User.objects.filter(pk=user.pk).update(is_active=False)

        apply(one)

        assert not Entry.objects.exists()

    def test_a_large_file_is_looked_at_by_a_job(self, user, monkeypatch):
        make_fleet(2, user)
        monkeypatch.setattr(filing, "AT_ONCE", 1)

        one = upload(user, a_file(2))

        assert (one.state, Job.objects.get().kind) == (State.CHECKING, filing.CHECK)
        filing.check(one.pk, at=NOW)
        one.refresh_from_db()
        assert one.state == State.CHECKED
        apply(one)
        assert Job.objects.filter(kind=filing.APPLY).exists()
        assert not Entry.objects.exists()

    def test_rules_that_approve_approve_files_too(self, user):
        make_fleet(2, user)
        EntryRule.objects.update(approves=True, approves_by=user)

        apply(upload(user, a_file(2)))

        assert set(Entry.objects.values_list("state", flat=True)) == {"approved"}
        assert RegisterReading.objects.filter(kind=services.KIND).count() == 2

    def test_old_files_go(self, user):
        make_fleet(1, user)
        upload(user, a_file(1))

        assert filing.sweep(before=NOW) == 0
        assert filing.sweep(before=NOW + timedelta(days=1)) == 1


class TestRounds:
    DATED = "Код точки;Регистр;Новое показание;Дата снятия\n"

    @pytest.fixture
    def operator(self):
        found = make_user("op@example.org", User.Role.OPERATOR)
        give_area(found, make_node("FLEET", "Посёлок"))
        return found

    def test_of_the_own_area_whatever_the_window(self, operator):
        make_fleet(2)
        EntryRule.objects.update(is_allowed=False)

        one = upload(operator, a_file(2), way=ROUND)

        assert counts(one) == {"ready": 2}
        assert counts(upload(operator, a_file(2))) == {"left_out": 2}  # as a subscriber: none

    def test_of_the_day_on_which_it_was_read(self, operator):
        make_fleet(1)
        rows = "P00000;T1;3810;20.11.2026\nP00000;T2;1905;20.11.2026\n"

        apply(upload(operator, self.DATED + rows, way=ROUND))

        assert Entry.objects.get().of_at.isoformat() == "2026-11-20T09:00:00+00:00"

    @pytest.mark.parametrize(
        ("days", "code"),
        [(("23.11.2026",) * 2, "in-future"), (("01.08.2026",) * 2, "too-old"),
         (("20.11.2026", "21.11.2026"), "two-dates")],
    )  # fmt: skip
    def test_days_that_cannot_be(self, operator, days, code):
        make_fleet(1)

        one = upload(
            operator, f"{self.DATED}P00000;T1;3810;{days[0]}\nP00000;T2;1905;{days[1]}\n", way=ROUND
        )

        assert faults(one) == [(2, code), (3, code)]


def test_the_template_filled_in_is_sent(user):
    """From the points to the template, to the file, to the entries."""
    make_fleet(3, user)
    lines = list(listing.lines(Reach(user, FILE, at=NOW).all_points(), at=NOW))
    text = b"".join(table.as_csv(lines, "ru", with_dates=False)).decode("utf-8-sig")
    rows = [f"{row[:-1]};{'3810' if 'T1' in row else '1905'}" for row in text.splitlines()[1:]]

    one = upload(user, "\n".join([text.splitlines()[0], *rows]))

    assert [line.last for line in lines[:2]] == [3600, 1800]
    assert counts(one) == {"ready": 3}


def test_as_many_questions_of_ten_points_as_of_forty(user, django_assert_max_num_queries):
    make_fleet(50, user)
    from django.test.utils import CaptureQueriesContext

    asked = []
    for count in (2, 10, 40):
        with CaptureQueriesContext(connection) as found:
            upload(user, a_file(count))
        asked.append(len(found))

    assert asked[1] == asked[2] < 40
