"""The pure forecast: what it says of plain histories, and what its back-test may know."""

import numpy as np
import pytest

from faza.charges.forecast import band, ways
from faza.charges.forecast.blend import forecast
from faza.charges.forecast.levels import History, levels


def classes(days: int, first: int = 0) -> np.ndarray:
    return (np.arange(days) + first) % 7


def history(energy, share=None) -> History:
    energy = np.atleast_2d(np.asarray(energy, float))
    share = np.ones(energy.shape) if share is None else np.atleast_2d(share)
    return History(energy, share, classes(energy.shape[1]))


def noisy(days: int, mean: float = 10_000, spread: float = 0.2, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return mean * np.exp(random.normal(0, spread, days))


def test_what_never_changes_goes_on():
    told = forecast(history(np.full(200, 8_000.0)), classes(12, 200), 18)

    assert told.rest == pytest.approx([12 * 8_000.0])
    assert np.exp(band.bounds(told.log_errors, 12)) == pytest.approx(1.0, abs=0.11)


def test_nothing_used_is_nothing_foretold():
    told = forecast(history(np.zeros(120)), classes(10, 120), 20)

    assert told.rest == [0.0]
    assert np.isfinite(band.bounds(told.log_errors, 10)).all()


def test_a_working_week_is_learned():
    """A place that works five days takes nothing on a weekend that is left of the month."""
    week = np.array([10_000.0] * 5 + [500.0] * 2)
    days = np.tile(week, 30)

    workdays = forecast(history(days), np.array([0, 1, 2, 3, 4]), 20).rest[0]
    weekend = forecast(history(days), np.array([5, 6]), 20).rest[0]

    assert workdays == pytest.approx(50_000, rel=0.15)
    assert weekend < 5_000


def test_a_holiday_is_as_a_sunday():
    week = np.array([10_000.0] * 5 + [500.0] * 2)
    days = np.tile(week, 30)

    plain = forecast(history(days), np.array([0, 1, 2]), 20).rest[0]
    holiday = forecast(history(days), np.array([0, 6, 2]), 20).rest[0]

    assert holiday < plain * 0.75


def test_days_that_are_not_there_teach_nothing():
    """A gap of zeros that is told as missing changes nothing of the level."""
    energy, share = np.full(100, 6_000.0), np.ones(100)
    energy[40:60], share[40:60] = 0, 0
    energy[80], share[80] = 1_000, 0.2

    told = forecast(history(energy, share), classes(10, 100), 20)

    assert told.rest == pytest.approx([60_000.0])


@pytest.mark.parametrize("days", [1, 2, 5, 20])
def test_a_short_history_says_the_average(days):
    told = forecast(history(noisy(days)), classes(20, days), days)

    assert told.is_average.tolist() == [True]
    assert told.n_tested[0] < 28
    assert told.rest[0] == pytest.approx(noisy(days)[-max(days, 3) :].mean() * 20)


def test_the_back_test_knows_nothing_of_later_days():
    """Errors of forecasts made on earlier days stay as they were when later days are added."""
    days = noisy(300, seed=3)
    before = forecast(history(days[:280]), classes(10, 280), 20)
    after = forecast(history(days), classes(10, 300), 20)

    # Of the same origins, which are twenty days older now.
    assert after.log_errors[0, -260 + 0 : -20] == pytest.approx(
        before.log_errors[0, -240:], abs=1e-9, nan_ok=True
    )


def test_points_do_not_know_each_other():
    one, other = noisy(200, seed=5), noisy(200, mean=300, spread=0.8, seed=6)
    both = forecast(history([one, other]), classes(10, 200), 20)

    for row, days in enumerate((one, other)):
        alone = forecast(history(days), classes(10, 200), 20)
        assert alone.rest[0] == pytest.approx(both.rest[row])
        assert alone.own_error[0] == pytest.approx(both.own_error[row])


def test_four_of_five_noisy_months_end_in_the_band():
    days = np.stack([noisy(400, spread=0.3, seed=seed) for seed in range(200)])
    told = forecast(history(days[:, :380]), classes(20, 380), 10)
    edges = told.rest[:, None] * np.exp(band.bounds(told.log_errors, 20))
    came = days[:, 380:].sum(axis=1)

    assert 0.72 <= ((edges[:, 0] <= came) & (came <= edges[:, 1])).mean() <= 0.9


def test_the_band_without_a_history_is_that_of_others():
    nothing = np.full((1, 5), np.nan)

    assert band.bounds(nothing, 10)[0] == pytest.approx(band.OTHERS)


def test_kept_errors_are_every_fourth_and_the_newest_last():
    errors = np.arange(400)[None] / 1000.0
    kept = band.kept(errors)[0]

    assert kept[-1] == 399
    assert kept[-2] == 395
    assert len(kept) == band.KEPT
    assert (band.kept(np.full((1, 10), np.nan)) == band.NONE).all()


def test_what_makes_all_err_alike_stays_in_the_band_of_the_sum():
    random = np.random.default_rng(7)
    alike = np.repeat(random.normal(0, 0.2, (1, 64)), 50, axis=0)
    apart = random.normal(0, 0.2, (50, 64))
    rest = np.full(50, 1_000.0)

    widths = []
    for errors in (alike, apart):
        low, high = band.together(rest, np.round(errors * 1000).astype(np.int16), 10)
        assert low < 50_000 < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_every_way_has_its_place():
    told = ways.ahead(history(noisy(100)), levels(history(noisy(100))), classes(10, 100), 15)

    assert told.said.shape == (ways.COUNT, 1, 100)
    assert np.isfinite(told.said).all()
    assert told.came.shape == (1, 90)


def test_plain_modules_know_no_database():
    """The model is NumPy alone."""
    for module in ("levels", "ways", "blend", "band"):
        text = __import__(f"faza.charges.forecast.{module}", fromlist=["x"]).__file__
        with open(text, encoding="utf-8") as file:
            assert "django" not in file.read()


def test_what_came_before_the_first_day_is_no_forecast_gone_wrong():
    """A hundred days without anything before two hundred steady ones."""
    energy, share = np.full(300, 5_000.0), np.ones(300)
    energy[:100], share[:100] = 0, 0

    told = forecast(history(energy, share), classes(10, 300), 20)

    assert told.own_error == pytest.approx([0.0], abs=1e-9)
    assert told.rest == pytest.approx([50_000.0])
