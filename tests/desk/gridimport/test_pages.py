"""The pages of an import: from the file to the end, as an operator walks them."""

import io

import pytest
import python_calamine
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faza.accounts.models import User
from faza.collection.models import GridImport
from faza.jobs import worker
from faza.metering.models import UsagePoint
from tests.collection.grid.factories import (
    AT,
    applied,
    as_csv,
    make_catalogue,
    make_operator,
    root,
    row,
    trial,
)

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def by() -> User:
    make_catalogue()
    return make_operator(root())


@pytest.fixture
def client(by) -> Client:
    client = Client()
    client.force_login(by, backend=BACKEND)
    return client


def page(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"desk:{name}", args=args), query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def upload(client: Client, data: bytes, name: str = "сетка.csv"):
    file = io.BytesIO(data)
    file.name = name
    return client.post(reverse("desk:import"), {"file": file})


def marked(client: Client, one: GridImport) -> bytes:
    answer = client.get(reverse("desk:import_marked", args=[one.pk]))
    data = b"".join(answer.streaming_content)
    for closed in answer._resource_closers:
        closed()  # not answer.close(): it ends the request, and the test's connection with it
    return data


def columns_of(one: GridImport) -> dict[str, str]:
    return {"since": "2026-11-01", "base": str(one.base_id or "")} | {
        f"c{n}": key for n, key in one.columns.items()
    }


def test_the_whole_way(client, by):
    answer = upload(client, as_csv([row(1), row(2, ct_ratio="200-5"), row(3) | {"Канал": "GSM"}]))
    one = GridImport.objects.get()
    assert answer.url == reverse("desk:import_one", args=[one.pk])
    assert "Канал" in page(client, "import_columns", one.pk)

    client.post(reverse("desk:import_columns", args=[one.pk]), columns_of(one))
    assert "<progress" in page(client, "import_one", one.pk)
    worker.run_waiting()
    shown = page(client, "import_one", one.pk)
    assert "«200-5»: нужна дробь" in shown
    assert "Исправить 1" in shown

    client.post(reverse("desk:import_do", args=[one.pk, "mend"]), {"code": "ratio-mark"})
    worker.run_waiting()
    shown = page(client, "import_one", one.pk)
    assert "Ошибок нет" in shown

    client.post(reverse("desk:import_do", args=[one.pk, "apply"]))
    worker.run_waiting()
    assert UsagePoint.objects.count() == 3
    assert "Отменить импорт" in page(client, "import_one", one.pk)

    client.post(reverse("desk:import_do", args=[one.pk, "undo"]))
    worker.run_waiting()
    assert UsagePoint.objects.count() == 0
    assert "Отменён" in page(client, "import_one", one.pk)
    assert "сетка.csv" in page(client, "import")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.csv", "Файл пуст"),
        (b"x", "a.exe", "XLSX, XLS или CSV"),
        (b"PK\x03\x04 broken", "a.xlsx", "Книга повреждена"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "Книга повреждена"),
    ],
)
def test_what_is_no_grid_is_refused_in_words(client, data, name, said):
    answer = upload(client, data, name)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not GridImport.objects.exists()


def test_a_needed_column_has_to_be_chosen_and_none_twice(client):
    upload(client, as_csv([row(1)]))
    one = GridImport.objects.get()
    body = columns_of(one)
    places = {key: n for n, key in one.columns.items()}
    for wrong, said in (
        ({f"c{places['node']}": ""}, "Узел"),
        ({f"c{places['address']}": "node"}, "выбран дважды"),
    ):
        answer = client.post(reverse("desk:import_columns", args=[one.pk]), body | wrong)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    one.refresh_from_db()
    assert one.state == "uploaded"


def test_a_base_of_others_cannot_be_chosen(client):
    other = root("Чужие")
    upload(client, as_csv([row(1)]))
    one = GridImport.objects.get()
    answer = client.post(
        reverse("desk:import_columns", args=[one.pk]), columns_of(one) | {"base": str(other.pk)}
    )
    assert answer.status_code == 422
    assert "Чужие" not in answer.content.decode()


