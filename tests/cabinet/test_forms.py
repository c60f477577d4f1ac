from datetime import date

import pytest
from django.http import QueryDict
from django.utils import translation

from faza.cabinet import forms
from faza.cabinet.choice import Asked
from faza.core.reading_types import A_PLUS, R_PLUS
from faza.ui import addresses
from faza.ui.tree import listed

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def read(text: str, points: int = 1) -> forms.View:
    return forms.read(QueryDict(text), today=TODAY, points=points)


def test_nothing_asked_is_this_week_of_consumption_by_intervals():
    view = read("")

    assert (view.kinds, view.shown.kind, view.step, view.problems) == (
        (A_PLUS,),
        "week",
        "interval",
        (),
    )


def test_a_plus_that_came_as_a_space_is_a_plus():
    assert read("channel=A+&channel=R%2B").kinds == (A_PLUS, R_PLUS)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("channel=X", "no such channel"),
        ("channel=WATER", "Only energies"),
        ("by=minute", "no such resolution"),
        ("period=fortnight", "was not clear"),
        ("period=day&on=yesterday", "was not clear"),
        ("period=any", "needs two dates"),
        ("period=any&from=2026-11-02&to=2026-11-01", "ends before it begins"),
        ("period=any&from=2020-01-01&to=2026-11-01", "up to three years"),
        ("period=any&from=2025-01-01&to=2026-11-01&by=hour", "up to a year"),
        ("period=month&on=2027-01-01", "has not begun"),
    ],
)
def test_what_is_wrong_is_said_and_the_page_works(asked, said):
    view = read(asked)

    assert said in " ".join(view.problems)
    assert view.kinds == (A_PLUS,)


def test_many_points_over_a_long_time_are_shown_by_days():
    view = read("period=any&from=2026-08-20&to=2026-11-20&by=interval", points=100)

    assert view.step == "day"
    assert "too many points" in view.problems[0]


def test_a_week_has_no_months():
    assert read("period=week&by=month").step == "day"


def test_side_by_side_needs_a_few_points():
    assert [read("view=apart", points=n).layout for n in (1, 2, 8, 9)] == [
        "sum",
        "apart",
        "apart",
        "sum",
    ]


def test_a_point_changes_sides():
    query = QueryDict("point=A&period=week")

    assert listed(query, Asked.read(query), code="B") == "?point=A&point=B&period=week"
    assert listed(query, Asked.read(query), code="A") == "?period=week&points=none"


def test_of_all_points_the_listed_ones_are_the_exceptions():
    query = QueryDict("points=all")

    assert listed(query, Asked.read(query), code="A") == "?points=all&point=A"


def test_addresses_keep_what_they_do_not_change():
    query = QueryDict("channel=A%2B&day=2026-11-01&day=2026-11-02")

    assert addresses.changed(query, by="day", day=None) == "?channel=A%2B&by=day"
