from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from evaluation.analysis import analyse
from evaluation.analysis.pairing import difference_of, generator
from evaluation.analysis.values import Comparison, Report
from evaluation.arms import Subject
from evaluation.statistics import graded, paired, power
from evaluation.statistics.several import holm
from tests.evaluation.building_runs import EXTRACTS, R1, Outcome, again, arms, design, memory_run


def counted(both: int, gained: int, lost: int, neither: int) -> tuple[list[int], list[int]]:
    """Outcomes of baseline and arm with so many questions of each kind."""
    baseline = [1] * both + [0] * gained + [1] * lost + [0] * neither
    return baseline, [1] * both + [1] * gained + [0] * lost + [0] * neither


def reported(
    table: Mapping[str, Sequence[Outcome | Sequence[Outcome]]],
    *,
    samples: int = 1,
    secondary: Sequence[str] = (),
    subject: Subject = R1,
) -> Report:
    of = arms(*table, subject=subject.name)
    named = dict(zip((arm.name for arm in of), table.values(), strict=True))
    baseline = of[0].name
    whole = design(of, subjects=(subject,), samples=samples, secondary=secondary, baseline=baseline)
    return analyse(memory_run(whole, named))


def only(report: Report) -> Comparison:
    (found,) = report.comparisons
    return found


def test_single_samples_are_tested_by_mcnemar_and_tango() -> None:
    """200 questions, 20 gained, 8 lost: difference 12/200 = 6 points."""
    baseline, arm = counted(90, 20, 8, 82)
    found = only(reported({"best_first": baseline, "edges": arm}))
    expected = paired.compare(20, 8, 200)
    assert found.difference == pytest.approx(0.06)
    assert (found.gained, found.lost, found.n) == (20, 8, 200)
    assert found.interval == (expected.low, expected.high)
    assert (found.p, found.p_exact, found.p_adjusted) == (expected.p, expected.p_exact, expected.p)
    assert found.detectable == power.detectable(200, 28 / 200)
    assert found.verdict.startswith("higher")


def test_several_samples_are_tested_by_sign_flips_of_their_means() -> None:
    """Means .5, 1, 0 against 1, .5, .5 …: samples are never pooled."""
    baseline = [(1, 0), (1, 1), (0, 0)] * 20
    arm = [(1, 1), (1, 0), (1, 0)] * 20
    found = only(reported({"best_first": baseline, "edges": arm}, samples=2))
    differences = np.array([0.5, -0.5, 0.5] * 20)
    expected = graded.paired(differences, rng=generator(7, "sub_span", "best_first", "edges"))
    assert (found.difference, found.p) == (expected.mean, expected.p)
    assert found.interval == (expected.low, expected.high)
    assert (found.p_exact, found.gained, found.lost) == (None, 40, 20)
    assert found.detectable == power.detectable_graded(float(differences.std(ddof=1)), 60)


def test_words_follow_the_adjusted_p() -> None:
    """p of the two arms: .03 and .5 or so; Holm doubles the first above .05."""
    baseline, edges = counted(90, 21, 9, 80)
    middle = list(baseline)
    middle[0] = 0
    report = reported({"best_first": baseline, "edges": edges, "middle": middle})
    first, second = report.comparisons
    assert first.p is not None
    assert second.p is not None
    assert first.p < 0.05
    assert (first.p_adjusted, second.p_adjusted) == holm([first.p, second.p])
    assert first.p_adjusted is not None
    assert first.p_adjusted > 0.05
    assert first.verdict.startswith("no difference shown")
    assert only(reported({"best_first": baseline, "edges": edges})).verdict.startswith("higher")


def test_words_tell_the_power_at_the_share_of_each_of_several_comparisons() -> None:
    """15 of 200 questions differ one way and 13 the other; four such arms share .05."""
    baseline, arm = counted(90, 15, 13, 82)
    report = reported({"best_first": baseline, **{f"shuffled(seed={seed})": arm for seed in range(4)}})
    first = report.comparisons[0]
    assert first.detectable == power.detectable(200, 28 / 200)
    assert first.could_show == power.detectable(200, 28 / 200, alpha=0.05 / 4)
    assert first.could_show is not None
    assert f"could have shown {100 * first.could_show:.1f} points" in first.verdict


def test_secondary_metrics_are_labelled_and_not_adjusted() -> None:
    baseline, arm = counted(90, 20, 8, 82)
    report = reported({"best_first": baseline, "edges": arm}, secondary=("token_f1", "recall@5"))
    assert [(one.metric, one.primary) for one in report.comparisons] == [("sub_span", True), ("token_f1", False)]
    assert report.comparisons[1].p_adjusted is None
    assert report.comparisons[1].verdict.endswith("(secondary metric)")
    assert [cell.metric for cell in report.cells[:3]] == ["sub_span", "token_f1", "recall@5"]


