"""Each arm alone: its metrics, how its trials ended, what it spent."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.analysis.outcomes import outcomes_of
from evaluation.analysis.pairing import generator
from evaluation.analysis.scoring import ArmCount, Scored
from evaluation.analysis.values import CellResult, Spent
from evaluation.statistics.interval import Interval
from evaluation.statistics.single import bootstrap, wilson


def cells(scored: Scored, *, seed: int) -> tuple[CellResult, ...]:
    """By arm, then metric, the primary one first."""
    found = []
    for arm in scored.arms:
        finish = scored.counts[arm.name].finish
        for metric in scored.metrics:
            outcomes = outcomes_of(scored, metric, (arm.name,))
            values = outcomes.known[:, 0]
            value, interval = None, None
            if len(values):
                value = float(values.mean())
                rng = generator(seed, "cell", metric, arm.name)
                interval = mean_interval(values, single=outcomes.single, rng=rng, clusters=outcomes.known_clusters)
            found.append(CellResult(arm.name, metric, value, interval, len(values), finish))
    return tuple(found)


def mean_interval(
    values: NDArray[np.float64], *, single: bool, rng: np.random.Generator, clusters: Sequence[str] | None = None
) -> Interval:
    """The 95 % interval of a mean over questions: Wilson's for single samples that are right or wrong."""
    if single:
        return wilson(int(values.sum()), len(values))
    return bootstrap(values, rng=rng, clusters=clusters)


def spent(scored: Scored) -> tuple[Spent, ...]:
    """What each arm cost, by arm."""
    return tuple(_spent(arm.name, scored.counts[arm.name]) for arm in scored.arms)


def _spent(arm: str, count: ArmCount) -> Spent:
    def mean(name: str) -> float | None:
        return count.sums[name] / count.known[name] if count.known.get(name) else None

    prompt = count.sums.get("prompt")
    cached = count.sums["cached"] / prompt if prompt else None
    return Spent(arm, mean("thinking"), mean("answer"), mean("seconds"), cached)
