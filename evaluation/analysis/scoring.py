"""Every trial of a run scored once, in one walk through its rows; only numbers are kept."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.analysis.clusters import clusters_of
from evaluation.arms import Arm
from evaluation.metrics import MetricSpec
from evaluation.metrics.scorer import case_maker
from evaluation.run import Run
from evaluation.scores import Case, Score
from indexes.errors import RequestError

UNKNOWN, SCORED, NOT_APPLICABLE = 0, 1, 2
"""States of a score; unknown: the trial failed, or was not asked yet."""


@dataclass(frozen=True, slots=True)
class MetricScores:
    """The scores of one metric.

    Attributes:
        values: shape (arms, examples, samples), in the order of the design; 0 where there is none.
        states: of each: `UNKNOWN`, `SCORED` or `NOT_APPLICABLE`.
    """

    metric: MetricSpec
    values: NDArray[np.float64]
    states: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ArmCount:
    """What an arm's trials were, added up.

    Attributes:
        finish: how many ended in each way.
        sums: of what is known of their cost, and of where gold stood: "thinking", "answer", "seconds", "cached",
            "prompt", "gold", and how many "passages" there were.
        known: how many trials know each of these.
    """

    finish: Mapping[str, int]
    sums: Mapping[str, float]
    known: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Scored:
    """A run in numbers.

    Attributes:
        examples: ids, in the order of the run.
        arms: in the order of the design.
        metrics: by name, the primary one first.
        counts: by arm.
        missing: trials that are still to be asked.
        clusters: the cluster of each example; None: each is its own.
    """

    examples: tuple[str, ...]
    arms: tuple[Arm, ...]
    samples: int
    metrics: Mapping[str, MetricScores]
    counts: Mapping[str, ArmCount]
    missing: int
    clusters: tuple[str, ...] | None


def score_run(run: Run, metrics: Sequence[MetricSpec]) -> Scored:
    """Scores all trials of `run`.

    Raises:
        RequestError: a row belongs to no arm or example of the run, or there are more rows than samples.
    """
    design = run.manifest.design
    arms = {arm.name: at for at, arm in enumerate(design.arms)}
    places = {example.id: at for at, example in enumerate(run.examples())}
    shape = (len(arms), len(places), design.samples)
    scores = [MetricScores(metric, np.zeros(shape), np.zeros(shape, dtype=np.uint8)) for metric in metrics]
    seen = np.zeros(shape[:2], dtype=np.int64)
    tallies = {name: _Tally() for name in arms}
    for case, arm, example in _cases(run, arms, places):
        sample = seen[arm, example]
        if sample == design.samples:
            key = case.trial.key
            wanted = f"{design.samples} of arm {key.arm!r} and example {key.example!r}"
            raise RequestError(f"run {run.name!r} should hold {wanted}, found more; the run is damaged")
        seen[arm, example] += 1
        tallies[case.trial.key.arm].add(case)
        for one in scores:
            value, state = _number(_score(one, case, example))
            one.values[arm, example, sample] = value
            one.states[arm, example, sample] = state
    return Scored(
        tuple(places),
        design.arms,
        design.samples,
        {str(one.metric): one for one in scores},
        {name: tally.count() for name, tally in tallies.items()},
        int(max(run.manifest.examples, len(places)) * len(arms) * design.samples - seen.sum()),
        clusters_of(run),
    )


def _cases(run: Run, arms: Mapping[str, int], places: Mapping[str, int]) -> Iterator[tuple[Case, int, int]]:
    """The case of every row with the numbers of its arm and example."""
    make = case_maker(run)
    for trial in run.trials():
        arm, at = arms.get(trial.key.arm), places.get(trial.key.example)
        if arm is None or at is None:
            raise RequestError(
                f"run {run.name!r} holds a trial of arm {trial.key.arm!r} and example {trial.key.example!r}, which are "
                "not both in its design; the run is damaged"
            )
        yield make(trial), arm, at


def _score(scores: MetricScores, case: Case, example: int) -> Score | tuple[float, int]:
    """The score, or, for a metric of the ranking, what an earlier trial of the example got."""
    if scores.metric.of_ranking and case.trial.finish not in ("failed", "not_applicable", "dry_run"):
        earlier = np.flatnonzero(scores.states[:, example] == SCORED)
        if len(earlier):
            return float(scores.values[:, example].flat[earlier[0]]), SCORED
    return scores.metric.score(case)


def _number(score: Score | tuple[float, int]) -> tuple[float, int]:
    if isinstance(score, tuple):
        return score
    if score.value is None:
        return 0.0, NOT_APPLICABLE if score.status == "not_applicable" else UNKNOWN
    return score.value, SCORED


class _Tally:
    """Adds up what the trials of an arm were."""

    def __init__(self) -> None:
        self._finish: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()
        self._known: Counter[str] = Counter()

    def add(self, case: Case) -> None:
        trial, usage = case.trial, case.trial.usage
        self._finish[trial.finish] += 1
        gold = next((at for at, passage in enumerate(case.context, start=1) if passage.id in case.grades), None)
        found: dict[str, float | None] = {"gold": gold}
        if trial.finish not in ("failed", "not_applicable"):
            thought = usage.reasoning if usage.reasoning is not None or trial.reasoning else 0
            written = None if usage.completion is None or thought is None else max(0, usage.completion - thought)
            known_cache = usage.prompt is not None and usage.cached is not None
            found |= {
                "passages": len(trial.context),
                "thinking": thought,
                "answer": written,
                "seconds": None if trial.timings.total is None else trial.timings.total / 1000,
                "prompt": usage.prompt if known_cache else None,
                "cached": usage.cached if known_cache else None,
            }
        for name, value in found.items():
            if value is not None:
                self._sums[name] += value  # type: ignore[assignment]  # a Counter of sums
                self._known[name] += 1

    def count(self) -> ArmCount:
        return ArmCount(dict(sorted(self._finish.items())), dict(self._sums), dict(self._known))
