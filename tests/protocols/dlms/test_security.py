"""Protection and proofs: the Green Book's examples, replays, flipped bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.protocols.dlms import apdu
from faza.protocols.dlms.problems import CounterSpent, Malformed, Replayed, Unproven
from faza.protocols.dlms.security import BOTH, Keys, Protection, Security
from tests.protocols.dlms.fake_meter import CLIENT_TITLE, KEYS, METER_TITLE

COUNTER = 0x01234567
SERVER = bytes.fromhex("4D4D4D0000BC614E")
CLIENT = bytes.fromhex("4D4D4D0000000001")


def pair(**more: object) -> tuple[Security, Security]:
    """A client and its meter."""
    ours = Security(KEYS, CLIENT_TITLE, 5, peer=METER_TITLE, **more)
    return ours, Security(KEYS, METER_TITLE, 9, peer=CLIENT_TITLE, **more)


def covered(raw: bytes) -> apdu.Ciphered:
    """The ciphered APDU of these bytes; Malformed if it is another."""
    found = apdu.decode(raw)
    if not isinstance(found, apdu.Ciphered):
        raise Malformed("plain")
    return found


def test_the_example_of_an_initiate_request() -> None:
    """Green Book 8, tables 38 and 39: glo-initiate-request, authenticated and encrypted."""
    plain = bytes.fromhex("01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0")
    wanted = bytes.fromhex(
        "21303001234567801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39"
        "EE6FDB8E356855"
    )

    assert Security(KEYS, SERVER, COUNTER).protect(plain) == wanted


def test_the_example_of_a_get_request() -> None:
    """Green Book 8, table 40: glo-get-request of the clock's time."""
    plain = bytes.fromhex("C0010000080000010000FF0200")
    wanted = bytes.fromhex("C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B")

    assert Security(KEYS, SERVER, COUNTER).protect(plain) == wanted


def test_the_example_of_mechanism_5() -> None:
    """Green Book 8, table 43: f(StoC) and f(CtoS)."""
    client = Security(KEYS, CLIENT, 1, peer=SERVER)
    server = Security(KEYS, SERVER, COUNTER, peer=CLIENT)
    ours, theirs = client.prove(b"P6wRJ21F"), server.prove(b"K56iVagY")

    assert ours == bytes.fromhex("10000000011A52FE7DD3E72748973C1E28")
    assert theirs == bytes.fromhex("1001234567FE1466AFB3DBCD4F9389E2B7")
    server.check(ours, b"P6wRJ21F")
    client.check(theirs, b"K56iVagY")
    with pytest.raises(Unproven):
        client.check(theirs, b"K56iVagX")
    with pytest.raises(Unproven):
        client.check(b"", b"K56iVagY")


LEVELS = [Protection.AUTHENTICATED, Protection.ENCRYPTED, BOTH]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("suite", [0, 1, 2])
@pytest.mark.parametrize("general", [False, True])
def test_what_was_protected_is_uncovered(level: Protection, suite: int, general: bool) -> None:
    size = 32 if suite == 2 else 16
    keys = Keys(bytes(range(size)), bytes(range(100, 100 + size)), suite)
    ours = Security(keys, CLIENT_TITLE, 5, protection=level, general=general)
    theirs = Security(keys, METER_TITLE, 9, peer=CLIENT_TITLE, protection=level)
    plain = b"\xc0\x01\xc1" + bytes(30)
    covered = apdu.decode(ours.protect(plain))

    assert isinstance(covered, apdu.Ciphered)
    assert covered.tag == (apdu.GENERAL_GLO if general else 0xC8)
    assert theirs.unprotect(covered) == plain
    assert len(covered.encode()) <= len(plain) + ours.overhead


def test_counters_only_grow_and_replays_are_refused() -> None:
    ours, theirs = pair()
    first, second = (apdu.decode(ours.protect(b"\xc0\x01\xc1")) for _ in range(2))

    assert ours.counter == 7
    assert theirs.unprotect(second) == b"\xc0\x01\xc1"
    for old in (first, second):
        with pytest.raises(Replayed):
            theirs.unprotect(old)
    assert theirs.peer_counter == 6


def test_a_forged_counter_moves_nothing() -> None:
    """Else a stranger's frame with a great counter would lock the meter out."""
    ours, theirs = pair()
    good = apdu.decode(ours.protect(b"\xc0\x01\xc1"))
    forged = apdu.Ciphered(good.tag, b"", good.control, 0xFFFFFFFF, good.content)
    with pytest.raises(Unproven):
        theirs.unprotect(forged)

    assert theirs.peer_counter == -1
    assert theirs.unprotect(good) == b"\xc0\x01\xc1"


def test_a_key_without_counters_left_is_not_used() -> None:
    ours = Security(KEYS, CLIENT_TITLE, 0xFFFFFFFF)
    ours.protect(b"\xc0\x01")
    with pytest.raises(CounterSpent):
        ours.protect(b"\xc0\x01")
    with pytest.raises(CounterSpent):
        ours.prove(b"12345678")


@given(st.integers(0), st.integers(0, 7))
def test_a_flipped_bit_is_unproven_or_malformed(place: int, bit: int) -> None:
    ours, theirs = pair()
    raw = bytearray(ours.protect(b"\xc4\x01\xc1\x00\x06\x00\x00\x13\x91"))
    raw[place % len(raw)] ^= 1 << bit
    with pytest.raises(Malformed):
        theirs.unprotect(covered(bytes(raw)))


def test_less_protection_than_agreed_is_refused() -> None:
    ours, theirs = pair()
    ours.protection = Protection.AUTHENTICATED
    with pytest.raises(Malformed) as caught:
        theirs.unprotect(apdu.decode(ours.protect(b"\xc0\x01\xc1")))

    assert caught.value.code == "protection"


def test_another_service_under_a_tag_is_refused() -> None:
    ours, theirs = pair()
    found = apdu.decode(ours.protect(b"\xc0\x01\xc1"))
    other = apdu.Ciphered(0xCC, b"", found.control, found.counter, found.content)
    with pytest.raises(Malformed):
        theirs.unprotect(other)


def test_another_meters_title_is_refused() -> None:
    theirs = Security(KEYS, METER_TITLE, 1, peer=b"OTHER\x00\x00\x01")
    ours = Security(KEYS, CLIENT_TITLE, 5, general=True)
    with pytest.raises(Malformed) as caught:
        theirs.unprotect(apdu.decode(ours.protect(b"\xc0\x01\xc1")))

    assert caught.value.code == "title"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Keys(b"short", KEYS.authentication),
        lambda: Keys(KEYS.encryption, KEYS.authentication, 2),
        lambda: Keys(KEYS.encryption, KEYS.authentication, 3),
        lambda: Security(KEYS, b"FAZ", 1),
        lambda: Security(KEYS, CLIENT_TITLE, 1, protection=Protection(0)),
    ],
)
def test_keys_and_titles_have_their_lengths(wrong: object) -> None:
    with pytest.raises(ValueError, match="key of|suite|title|neither"):
        wrong()


def test_keys_are_not_shown() -> None:
    assert KEYS.encryption.hex() not in repr(KEYS)
    assert "encryption" not in repr(Security(KEYS, CLIENT_TITLE, 1))
