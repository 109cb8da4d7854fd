"""Questions of one source are no independent evidence, where the design says so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from evaluation.analysis import analyse, compare_runs
from evaluation.analysis.calibrating import calibrate_run
from evaluation.analysis.clusters import clusters_of
from evaluation.analysis.pairing import generator
from evaluation.analysis.values import Report
from evaluation.candidates import Candidate, Candidates, Kind
from evaluation.run import Design
from evaluation.statistics import graded, paired
from evaluation.statistics.position import any_effect, edge_weights
from evaluation.statistics.single import bootstrap, wilson
from evaluation.store.manifest import manifest_from_json, manifest_to_json
from indexes.errors import RequestError
from indexes.passages import RankedPassage
from tests.evaluation.building_runs import QWEN, R1, MemoryRun, Outcome, again, arms, design, memory_run, passage

POSITIONS = ("gold_at(position=1)", "gold_at(position=5)", "gold_at(position=10)")


@dataclass(frozen=True)
class SourcedRun(MemoryRun):
    """A run whose candidates are (kind, source) by rank, one tuple of them a question."""

    sources: tuple[tuple[tuple[Kind, str], ...], ...] = ()

    def candidates(self, example: str) -> Candidates:
        return Candidates(
            example,
            tuple(
                Candidate(RankedPassage(replace(passage(f"{example}-p{rank}"), source=source), rank, 1 / rank), kind)
                for rank, (kind, source) in enumerate(self.sources[int(example[1:])], start=1)
            ),
        )


def sourced(
    of: Design, outcomes: Sequence[Sequence[Outcome | Sequence[Outcome]]], sources: Sequence[str], *, by: str = "source"
) -> SourcedRun:
    """A run with outcomes by arm, and the source of each question's gold; its best passage is a wrong one."""
    whole = replace(of, clusters="source" if by == "source" else "question")
    run = memory_run(whole, dict(zip((arm.name for arm in of.arms), outcomes, strict=True)))
    ranked: tuple[tuple[tuple[Kind, str], ...], ...] = tuple((("hard", "other.md"), ("gold", one)) for one in sources)
    return SourcedRun(run.manifest, run.rows, run.questions, run.name, ranked)


def copied(values: Sequence[int], times: int = 5) -> list[int]:
    """The outcomes of questions, each asked in so many wordings that are answered alike."""
    return [value for value in values for _ in range(times)]


def documents(count: int, times: int = 5) -> list[str]:
    return [f"doc{at:02}.md" for at in range(count) for _ in range(times)]


PAIR = design(arms("best_first", "edges"), baseline="best_first")
BASELINE, ARM = [1, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 0, 1, 1, 1, 0, 0, 1, 1, 0]
"""10 documents: 4 gained, 1 lost."""
DOCUMENTS = tuple(documents(10))


def two_arms(*, by: str = "source", sources: Sequence[str] = DOCUMENTS) -> Report:
    return analyse(sourced(PAIR, [copied(BASELINE), copied(ARM)], sources, by=by))


def test_wordings_of_one_question_do_not_make_p_small() -> None:
    """10 documents, 5 wordings each: 20 questions gained, 5 lost, but 4 documents gained, 1 lost.

    Of 2⁵ flips of 5 documents those with a sum of 3 and more are 5 + 1, and as many at the other side: p = 12/32.
    """
    (single,), (whole,) = two_arms(by="question").comparisons, two_arms().comparisons
    assert single.p == paired.compare(20, 5, 50).p
    assert single.p is not None
    assert single.p < 0.01
    assert whole.p == pytest.approx(12 / 32, abs=0.02)
    assert whole.verdict.startswith("no difference shown")
    assert (whole.gained, whole.lost, whole.n) == (20, 5, 50)
    assert whole.p_exact is None
    assert whole.difference == pytest.approx(0.3)
    differences = np.array(copied(ARM), dtype=float) - np.array(copied(BASELINE))
    expected = graded.paired(
        differences, rng=generator(7, "sub_span", "best_first", "edges"), clusters=tuple(documents(10))
    )
    assert (whole.p, whole.interval) == (expected.p, (expected.low, expected.high))


