import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from evaluation.analysis import analyse
from evaluation.analysis.values import Spent
from evaluation.arms import Length
from evaluation.run import Clusters, Rescored, Run
from evaluation.statistics.single import wilson
from evaluation.trials import Trial
from indexes.errors import RequestError, UnknownNameError
from tests.evaluation.building_runs import MemoryRun, Outcome, again, arms, design, example, memory_run, trial

SHORT = "Contexts of 10 passages have 3.0 on average."
"""The rows of these runs hold three passages."""


def whole() -> MemoryRun:
    of = arms("best_first", "edges")
    bounds = arms("closed_book")
    chosen = design([*of, *bounds, again(of[0])], baseline="best_first", secondary=("token_f1",))
    first, second = [1, 0, 1, 1] * 30, [1, 1, 0, 1] * 30
    outcomes = {"best_first": first, "edges": second, "closed_book": [0] * 120, "best_first (again)": first}
    return memory_run(chosen, outcomes, facts={"dataset": {"name": "mine.jsonl", "checksum": "ab12"}, "dirty": False})


def test_headline_is_the_verdict_in_words() -> None:
    """30 questions gained and 30 lost of 120."""
    report = analyse(whole())
    (line,) = report.headline
    assert line.startswith("edges vs best_first: 0.0 points [−12.6, 12.6], p = 1, n = 120: no difference shown; this ")
    assert "; underpowered" in line
    assert (report.run, report.n, report.baseline, report.primary_metric) == ("handbook", 120, "best_first", "sub_span")


def test_cells_have_every_arm_and_metric_the_primary_first() -> None:
    report = analyse(whole())
    assert [(cell.arm, cell.metric) for cell in report.cells[:2]] == [
        ("best_first", "sub_span"),
        ("best_first", "token_f1"),
    ]
    assert [cell.arm for cell in report.cells[::2]] == ["best_first", "edges", "closed_book", "best_first (again)"]
    first = report.cells[0]
    assert (first.value, first.interval, first.n) == (0.75, wilson(90, 120), 120)
    assert first.finish == {"answered": 120}


def test_what_was_spent_is_a_mean_over_trials() -> None:
    assert analyse(whole()).spent[0] == Spent("best_first", 40.0, 10.0, 2.0, 0.25)


def test_nothing_known_of_the_cost_is_none() -> None:
    of = arms("edges")
    report = analyse(memory_run(design(of), {"edges": ["failed", "failed"]}))
    assert report.spent == (Spent("edges", None, None, None, None),)
    assert report.cells[0].value is None
    assert report.cells[0].interval is None
    assert report.cells[0].finish == {"failed": 2}
    assert report.headline == ("no question has an outcome yet",)


def test_one_arm_alone_is_said_to_be_alone() -> None:
    report = analyse(memory_run(design(arms("edges")), {"edges": [1, 0] * 50}))
    assert report.headline == ("edges: 50.0 % [40.4, 59.6], n = 100; nothing to compare it with",)
    assert report.baseline is None


def test_same_run_gives_the_same_report() -> None:
    of = design(arms("best_first", "edges"), samples=2)
    run = memory_run(of, {"best_first": [(1, 0), (0, 0)] * 20, "edges": [(1, 1), (0, 1)] * 20})
    assert analyse(run) == analyse(run)
    assert analyse(run, rng_seed=7) == analyse(run)
    other = analyse(run, rng_seed=8)
    assert other.comparisons[0].difference == analyse(run).comparisons[0].difference


def test_order_of_rows_does_not_matter() -> None:
    run = whole()
    assert analyse(replace(run, rows=run.rows[::-1])) == analyse(run)


def test_facts_are_for_people_and_flat() -> None:
    facts = dict(analyse(whole()).facts)
    assert facts["model"] == "r1: r1-qwen-7b at http://localhost:8000/v1"
    assert facts["dataset.name"] == "mine.jsonl"
    assert (facts["samples"], facts["seed"], facts["dirty"]) == ("1", "7", "false")


def test_baseline_of_all_series_is_that_of_the_report() -> None:
    run = memory_run(design(arms("best_first", "edges")), {"best_first": [1, 0], "edges": [1, 0]})
    assert analyse(run).baseline == "best_first"


def test_few_questions_and_random_distractors_are_warned_of() -> None:
    of = design(arms("best_first", "edges"))
    table = {"best_first": [1, 0] * 10, "edges": [1, 0] * 10}
    warnings = analyse(memory_run(of, table, facts={"distractors": "random"})).warnings
    assert warnings == (
        "Only 20 questions: small differences cannot be shown, whatever is true.",
        SHORT,
        "The distractors are passages of other questions: such random ones hide the effect of positions.",
    )
    many = {"best_first": [1, 0] * 50, "edges": [1, 0] * 50}
    assert analyse(memory_run(of, many, facts={"distractors": "hard"})).warnings == (SHORT,)


def test_contexts_as_long_as_they_should_be_are_no_warning() -> None:
    of = design(arms("best_first", "edges", length=Length(passages=3)))
    assert analyse(memory_run(of, {"best_first": [1, 0] * 50, "edges": [1, 0] * 50})).warnings == ()


