from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from django.utils.html import strip_tags

from faza.cabinet import words
from faza.cabinet.series import Compared, Total
from faza.core.reading_types import A_MINUS, A_PLUS
from faza.ui import periods

TODAY = date(2026, 11, 21)
WHOLE = Total(593_500, 30_000, 0, 0)


def said(sentence) -> str:
    """A sentence as it is read: without marks and with plain spaces."""
    return strip_tags(str(sentence)).replace("\xa0", " ").replace("\u202f", " ")


@pytest.fixture
def russian():
    with translation.override("ru"):
        yield


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def board(total=WHOLE, last_month=None, last_year=None) -> str:
    return said(
        words.board_lead(
            A_PLUS, total, date(2026, 11, 1), last_month=last_month, last_year=last_year
        )
    )


@pytest.mark.usefixtures("russian")
class TestBoardLead:
    def test_beside_a_month_and_a_year(self):
        found = board(
            last_month=Compared(593_500, 582_000, 100), last_year=Compared(593_500, 618_000, 100)
        )

        assert found == (
            "В ноябре израсходовано 593,5 кВт·ч — на 2 % больше, чем за те же дни октября,"
            " и на 4 % меньше, чем год назад."
        )

    def test_without_anything_beside(self):
        assert board() == "В ноябре израсходовано 593,5 кВт·ч."

    def test_a_change_that_rounds_to_nothing_is_none(self):
        found = board(last_year=Compared(1000, 1001, 100))

        assert found == ("В ноябре израсходовано 593,5 кВт·ч — столько же, сколько год назад.")

    def test_no_data(self):
        assert board(Total(None, 100, 100, 0)) == "Данных в ноябре пока нет."


class TestExplorerLead:
    def lead(self, total=WHOLE, kind=A_PLUS, shown=None, **more):
        shown = shown or periods.around("week", TODAY)
        return said(words.explorer_lead(kind, total, shown, today=TODAY, who="Мастерская", **more))

    @pytest.mark.usefixtures("russian")
    def test_what_is_missing_is_said_with_the_number(self):
        total = Total(32_300, 8040, 600, 300)

        assert self.lead(total, only_day=date(2026, 11, 18)) == (
            "Мастерская: за неделю израсходовано 32,3 кВт·ч, из них 4 % расчётных,"
            " не считая 10 ч без данных 18.11."
        )

    @pytest.mark.usefixtures("russian")
    def test_each_kind_of_period_has_its_words(self):
        found = [self.lead(shown=periods.around(kind, TODAY)) for kind in ("day", "month", "year")]

        assert found == [
            "Мастерская: 21 ноября израсходовано 593,5 кВт·ч.",
            "Мастерская: в ноябре израсходовано 593,5 кВт·ч.",
            "Мастерская: за 2026 год израсходовано 593,5 кВт·ч.",
        ]

    @pytest.mark.usefixtures("russian")
    def test_another_year_is_named(self):
        found = self.lead(shown=periods.around("month", date(2025, 3, 5)))

        assert found == "Мастерская: в марте 2025 года израсходовано 593,5 кВт·ч."

    @pytest.mark.usefixtures("russian")
    def test_export_is_given_to_the_grid(self):
        assert "отдано в сеть" in self.lead(kind=A_MINUS)

    @pytest.mark.usefixtures("english")
    def test_in_english(self):
        assert self.lead(Total(500, 8040, 600, 0)) == (
            "Мастерская: over the week used 0.500 kWh, not counting 10 h without data."
        )

    def test_a_name_cannot_bring_markup(self):
        found = words.explorer_lead(
            A_PLUS, WHOLE, periods.around("week", TODAY), today=TODAY, who="<script>"
        )

        assert "<script>" not in found
        assert "&lt;script&gt;" in found


@pytest.mark.usefixtures("russian")
class TestUntil:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def test_of_today_only_the_time(self):
        moment = datetime(2026, 11, 21, 11, tzinfo=UTC)

        assert said(words.until(moment, "Europe/Moscow", at=self.at)) == "Данные до 14:00"

    def test_midnight_closes_the_day_before(self):
        moment = datetime(2026, 11, 19, 21, tzinfo=UTC)

        found = said(words.until(moment, "Europe/Moscow", at=self.at))

        assert found == "Данные до 19.11.2026 24:00"

    def test_nothing_has_come(self):
        assert words.until(None, "UTC", at=self.at) == "Данных ещё не было"


@pytest.mark.usefixtures("russian")
def test_stretches_are_as_short_as_they_can_be():
    start = datetime(2026, 11, 18, tzinfo=UTC)

    found = [said(words.stretch(start, start + timedelta(hours=hours))) for hours in (10, 24, 30)]

    assert found == ["18.11 с 00:00 до 10:00", "18.11, все сутки", "с 18.11 00:00 до 19.11 06:00"]


@pytest.mark.usefixtures("russian")
def test_points_are_counted_in_russian():
    assert [words.points(n) for n in (1, 3, 5)] == [
        "1 точка учёта",
        "3 точки учёта",
        "5 точек учёта",
    ]