def test_what_could_have_been_shown_grows_with_the_clusters() -> None:
    """20 documents of 5 equal wordings could show as much as 20 questions could, each of two equal samples."""
    outcomes = [copied([0, 1] * 10), copied([1, 1, 0, 0, 1] * 4)]
    alike = analyse(sourced(PAIR, outcomes, documents(20))).comparisons[0].detectable
    twenty = [(one, one) for one in [0, 1] * 10], [(one, one) for one in [1, 1, 0, 0, 1] * 4]
    of = replace(PAIR, samples=2)
    assert alike == pytest.approx(analyse(sourced(of, twenty, documents(20, 1))).comparisons[0].detectable)


def test_cells_draw_documents() -> None:
    cell = two_arms().cells[1]
    values = np.array(copied(ARM), dtype=float)
    rng = generator(7, "cell", "sub_span", "edges")
    assert cell.interval == bootstrap(values, rng=rng, clusters=documents(10))
    narrow = wilson(30, 50)
    assert cell.interval is not None
    assert cell.interval.high - cell.interval.low > 1.5 * (narrow.high - narrow.low)


def test_the_number_of_clusters_is_said() -> None:
    report = two_arms()
    assert ("clusters", "10 of 50 questions, by source") in report.facts
    assert (
        "Questions share their sources: 50 questions are 10 clusters, which tests and intervals take as a whole."
        in report.warnings
    )
    assert "Only 10 clusters: small differences cannot be shown, whatever is true." in report.warnings
    few = two_arms(sources=["a.md"] * 25 + ["b.md"] * 25).warnings
    assert any("with fewer than 6 no difference can be shown" in warning for warning in few)


def test_each_question_of_its_own_source_changes_nothing() -> None:
    sources = documents(50, 1)
    single, whole = two_arms(by="question", sources=sources), two_arms(sources=sources)
    assert replace(whole, facts=()) == replace(single, facts=())
    assert set(whole.facts) - set(single.facts) == {("clusters", "each question its own: no two have the same source")}


def test_by_question_sources_do_not_count() -> None:
    report = two_arms(by="question")
    assert report == two_arms(by="question", sources=documents(50, 1))
    assert "clusters" not in dict(report.facts)


def test_a_stored_run_that_knows_no_clusters_goes_by_question() -> None:
    run = memory_run(PAIR, {"best_first": BASELINE, "edges": ARM})
    stored = json.loads(manifest_to_json(run.manifest))
    assert stored["design"].pop("clusters") == "question"
    assert manifest_from_json(json.dumps(stored)) == run.manifest


def test_the_first_gold_names_the_cluster_found_by_retrieval_or_not() -> None:
    run = sourced(design(arms("edges")), [[1] * 5], ["a.md"] * 5)
    sources: tuple[tuple[tuple[Kind, str], ...], ...] = (
        (("retrieved", "b.md"), ("gold", "a.md"), ("gold", "c.md")),
        (("retrieved", "a.md"), ("unretrieved", "a.md")),
        (("retrieved", "a.md"),),
        (("retrieved", "a.md"),),
        (("gold", "c.md"), ("unretrieved", "a.md")),
    )
    found = clusters_of(replace(run, sources=sources))
    assert found == ("source a.md", "source a.md", "question q2", "question q3", "source c.md")


def test_a_source_and_a_question_of_one_name_are_two_clusters() -> None:
    run = sourced(design(arms("edges")), [[1] * 3], ["q2", "q2", ""])
    found = clusters_of(replace(run, sources=(*run.sources[:2], (("retrieved", "q2"),))))
    assert found == ("source q2", "source q2", "question q2")


def test_missing_outcomes_keep_the_clusters_of_their_questions() -> None:
    """All 5 wordings of the one lost document failed in the arm: known are 4 documents gained, p = 2/16.

    The last document does not apply, so it is in no case at all.
    """
    arm: list[Outcome] = list(copied(ARM))
    arm[5:10] = ["failed"] * 5
    arm[45:] = ["not_applicable"] * 5
    (found,) = analyse(sourced(PAIR, [copied(BASELINE), arm], documents(10))).comparisons
    assert (found.n, found.gained, found.lost) == (40, 20, 0)
    assert found.p == pytest.approx(2 / 16, abs=0.02)
    assert found.verdict.startswith("no difference shown")


