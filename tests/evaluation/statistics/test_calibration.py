"""How many questions are enough."""

from dataclasses import astuple
from math import isfinite

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.statistics.calibration import calibrate
from evaluation.statistics.power import graded_questions_needed, questions_needed
from indexes.errors import RequestError


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def outcomes(gains: int, losses: int, n: int) -> NDArray[np.float64]:
    return np.array([1.0] * gains + [-1.0] * losses + [0.0] * (n - gains - losses))


@pytest.mark.parametrize(
    ("n", "sizes"),
    [(2, [1]), (3, [1]), (60, [30]), (200, [25, 50, 100]), (441, [25, 50, 100, 220]), (500, [25, 50, 100, 250])],
)
def test_parts_double_up_to_half_of_the_questions(n: int, sizes: list[int]) -> None:
    assert [row.n for row in calibrate(outcomes(1, 0, n), effect=0.05, rng=rng(), draws=50).rows] == sizes


def test_the_range_is_that_of_new_questions() -> None:
    """Of n questions with ψ = .2 and Δ = .04, 90 % of the differences lie within ± 1.645 √((ψ − Δ²)/n)."""
    for row in calibrate(outcomes(120, 80, 1000), effect=0.05, rng=rng(), draws=4000).rows[1:]:
        half = 1.645 * np.sqrt((0.2 - 0.04**2) / row.n)
        assert (row.low, row.high) == pytest.approx((0.04 - half, 0.04 + half), abs=0.12 * half)


def test_more_questions_agree_more_where_there_is_a_difference() -> None:
    agree = [row.agree for row in calibrate(outcomes(140, 60, 1000), effect=0.05, rng=rng()).rows]
    assert agree == sorted(agree)
    assert agree[0] < 0.2
    assert agree[-1] > 0.95


def test_a_clear_loss_is_agreed_on_as_a_loss() -> None:
    assert calibrate(outcomes(0, 500, 1000), effect=0.05, rng=rng()).rows[-1].agree == 1.0


def test_few_find_a_difference_where_there_is_none() -> None:
    """A part of half the questions finds one in less than 5 of 100 cases, as it shares them with a whole without."""
    assert all(row.agree > 0.94 for row in calibrate(outcomes(100, 100, 1000), effect=0.05, rng=rng()).rows)


def test_the_number_needed_comes_from_the_observed_discordance() -> None:
    found = calibrate(outcomes(40, 30, 500), effect=0.05, rng=rng(), draws=50)
    assert found.discordance == pytest.approx(0.14)
    assert found.needed == questions_needed(0.05, 0.14)


def test_an_effect_above_the_discordance_needs_what_no_number_gives() -> None:
    assert calibrate(outcomes(10, 5, 500), effect=0.05, rng=rng(), draws=50).needed is None


def test_graded_differences_need_by_their_spread() -> None:
    values = rng(3).normal(0.02, 0.3, 400)
    found = calibrate(values, effect=0.05, rng=rng(), draws=200)
    assert found.needed == graded_questions_needed(0.05, float(values.std(ddof=1)))
    assert found.discordance == 1.0


def test_graded_verdicts_agree_with_those_of_outcomes() -> None:
    """Halved differences are graded, with the same verdicts but where few questions differ."""
    binary = calibrate(outcomes(150, 80, 1000), effect=0.05, rng=rng()).rows[-1].agree
    graded = calibrate(outcomes(150, 80, 1000) / 2, effect=0.05, rng=rng()).rows[-1].agree
    assert graded == pytest.approx(binary, abs=0.03)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.3])
def test_questions_that_are_all_alike_give_numbers(value: float) -> None:
    found = calibrate(np.full(100, value), effect=0.05, rng=rng(), draws=50)
    assert all(isfinite(number) for row in found.rows for number in astuple(row))
    row = found.rows[-1]
    assert (row.low, row.high) == pytest.approx((value, value))
    assert row.agree == 1.0


def test_the_same_seed_gives_the_same_rows() -> None:
    values = outcomes(40, 30, 500)
    assert calibrate(values, effect=0.05, rng=rng(1)) == calibrate(values, effect=0.05, rng=rng(1))
    assert calibrate(values, effect=0.05, rng=rng(1)) != calibrate(values, effect=0.05, rng=rng(2))


@pytest.mark.parametrize("values", [[], [1.0], [1.0, float("nan")]])
def test_too_few_questions_are_refused(values: list[float]) -> None:
    with pytest.raises(RequestError, match="at least 2 questions"):
        calibrate(np.array(values), effect=0.05, rng=rng())


@pytest.mark.parametrize("effect", [0.0, -0.05, 5.0, float("nan"), float("inf")])
def test_an_effect_that_cannot_be_is_refused(effect: float) -> None:
    with pytest.raises(RequestError, match=r"5 points as 0\.05"):
        calibrate(outcomes(4, 3, 50), effect=effect, rng=rng())
