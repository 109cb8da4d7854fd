"""What a check found on a terminal: the verdict in words, widths, hostile texts, what to do."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from evaluation.check.outputs.terminal import render
from evaluation.check.values import Checked
from tests.evaluation.check.building_checks import against, assertion, checked, metric, outcome, result, stage
from tests.evaluation.check.building_outputs import HOSTILE, full_check, undecided_check


def drawn(found: Checked, *, width: int = 80, colour: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=colour, color_system="standard" if colour else None)
    console.print(render(found))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def first_line(found: Checked) -> str:
    return drawn(found, width=400).splitlines()[0]


def test_a_regression_names_the_stage_its_numbers_and_the_first_that_moved() -> None:
    lost = metric(verdict="regressed", n=64, baseline=62 / 64, current=59 / 64, lost=("a", "b", "c"))
    found = checked("regressed", n=64, baseline=against(stage("retrieval", lost, verdict="regressed")))
    assert first_line(found) == (
        "REGRESSED: retrieval lost 3 of 64 questions (recall@10 96.9 % → 92.2 %, margin 2 points); "
        "the first stage that moved: retrieval"
    )


def test_a_pass_says_on_what_it_rests() -> None:
    found = checked("pass", n=64, baseline=against(stage(), stage("end_to_end", metric("sub_span", basis="identical"))))
    assert first_line(found) == "pass: 64 questions; retrieval: no question lost; end to end: identical"


def test_a_pass_with_losses_counts_them() -> None:
    moved = metric(lost=("a",), gained=("b", "c"), basis="net loss within the margin")
    found = checked("pass", n=64, baseline=against(stage("retrieval", moved)))
    assert first_line(found) == (
        "pass: 64 questions; retrieval: net loss within the margin (lost 1, gained 2); "
        "the first stage that moved: retrieval"
    )


def test_an_open_verdict_says_why_and_what_to_do() -> None:
    assert first_line(undecided_check()) == (
        "inconclusive: end to end sub_span over 60 questions: too few questions (81.0 % → 78.0 %, "
        "−3.0 [−9.0, 3.0] points, margin 5 points); what to do: ask more questions, or raise the margin, "
        'or accept it: rag check bless --reason "…"'
    )


def test_time_and_infrastructure_are_what_is_in_the_way_and_not_the_number_of_questions() -> None:
    gate = metric("sub_span", verdict="inconclusive", basis="incomplete: 60 replies failed")
    found = checked("inconclusive", infrastructure_failures=60, unasked=1, baseline=against(stage("end_to_end", gate)))
    line = first_line(found)
    assert line.startswith(
        "inconclusive: out of time with 1 reply to come; 60 replies failed; what to do: run it again"
    )
    assert line.endswith("rag check run --retry-failed")
    assert "more questions" not in line


def test_a_loss_that_a_second_run_does_not_show_is_looked_at() -> None:
    gate = metric("sub_span", verdict="inconclusive", basis="not confirmed by a second run")
    line = first_line(checked("inconclusive", confirmed=False, baseline=against(stage("end_to_end", gate))))
    assert "not confirmed by a second run" in line
    assert "what to do: look at what changed: rag check diff, or ask more questions" in line


@pytest.mark.parametrize("basis", ["the baseline has no answers", "no question has it on both sides"])
def test_what_the_baseline_does_not_have_is_blessed_and_not_asked_more_often(basis: str) -> None:
    gate = metric("sub_span", n=0, baseline=None, current=None, difference=None, verdict="inconclusive", basis=basis)
    assert first_line(checked("inconclusive", baseline=against(stage(), stage("end_to_end", gate)))) == (
        f'inconclusive: end to end sub_span: {basis}; what to do: accept it: rag check bless --reason "…"'
    )


def test_failures_that_only_the_baseline_has_are_said() -> None:
    gate = metric("sub_span", verdict="inconclusive", basis="incomplete: 2 replies failed")
    line = first_line(checked("inconclusive", baseline=against(stage("end_to_end", gate))))
    assert "end to end sub_span over 100 questions: incomplete: 2 replies failed" in line


def test_where_nothing_decides_gold_or_answers_are_wanted() -> None:
    gate = metric(n=0, baseline=None, current=None, difference=None, basis="applies to no question")
    assert first_line(checked("inconclusive", baseline=against(stage("retrieval", gate)))) == (
        "inconclusive: no question has what decides; what to do: name gold or answers in the questions"
    )


def test_no_question_in_common_asks_for_a_blessing() -> None:
    line = first_line(checked("inconclusive", n=0))
    assert line.startswith("inconclusive: no question of now is in the baseline; what to do: make this result")


def test_without_a_baseline_the_values_of_now_stand_and_how_to_bless() -> None:
    """Recall is 1 and 0: 50 %; of two replies one is right, and the other question has none: 50 %."""
    now = result(outcome("a", replies=(1.0, 0.0)), outcome("b", recall=0.0, in_context=None))
    text = drawn(checked("inconclusive", current=now, baseline=None))
    assert text.splitlines()[:2] == [
        "inconclusive: nothing is blessed yet; what to do: make this result the baseline:",
        'rag check bless --reason "…"',
    ]
    rows = [line.split() for line in text.splitlines()]
    assert ["recall@10", "50.0", "%", "2"] in rows
    assert ["gold_in_context", "100.0", "%", "1"] in rows
    assert ["sub_span", "50.0", "%", "1"] in rows
    assert text.index("retrieval") < text.index("assembly") < text.index("end to end")


def test_a_broken_assertion_fails_what_else_passes() -> None:
    found = checked(assertions=(assertion("q1"), assertion("q1", held=True)))
    assert first_line(found) == (
        "FAILED: 1 of 2 hard assertions broken; else pass: 1 question; retrieval: no question lost"
    )
    assert "q1: wanted: cites 'guide.md'; found: cites nothing" in drawn(found)


@pytest.mark.parametrize(
    ("moved", "named"),
    [
        (metric("sub_span", low=-0.1, high=-0.01), True),
        (metric("sub_span", low=0.01, high=0.1), True),
        (metric("sub_span", low=-0.1, high=0.01, lost=("q1",)), False),
        (metric("sub_span", gained=("q1",)), True),
        (metric("sub_span"), False),
    ],
)
def test_sampled_answers_move_beyond_chance_and_exact_ones_at_all(moved: object, named: bool) -> None:
    assert isinstance(moved, type(metric()))
    line = first_line(checked(baseline=against(stage(), stage("end_to_end", moved))))
    assert line.endswith("the first stage that moved: end to end") == named


def test_the_parts_stand_in_order() -> None:
    text = drawn(full_check())
    parts = [
        "REGRESSED: retrieval",
        "64 questions against the baseline of 2026-05-01T12:00:00Z (plain words)",
        "retrieval: regressed",
        "assembly: pass",
        "generation: inconclusive (tells, does not gate)",
        "end to end: pass",
        "corpus: documents 33 → 34",
        "Lost questions (3)",
        "Broken assertions (3)",
        "Assertions that could not be checked (1)",
        "3 replies failed by infrastructure",
        "2 replies not asked: out of time",
        "that shows the loss too",
        "Gold that is nowhere in the documents (3)",
        "Added or edited since, not compared (4)",
        "Removed since (1)",
        "Against the first baseline, of 2025-11-01T08:00:00Z",
        "Warnings",
    ]
    assert [text.find(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_a_metric_stands_on_one_line_with_all_its_numbers() -> None:
    lines = drawn(full_check(), width=140).splitlines()
    row = next(line for line in lines if line.startswith("  recall@10"))
    assert " ".join(row.split()) == "recall@10 regressed: net loss beyond the margin 96.9 % 92.2 % −4.7 2 0 / 3"
    row = next(line for line in lines if "[−4.1,\N{NO-BREAK SPACE}4.0]" in line)
    assert " ".join(row.split()) == "sub_span pass: no loss [−4.1, 4.0] 90.0 % 90.0 % 0.0 5 0 / 0"


def test_long_lists_end_with_where_the_rest_is() -> None:
    text = drawn(full_check(questions=13))
    assert "plain words 9: plain words (retrieval recall@10)\n  and 3 more: rag check diff\n" in text
    assert "plain words 10:" not in text


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("text", ["plain words", HOSTILE, "位置" * 60])
def test_no_line_is_wider_than_the_terminal(width: int, text: str) -> None:
    lines = drawn(full_check(text), width=width).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_a_metric_has_one_row_of_numbers_at_80_columns() -> None:
    """The widest of the built-in ones, with hundreds of questions on either side."""
    many = tuple(map(str, range(120)))
    widest = metric("citation_precision", baseline=1.0, current=1.0, low=-0.105, high=-0.101, difference=-0.103,
                    gained=many, lost=many, basis="not confirmed by a second run", verdict="inconclusive")  # fmt: skip
    lines = drawn(checked("inconclusive", baseline=against(stage("end_to_end", widest)))).splitlines()
    assert len([line for line in lines if line.lstrip().startswith("citation_precision")]) == 1


def test_texts_are_neither_markup_nor_control() -> None:
    text = drawn(full_check(HOSTILE), width=1000)
    assert "[bold]x[/]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    coloured = drawn(full_check(HOSTILE), width=1000, colour=True)
    assert "\x1b[2J" not in coloured
    assert "\x1b[1;31m" in coloured
