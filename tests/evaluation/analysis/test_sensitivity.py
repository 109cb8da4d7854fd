from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evaluation.analysis import analyse
from evaluation.analysis.values import Report
from evaluation.analysis.verdict import order_verdict
from evaluation.arms import Length
from evaluation.statistics.several import holm
from tests.evaluation.building_runs import Outcome, arms, design, memory_run

SHUFFLES = tuple(f"shuffled(seed={seed})" for seed in range(4))


def analysed(columns: Sequence[Sequence[Sequence[Outcome]]], *, placements: Sequence[str] = SHUFFLES) -> Report:
    of = design(arms(*placements), samples=len(columns[0][0]))
    return analyse(memory_run(of, dict(zip(placements, columns, strict=True))))


def outcomes(chances: np.ndarray, *, samples: int, seed: int = 1) -> list[list[list[Outcome]]]:
    """By arm, question and sample."""
    right = np.random.default_rng(seed).random((*chances.shape, samples)) < chances[:, :, None]
    found: list[list[list[Outcome]]] = right.astype(int).tolist()
    return found


def test_orders_that_matter_are_found() -> None:
    chances = np.where(np.random.default_rng(2).random((4, 150)) < 0.5, 0.9, 0.1)
    report = analysed(outcomes(chances, samples=2))
    (found,) = report.sensitivity
    assert (found.series, found.n, found.permutations, found.repeats) == ("r1 10 passages", 150, 4, 2)
    assert found.between > found.within + 0.1
    assert found.verdict == "the order changes outcomes, over complete questions"
    assert found.p_adjusted == found.p
    assert report.headline[-1].startswith("r1 10 passages, 4 orders × 2 samples: ")


def test_p_is_adjusted_over_the_series() -> None:
    columns = [outcomes(np.full((4, 30), 0.5), samples=2, seed=seed) for seed in (1, 2, 3)]
    lengths = [Length(passages=count) for count in (10, 20, 40)]
    of = [replace(arm, name=f"{length} {arm.name}") for length in lengths for arm in arms(*SHUFFLES, length=length)]
    table = dict(zip((arm.name for arm in of), [column for series in columns for column in series], strict=True))
    found = analyse(memory_run(design(of, samples=2), table)).sensitivity
    assert tuple(one.p_adjusted for one in found) == holm([one.p for one in found])
    for one in found:
        assert one.p_adjusted is not None
        assert one.verdict == order_verdict(one.p_adjusted, missing=0)


def test_noise_of_sampling_is_no_sensitivity() -> None:
    (found,) = analysed(outcomes(np.full((4, 150), 0.5), samples=3)).sensitivity
    assert found.verdict.startswith("no effect of the order")


def test_by_hand() -> None:
    """One question: the first order is right twice, the other three never: 12 of 24 pairs differ between orders."""
    (found,) = analysed([[[1, 1]], [[0, 0]], [[0, 0]], [[0, 0]]]).sensitivity
    assert (found.between, found.within) == (0.5, 0.0)


def test_one_sample_or_three_orders_are_too_few() -> None:
    assert analysed(outcomes(np.full((4, 20), 0.5), samples=1)).sensitivity == ()
    assert analysed(outcomes(np.full((3, 20), 0.5), samples=2), placements=SHUFFLES[:3]).sensitivity == ()


def test_missing_outcomes_leave_it_open() -> None:
    columns = outcomes(np.full((4, 30), 0.5), samples=2)
    columns[0][0][1] = "failed"
    (found,) = analysed(columns).sensitivity
    assert found.n == 29
    assert found.verdict.startswith("incomplete")


def test_what_does_not_apply_is_left_out() -> None:
    columns = outcomes(np.full((4, 30), 0.5), samples=2)
    columns[0][0] = ["not_applicable", "not_applicable"]
    (found,) = analysed(columns).sensitivity
    assert found.n == 29
    assert not found.verdict.startswith("incomplete")


def test_nothing_known_is_nothing_reported() -> None:
    columns: list[list[list[Outcome]]] = [[["failed", 1]] for _ in SHUFFLES]
    assert analysed(columns).sensitivity == ()