def test_positions_go_by_document() -> None:
    """8 documents of 5 wordings: right at position 1; at 5 in half of the documents; at 10 but for one."""
    columns = [copied([1] * 8), copied([1, 0] * 4), copied([1] * 7 + [0])]
    clusters = documents(8)
    (single,) = analyse(sourced(design(arms(*POSITIONS)), columns, clusters, by="question")).positions
    (whole,) = analyse(sourced(design(arms(*POSITIONS)), columns, clusters)).positions
    outcomes = np.array(columns, dtype=float).T
    name = "r1 10 passages gold_at"
    assert single.p < 0.001
    assert whole.p == any_effect(outcomes, rng=generator(7, "position", name), clusters=clusters).p > 0.02
    edge = graded.paired(outcomes @ edge_weights(3), rng=generator(7, "edge", name), clusters=clusters)
    assert (whole.edge_p, whole.edge_interval) == (edge.p, (edge.low, edge.high))
    assert single.edge_p is not None
    assert single.edge_p < 0.001 < 0.05 < edge.p
    assert whole.bound > single.bound
    assert whole.points[1].interval is not None
    assert whole.points[1].interval != single.points[1].interval


def test_flatness_takes_more_questions_of_fewer_documents() -> None:
    """Equal wordings, 5 a document: squares of sums are 25/5 times those of questions, so it takes 5 times as many."""
    columns = [copied([1, 0, 1, 1, 0, 1] * 8), copied([1, 1, 0, 1, 0, 1] * 8)]
    of = design(arms(*POSITIONS[:2]))
    verdicts = [
        analyse(sourced(of, columns, documents(48), by=by)).positions[0].verdict for by in ("question", "source")
    ]
    needed = [int(verdict.split("about ")[1].split()[0].replace(",", "")) for verdict in verdicts]
    assert needed[1] == 5 * needed[0]


def test_the_interaction_and_its_logit_go_by_document() -> None:
    """A gap of the twin in 3 of 8 documents, none of the reasoning model: p = 2/2³, but small by 15 of 40 questions."""
    thinks = [copied([1] * 6 + [0, 1]), copied([1] * 6 + [0, 1]), copied([1] * 6 + [0, 1])]
    twin = [copied([1] * 6 + [0, 0]), copied([0, 0, 0, 1, 1, 1, 0, 0]), copied([1] * 6 + [0, 0])]
    of = design((*arms(*POSITIONS), *arms(*POSITIONS, subject="qwen")), subjects=(R1, QWEN))
    (single,) = analyse(sourced(of, [*thinks, *twin], documents(8), by="question")).interactions
    (whole,) = analyse(sourced(of, [*thinks, *twin], documents(8))).interactions
    assert single.p < 0.001
    assert whole.p == pytest.approx(2 / 2**3, abs=0.02)
    assert single.p_logit is not None
    assert whole.p_logit is not None
    assert whole.p_logit > 10 * single.p_logit


def test_repeats_and_comparisons_of_runs_go_by_document() -> None:
    first = arms("best_first")[0]
    of = design((first, again(first)), baseline="best_first")
    repeat = analyse(sourced(of, [copied(BASELINE), copied(ARM)], documents(10))).repeat
    assert repeat is not None
    assert repeat.p == pytest.approx(12 / 32, abs=0.02)
    lone = design((first,))
    old, new = (sourced(lone, [copied(column)], documents(10)) for column in (BASELINE, ARM))
    turned = replace(new, questions=new.questions[::-1])
    for later in (new, turned):
        report = compare_runs(old, later)
        assert report.comparisons[0].p == pytest.approx(12 / 32, abs=0.02)
        assert any("are 10 clusters" in warning for warning in report.warnings)
    plain = sourced(lone, [copied(ARM)], documents(10), by="question")
    report = compare_runs(old, plain)
    assert report.comparisons[0].p == paired.compare(20, 5, 50).p
    assert any("clusters: source → question" in warning for warning in report.warnings)


def test_calibration_refuses_clusters() -> None:
    with pytest.raises(RequestError, match="50 questions, 10 clusters"):
        calibrate_run(sourced(PAIR, [copied(BASELINE), copied(ARM)], documents(10)), effect=0.05)
