from collections.abc import Mapping
from dataclasses import replace

import pytest

from evaluation.analysis import compare_runs
from evaluation.arms import Length
from evaluation.statistics import paired
from indexes.errors import RequestError
from rag.opening import ModelChoice
from tests.evaluation.building_runs import R1, MemoryRun, again, arms, design, memory_run

FIRST, SECOND = [1, 0, 1, 1] * 30, [1, 1, 0, 1] * 25 + [1, 1, 1, 1] * 5


def run(name: str, outcomes: list[int], *, facts: Mapping[str, object] | None = None) -> MemoryRun:
    of = design(arms("best_first", "edges"), baseline="best_first")
    return memory_run(of, {"best_first": FIRST, "edges": outcomes}, facts=facts, name=name)


def test_each_arm_is_compared_with_its_namesake() -> None:
    """edges: 30 gained, 25 lost; best_first the same in both."""
    report = compare_runs(run("old", FIRST), run("new", SECOND))
    same, edges = report.comparisons
    assert (report.run, report.baseline, report.n) == ("new vs old", "old", 120)
    assert (edges.baseline, edges.arm) == ("old: edges", "new: edges")
    assert (edges.gained, edges.lost) == (30, 25)
    assert edges.p == paired.compare(30, 25, 120).p
    assert same.difference == 0
    assert report.headline[1].startswith("new: edges vs old: edges: +4.2 points")
    assert [cell.arm for cell in report.cells] == ["old: best_first", "old: edges", "new: best_first", "new: edges"]
    assert report.warnings == ()


def test_questions_are_paired_by_id_whatever_their_order() -> None:
    old, new = run("old", FIRST), run("new", SECOND)
    turned = replace(new, questions=new.questions[::-1])
    assert compare_runs(old, turned).comparisons == compare_runs(old, new).comparisons


def test_runs_of_the_same_name_are_told_apart() -> None:
    report = compare_runs(run("handbook", FIRST), run("handbook", SECOND))
    assert report.run == "handbook (2) vs handbook (1)"


def test_other_questions_are_refused_with_their_count() -> None:
    old, new = run("old", FIRST), run("new", SECOND)
    fewer = memory_run(old.manifest.design, {"best_first": [1] * 118, "edges": [1] * 118}, name="new")
    with pytest.raises(RequestError, match="2 are only in the first, 0 only in the second, 0 have another wording"):
        compare_runs(old, fewer)
    other = replace(new.questions[0], question="What else?")
    with pytest.raises(RequestError, match="0 are only in the first, 0 only in the second, 1 have another wording"):
        compare_runs(old, replace(new, questions=(other, *new.questions[1:])))


def test_another_dataset_is_refused() -> None:
    one, two = ({"dataset": {"checksum": checksum}} for checksum in ("ab12", "cd34"))
    with pytest.raises(RequestError, match="other checksums, 'ab12' and 'cd34'"):
        compare_runs(run("old", FIRST, facts=one), run("new", SECOND, facts=two))
    assert compare_runs(run("old", FIRST, facts=one), run("new", SECOND, facts=one)).n == 120


def test_no_common_arm_is_refused() -> None:
    other = memory_run(design(arms("middle")), {"middle": FIRST}, name="new")
    with pytest.raises(RequestError, match=r"no arm of the same name \(best_first, edges; middle\)"):
        compare_runs(run("old", FIRST), other)


def test_what_differs_between_the_runs_is_said() -> None:
    new = run("new", SECOND, facts={"templates": {"cited": "ff00"}, "began": 3.0})
    subject = replace(R1, choice=ModelChoice("other-7b"))
    new = replace(new, manifest=replace(new.manifest, design=replace(new.manifest.design, subjects=(subject,))))
    old = run("old", FIRST, facts={"templates": {"cited": "aa00"}, "began": 1.0})
    (warning,) = compare_runs(old, new).warnings
    assert warning == (
        "The runs differ in model r1: r1: r1-qwen-7b at http://localhost:8000/v1 → r1: other-7b; "
        "templates.cited: aa00 → ff00."
    )


def test_lone_arms_and_other_settings_are_warned_of() -> None:
    longer = arms("edges", length=Length(passages=40))
    new = memory_run(
        design([*longer, *arms("middle"), again(longer[0])]),
        dict.fromkeys(("edges", "middle", "edges (again)"), FIRST),
        name="new",
    )
    report = compare_runs(run("old", FIRST), new)
    assert [one.arm for one in report.comparisons] == ["new: edges"]
    assert report.warnings[:2] == (
        "Arms of one run alone, which are not compared: best_first, middle.",
        "Arms of the same name but with other settings: edges.",
    )


def test_missing_rows_of_either_run_leave_verdicts_open() -> None:
    old, new = run("old", [0] * 120), run("new", [1] * 12 + [0] * 108)
    gained = compare_runs(old, new)
    assert gained.comparisons[1].verdict.startswith("higher")
    cut = replace(
        old, rows=tuple(row for row in old.rows if not (row.key.arm == "edges" and int(row.key.example[1:]) < 10))
    )
    report = compare_runs(cut, new)
    assert report.comparisons[1].verdict.startswith("incomplete")
    assert report.missing == 10
    assert report.warnings[0].startswith("10 trials in old still to be asked")


def test_runs_with_other_numbers_of_samples_are_compared_by_their_means() -> None:
    of = design(arms("best_first", "edges"), samples=2)
    many = memory_run(of, {"best_first": [(1, 0)] * 120, "edges": [(1, 1)] * 120}, name="new")
    report = compare_runs(run("old", FIRST), many)
    assert report.comparisons[0].difference == pytest.approx(0.5 - 0.75)
    assert report.comparisons[0].p_exact is None
    assert "samples: 1 → 2" in report.warnings[-1]
