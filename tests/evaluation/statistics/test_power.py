"""What a number of questions can show: the figures that the design rests on, recomputed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, multinomial, norm

from evaluation.statistics.paired import mid_p
from evaluation.statistics.power import (
    detectable,
    detectable_graded,
    exact_power,
    flat_questions_needed,
    graded_questions_needed,
    interaction_questions_needed,
    questions_needed,
)
from indexes.errors import RequestError


def enumerated_power(n: int, difference: float, discordance: float, alpha: float = 0.05) -> float:
    """By the definition: the chance of every number of gains and losses, where the test is significant."""
    tables = np.array([(gains, losses) for gains in range(n + 1) for losses in range(n + 1 - gains)])
    shares = [(discordance + difference) / 2, (discordance - difference) / 2, 1 - discordance]
    chances = multinomial.pmf(np.column_stack([tables, n - tables.sum(axis=1)]), n, shares)
    return float(chances[mid_p(tables.min(axis=1), tables.sum(axis=1)) < alpha].sum())


@pytest.mark.parametrize(
    ("n", "difference", "discordance", "alpha"),
    [(400, 0.05, 0.12, 0.05), (60, 0.1, 0.14, 0.05), (60, -0.1, 0.3, 0.01), (25, 0.0, 0.9, 0.05), (7, 0.8, 0.8, 0.05)],
)
def test_exact_power_is_that_of_all_gains_and_losses(
    n: int, difference: float, discordance: float, alpha: float
) -> None:
    expected = enumerated_power(n, difference, discordance, alpha)
    assert exact_power(n, difference, discordance, alpha=alpha) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("discordance", "expected"), [(0.12, 0.84), (0.14, 0.77)])
def test_400_questions_and_5_points(discordance: float, expected: float) -> None:
    assert exact_power(400, 0.05, discordance) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("discordance", "lost"), [(0.12, 0.034), (0.14, 0.038)])
def test_the_exact_test_would_cost_about_5_points_of_power(discordance: float, lost: float) -> None:
    """3 to 5 points at 256 to 400 questions, more with fewer."""
    differing = np.arange(401)
    fewer = np.asarray(binom.ppf(0.025, differing, 0.5), dtype=int)
    fewer = np.where(2 * binom.cdf(fewer, differing, 0.5) < 0.05, fewer, fewer - 1)
    gained = (discordance + 0.05) / (2 * discordance)
    rejecting = binom.cdf(fewer, differing, gained) + binom.cdf(fewer, differing, 1 - gained)
    exact = float(binom.pmf(differing, 400, discordance) @ rejecting)
    assert exact_power(400, 0.05, discordance) - exact == pytest.approx(lost, abs=0.002)


@pytest.mark.parametrize(
    ("difference", "discordance", "about", "found"),
    [
        (0.06, 0.12, 256, 254),
        (0.06, 0.14, 297, 295),
        (0.06, 0.16, 342, 339),
        (0.07, 0.12, 181, 181),
        (0.07, 0.14, 220, 218),
        (0.07, 0.16, 251, 248),
    ],
)
def test_questions_for_6_and_7_points(difference: float, discordance: float, about: int, found: int) -> None:
    """The figures of the design to within 1.3 %; the found ones are where the enumerated power passes 80 %."""
    n = questions_needed(difference, discordance)
    assert n == found
    assert n == pytest.approx(about, rel=0.013)
    assert enumerated_power(n, difference, discordance) >= 0.8 > enumerated_power(n - 1, difference, discordance)


@pytest.mark.parametrize(("discordance", "about"), [(0.12, 9_400), (0.14, 11_000), (0.16, 12_600)])
def test_questions_for_1_point(discordance: float, about: int) -> None:
    assert questions_needed(0.01, discordance) == pytest.approx(about, rel=0.005)


@settings(max_examples=60)
@given(
    st.floats(0.01, 1),
    st.floats(0.2, 1),
    st.sampled_from([0.5, 0.8, 0.9, 0.99]),
    st.sampled_from([0.2, 0.05, 0.01, 0.001]),
)
def test_the_questions_needed_are_enough_and_one_less_is_not(
    discordance: float, share: float, power: float, alpha: float
) -> None:
    n = questions_needed(share * discordance, discordance, power=power, alpha=alpha)
    if n <= 1800:
        chances = [exact_power(m, share * discordance, discordance, alpha=alpha) for m in (n - 1, n, n + 1, n + 7)]
        assert chances[0] < power <= min(chances[1:])


@pytest.mark.parametrize(("difference", "discordance"), [(0.0234, 0.14), (0.04, 0.4), (0.0205, 0.1)])
def test_the_formula_goes_on_where_enumeration_ends(difference: float, discordance: float) -> None:
    """Around 2,000 questions both are the same to within 2 %."""
    n = questions_needed(difference, discordance)
    assert 1800 < n < 2300
    assert exact_power(n, difference, discordance) == pytest.approx(0.8, abs=0.01)


def test_the_sign_of_a_difference_does_not_matter() -> None:
    assert questions_needed(-0.06, 0.14) == questions_needed(0.06, 0.14)
    assert exact_power(400, -0.05, 0.14) == pytest.approx(exact_power(400, 0.05, 0.14))


def test_more_arms_need_more_questions() -> None:
    assert questions_needed(0.05, 0.14, arms=4) == questions_needed(0.05, 0.14, alpha=0.0125)
    assert questions_needed(0.05, 0.14, arms=4) > questions_needed(0.05, 0.14)


@pytest.mark.parametrize("n", [30, 60, 400, 1000, 2000, 2001, 10_000])
def test_the_detectable_difference_is_shown_in_80_of_100(n: int) -> None:
    found = detectable(n, 0.3)
    assert found is not None
    assert exact_power(n, found, 0.3) == pytest.approx(0.8, abs=2e-4 if n <= 2000 else 0.01)


def test_the_detectable_difference_is_about_5_points_at_441_questions() -> None:
    assert detectable(441, 0.14) == pytest.approx(0.05, abs=0.001)


def test_few_questions_detect_nothing() -> None:
    """All 14 % in one direction would be 2.8 of 20 questions; 5 are needed for p < .05."""
    assert detectable(20, 0.14) is None
    assert detectable(400, 0.0) is None
    assert detectable(1, 1.0) is None


@pytest.mark.parametrize(("margin", "about"), [(0.05, 800), (0.03, 2_300)])
def test_questions_for_flatness(margin: float, about: int) -> None:
    assert flat_questions_needed(margin, 0.14, 5) == pytest.approx(about, rel=0.03)


def test_flatness_is_shown_in_80_of_100() -> None:
    """1,000 flat runs, seeded: 28 % of the questions are a coin at each of 5 positions, so that 14 % differ between two
    positions. ± 4 standard errors are .05."""
    n = flat_questions_needed(0.05, 0.14, 5)
    source = np.random.default_rng(0)
    shown = 0
    for _ in range(1000):
        coins = source.integers(0, 2, size=(source.binomial(n, 0.28), 5)).astype(np.float64)
        total, both = coins.sum(axis=0), coins.T @ coins
        difference = (total[:, np.newaxis] - total) / n
        discordance = (total[:, np.newaxis] + total - 2 * both) / n
        errors = np.sqrt(np.maximum(discordance - difference**2, 0) / n)
        shown += bool((np.abs(difference) + norm.ppf(0.95) * errors < 0.05).all())
    assert shown / 1000 == pytest.approx(0.8, abs=0.05)


def test_two_positions_are_one_equivalence_test() -> None:
    """Power of one pair: 2 Φ((M − 1.645 e)/e) − 1 = .8 where (M − 1.645 e)/e = 1.2816, e = √(ψ/n)."""
    assert flat_questions_needed(0.05, 0.14, 2) == pytest.approx(0.14 * ((1.6449 + 1.2816) / 0.05) ** 2, abs=1)


@pytest.mark.parametrize(("difference", "about"), [(0.08, 320), (0.05, 820), (0.03, 2_270)])
def test_questions_for_an_interaction(difference: float, about: int) -> None:
    n = interaction_questions_needed(difference)
    assert n == pytest.approx(about, rel=0.005)
    assert detectable_graded(0.511, n) == pytest.approx(difference, rel=0.005)


def test_graded_questions_by_hand() -> None:
    """(1.96 + .8416)² · .3² / .05² = 282.6."""
    assert graded_questions_needed(0.05, 0.3) == 283
    assert graded_questions_needed(0.05, 0.3, arms=2) > 283


@pytest.mark.parametrize(("sd", "n"), [(0.0, 400), (0.3, 5)])
def test_without_spread_or_with_few_questions_nothing_can_be_said(sd: float, n: int) -> None:
    assert detectable_graded(sd, n) is None


def test_a_difference_above_the_discordance_is_refused() -> None:
    with pytest.raises(RequestError, match=r"0\.15 cannot be where only 0\.14 of the outcomes differ"):
        questions_needed(0.15, 0.14)
    with pytest.raises(RequestError, match="cannot be"):
        exact_power(100, -0.15, 0.14)


def test_a_difference_of_zero_is_refused() -> None:
    with pytest.raises(RequestError, match="smallest one that matters"):
        questions_needed(0.0, 0.14)
    with pytest.raises(RequestError, match="other than 0"):
        graded_questions_needed(0.0, 0.3)


def test_points_in_place_of_fractions_are_refused() -> None:
    with pytest.raises(RequestError, match=r"write 14 % as 0\.14"):
        questions_needed(5, 14)
    with pytest.raises(RequestError, match="as fractions"):
        flat_questions_needed(5, 0.14, 5)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    for request in (
        lambda: questions_needed(value, 0.14),
        lambda: questions_needed(0.05, value),
        lambda: detectable(400, value),
        lambda: detectable_graded(value, 400),
        lambda: graded_questions_needed(value, 0.3),
        lambda: graded_questions_needed(0.05, value),
        lambda: flat_questions_needed(value, 0.14, 5),
    ):
        with pytest.raises(RequestError):
            request()


@pytest.mark.parametrize(
    ("power", "alpha", "arms"), [(0.4, 0.05, 1), (1.0, 0.05, 1), (0.8, 0, 1), (0.8, 0.3, 1), (0.8, 0.05, 0)]
)
def test_power_and_level_that_make_no_sense_are_refused(power: float, alpha: float, arms: int) -> None:
    with pytest.raises(RequestError, match="power must be"):
        questions_needed(0.05, 0.14, power=power, alpha=alpha, arms=arms)


def test_no_question_and_one_position_are_refused() -> None:
    with pytest.raises(RequestError, match="at least 1 question"):
        detectable(0, 0.14)
    with pytest.raises(RequestError, match="at least 2 positions"):
        flat_questions_needed(0.05, 0.14, 1)
