"""Any data and any APDU, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from faza.protocols.dlms import apdu as a
from faza.protocols.dlms import names as n
from faza.protocols.dlms.axdr import FLOATS, INTEGERS, STAMPS, STRINGS, Compact, Data, Tag, Type
from faza.protocols.dlms.axdr import encode as encode_data
from faza.protocols.dlms.clock import Date, DateTime, Time
from faza.protocols.dlms.references import (
    Attribute,
    CaptureObject,
    Entries,
    Method,
    Range,
    Selector,
)

u8, u16, u32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 32))
blob = st.binary(max_size=200)
name = st.binary(min_size=6, max_size=6)


def integers(tag: int) -> st.SearchStrategy[int]:
    size, signed = INTEGERS[tag]
    half = 1 << (8 * size - 1)
    return st.integers(-half, half - 1) if signed else st.integers(0, 2 * half - 1)


def simple(tag: Tag) -> st.SearchStrategy[Data]:
    """A value of a type that is not nested."""
    if tag in INTEGERS:
        values = integers(tag)
    elif tag in FLOATS:
        values = st.floats(width=32 if FLOATS[tag] == ">f" else 64, allow_nan=False)
    elif tag in STRINGS:
        values = blob
    elif tag in STAMPS:
        values = st.binary(min_size=STAMPS[tag], max_size=STAMPS[tag])
    elif tag is Tag.BOOLEAN:
        values = st.booleans()
    elif tag is Tag.BIT_STRING:
        values = st.text("01", max_size=40)
    else:
        values = st.none()
    return values.map(lambda value: Data(tag, value))


SIMPLE = [tag for tag in Tag if tag not in (Tag.ARRAY, Tag.STRUCTURE, Tag.COMPACT_ARRAY)]
SIZED = [tag for tag in SIMPLE if tag not in (Tag.NULL, Tag.DONT_CARE)]
leaves = st.sampled_from(SIMPLE).flatmap(simple)
types = st.recursive(
    st.sampled_from(SIZED).map(Type),
    lambda inner: st.one_of(
        st.tuples(inner, st.integers(1, 3)).map(lambda pair: Type(Tag.ARRAY, (pair[0],), pair[1])),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda parts: Type(Tag.STRUCTURE, tuple(parts))
        ),
    ),
    max_leaves=4,
)


def of_type(kind: Type) -> st.SearchStrategy[Data]:
    if kind.tag is Tag.ARRAY:
        items = st.tuples(*[of_type(kind.of[0])] * kind.number)
    elif kind.tag is Tag.STRUCTURE:
        items = st.tuples(*map(of_type, kind.of))
    else:
        return simple(kind.tag)
    return items.map(lambda found: Data(kind.tag, found))


compacts = types.flatmap(
    lambda kind: st.lists(of_type(kind), max_size=4).map(
        lambda items: Data(Tag.COMPACT_ARRAY, Compact(kind, tuple(items)))
    )
)
data = st.recursive(
    st.one_of(leaves, compacts),
    lambda inner: st.tuples(
        st.sampled_from((Tag.ARRAY, Tag.STRUCTURE)), st.lists(inner, max_size=5).map(tuple)
    ).map(lambda pair: Data(*pair)),
    max_leaves=12,
)
data_bytes = data.map(encode_data)

dates = st.builds(
    Date,
    st.none() | st.integers(0, 0xFFFE),
    st.none() | st.integers(1, 12) | st.sampled_from((0xFD, 0xFE)),
    st.none() | st.integers(1, 31) | st.sampled_from((0xFD, 0xFE)),
    st.none() | st.integers(0, 7),
)
times = st.builds(
    Time,
    st.none() | st.integers(0, 23),
    st.none() | st.integers(0, 59),
    st.none() | st.integers(0, 59),
    st.none() | st.integers(0, 99),
)
clocks = st.builds(
    DateTime, dates, times, st.none() | st.integers(-1439, 1439), st.none() | st.integers(0, 254)
)

attributes = st.builds(Attribute, u16, name, st.integers(-128, 127))
methods = st.builds(Method, u16, name, st.integers(-128, 127))
captures = st.builds(CaptureObject, u16, name, st.integers(-128, 127), u16)
selections = st.one_of(
    st.none(),
    st.builds(Range, leaves, leaves, captures, st.lists(captures, max_size=3).map(tuple)),
    st.builds(Entries, u32, u32, u16, u16),
    st.builds(Selector, st.integers(3, 255), data),
)
results = st.one_of(data_bytes, st.sampled_from(n.DataAccessResult))
codes = st.sampled_from(n.DataAccessResult)


def tuples_of(one: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(one, max_size=4).map(tuple)


items = tuples_of(st.tuples(attributes, selections))
outcomes = st.tuples(st.sampled_from(n.ActionResult), st.none() | results)
stamps = st.sampled_from((b"", bytes(12), bytes(range(12))))
conformance = st.integers(0, 0xFFFFFF).map(n.Conformance)
ciphered = st.one_of(
    st.builds(a.Ciphered, st.sampled_from(sorted(a.PLAIN)), st.just(b""), u8, u32, blob),
    st.builds(a.Ciphered, st.just(a.GENERAL_GLO), st.binary(min_size=8, max_size=8), u8, u32, blob),
)


@st.composite
def with_mechanism(draw: st.DrawFn, kind: type) -> object:
    mechanism = draw(st.sampled_from(n.Mechanism))
    fields = {
        "context": draw(st.sampled_from(n.Context)),
        "mechanism": mechanism,
        "value": draw(blob) if mechanism else b"",
        "title": draw(st.just(b"") | st.binary(min_size=8, max_size=8)),
        "user_information": draw(blob),
    }
    if kind is a.Aare:
        fields["result"] = draw(st.sampled_from(n.AssociationResult))
        fields["diagnostic"] = draw(
            st.sampled_from(n.UserDiagnostic) | st.sampled_from(n.ProviderDiagnostic)
        )
    return kind(**fields)


@st.composite
def exceptions(draw: st.DrawFn) -> a.ExceptionResponse:
    service = draw(st.sampled_from(n.ServiceError))
    counted = service is n.ServiceError.INVOCATION_COUNTER_ERROR
    return a.ExceptionResponse(
        draw(st.sampled_from(n.StateError)), service, draw(u32) if counted else None
    )


APDUS: dict[type, st.SearchStrategy[object]] = {
    a.Aarq: with_mechanism(a.Aarq),
    a.Aare: with_mechanism(a.Aare),
    a.Rlrq: st.builds(a.Rlrq, st.none() | u8, blob),
    a.Rlre: st.builds(a.Rlre, st.none() | u8, blob),
    a.InitiateRequest: st.builds(
        a.InitiateRequest, conformance, u16, st.none() | blob, st.booleans(), st.none() | u8, u8
    ),
    a.InitiateResponse: st.builds(a.InitiateResponse, conformance, u16, st.none() | u8, u8, u16),
    a.ConfirmedServiceError: st.builds(a.ConfirmedServiceError, u8, u8, u8),
    a.GetRequest: st.builds(a.GetRequest, u8, attributes, selections),
    a.GetNext: st.builds(a.GetNext, u8, u32),
    a.GetListRequest: st.builds(a.GetListRequest, u8, items),
    a.GetResponse: st.builds(a.GetResponse, u8, results),
    a.GetBlock: st.builds(a.GetBlock, u8, st.booleans(), u32, blob | codes),
    a.GetListResponse: st.builds(a.GetListResponse, u8, tuples_of(results)),
    a.SetRequest: st.builds(a.SetRequest, u8, attributes, data_bytes, selections),
    a.SetFirstBlock: st.builds(
        a.SetFirstBlock, u8, attributes, st.booleans(), u32, blob, selections
    ),
    a.SetBlock: st.builds(a.SetBlock, u8, st.booleans(), u32, blob),
    a.SetListRequest: st.builds(a.SetListRequest, u8, items, tuples_of(data_bytes)),
    a.SetListFirstBlock: st.builds(a.SetListFirstBlock, u8, items, st.booleans(), u32, blob),
    a.SetResponse: st.builds(a.SetResponse, u8, codes),
    a.SetBlockTaken: st.builds(a.SetBlockTaken, u8, u32),
    a.SetLastTaken: st.builds(a.SetLastTaken, u8, codes, u32),
    a.SetListLastTaken: st.builds(a.SetListLastTaken, u8, tuples_of(codes), u32),
    a.SetListResponse: st.builds(a.SetListResponse, u8, tuples_of(codes)),
    a.ActionRequest: st.builds(a.ActionRequest, u8, methods, st.none() | data_bytes),
    a.ActionNext: st.builds(a.ActionNext, u8, u32),
    a.ActionListRequest: st.builds(
        a.ActionListRequest, u8, tuples_of(methods), tuples_of(data_bytes)
    ),
    a.ActionFirstBlock: st.builds(a.ActionFirstBlock, u8, methods, st.booleans(), u32, blob),
    a.ActionListFirstBlock: st.builds(
        a.ActionListFirstBlock, u8, tuples_of(methods), st.booleans(), u32, blob
    ),
    a.ActionBlock: st.builds(a.ActionBlock, u8, st.booleans(), u32, blob),
    a.ActionResponse: outcomes.flatmap(lambda o: st.builds(a.ActionResponse, u8, *map(st.just, o))),
    a.ActionResponseBlock: st.builds(a.ActionResponseBlock, u8, st.booleans(), u32, blob),
    a.ActionListResponse: st.builds(a.ActionListResponse, u8, tuples_of(outcomes)),
    a.ActionBlockTaken: st.builds(a.ActionBlockTaken, u8, u32),
    a.DataNotification: st.builds(a.DataNotification, u32, stamps, data_bytes),
    a.EventNotification: st.builds(a.EventNotification, stamps, attributes, data_bytes),
    a.ExceptionResponse: exceptions(),
    a.GeneralBlock: st.builds(
        a.GeneralBlock, st.booleans(), st.booleans(), st.integers(0, 63), u16, u16, blob
    ),
    a.Ciphered: ciphered,
}
any_apdu = st.one_of(*APDUS.values())
