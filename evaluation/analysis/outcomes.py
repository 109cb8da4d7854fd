"""Outcomes: the scores of several arms as one number a question and arm, and which questions count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.analysis.scoring import SCORED, UNKNOWN, Scored


@dataclass(frozen=True, slots=True)
class Column:
    """One metric of one arm by question; all arrays of shape (questions,).

    Attributes:
        total: of the scores of its samples.
        scored: how many samples have one.
        unknown: how many samples failed, or were not asked yet.
        limits: from what to what a missing score can be.
        single: one sample of a metric that is right or wrong.
    """

    total: NDArray[np.float64]
    scored: NDArray[np.int64]
    unknown: NDArray[np.int64]
    limits: tuple[float, float]
    single: bool


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Arms side by side, over the questions to which all of them apply; each number is a mean over samples.

    Attributes:
        known: outcomes of the questions that have one in every arm, shape (questions, arms).
        least: of all questions that apply, with what is missing as low as it can be, shape (questions, arms).
        most: the same with what is missing as high as it can be.
        single: one sample of a metric that is right or wrong, in every arm, of independent questions.
        not_applicable: questions left out, as numbers in the run.
        reach: the largest difference that a question can show between two arms.
        known_clusters: the cluster of each question of `known`; None: each is its own.
        clusters: the cluster of each question of `least` and `most`.
    """

    known: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    single: bool
    not_applicable: tuple[int, ...]
    reach: float
    known_clusters: tuple[str, ...] | None = None
    clusters: tuple[str, ...] | None = None

    @property
    def complete(self) -> bool:
        """Nothing is missing."""
        return np.array_equal(self.least, self.most)


def outcomes_of(scored: Scored, metric: str, arms: Sequence[str]) -> Outcomes:
    """The outcomes of `arms`, by name and in that order."""
    return joined([column_of(scored, metric, arm) for arm in arms], scored.clusters)


def column_of(scored: Scored, metric: str, arm: str) -> Column:
    """One metric of one arm. What is missing counts from 0 to 1, for a cost over the values seen in the run."""
    scores = scored.metrics[metric]
    at = index_of(scored, arm)
    states = scores.states[at]
    return Column(
        total=np.where(states == SCORED, scores.values[at], 0.0).sum(axis=1),
        scored=(states == SCORED).sum(axis=1),
        unknown=(states == UNKNOWN).sum(axis=1),
        limits=(0.0, 1.0) if scores.metric.share else (float(scores.values.min()), float(scores.values.max())),
        single=scored.samples == 1 and scores.metric.binary,
    )


def joined(columns: Sequence[Column], clusters: Sequence[str] | None) -> Outcomes:
    """Columns over the same questions, side by side.

    A mean is over the samples that have a score; a question none of whose samples applies to an arm is left out of
    all arms. `clusters`: of all questions.
    """
    total, has, lacks = (
        np.stack([getattr(column, name) for column in columns], axis=1) for name in ("total", "scored", "unknown")
    )
    applies = (has + lacks > 0).all(axis=1)
    there = (has > 0).all(axis=1)
    count = np.maximum(has + lacks, 1)
    low, high = (np.array([column.limits[end] for column in columns]) for end in (0, 1))
    return Outcomes(
        known=total[there] / has[there],
        least=((total + lacks * low) / count)[applies],
        most=((total + lacks * high) / count)[applies],
        single=clusters is None and all(column.single for column in columns),
        not_applicable=tuple(np.flatnonzero(~applies).tolist()),
        reach=max(column.limits[1] - column.limits[0] for column in columns),
        known_clusters=_of(clusters, np.flatnonzero(there)),
        clusters=_of(clusters, np.flatnonzero(applies)),
    )


def _of(clusters: Sequence[str] | None, numbers: NDArray[np.int64]) -> tuple[str, ...] | None:
    return None if clusters is None else tuple(clusters[number] for number in numbers)


def index_of(scored: Scored, arm: str) -> int:
    """The arm's number."""
    return next(at for at, known in enumerate(scored.arms) if known.name == arm)