def test_a_run_can_be_scored_by_other_clusters_than_its_own() -> None:
    """All of these questions have their gold in one document."""
    run = memory_run(design(arms("best_first", "edges")), {"best_first": [1, 0, 1], "edges": [1, 1, 1]})

    def rescored(run: Run, clusters: Clusters | None = None) -> Run:
        return Rescored(run, primary="sub_span", secondary=(), margin=0.05, clusters=clusters)

    by_source = rescored(run, "source")
    assert any(line.startswith("Questions share their sources") for line in analyse(by_source).warnings)
    assert rescored(by_source).manifest.design.clusters == "source"
    assert rescored(by_source, "question").manifest.design.clusters == "question"


def test_positions_come_before_what_lies_between_their_series() -> None:
    """Of seven lengths, five show nothing against the first: they are counted."""
    of = [
        replace(arm, name=f"{passages} {arm.name}")
        for passages in range(3, 10)
        for arm in arms("gold_at(position=1)", "gold_at(position=3)", length=Length(passages=passages))
    ]
    table: dict[str, list[Outcome]] = {arm.name: [1, 0] * 60 for arm in of}
    table["8 gold_at(position=1)"] = [0, 0] * 60
    lines = analyse(memory_run(design(of), table)).headline
    assert [line.split(":")[0] for line in lines[:7]] == [f"r1 {passages} passages" for passages in range(3, 10)]
    assert lines[7].startswith("8 gold_at(position=1) vs 3 gold_at(position=1): −50.0 points")
    assert lines[8:] == ("no difference shown in 5 of 6 comparisons between these series",)


def test_underpowered_contrasts_are_listed() -> None:
    assert analyse(whole()).warnings == (
        "Underpowered, as only differences above 5.0 points would have been detected: edges.",
        SHORT,
    )


def test_an_unknown_metric_is_refused() -> None:
    run = memory_run(design(arms("edges"), primary="sub_spam"), {"edges": [1]})
    with pytest.raises(UnknownNameError, match="sub_spam"):
        analyse(run)


def test_a_damaged_run_is_refused() -> None:
    run = memory_run(design(arms("edges")), {"edges": [1]})
    with pytest.raises(RequestError, match="damaged"):
        analyse(replace(run, rows=(*run.rows, *run.rows)))


@dataclass(frozen=True)
class Streaming(MemoryRun):
    """Makes its rows as they are read."""

    def trials(self, arm: str | None = None) -> Iterator[Trial]:
        for number in range(len(self.questions)):
            for known in self.manifest.design.arms:
                for sample in range(self.manifest.design.samples):
                    one = trial(known.name, number, (number + sample) % 2, sample)
                    yield replace(one, reasoning="thinking about it " * 500)


def test_rows_are_not_kept() -> None:
    """2,000 rows of 9 kB: 18 MB of thinking, of which nothing may stay."""
    run = memory_run(design(arms("best_first", "edges"), samples=2), {"best_first": [], "edges": []})
    streaming = Streaming(run.manifest, (), tuple(example(number) for number in range(500)))
    analyse(run_once := replace(streaming, questions=streaming.questions[:5]))  # imports what is needed
    assert run_once.questions
    tracemalloc.start()
    try:
        analyse(streaming)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 120e6  # the blocks of 9,999 draws, not the rows


def test_an_unfinished_run_says_first_how_much_is_missing() -> None:
    """Of 2 × 40 trials 10 are missing: an eighth."""
    table: dict[str, list[Outcome]] = {"best_first": [1, 0] * 20, "edges": [*[1, 0] * 15, *[None] * 10]}
    first, *_ = analyse(memory_run(design(arms("best_first", "edges")), table)).headline
    assert first == "unfinished: 10 of 80 trials (12.5 %) are still to be asked"
    asked = analyse(memory_run(design(arms("best_first", "edges")), {name: [1, 0] * 20 for name in table}))
    assert not [line for line in asked.headline if "unfinished" in line]


def test_a_few_questions_that_do_not_differ_look_neither_precise_nor_powerful() -> None:
    """Three samples of 20 questions, all alike: ±3.84 / 23.84 = ±16.1 points, as if there were one sample."""
    table = {"best_first": [(1, 1, 1), (0, 0, 0)] * 10, "edges": [(1, 1, 1), (0, 0, 0)] * 10}
    (found,) = analyse(memory_run(design(arms("best_first", "edges"), samples=3), table)).comparisons
    assert found.interval == pytest.approx((-0.1611, 0.1611), abs=1e-4)
    assert found.detectable is None
    assert found.verdict == "no difference shown; underpowered: too little differs to say what it could show"


def test_names_of_arms_come_in_parts_that_together_are_unique() -> None:
    of = [*arms("best_first", "edges"), *arms("closed_book", length=Length())]
    report = analyse(memory_run(design([*of, again(of[0])]), {arm.name: [1, 0] for arm in [*of, again(of[0])]}))
    assert [(one.group, one.own) for one in report.parts] == [
        ("", "best_first"),
        ("", "edges"),
        ("", "closed_book"),
        ("", "best_first (again)"),
    ]
    twice = [of[0], replace(of[0], name="mine")]
    assert analyse(memory_run(design(twice), {"best_first": [1], "mine": [0]})).parts == ()
