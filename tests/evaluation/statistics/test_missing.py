import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.statistics.missing import INCOMPLETE, extremes, levelled, standing


def test_best_case_favours_the_arm_and_the_worst_its_baseline() -> None:
    """Baseline and arm of three questions: both known; the arm unknown; the baseline unknown.

    Best for arm − baseline: the arm's is 1, the baseline's 0. Worst: the other way round.
    """
    least, most = np.array([[1.0, 0], [1, 0], [0, 1]]), np.array([[1.0, 0], [1, 1], [1, 1]])
    best, worst = extremes(least, most, np.array([-1.0, 1.0]))
    assert best.tolist() == [[1, 0], [1, 1], [0, 1]]
    assert worst.tolist() == [[1, 0], [1, 0], [1, 1]]


def test_levelling_brings_arms_as_near_as_they_can_be() -> None:
    """Four questions: the first arm is known at .5; the second has 1 right, 1 wrong and 2 unknown: .25 to .75.

    The common mean is (.5 + .5 + .25 + .75)/4 = .5, which half of what is unknown reaches.
    """
    least, most = np.array([[1.0, 1], [1, 0], [0, 0], [0, 0]]), np.array([[1.0, 1], [1, 0], [0, 1], [0, 1]])
    level = levelled(least, most)
    assert level[:, 0].tolist() == [1, 1, 0, 0]
    assert level[:, 1].tolist() == [1, 0, 0.5, 0.5]


def test_levelling_does_not_overshoot() -> None:
    """The first arm is always right, the second wrong in 3 of 4 and unknown in 1: that one counts as right."""
    least, most = np.array([[1.0, 0]] * 4), np.array([[1.0, 1]] + [[1.0, 0]] * 3)
    assert levelled(least, most)[:, 1].tolist() == [1, 0, 0, 0]


@given(
    arrays(np.float64, (6, 3), elements=st.sampled_from([0.0, 0.5, 1.0])),
    arrays(np.bool_, (6, 3)),
    st.sampled_from([(-1.0, 1.0, 0.0), (0.5, -1.0, 0.5)]),
)
def test_every_completion_lies_between_the_cases(
    known: np.ndarray, lacks: np.ndarray, weights: tuple[float, float, float]
) -> None:
    contrast = np.array(weights)
    least, most = np.where(lacks, 0.0, known), np.where(lacks, 1.0, known)
    best, worst = extremes(least, most, contrast)
    for completed in (known, least, most, levelled(least, most)):
        assert (worst @ contrast).mean() <= (completed @ contrast).mean() + 1e-12
        assert (completed @ contrast).mean() <= (best @ contrast).mean() + 1e-12
    assert np.ptp(levelled(least, most).mean(axis=0)) <= np.ptp(least.mean(axis=0)) + np.ptp(most.mean(axis=0))


@given(arrays(np.float64, (6, 3), elements=st.floats(0, 1)))
def test_nothing_missing_changes_nothing(known: np.ndarray) -> None:
    assert levelled(known, known) == pytest.approx(known)
    assert all((case == known).all() for case in extremes(known, known, np.array([-1.0, 0, 1])))


def test_a_verdict_stands_only_if_both_cases_agree() -> None:
    assert standing("higher", "higher") == "higher"
    assert standing("higher", "no difference shown") == INCOMPLETE
