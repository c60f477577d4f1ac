"""APDUs: examples of the Green Book, identity of each."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faza.protocols.dlms import acse, apdu, axdr
from faza.protocols.dlms import names as n
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.references import Attribute, Entries, Range, dotted, obis
from tests.protocols.dlms import strategies

TERMS = apdu.InitiateRequest(n.Conformance(0x007E1F), 0x04B0)
AGREED = apdu.InitiateResponse(n.Conformance(0x00501F), 0x01F4)
GREEN_BOOK = {
    # Green Book 8, 11.2 to 11.4: encoding of AARQ and AARE.
    "01000000065F1F0400007E1F04B0": TERMS,
    "01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0": apdu.InitiateRequest(
        n.Conformance(0x007E1F), 0x04B0, bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    ),
    "0800065F1F040000501F01F40007": AGREED,
    "0E010601": apdu.ConfirmedServiceError(1, 6, 1),
    "601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0": apdu.Aarq(
        user_information=TERMS.encode()
    ),
    "6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738"
    "BE10040E01000000065F1F0400007E1F04B0": apdu.Aarq(
        mechanism=n.Mechanism.LLS, value=b"12345678", user_information=TERMS.encode()
    ),
    "6036A1090607608574050801018A0207808B0760857405080205AC0A80084B35366956616759"
    "BE10040E01000000065F1F0400007E1F04B0": apdu.Aarq(
        mechanism=n.Mechanism.HLS_GMAC, value=b"K56iVagY", user_information=TERMS.encode()
    ),
    "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007":
        apdu.Aare(user_information=AGREED.encode()),
    "6129A109060760857405080101A203020101A305A103020102BE10040E0800065F1F040000501F01F40007":
        apdu.Aare(
            result=n.AssociationResult.REJECTED_PERMANENT,
            diagnostic=n.UserDiagnostic.CONTEXT_NAME_NOT_SUPPORTED,
            user_information=AGREED.encode(),
        ),
    "611FA109060760857405080101A203020101A305A103020101BE0604040E010601": apdu.Aare(
        result=n.AssociationResult.REJECTED_PERMANENT,
        diagnostic=n.UserDiagnostic.NO_REASON_GIVEN,
        user_information=bytes.fromhex("0E010601"),
    ),
    "6142A109060760857405080101A203020100A305A10302010E88020780890760857405080205AA0A8008"
    "503677524A323146BE10040E0800065F1F040000501F01F40007": apdu.Aare(
        diagnostic=n.UserDiagnostic.AUTHENTICATION_REQUIRED,
        mechanism=n.Mechanism.HLS_GMAC,
        value=b"P6wRJ21F",
        user_information=AGREED.encode(),
    ),
    # By the ASN.1 of 9.5.
    "C001C100080000010000FF0200": apdu.GetRequest(0xC1, Attribute(8, obis("0.0.1.0.0.255"), 2)),
    "C002C100000001": apdu.GetNext(0xC1, 1),
    "C401C1000600001391": apdu.GetResponse(0xC1, bytes.fromhex("0600001391")),
    "C401C10103": apdu.GetResponse(0xC1, n.DataAccessResult.READ_WRITE_DENIED),
    "C402C1000000000100020102": apdu.GetBlock(0xC1, False, 1, b"\x01\x02"),
    "C402C101000000040110": apdu.GetBlock(
        0xC1, True, 4, n.DataAccessResult.NO_LONG_GET_IN_PROGRESS
    ),
    "C501C100": apdu.SetResponse(0xC1, n.DataAccessResult.SUCCESS),
    "C701C00000": apdu.ActionResponse(0xC0, n.ActionResult.SUCCESS),
    "C701C0000101FA": apdu.ActionResponse(
        0xC0, n.ActionResult.SUCCESS, n.DataAccessResult.OTHER_REASON
    ),
    "D80101": apdu.ExceptionResponse(
        n.StateError.SERVICE_NOT_ALLOWED, n.ServiceError.OPERATION_NOT_POSSIBLE
    ),
    "D8010600000064": apdu.ExceptionResponse(
        n.StateError.SERVICE_NOT_ALLOWED, n.ServiceError.INVOCATION_COUNTER_ERROR, 100
    ),
    "6200": acse.Rlrq(None),
    "6203800100": acse.Rlrq(0),
    "6303800100": acse.Rlre(0),
    "0F000000010002021101120002": apdu.DataNotification(
        1, b"", bytes.fromhex("02021101120002")
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", GREEN_BOOK)
def test_examples_of_the_standard(text: str) -> None:
    raw = bytes.fromhex(text)

    assert apdu.decode(raw) == GREEN_BOOK[text]
    assert GREEN_BOOK[text].encode() == raw


def test_a_range_is_written_as_the_standard_has_it() -> None:
    """Rows between two clocks, all columns."""
    raw = bytes.fromhex(
        "C001C1 0007 0100630100FF 02 01 01 0204 0204 120008 09060000010000FF 0F02 120000"
        "090C07E2060103000000FF8000FF 090C07E50106FF000000FF8000FF 0100"
    )
    found = apdu.decode(raw)

    assert isinstance(found, apdu.GetRequest)
    assert isinstance(found.selection, Range)
    assert dotted(found.selection.by.name) == "0.0.1.0.0.255"
    assert found.encode() == raw


def test_entries_are_written_as_the_standard_has_them() -> None:
    raw = bytes.fromhex(
        "C001C1 0007 0100630100FF 02 01 02 0204 0600000001 060000000A 120001 120000"
    )
    found = apdu.decode(raw)

    assert isinstance(found, apdu.GetRequest)
    assert found.selection == Entries(1, 10)
    assert found.encode() == raw


def test_a_tagged_stamp_of_a_push_is_taken_too() -> None:
    """Kaifa meters write 09 0C where others write 0C."""
    stamp = bytes(range(12))
    plain = apdu.decode(b"\x0f\x00\x00\x00\x01\x0c" + stamp + b"\x11\x01")
    tagged = apdu.decode(b"\x0f\x00\x00\x00\x01\x09\x0c" + stamp + b"\x11\x01")

    assert plain == tagged == apdu.DataNotification(1, stamp, b"\x11\x01")


def test_every_apdu_has_a_strategy() -> None:
    kinds = {item for item in vars(apdu).values() if isinstance(item, type)}
    named = {kind for kind in kinds if hasattr(kind, "encode") and kind.__name__ in apdu.__all__}

    assert named == set(strategies.APDUS)


@pytest.mark.parametrize("kind", strategies.APDUS, ids=lambda kind: kind.__name__)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_reading_what_was_written_is_identity(kind: type, data: st.DataObject) -> None:
    value = data.draw(strategies.APDUS[kind])
    raw = value.encode()

    assert apdu.decode(raw) == value
    assert apdu.decode(raw).encode() == raw


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.any_apdu, st.data())
def test_a_cut_apdu_is_malformed(value: apdu.Apdu, data: st.DataObject) -> None:
    """Or another that is whole, where the cut leaves one: then its bytes come back."""
    raw = value.encode()
    part = raw[: data.draw(st.integers(0, len(raw) - 1))]
    try:
        found = apdu.decode(part)
    except Malformed:
        return
    assert found.encode() == part


@settings(max_examples=500)
@given(st.binary(max_size=80))
def test_any_bytes_are_an_apdu_or_malformed(raw: bytes) -> None:
    for head in (b"", b"\xc4\x01\xc1\x00", b"\x61\x29", b"\xc0\x03\xc1", b"\xc7\x03\xc1", b"\x0f"):
        try:
            apdu.decode(head + raw)
        except Malformed:
            continue


@pytest.mark.parametrize("text", ["1.0.1.8.0", "1.0.1.8.0.256", "a.0.1.8.0.255", ""])
def test_what_is_no_logical_name(text: str) -> None:
    with pytest.raises(ValueError, match="no logical name"):
        obis(text)


def test_a_selection_with_other_types_is_kept_as_it_is() -> None:
    """Numbers 1 and 2 with unusual types come back byte for byte."""
    data = axdr.structure(*[axdr.Data(axdr.Tag.UNSIGNED, 1)] * 4)
    raw = bytes.fromhex("C001C1 0007 0100630100FF 02 01 02") + axdr.encode(data)

    assert apdu.decode(raw).encode() == raw


@pytest.mark.parametrize(
    "text",
    [
        "611CA109060760857405080101A203020100A203020100A305A103020100",  # a field twice
        "6110A109060760857405080101A203020100",  # no diagnostic
        "6117A109060760857405090101A203020100A305A103020100",  # another branch of names
        "6117A109060760857405080109A203020100A305A103020100",  # no such context
        "6117A109060760857405080101A203020100A305A303020100",  # a diagnostic of nobody
        "6117A109060760857405080101A203020109A305A103020100",  # no such result
        "6117A109060760857405080101A203020100A305A10302010F",  # no such diagnostic
        "6118A109060760857405080101A20402020000A305A103020100",  # a number of two bytes
        "6117A109040760857405080101A203020100A305A103020100",  # a name that is no object
        "6014A1090607608574050801018B0760857405090201",  # no mechanism
        "600FA109060760857405080101AC028203",  # no authentication value
        "61",
        "620000",
    ],
)
def test_associations_that_make_no_sense(text: str) -> None:
    with pytest.raises(Malformed):
        apdu.decode(bytes.fromhex(text))


def test_fields_that_are_not_ours_are_passed_over() -> None:
    """A protocol version and a responding AE invocation id, as some meters send."""
    plain = bytes.fromhex("6117A109060760857405080101A203020100A305A103020100")
    more = bytes.fromhex(
        "6120 80020780 A109060760857405080101 A203020100 A305A103020100 A703020101"
    )

    assert apdu.decode(more) == apdu.decode(plain)


@pytest.mark.parametrize("size", ["06", "08", "8106", "ff"])
def test_a_ciphered_apdu_has_the_length_it_says(size: str) -> None:
    assert isinstance(apdu.decode(bytes.fromhex("cc07 3000000001aabb")), apdu.Ciphered)
    with pytest.raises(Malformed) as caught:
        apdu.decode(bytes.fromhex(f"cc{size}3000000001aabb"))

    assert caught.value.code == "length"
