"""What comes at once and what is made in the background: told from what reports take here."""

from datetime import date

import pytest

from faza.reports import pace, registry

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _fresh():
    pace.forget()
    yield
    pace.forget()


def asked(code: str, query: str):
    kind = registry.kind(code)
    return kind, kind.read(dict(part.split("=") for part in query.split("&")), TODAY).parameters


MONTH, YEAR = "period=month&on=2026-10-01", "period=year&on=2026-01-01"


@pytest.mark.parametrize(
    ("code", "query", "n_points", "format", "is_at_once"),
    [
        ("load-profile", MONTH, 1, "pdf", True),
        ("load-profile", MONTH, 7, "pdf", True),
        ("load-profile", MONTH, 30, "pdf", False),
        ("load-profile", MONTH, 30, "xlsx", True),
        ("load-profile", YEAR, 1, "xlsx", True),
        ("load-profile", YEAR, 1, "pdf", False),
        ("load-profile", f"{MONTH}&layout=rows", 30, "xlsx", False),
        ("load-profile", f"{MONTH}&layout=rows", 30, "csv", True),
        ("readings", MONTH, 300, "xlsx", True),
        ("readings", MONTH, 10_000, "csv", False),
        ("detail", MONTH, 300, "html", True),
        ("detail", YEAR, 300, "xlsx", False),
        ("detail-together", YEAR, 300, "csv", True),
        ("detail-together", f"{YEAR}&resolution=month", 300, "pdf", True),
        ("day-maxima", MONTH, 30, "pdf", True),
    ],
)
def test_two_seconds_decide(code, query, n_points, format, is_at_once):
    """As measured with copies of a real home: 1,488 x 9 as PDF 1.5 s, 268,000 cells as XLSX 2.3."""
    assert pace.is_at_once(*asked(code, query), n_points, format) is is_at_once


def test_a_slower_machine_learns_it_for_that_kind_and_format():
    kind, parameters = asked("load-profile", MONTH)
    before = pace.seconds(kind, parameters, 7, "pdf")
    for _time in range(12):
        pace.learn("load-profile", "pdf", 4.0)

    assert pace.seconds(kind, parameters, 7, "pdf") == pytest.approx(4 * before, rel=0.1)
    assert not pace.is_at_once(kind, parameters, 7, "pdf")
    assert pace.is_at_once(kind, parameters, 7, "xlsx")


def test_one_mishap_is_not_believed():
    kind, parameters = asked("readings", MONTH)
    before = pace.seconds(kind, parameters, 300, "xlsx")
    pace.learn("readings", "xlsx", 1_000_000.0)

    assert pace.seconds(kind, parameters, 300, "xlsx") < 4 * before


def test_what_is_made_is_measured(monkeypatch):
    kind, parameters = asked("detail", YEAR)
    before, clock = pace.seconds(kind, parameters, 300, "csv"), iter([0.0, 100.0])
    monkeypatch.setattr("faza.reports.pace.time.perf_counter", lambda: next(clock))
    with pace.measured(kind, parameters, 300, "csv"):
        pass

    assert pace.seconds(kind, parameters, 300, "csv") > 2 * before


def test_what_breaks_off_teaches_nothing():
    kind, parameters = asked("detail", YEAR)
    before = pace.seconds(kind, parameters, 300, "csv")
    with pytest.raises(ValueError, match="broken"), pace.measured(kind, parameters, 300, "csv"):
        raise ValueError("broken")

    assert pace.seconds(kind, parameters, 300, "csv") == before
