"""A cell with a NUL, which a workbook writes as _x0000_: PostgreSQL keeps none."""

import io
import zipfile

import pytest
import xlsxwriter

from faza.collection.grid.columns import BY_KEY
from tests.collection.grid.factories import as_csv, make_catalogue, make_operator, root, row, trial

pytestmark = pytest.mark.django_db


def as_workbook(one: dict[str, str]) -> bytes:
    made, out = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet()
    for n, (key, text) in enumerate(one.items()):
        sheet.write_string(0, n, BY_KEY[key].ru)
        sheet.write_string(1, n, text)
    book.close()
    with zipfile.ZipFile(made) as plain, zipfile.ZipFile(out, "w") as odd:
        for name in plain.namelist():
            odd.writestr(name, plain.read(name).replace(b"NUL", b"_x0000_"))
    return out.getvalue()


@pytest.mark.parametrize("column", ["customer", "point_code", "ct_ratio"])
def test_it_is_tried_like_any_other(column):
    make_catalogue()
    data = as_workbook(row(1, **{column: "Пример NUL"}))

    one = trial(data, make_operator(root()))

    assert one.state == "checked"


def test_one_far_down_in_a_text_too():
    make_catalogue()
    data = as_csv([row(n) for n in range(1, 60)] + [row(60, customer="Пример NUL")])

    one = trial(data.replace(b"NUL", b"\0"), make_operator(root()))

    assert one.state == "checked"
