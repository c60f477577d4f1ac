"""Register readings out of tables."""

import io
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from faza.metering import services as metering
from faza.metering.models import Meter, MeterModel
from faza.readings.models import RegisterReading, UnassignedReading
from faza.readings.registers import register, unpack
from tests.collection.factories import AT, imported, make_point

pytestmark = pytest.mark.django_db

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
HEAD = "Точка учета;Номер прибора;Дата и время;A+ T0, кВт·ч;A+ T1;R+\n"


def install(point, number, *, since=SINCE, until=None):
    model, _ = MeterModel.objects.get_or_create(name="СЧ-3", manufacturer="Пример")
    meter = Meter.objects.create(model=model, number=number)
    metering.install(
        usage_point=point, meter=meter, valid_from=since, valid_to=until, at=AT, ct=Fraction(40)
    )
    return meter


def table(text, name="r.csv"):
    return [(name, io.BytesIO(text.encode()))]


def readings():
    found = []
    for row in RegisterReading.objects.order_by("usage_point_id", "at"):
        values, present = unpack([row.present], [bytes(row.registers)])
        shown = {n: int(v) for n, v in enumerate(values[0]) if present[0, n]}
        found.append((row.usage_point_id, row.meter_id, row.at, row.kind, shown))
    return found


def test_a_reading_is_kept_as_the_meter_shows_it():
    point = make_point("A-1")
    meter = install(point, "001")
    done = imported(table(HEAD + "A-1;001;01.02.2026 00:00;123,45;100;7\n"))
    assert not done.problems
    midnight = datetime(2026, 1, 31, 21, tzinfo=UTC)
    shown = {register(1): 123_450, register(1, 1): 100_000, register(3): 7000}
    assert readings() == [
        (point.pk, meter.pk, midnight, RegisterReading.Kind.MONTH, shown)
    ]  # fmt: skip
    assert (done.files, done.registers, done.changed, len(done.points)) == (1, 1, 1, 1)
    again = imported(table(HEAD + "A-1;001;01.02.2026 00:00;123,45;100;7\n"))
    assert (again.changed, again.unchanged) == (0, 1)


@pytest.mark.parametrize("named", ["A-1;001", ";001", "A-1;"])
def test_of_two_rows_that_name_one_reading_the_later_stands_whole(named):
    meter = install(make_point("A-1"), "001")
    other = ";001" if named == "A-1;001" else "A-1;001"
    rows = f"{other};01.02.2026 00:00;5;5;\n{named};01.02.2026 00:00;7;3;\n"
    done = imported(table(HEAD + rows))

    assert [found[1::3] for found in readings()] == [
        (meter.pk, {register(1): 7000, register(1, 1): 3000})
    ]
    assert (done.changed, [(p.line, p.code) for p in done.problems]) == (
        1, [(2, "reading-repeated")],
    )  # fmt: skip


def test_a_row_that_names_only_the_point_is_of_the_meter_that_stood_there():
    point = make_point("A-1")
    swap = datetime(2026, 1, 15, 9, tzinfo=UTC)
    old = install(point, "001", until=swap)
    new = install(point, "002", since=swap)
    text = "usage_point,moment,kind,A+ T0\n" + "".join(
        f"A-1,{moment},{kind},{value}\n"
        for moment, kind, value in (
            ("2026-01-15T00:00+03:00", "day", 5), ("2026-01-15T12:00+03:00", "closing", 6),
            ("2026-01-15T12:00+03:00", "opening", 0), ("2026-01-16T00:00+03:00", "day", 1),
        )
    )  # fmt: skip
    done = imported(table(text))
    assert not done.problems
    assert [(meter, kind) for _, meter, _, kind, _ in readings()] == [
        (old.pk, 1), (old.pk, 5), (new.pk, 6), (new.pk, 1),
    ]  # fmt: skip


def test_a_meter_that_stands_nowhere_waits():
    done = imported(table(HEAD + ";777;01.02.2026;1;1;1\n"))
    assert (done.unassigned, done.registers) == (1, 0)
    assert UnassignedReading.objects.get().meter_number == "777"


def test_an_unknown_point_and_a_point_without_a_meter_are_problems_with_lines():
    make_point("BARE")
    text = "usage_point,moment,A+ T0\nNO,2026-01-15T00:00+03:00,1\nBARE,2026-01-15T00:00+03:00,2\n"
    done = imported(table(text))
    assert [(p.code, p.line) for p in done.problems] == [("point-unknown", 2), ("meter-none", 3)]
    assert readings() == []


def test_a_typed_reading_gives_way_to_the_meters_own():
    install(make_point("A-1"), "001")
    head = "usage_point,meter,moment,kind,A+ T0\n"
    imported(table(head + "A-1,001,2026-01-15T00:00+03:00,day,5\n"))
    imported(table(head + "A-1,001,2026-01-15T00:00+03:00,manual,9\n"))
    assert {kind: shown[0] for *_, kind, shown in readings()}[1] == 5000


def test_a_dry_run_changes_nothing():
    install(make_point("A-1"), "001")
    done = imported(table(HEAD + "A-1;001;01.02.2026;1;1;1\n"), dry_run=True)
    assert done.changed == 1
    assert readings() == []


@pytest.mark.parametrize(
    ("head", "format_"),
    [
        ("usage_point,moment,A+,A-", "profiles"),
        ("usage_point,moment,T1,T2", "registers"),
        ("Номер счетчика;Дата;Т1", "registers"),
        ("Точка учета;Дата и время;Значение, кВт·ч", "profiles"),
        ("usage_point,channel,start,end,value,unit,quality", "profiles"),
    ],
)
def test_registers_are_told_from_intervals_by_their_header(head, format_):
    from faza.collection.importing import _format_of

    assert _format_of((head + "\n" + "1\n").encode()) == format_


def test_readings_of_water_gas_and_heat_are_imported():
    """As intervals are: a table names the resource in its header or in a column."""
    water = install(make_point("W-1"), "071")
    heat = install(make_point("T-1"), "072")
    text = "Точка учета;Номер прибора;Дата и время;Вода, м3;Тепло, Гкал\n"
    done = imported(table(
        text + "W-1;071;01.02.2026 00:00;12,345;\nT-1;072;01.02.2026 00:00;;1,5\n"
    ))  # fmt: skip

    assert not done.problems
    assert [(meter, shown) for _, meter, _, _, shown in readings()] == [
        (water.pk, {register(5): 12_345}),
        (heat.pk, {register(7): 1_500_000}),
    ]
