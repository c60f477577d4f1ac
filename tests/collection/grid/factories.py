"""Files of a small grid, and imports of them without a worker."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from faza.accounts.models import User
from faza.collection.grid import services, working
from faza.collection.grid.columns import BY_KEY
from faza.collection.models import GridImport, GridImportRow
from faza.contracts import services as contracts
from faza.metering.models import MeterModel, NetworkNode
from tests.accounts.factories import make_user
from tests.metering.factories import make_node

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
SINCE = date(2026, 11, 1)


def row(n: int = 1, **cells: str) -> dict[str, str]:
    """A good row: a point with a meter and an agreement, under ТП-1."""
    return {
        "node": "Сети\\ТП-1\\РУ-0,4",
        "point_code": f"50120369000{n:04d}",
        "point_name": f"КЛ-{n}",
        "address": f"ул. Полевая, {n}",
        "meter_model": "Ладья-3",
        "meter_number": f"4120766{n}",
        "verification_due": "12.03.2034",
        "ct_type": "ТТЗ-0,66",
        "ct_ratio": "200/5",
        "ct_a": f"{n}01",
        "ct_b": f"{n}02",
        "ct_c": f"{n}03",
        "installed_from": "01.04.2024",
        "agreement": f"Ю-{n}/20",
        "customer_kind": "организация",
        "customer": f"ООО «Пример {n}»",
        "agreement_from": "01.01.2024",
    } | cells


def as_csv(rows: list[dict[str, str]]) -> bytes:
    keys = list(dict.fromkeys(key for one in rows for key in one))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([BY_KEY[key].ru if key in BY_KEY else key for key in keys])
    writer.writerows([[one.get(key, "") for key in keys] for one in rows])
    return out.getvalue().encode()


def make_catalogue() -> None:
    for name, phases in (("Ладья-1", 1), ("Ладья-3", 3)):
        MeterModel.objects.get_or_create(
            manufacturer="Заречный приборный завод", name=name, defaults={"phases": phases}
        )


def make_operator(node: NetworkNode) -> User:
    user = make_user(User.Role.OPERATOR)
    contracts.assign_area(user=user, node=node, at=AT)
    return user


def root(name: str = "Сети") -> NetworkNode:
    return NetworkNode.objects.filter(name=name, parent=None).first() or make_node(name)


def begin(rows: list[dict[str, str]] | bytes, by: User, **chosen: object) -> GridImport:
    data = rows if isinstance(rows, bytes) else as_csv(rows)
    one = services.begin("grid.csv", data, by=by, at=AT)
    keys = {int(n): key for n, key in one.columns.items()}
    asked = {"keys": keys, "base": one.base, "since": SINCE, "by": by, "at": AT}
    return services.choose(one, **(asked | chosen))


def trial(rows: list[dict[str, str]] | bytes, by: User, **chosen: object) -> GridImport:
    """An import with its trial done."""
    one = begin(rows, by, **chosen)
    return tried(one)


def tried(one: GridImport) -> GridImport:
    working.run_trial(one.pk, at=AT)
    one.refresh_from_db()
    return one


def applied(one: GridImport, at: datetime = AT, skip_errors: bool = False) -> GridImport:
    services.begin_applying(one, skip_errors=skip_errors, by=one.by, at=at)
    working.run_applying(one.pk, at=at)
    one.refresh_from_db()
    return one


def undone(one: GridImport, at: datetime = AT) -> GridImport:
    services.begin_undoing(one, by=one.by, at=at)
    working.run_undoing(one.pk, at=at)
    one.refresh_from_db()
    return one


def codes(one: GridImport) -> dict[int, dict[str, str]]:
    """What is said, by line and column: errors and warnings, no changes."""
    found = {}
    for said in GridImportRow.objects.filter(grid_import=one).order_by("line"):
        marks = {
            one.columns[place]: mark["code"]
            for place, mark in said.marks.items()
            if mark["kind"] != "c"
        }
        if marks:
            found[said.line] = marks
    return found


def mark(one: GridImport, line: int, key: str) -> dict:
    place = {name: n for n, name in one.columns.items()}[key]
    return one.rows.get(line=line).marks[place]


@pytest.fixture
def by(db) -> User:
    make_catalogue()
    return make_operator(root())
