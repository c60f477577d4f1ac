"""Connecting a phone: the way that works, and those of strangers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.audit.models import Entry
from faza.contracts import sweeps
from faza.contracts.access import grant_of
from faza.contracts.models import Pairing, Token
from faza.contracts.rules import pairing as rules
from faza.contracts.rules.tokens import Kind, Scope
from faza.contracts.services import pairing, tokens
from faza.contracts.services.pairing import Outcome
from faza.outbox.models import Message
from tests.cabinet.factories import make_user

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "session-of-the-owner", "another-session"
PHONE = {"model": "Pixel 8", "browser": "Chrome Mobile 130, Android", "address": "203.0.113.7"}


@pytest.fixture
def owner() -> User:
    return make_user("owner@example.org")


@pytest.fixture
def at():
    return timezone.now()


def begun(owner, at, session=HERE):
    held = pairing.begin(user=owner, session=session, at=at)
    return held, pairing.invitation(held)


def claimed(text, at, **phone):
    return pairing.claim(text=text, at=at, **PHONE | phone)


def connected(owner, at, session=HERE) -> str:
    """The token's text of a phone that went the whole way."""
    held, shown = begun(owner, at, session)
    _held, waiting = claimed(shown.secret, at)
    pairing.confirm(pairing=held.pk, user=owner, session=session, at=at)
    return pairing.collect(waiting=waiting, at=at).text


def actions() -> list[str]:
    found = Entry.objects.filter(action__startswith="contracts.").order_by("pk")
    return list(found.values_list("action", flat=True))


def test_a_phone_is_connected_after_the_owners_yes_and_not_before(owner, at):
    held, shown = begun(owner, at)
    asked, waiting = claimed(shown.secret, at)

    assert pairing.collect(waiting=waiting, at=at).outcome == Outcome.WAITING
    assert not Token.objects.exists()
    assert (asked.phone, asked.phone_address) == (
        "Pixel 8 · Chrome Mobile 130, Android", "203.0.113.7",
    )  # fmt: skip
    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    assert not Token.objects.exists()

    got = pairing.collect(waiting=waiting, at=at)
    grant = grant_of(got.text, at=at)
    assert (got.outcome, grant.user, grant.points) == (Outcome.CONNECTED, owner, None)
    assert grant.scopes == frozenset(Scope)
    assert got.token.expires_at == at + timedelta(days=365)
    assert grant_of(got.text, at=at + timedelta(days=365)) is None
    assert actions() == [
        *("contracts.pairing.begun", "contracts.pairing.claimed"),
        *("contracts.pairing.confirmed", "contracts.token.made"),
    ]


def test_the_key_is_given_once(owner, at):
    text = connected(owner, at)
    held = Pairing.objects.get()

    assert held.state == Pairing.State.DONE
    assert text not in str(Entry.objects.values()) + str(Token.objects.values())
    # The same waiting secret again, as a thief of the cookie or a repeated question has it.
    fresh, shown = begun(owner, at)
    _fresh, waiting = claimed(shown.secret, at)
    pairing.confirm(pairing=fresh.pk, user=owner, session=HERE, at=at)
    assert pairing.collect(waiting=waiting, at=at).text
    assert pairing.collect(waiting=waiting, at=at) == pairing.Collected(Outcome.OVER)
    assert Token.objects.count() == 2


@pytest.mark.parametrize("write", [
    lambda code: code,
    lambda code: rules.shown(code).lower(),
    lambda code: " " + " ".join(code) + " ",
    lambda code: code.translate(str.maketrans("ABEKMHPCTYX", "АВЕКМНРСТУХ")),
])  # fmt: skip
def test_the_short_code_is_taken_however_it_is_typed(owner, at, write):
    held, shown = begun(owner, at)
    asked, _waiting = claimed(write(shown.code), at)
    assert asked.pk == held.pk


@pytest.mark.parametrize("text", ["", "x", "0" * 8, "A" * 9, "A" * 22, "é" * 8, "\0" * 22, "Ж" * 8])
def test_what_nobody_shows_gets_nothing(owner, at, text):
    begun(owner, at)
    with pytest.raises(pairing.NoSuchCode):
        claimed(text, at)
    assert Pairing.objects.get().state == Pairing.State.OPEN


def test_the_database_alone_tells_neither_secret_nor_code(owner, at):
    _held, shown = begun(owner, at)
    kept = str(Pairing.objects.values())
    assert shown.secret not in kept
    assert shown.code not in kept