def test_errors_are_walked_and_a_cell_is_corrected_in_place(client, by):
    one = trial([row(1), row(2, ct_ratio="200-5"), row(3), row(4, ct_ratio="x")], by)
    shown = page(client, "import_one", one.pk, line="3")
    assert "ошибка 1 из 2" in shown
    assert 'href="?show=all&amp;line=5#r5" data-key="KeyN"' in shown
    assert 'edit=ct_ratio"' in shown
    assert 'name="text" value="200-5"' in page(
        client, "import_one", one.pk, line="3", edit="ct_ratio"
    )

    client.post(
        reverse("desk:import_cell", args=[one.pk]),
        {"line": "3", "key": "ct_ratio", "text": "300/5", "show": "errors"},
    )

    shown = page(client, "import_one", one.pk)
    assert "ещё не проверено" in shown
    assert "Применить 2" not in shown


def test_what_a_file_says_is_never_markup(client, by):
    evil = "<script>alert(1)</script>"
    one = trial([row(1, point_name=evil, customer=evil, ct_ratio=evil) | {evil: evil}], by)

    for name, query in (
        ("import_one", {"line": "2", "edit": "point_name"}),
        ("import_columns", {}),
    ):
        shown = page(client, name, one.pk, **query)
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown


def test_no_cell_of_the_marked_file_is_a_formula(client, by):
    evil = '=HYPERLINK("http://x.example","y")'
    one = trial([row(1, address=evil, ct_ratio="=2+3")], by)

    data = marked(client, one)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        for cells in book.get_sheet_by_name(name).to_python():
            assert not [cell for cell in cells if str(cell).startswith(("=", "+", "-", "@"))]
    import zipfile

    parts = zipfile.ZipFile(io.BytesIO(data))
    assert not [n for n in parts.namelist() if n.startswith("xl/worksheets/sheet")
                and b"<f>" in parts.read(n)]  # fmt: skip
    # It comes back as it was.
    again = upload(client, data, "marked.xlsx")
    assert again.status_code == 302


def test_the_marked_file_says_what_is_wrong(client, by):
    one = trial([row(1, ct_ratio="200-5")], by)
    data = marked(client, one)
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(
        "Замечания"
    )
    remark = sheet.to_python()[1]
    assert remark[1:] == ["ТТ", "200-5", "«200-5»: нужна дробь, например 200/5.", "200/5"]


def test_taking_the_marked_file_is_in_the_trail(client, by):
    from faza.audit.models import Entry

    one = trial([row(1)], by)
    marked(client, one)
    assert Entry.objects.filter(action="desk.list.exported", person__user=by.pk).count() == 1


def test_errors_are_not_left_out_unless_chosen(client, by):
    one = trial([row(1), row(2, ct_ratio="x")], by)
    url = reverse("desk:import_do", args=[one.pk, "apply"])

    client.post(url, {"errors": "none"})
    one.refresh_from_db()
    assert one.state == "checked"

    client.post(url, {"errors": "skip"})
    one.refresh_from_db()
    assert one.state == "applying"


def test_a_job_that_failed_gives_the_import_back(client, by):
    from faza.jobs.models import Job

    one = trial([row(1)], by)
    client.post(reverse("desk:import_do", args=[one.pk, "apply"]))
    Job.objects.update(state="failed", ended_at=AT, error="disk is full")
    assert "disk is full" in page(client, "import_one", one.pk)

    client.post(reverse("desk:import_do", args=[one.pk, "stop"]))

    assert "Применить 1" in page(client, "import_one", one.pk)


def test_the_number_of_queries_is_the_same_for_few_rows_and_many(client, by):
    from django.db import connection

    few = trial([row(1, ct_ratio="x")], by)
    many = trial(
        [row(n, point_code=f"P{n}", ct_ratio="x", meter_number=f"M{n}") for n in range(250)], by
    )
    counts = []
    for one in (few, many):
        page(client, "import_one", one.pk)
        with CaptureQueriesContext(connection) as captured:
            page(client, "import_one", one.pk, show="errors", line="2")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_ended_import_says_why_it_cannot_be_taken_back(client, by):
    one = applied(trial([row(1)], by))
    applied(trial([row(2)], by))

    assert "Отменить его уже нельзя" in page(client, "import_one", one.pk)
