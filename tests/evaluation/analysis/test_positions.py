from collections.abc import Sequence

import numpy as np
import pytest

from evaluation.analysis import analyse
from evaluation.analysis.values import Report
from evaluation.arms import Subject
from evaluation.run import Design
from evaluation.statistics.paired import tango
from evaluation.statistics.position import Z90
from evaluation.statistics.single import wilson
from rag.opening import ModelChoice
from tests.evaluation.building_runs import EXTRACTS, QWEN, R1, Outcome, arms, design, memory_run

POSITIONS = ("gold_at(position=1)", "gold_at(position=5)", "gold_at(position=10)")


def analysed(of: Design, columns: Sequence[Sequence[Outcome | Sequence[Outcome]]]) -> Report:
    return analyse(memory_run(of, dict(zip((arm.name for arm in of.arms), columns, strict=True))))


def answers(seed: int, questions: int, chances: Sequence[float]) -> list[list[Outcome]]:
    """By position, right or wrong; the same questions are hard everywhere."""
    random = np.random.default_rng(seed)
    ease = random.random(questions)
    noise = random.random((len(chances), questions)) < 0.1
    right = ease < np.array(chances)[:, None]
    found: list[list[Outcome]] = (right ^ noise).astype(int).tolist()
    return found


def test_position_effect_by_hand() -> None:
    """100 questions: 80 right at position 1, 60 of these at 5, and 70 of them at 10.

    Spread .2; edges − middle (.8 + .7)/2 − .6 = .15; primacy .2; recency .1. Slope: positions centred at 16/3 are
    −13/3, −1/3, 14/3 with squares adding up to 366/9; Σxy = (−13·.8 − .6 + 14·.7)/3 = −.4; −.4/(366/9)·9 = −.08852.
    """
    columns = [[1] * right + [0] * (100 - right) for right in (80, 60, 70)]
    (found,) = analysed(design(arms(*POSITIONS)), columns).positions
    assert [(point.position, point.value, point.n) for point in found.points] == [
        (1, 0.8, 100),
        (5, 0.6, 100),
        (10, 0.7, 100),
    ]
    assert found.points[0].interval == wilson(80, 100)
    assert found.points[1].arm == "gold_at(position=5)"
    assert (found.spread, found.primacy, found.recency) == pytest.approx((0.2, 0.2, 0.1))
    assert found.edge_minus_middle == pytest.approx(0.15)
    assert found.edge_interval is not None
    assert found.edge_interval.low > 0
    assert found.edge_p is not None
    assert found.edge_p < 0.01
    assert found.slope == pytest.approx(-0.4 / (366 / 9) * 9)
    assert found.bound == pytest.approx(tango(20, 0, 100, z=Z90).high)
    assert (found.series, found.subject, found.length, found.margin) == ("r1 10 passages", "r1", "10 passages", 0.05)
    assert found.p < 0.001
    assert found.verdict == "not flat: the position of the evidence matters"


def test_flat_is_shown_by_many_questions() -> None:
    (found,) = analysed(design(arms(*POSITIONS)), answers(2, 1500, [0.6, 0.6, 0.6])).positions
    assert found.flat
    assert found.bound < 0.05
    assert found.verdict.startswith("flat within 5.0 points (at most ")


def test_neither_is_said_with_what_would_be_needed() -> None:
    (found,) = analysed(design(arms(*POSITIONS)), answers(2, 150, [0.6, 0.6, 0.6])).positions
    assert not found.flat
    assert found.verdict.startswith("neither an effect of the position nor flatness within 5.0 points is shown, which")
    assert found.verdict.endswith("questions; underpowered")


def test_margin_is_the_designs() -> None:
    columns = answers(3, 500, [0.6, 0.6, 0.6])
    (found,) = analysed(design(arms(*POSITIONS), margin=0.001), columns).positions
    assert (found.margin, found.flat) == (0.001, False)


def test_gold_that_was_not_retrieved_leaves_the_question_out_of_all_positions() -> None:
    columns: list[list[Outcome]] = [list(column) for column in answers(4, 60, [0.6, 0.6, 0.6])]
    columns[1][:7] = ["not_applicable"] * 7
    columns[2][5:10] = ["not_applicable"] * 5
    report = analysed(design(arms(*POSITIONS)), columns)
    assert report.positions[0].n == 50
    assert {point.n for point in report.positions[0].points} == {50}
    assert report.excluded.not_applicable == 10


def test_failed_rows_leave_a_verdict_open_that_they_could_change() -> None:
    """1,500 questions look flat; 60 that failed in the middle, at worst 4 points, could make it not so."""
    columns = answers(2, 1500, [0.6, 0.6, 0.6])
    columns[1][:60] = ["failed"] * 60
    (found,) = analysed(design(arms(*POSITIONS)), columns).positions
    assert found.n == 1440
    assert found.verdict.startswith("incomplete")