def test_of_two_phones_the_first_one_asks_and_the_second_is_told(owner, at):
    """A photographed QR that a stranger uses second."""
    held, shown = begun(owner, at)
    _held, waiting = claimed(shown.secret, at)
    for text in (shown.secret, shown.code):
        with pytest.raises(pairing.AlreadyClaimed):
            claimed(text, at, model="Stranger", address="198.51.100.1")

    held.refresh_from_db()
    assert held.phone.startswith("Pixel 8")
    assert actions().count("contracts.pairing.contested") == 2
    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    assert pairing.collect(waiting=waiting, at=at).text


def test_a_stranger_who_was_first_gets_nothing_without_the_owner(owner, at):
    """A photographed QR that a stranger uses first."""
    held, shown = begun(owner, at)
    _held, waiting = claimed(shown.secret, at, model="Stranger")

    assert pairing.collect(waiting=waiting, at=at).outcome == Outcome.WAITING
    pairing.refuse(pairing=held.pk, user=owner, session=HERE, at=at)
    assert pairing.collect(waiting=waiting, at=at).outcome == Outcome.REFUSED
    with pytest.raises(pairing.NotAsked):
        pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    with pytest.raises(pairing.NoSuchCode):
        claimed(shown.secret, at)
    assert not Token.objects.exists()


def test_nobody_answers_then_it_is_over(owner, at):
    held, shown = begun(owner, at)
    _held, waiting = claimed(shown.secret, at)
    later = at + rules.LIFE

    assert pairing.collect(waiting=waiting, at=later).outcome == Outcome.OVER
    with pytest.raises(pairing.NotAsked):
        pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=later)


def test_a_confirmed_phone_that_comes_too_late_gets_nothing(owner, at):
    held, shown = begun(owner, at)
    _held, waiting = claimed(shown.secret, at)
    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)

    assert pairing.collect(waiting=waiting, at=at + rules.LIFE).outcome == Outcome.OVER
    assert not Token.objects.exists()


def test_a_code_is_over_after_two_minutes(owner, at):
    _held, shown = begun(owner, at)
    for text in (shown.secret, shown.code):
        with pytest.raises(pairing.NoSuchCode):
            claimed(text, at + timedelta(minutes=2))
    assert claimed(shown.code, at + timedelta(seconds=119))


def test_a_renewed_code_takes_the_place_of_the_old_one(owner, at):
    _old, before = begun(owner, at)
    _new, after = begun(owner, at)

    with pytest.raises(pairing.NoSuchCode):
        claimed(before.secret, at)
    assert claimed(after.secret, at)
    assert Pairing.objects.count() == 1


def test_while_a_phone_asks_the_code_is_not_renewed(owner, at):
    held, shown = begun(owner, at)
    claimed(shown.secret, at)

    assert pairing.begin(user=owner, session=HERE, at=at).pk == held.pk
    later = at + rules.LIFE
    assert pairing.begin(user=owner, session=HERE, at=later).pk != held.pk


def test_only_the_session_that_showed_the_code_answers(owner, at):
    held, shown = begun(owner, at)
    claimed(shown.secret, at)
    other = make_user("other@example.org")
    for answer in (pairing.confirm, pairing.refuse):
        for user, session in ((owner, ELSEWHERE), (other, HERE), (other, ELSEWHERE), (owner, "")):
            with pytest.raises(pairing.NotAsked):
                answer(pairing=held.pk, user=user, session=session, at=at)
    assert Pairing.objects.get().state == Pairing.State.ASKED


def test_what_nobody_has_claimed_cannot_be_confirmed(owner, at):
    held, _shown = begun(owner, at)
    with pytest.raises(pairing.NotAsked):
        pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)


@pytest.mark.parametrize("waiting", ["", "x", "A" * 43])
def test_a_made_up_waiting_secret_gets_nothing(owner, at, waiting):
    held, shown = begun(owner, at)
    claimed(shown.secret, at)
    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    assert pairing.collect(waiting=waiting, at=at) == pairing.Collected(Outcome.OVER)
    assert not Token.objects.exists()


def test_neither_the_secret_nor_the_code_fetches_the_key(owner, at):
    held, shown = begun(owner, at)
    claimed(shown.secret, at)
    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    for text in (shown.secret, shown.code):
        assert pairing.collect(waiting=text, at=at).outcome == Outcome.OVER


def test_the_same_phone_may_ask_twice(owner, at):
    _held, shown = begun(owner, at)
    _asked, waiting = claimed(shown.secret, at)
    assert claimed(shown.secret, at, waiting=waiting)[1] == waiting
    assert actions().count("contracts.pairing.claimed") == 1


def test_answering_twice_is_once_and_a_yes_may_be_taken_back(owner, at):
    held, shown = begun(owner, at)
    _held, waiting = claimed(shown.secret, at)
    for _ in range(2):
        pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    assert actions().count("contracts.pairing.confirmed") == 1
    pairing.refuse(pairing=held.pk, user=owner, session=HERE, at=at)
    assert pairing.collect(waiting=waiting, at=at).outcome == Outcome.REFUSED


