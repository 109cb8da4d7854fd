"""Holm's adjustment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from evaluation.statistics.several import holm


def test_each_p_times_those_not_smaller_in_the_given_order() -> None:
    """Sorted .01, .02, .03, .5: .01 · 4 = .04; .02 · 3 = .06; .03 · 2 = .06; .5 · 1 = .5."""
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx((0.06, 0.04, 0.5, 0.06))


def test_an_adjusted_p_is_never_below_that_of_a_smaller_one() -> None:
    """.02 · 2 = .04 and then .03 · 1 = .03, which is raised to .04."""
    assert holm([0.03, 0.02]) == pytest.approx((0.04, 0.04))


def test_nothing_compared_needs_no_adjustment() -> None:
    assert holm([]) == ()


def test_one_comparison_stays_as_it_is() -> None:
    assert holm([0.04]) == (0.04,)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_agrees_with_statsmodels(ps: list[float]) -> None:
    assert holm(ps) == pytest.approx(tuple(multipletests(ps, method="holm")[1]))


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        holm([0.5, p])
