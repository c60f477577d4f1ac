"""faza prices: files on the server."""

import pytest

from faza.cli import main
from faza.tariffs.models import CalendarDay, Price, Tariff, Vat
from tests.tariffs import factories as make

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "tariff;valid_from;component;zone;amount;unit;with_vat;order;source"
GOOD = "HH1;2026-01-01;energy;0;6,47;kwh;yes;№ 7;gazette"


@pytest.fixture
def file(tmp_path):
    make.tariff("HH1")
    path = tmp_path / "prices.csv"
    path.write_text(f"{HEAD}\n{GOOD}\nHH1;2026-02-01;energy;0;six;kwh;yes;№ 7;gazette\n")
    return path


def test_good_tables_are_stored_and_bad_rows_told(file, capsys):
    assert main(["prices", str(file)]) == 0

    told = capsys.readouterr()
    assert "new 1, changed 0, as before 0, left out 1" in told.out
    assert "line 3: amount: “six” — a number is expected" in told.err
    assert Price.objects.count() == 1
    assert main(["prices", str(file)]) == 0
    assert "as before 1" in capsys.readouterr().out


def test_a_dry_run_stores_nothing(file, capsys):
    assert main(["prices", "--dry-run", str(file)]) == 0

    assert "would be new 1" in capsys.readouterr().out
    assert not Price.objects.exists()


def test_a_file_that_is_no_table_is_refused(tmp_path, capsys):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04")

    assert main(["prices", str(path)]) == 2
    assert main(["prices", str(tmp_path / "none.csv")]) == 2
    assert main(["prices"]) == 2


def test_what_is_shipped_is_taken(capsys):
    assert main(["prices", "--shipped"]) == 0

    assert Vat.objects.count() == 2
    assert Tariff.objects.filter(family="household").count() == 3
    assert CalendarDay.objects.exists()