def test_the_person_is_told_of_a_new_phone(owner, at):
    connected(owner, at)
    told = Message.objects.get(kind="contracts.device.connected")
    assert told.recipient == owner.pk
    assert told.payload["phone"].startswith("Pixel 8")
    assert told.payload["url"].endswith("/profile/devices/")


def test_a_revoked_phone_is_out_at_once(owner, at):
    text = connected(owner, at)
    tokens.revoke(token=Token.objects.get(), at=at, by=owner)
    assert grant_of(text, at=at) is None


def test_a_phone_signs_itself_out(owner, at):
    text = connected(owner, at)
    assert pairing.sign_out(text=text, at=at)
    assert grant_of(text, at=at) is None
    assert not pairing.sign_out(text=text, at=at)
    assert not pairing.sign_out(text="fzd_unknown", at=at)


def test_a_token_of_another_kind_is_not_signed_out_by_it(owner, at):
    token, text = tokens.make(user=owner, name="x", scopes=[Scope.POINTS], days=30, at=at)
    assert not pairing.sign_out(text=text, at=at)
    token.refresh_from_db()
    assert token.revoked_at is None


@pytest.mark.parametrize("deed", [
    lambda user, at: accounts.close_account(user=user, at=at),
    lambda user, at: accounts.deactivate(user=user, at=at),
    lambda user, at: accounts.end_other_sessions(user=user, but=HERE, at=at),
    lambda user, at: accounts.withdraw_consent(user=user, at=at),
    lambda user, at: accounts.sign_out(user=user, at=at, by=user),
    lambda user, at: accounts.change_role(user=user, role=User.Role.SUPPLIER, at=at),
])  # fmt: skip
def test_who_is_signed_out_everywhere_is_so_on_phones(owner, at, deed):
    text = connected(owner, at)
    held, shown = begun(owner, at)
    _held, waiting = claimed(shown.secret, at)
    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    deed(owner, at)

    assert grant_of(text, at=at) is None
    assert pairing.collect(waiting=waiting, at=at).outcome == Outcome.REFUSED
    User.objects.filter(pk=owner.pk).update(is_active=True)
    assert grant_of(text, at=at) is None  # for good


def test_tokens_of_programs_stay(owner, at):
    _token, text = tokens.make(user=owner, name="x", scopes=[Scope.POINTS], days=30, at=at)
    accounts.end_other_sessions(user=owner, but=HERE, at=at)
    assert grant_of(text, at=at)


@pytest.mark.parametrize("role", ["operator", "administrator", "auditor"])
def test_the_staff_have_no_devices(at, role):
    user = make_user("staff@example.org", role=role)
    with pytest.raises(pairing.NotForDevices):
        pairing.begin(user=user, session=HERE, at=at)


def test_who_has_lost_the_right_meanwhile_gets_nothing(owner, at):
    held, shown = begun(owner, at)
    _held, waiting = claimed(shown.secret, at)
    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=at)
    User.objects.filter(pk=owner.pk).update(role=User.Role.AUDITOR)
    assert pairing.collect(waiting=waiting, at=at).outcome == Outcome.OVER


def test_there_is_an_end_to_their_number(owner, at, monkeypatch):
    monkeypatch.setattr(rules, "MOST_DEVICES", 1)
    connected(owner, at)
    with pytest.raises(pairing.TooManyDevices):
        begun(owner, at)


def test_old_pairings_are_swept_and_phones_stay(owner, at):
    text = connected(owner, at)
    assert sweeps.sweep_pairings(at, at) == 0
    assert sweeps.sweep_pairings(at + timedelta(seconds=1), at) == 1
    assert grant_of(text, at=at)
    assert Token.objects.get().kind == Kind.DEVICE


@pytest.mark.parametrize(("model", "browser", "name"), [
    ("Pixel 8", "Chrome 130, Android", "Pixel 8 · Chrome 130, Android"),
    ("", "Safari 18, iOS", "Safari 18, iOS"),
    ("", "", ""),
    ("a\u202eb\0\n c", "", "ab c"),
    ("x" * 500, "y" * 500, "x" * 40 + " · " + "y" * 60),
])  # fmt: skip
def test_a_phones_name_is_short_and_plain(model, browser, name):
    assert rules.phone_name(model, browser) == name


def test_codes_have_no_lookalikes_and_spread():
    codes = {rules.code_of(number.to_bytes(32, "big") * 1) for number in range(31)}
    assert len(codes) == 31
    assert not set("".join(codes)) & set("01ILO")
    assert {len(code) for code in codes} == {8}
