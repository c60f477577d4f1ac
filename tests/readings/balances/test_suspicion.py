"""Where to look: the line that falls as the imbalance grows is first, a cold week accuses none."""

import numpy as np
import pytest

from faza.readings.balances.suspicion import correlation, step, suspect

DAYS = 29


def course(lines: np.ndarray, *, lost: np.ndarray):
    """Arguments of suspect: true energies of lines (m, d), and what of them was not metered."""
    received = lines.sum(axis=0).astype(np.int64)
    metered = (lines - lost).astype(np.int64)
    percent = 100 * (received - metered.sum(axis=0)) / received
    return metered, np.ones(lines.shape, bool), received, percent, np.ones(DAYS, bool), DAYS - 1


def usual(m: int = 5) -> np.ndarray:
    """Energies that breathe with the week and the weather, each line a little by itself."""
    week = 1 + 0.15 * np.sin(np.arange(DAYS) * 2 * np.pi / 7)
    weather = 1 + 0.2 * np.linspace(0, 1, DAYS)
    own = 1 + 0.01 * np.random.default_rng(35).standard_normal((m, DAYS))
    return np.linspace(200_000, 900_000, m)[:, None] * week * weather * own


def test_the_line_that_loses_a_third_from_one_day_on_is_first():
    lines = usual()
    lost = np.zeros_like(lines)
    lost[2, -6:] = lines[2, -6:] / 3
    found = suspect(*course(lines, lost=lost))

    assert found.order()[0] == 2
    assert found.correlation[2] < -0.9
    assert found.change[2] < -0.2
    assert found.since[2] == DAYS - 6
    assert found.turn[2] == pytest.approx(-1 / 3, abs=0.05)


def test_without_a_loss_nobody_has_a_step():
    lines = usual()
    found = suspect(*course(lines, lost=0.02 * lines))

    assert (found.since == -1).all()
    assert (np.abs(found.change) < 0.3).all()


def test_a_theft_before_the_meters_accuses_no_line():
    lines = usual()
    stolen = np.zeros(DAYS)
    stolen[-6:] = 50_000
    energy, whole, received, _percent, counts, day = course(lines, lost=0 * lines)
    received = received + stolen.astype(np.int64)
    percent = 100 * stolen / received
    found = suspect(energy, whole, received, percent, counts, day)

    # All shares fall a little together: none stands out by a change of its own.
    assert (found.change > -0.1).all()


def test_days_that_do_not_count_are_left_out():
    lines = usual()
    lost = np.zeros_like(lines)
    lost[0, -6:] = lines[0, -6:] / 3
    energy, whole, received, percent, counts, day = course(lines, lost=lost)
    percent[5], counts[5] = 90.0, False
    found = suspect(energy, whole, received, percent, counts, day)

    assert found.order()[0] == 0


def test_a_day_that_is_not_whole_has_no_change():
    lines = usual(2)
    energy, whole, *rest = course(lines, lost=0 * lines)
    whole[1, -1] = False
    found = suspect(energy, whole, *rest)

    assert np.isnan(found.change[1])
    assert np.isfinite(found.change[0])


def test_the_usual_is_the_mean_of_the_same_weekday():
    energy = np.tile(np.arange(DAYS) % 7, (1, 1)).astype(np.int64) * 1000
    told = np.ones((1, DAYS), bool)
    ones = np.full(DAYS, 1000, np.int64)
    found = suspect(energy, told, ones, np.zeros(DAYS), np.ones(DAYS, bool), DAYS - 2)

    assert found.usual.tolist() == [float((DAYS - 2) % 7 * 1000)]
    assert found.change.tolist() == [0.0]


def test_of_few_days_nothing_is_related():
    where = np.arange(10) < 6
    assert np.isnan(correlation(np.arange(10.0), np.arange(10.0), where))
    assert correlation(np.arange(10.0), -np.arange(10.0), np.ones(10, bool)) == pytest.approx(-1)


def test_a_flat_line_is_related_to_nothing():
    assert np.isnan(correlation(np.ones(10), np.arange(10.0), np.ones(10, bool)))


@pytest.mark.parametrize("size", [0.0, 0.02])
def test_a_small_change_is_no_step(size):
    values = np.concatenate([np.ones(20), np.full(8, 1 - size)])
    assert step(values, np.ones(28, bool)) == (-1, 0.0)


def test_a_step_is_found_over_days_that_are_left_out():
    values = np.concatenate([np.ones(20), np.full(8, 0.8)]) + 0.001 * np.cos(np.arange(28))
    where = np.ones(28, bool)
    where[[3, 19, 22]] = False
    found, turn = step(values, where)

    assert found == 20
    assert turn == pytest.approx(-0.2, abs=0.01)
