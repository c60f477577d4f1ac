"""Files that come by mail: once, from those who agreed, whatever happens in between."""

import pytest

from faza.collection.exchange import arrivals, mailbox, rounds
from faza.collection.models import Arrival, ImportFile, ImportRun, MailboxMark
from tests.cabinet.factories import make_user
from tests.collection.exchange.factories import AT, PARTNER, SENDER, mail, make_profile, xml
from tests.collection.factories import CODE, days_of, make_point
from tests.support import imap

pytestmark = pytest.mark.django_db
State = Arrival.State


@pytest.fixture
def box(settings, tmp_path):
    settings.HOME = tmp_path
    with imap.serving() as folder:
        settings.IMAP_URL = folder.url
        yield folder


@pytest.fixture
def point():
    found = make_point()
    make_profile(sender_inn=SENDER, sends_from=None, senders=[PARTNER.upper()])
    return found


def test_a_message_comes_in_by_mail_once(box, point):
    box.add(mail(("80020.xml", xml()), ("подпись.p7s", b"no reading")))

    done = rounds.run(AT)
    again = rounds.run(AT)

    assert (done.taken, done.read, done.problems) == (1, 1, [])
    assert (again.taken, again.read) == (0, 0)
    assert days_of(point)["2026-01-14"] == [500] * 48
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.origin) == (State.DONE, PARTNER)
    assert arrival.run == ImportRun.objects.get(by=f"mail:{PARTNER}")
    assert ImportFile.objects.get().name == "80020.xml"
    assert box.seen == {1}
    assert box.fetched == [1]


def test_a_mailbox_that_was_moved_is_read_anew_and_nothing_taken_twice(box, point):
    box.add(mail(("80020.xml", xml())))
    rounds.run(AT)
    box.validity += 1

    assert rounds.run(AT).taken == 0
    assert box.fetched == [1, 1]
    assert Arrival.objects.count() == 1


def test_the_same_name_with_other_bytes_is_another_file(box, point):
    box.add(mail(("80020.xml", xml(number=1)), number=1))
    box.add(mail(("80020.xml", xml([700] * 48, number=2)), number=2))

    assert rounds.run(AT).read == 2
    assert days_of(point)["2026-01-14"] == [700] * 48


def test_mails_of_strangers_are_held_back_until_a_person_lets_them_in(
    box, point, django_user_model
):
    box.add(mail(("80020.xml", xml()), sender="chuzhoj@example.net"))

    assert rounds.run(AT).read == 0
    arrival = Arrival.objects.get()
    assert arrival.state == State.HELD
    assert "chuzhoj@example.net" in arrival.reason
    assert not days_of(point)

    by = make_user("o@example.org", "administrator")
    assert arrivals.release(arrival, by=by, at=AT)
    assert not arrivals.release(arrival, by=by, at=AT)
    arrival.refresh_from_db()
    assert arrivals.read(arrival, at=AT).values == 48


def test_who_agreed_on_one_sender_cannot_speak_for_another(box, point):
    box.add(mail(("80020.xml", xml(sender="7700000077"))))

    rounds.run(AT)

    arrival = Arrival.objects.get()
    assert arrival.state == State.FAILED
    assert "7700000077" in arrival.reason
    assert not days_of(point)


def test_a_connection_that_breaks_goes_on_where_it_was(box, point):
    box.add(mail(("1.xml", xml(number=1)), number=1))
    box.add(mail(("2.xml", xml([700] * 48, number=2)), number=2))
    box.hangs_up_at = 2

    done = rounds.run(AT)
    assert (done.taken, done.read, len(done.problems)) == (1, 1, 1)
    mark = MailboxMark.objects.get()
    assert mark.problem
    assert mark.problem_since == AT
    assert imap.PASSWORD not in str(done.problems) + mark.problem + mark.mailbox

    box.hangs_up_at = 0
    assert rounds.run(AT).problems == []
    assert box.fetched == [1, 2]
    mark.refresh_from_db()
    assert (mark.problem, mark.problem_since) == ("", None)


def test_a_kill_between_taking_and_marking_takes_it_once(box, point, monkeypatch):
    box.add(mail(("80020.xml", xml())))

    take = mailbox._take

    def killed(*told):
        take(*told)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mailbox, "_take", killed)
        with pytest.raises(KeyboardInterrupt):
            list(mailbox.look(box.url, at=AT))

    assert rounds.run(AT).read == 1
    assert Arrival.objects.count() == 1


def test_a_wrong_password_is_told_without_the_password(box, settings):
    settings.IMAP_URL = box.url.replace("%D0%B0", "%D0%B1", 1)

    done = rounds.run(AT)

    assert len(done.problems) == 1
    assert "wrong password" in done.problems[0]
    assert box.signed_in == 0


def test_a_mail_that_makes_no_sense_holds_up_no_other(box, point):
    box.add(b"From: \xff\xfe\nContent-Type: multipart/mixed; boundary=\n\n--\n\x00\xff")
    box.add(mail(("80020.xml", xml())))

    assert rounds.run(AT).read == 1


def test_names_that_lead_elsewhere_lead_nowhere(box, point, tmp_path):
    box.add(mail(("../../etc/80020.xml", xml())))

    rounds.run(AT)

    arrival = Arrival.objects.get()
    assert arrival.name == "80020.xml"
    assert arrival.state == State.DONE
    assert not list(tmp_path.rglob("etc"))


def test_a_password_goes_to_this_machine_only_without_a_seal():
    address = mailbox.address_of("imap://u:p@mail.example.org/INBOX")

    assert not mailbox._is_here(address.host)
    assert mailbox._is_here("127.0.0.1")
    assert address.shown == "imap://u@mail.example.org:143/INBOX"


def test_kept_bytes_go_when_they_are_old_and_were_read(box, point):
    box.add(mail((f"{CODE}.xml", xml())))
    rounds.run(AT)
    arrival = Arrival.objects.get()
    assert arrivals.files.place_of(arrival.kept_as).exists()

    assert arrivals.forget(AT, AT) == 0
    assert arrivals.forget(AT.replace(year=2027), AT) == 1
    assert not arrivals.files.place_of(arrival.kept_as).exists()