def test_failed_rows_that_cannot_change_the_verdict_do_not() -> None:
    columns: list[list[Outcome]] = [[*[1] * right, *[0] * (200 - right)] for right in (160, 80, 140)]
    columns[0][:3] = ["failed"] * 3
    (found,) = analysed(design(arms(*POSITIONS)), columns).positions
    assert found.verdict.startswith("not flat")


def test_no_question_at_all_positions_is_no_effect() -> None:
    report = analysed(design(arms(*POSITIONS[:2])), [["failed", 1], [1, "not_applicable"]])
    assert report.positions == ()
    (line,) = report.headline
    assert line.endswith(": nothing to compare: no question has an outcome in both")


def test_two_positions_have_no_middle() -> None:
    (found,) = analysed(design(arms(*POSITIONS[:2])), answers(5, 60, [0.7, 0.5])).positions
    assert (found.edge_minus_middle, found.edge_interval, found.edge_p) == (None, None, None)
    assert found.primacy == -found.recency


def test_words_follow_the_p_adjusted_over_the_series() -> None:
    """p of the first series is about .026; with two quite flat series beside it Holm makes it .077."""
    some = [[1] * right + [0] * (60 - right) for right in (36, 31, 35)]
    same = [[1] * 30 + [0] * 30] * 3
    llama = Subject("llama", ModelChoice("llama-8b"))
    others = [*arms(*POSITIONS, subject="qwen"), *arms(*POSITIONS, subject="llama")]
    (alone,) = analysed(design(arms(*POSITIONS)), some).positions
    among = analysed(design([*arms(*POSITIONS), *others], subjects=(R1, QWEN, llama)), [*some, *same, *same])
    assert 0.02 < alone.p < 0.035
    assert alone.verdict.startswith("not flat")
    assert among.positions[0].p == alone.p == alone.p_adjusted
    assert among.positions[0].p_adjusted == pytest.approx(3 * alone.p)
    assert among.positions[0].verdict.startswith("neither")
    assert "adjusted p = .07" in among.headline[0]


def test_depths_stand_where_gold_stood() -> None:
    """The rows' contexts have gold at position 2."""
    deep = arms("gold_at_depth(depth=0.0)", "gold_at_depth(depth=1.0)")
    (found,) = analysed(design(deep), [[1, 0, 1], [0, 0, 1]]).positions
    assert [(point.position, point.label) for point in found.points] == [(2, "depth 0"), (2, "depth 1")]
    assert found.slope == pytest.approx(-1 / 3)


def test_extractive_answers_are_not_said_to_depend_on_position() -> None:
    of = design(arms(*POSITIONS, subject="extractive"), subjects=(EXTRACTS,))
    report = analysed(of, answers(6, 60, [0.9, 0.4, 0.9]))
    assert report.positions[0].verdict.startswith("the model is extractive")
    assert report.headline == (
        "extractive 10 passages: the model is extractive: it does not read passages in order, so order cannot matter "
        "there",
    )


def interactive(reasoning: Sequence[float], twin: Sequence[float], questions: int = 400) -> Report:
    of = design([*arms(*POSITIONS), *arms(*POSITIONS, subject="qwen")], subjects=(R1, QWEN))
    return analysed(of, [*answers(7, questions, reasoning), *answers(8, questions, twin)])


def test_interaction_is_found_and_names_its_twin() -> None:
    report = interactive([0.6, 0.6, 0.6], [0.6, 0.4, 0.6])
    (found,) = report.interactions
    assert (found.reasoning, found.twin, found.kind) == ("r1 10 passages", "qwen 10 passages", "same_base")
    assert found.n == 400
    assert found.difference < -0.1
    assert found.interval.high < 0
    assert found.p_logit is not None
    assert found.p_logit < 0.01
    assert found.verdict.startswith("the edge–middle gap of the reasoning model is smaller")
    assert any("a model tuned from the same base (same_base)" in line for line in report.headline)


def test_interaction_that_is_not_shown_is_said_with_its_power() -> None:
    (found,) = interactive([0.6, 0.5, 0.6], [0.6, 0.5, 0.6], questions=100).interactions
    assert found.detectable is not None
    assert found.detectable > 0.05
    assert found.verdict.startswith("no interaction shown; this run could have shown ")
    assert found.verdict.endswith("underpowered")


def test_interaction_of_what_does_not_vary_can_be_reported() -> None:
    of = design([*arms(*POSITIONS), *arms(*POSITIONS, subject="qwen")], subjects=(R1, QWEN))
    (found,) = analysed(of, [[1, 0] * 20] * 6).interactions
    assert (found.difference, found.p, found.detectable) == (0.0, 1.0, None)
    assert found.p_logit is None


def test_failed_rows_leave_an_interaction_open_that_they_could_change() -> None:
    of = design([*arms(*POSITIONS), *arms(*POSITIONS, subject="qwen")], subjects=(R1, QWEN))
    columns = [*answers(7, 800, [0.6, 0.6, 0.6]), *answers(8, 800, [0.6, 0.52, 0.6])]
    assert "smaller" in analysed(of, columns).interactions[0].verdict
    columns[4][:60] = ["failed"] * 60
    assert analysed(of, columns).interactions[0].verdict.startswith("incomplete")