def test_extractive_answers_cannot_depend_on_the_order() -> None:
    report = reported({"best_first": [1, 0] * 50, "edges": [1, 0] * 50}, subject=EXTRACTS)
    words = "the model is extractive: it does not read passages in order, so order cannot matter there"
    assert only(report).verdict == words
    assert report.headline == (f"extractive edges: {words}",)


def test_failed_rows_that_cannot_change_the_verdict_do_not() -> None:
    """40 gained, 2 lost, 3 failed in the arm: at worst 5 lost."""
    baseline, arm = counted(50, 40, 2, 60)
    table: dict[str, list[Outcome]] = {"best_first": list(baseline), "edges": ["failed", "failed", "failed", *arm[3:]]}
    report = reported(table)
    found = only(report)
    assert found.verdict.startswith("higher")
    assert found.n == 149
    assert report.excluded.failed == 3
    assert any("3 trials failed" in warning for warning in report.warnings)


def test_failed_rows_that_could_change_the_verdict_leave_it_incomplete() -> None:
    """20 gained, 8 lost is significant; with 6 failed that may all be lost, 20 to 14 is not."""
    baseline, arm = counted(90, 20, 8, 82)
    found = only(reported({"best_first": list(baseline), "edges": [*["failed"] * 6, *arm[6:]]}))
    assert found.p is not None
    assert found.p < 0.05
    assert found.verdict.startswith("incomplete")


def test_trials_that_are_still_to_be_asked_count_like_failed_ones() -> None:
    baseline, arm = counted(90, 20, 8, 82)
    table: dict[str, list[Outcome]] = {"best_first": list(baseline), "edges": [*[None] * 6, *arm[6:]]}
    report = reported(table)
    assert only(report).verdict.startswith("incomplete")
    assert report.missing == 6
    assert report.warnings[0].startswith("6 trials still to be asked: run the same command again.")


def test_failed_baseline_rows_count_against_the_arm_at_worst() -> None:
    """30 gained, 12 lost; 10 failed in the baseline, where the arm is wrong: at worst they are lost too."""
    baseline, arm = counted(90, 30, 12, 68)
    table: dict[str, list[Outcome]] = {"best_first": [*baseline[:-10], *["failed"] * 10], "edges": list(arm)}
    assert only(reported(table)).verdict.startswith("incomplete")


def test_what_does_not_apply_is_left_out_of_both_arms_and_counted() -> None:
    baseline, arm = counted(90, 20, 8, 82)
    table: dict[str, list[Outcome]] = {"best_first": list(baseline), "edges": [*["not_applicable"] * 30, *arm[30:]]}
    report = reported(table)
    assert only(report).n == 170
    assert only(report).gained == 20
    assert report.excluded.not_applicable == 30
    assert any(warning.startswith("30 questions of 200 left out") for warning in report.warnings)


def test_nothing_in_common_is_nothing_to_compare() -> None:
    found = only(reported({"best_first": ["failed", 1], "edges": [1, "failed"]}))
    assert (found.n, found.difference, found.p) == (0, None, None)
    assert found.verdict.startswith("nothing to compare")


def test_pairing_gives_nothing_without_questions() -> None:
    assert difference_of(np.empty((0, 2)), single=True, rng=generator(1)) is None


def test_random_numbers_of_one_comparison_do_not_depend_on_others() -> None:
    baseline, edges, middle = ([(1, 0), (1, 1), (0, 0)] * 10, [(1, 1), (1, 0), (1, 0)] * 10, [(0, 0)] * 30)
    alone = only(reported({"best_first": baseline, "edges": edges}, samples=2))
    among = reported({"best_first": baseline, "middle": middle, "edges": edges}, samples=2).comparisons[1]
    assert (alone.p, alone.interval) == (among.p, among.interval)


def test_repeat_shows_the_noise_and_is_not_compared() -> None:
    """Of 100 questions 3 come and 5 go: 8 % flips, −2 points."""
    first, second = counted(40, 3, 5, 52)
    of = arms("best_first", "edges")
    whole = design([*of, again(of[0])], baseline="best_first")
    table = {"best_first": first, "edges": first, "best_first (again)": second}
    report = analyse(memory_run(whole, table))
    assert report.repeat is not None
    assert (report.repeat.arm, report.repeat.n, report.repeat.flips) == ("best_first", 100, 0.08)
    assert report.repeat.difference == pytest.approx(-0.02)
    assert report.repeat.p == paired.compare(3, 5, 100).p
    assert [one.arm for one in report.comparisons] == ["edges"]
    assert not any("A/A" in warning for warning in report.warnings)


def test_a_repeat_that_differs_is_a_warning_and_is_never_subtracted() -> None:
    first, second = counted(60, 0, 20, 40)
    of = arms("best_first", "edges")
    whole = design([*of, again(of[0])], baseline="best_first")
    report = analyse(memory_run(whole, {"best_first": first, "edges": second, "best_first (again)": second}))
    assert any(warning.startswith("The A/A check fails: best_first asked again") for warning in report.warnings)
    assert only(report).difference == pytest.approx(-20 / 120)
