"""Order sensitivity: shuffled arms of one series against the repeats of each."""

from collections.abc import Sequence
from itertools import compress

import numpy as np

from evaluation.analysis.outcomes import index_of
from evaluation.analysis.pairing import generator
from evaluation.analysis.scoring import SCORED, UNKNOWN, Scored
from evaluation.analysis.series import Permutations
from evaluation.analysis.values import OrderSensitivity
from evaluation.analysis.verdict import order_verdict
from evaluation.run import Design
from evaluation.statistics.order import LEAST_REPEATS, order_effect


def sensitivities(
    scored: Scored, design: Design, chosen: Sequence[Permutations], *, seed: int
) -> tuple[OrderSensitivity, ...]:
    """One for each series with repeats and with questions whose every sample has an outcome."""
    if scored.samples < LEAST_REPEATS:
        return ()
    scores = scored.metrics[design.primary]
    found = []
    for permutations in chosen:
        at = [index_of(scored, arm) for arm in permutations.arms]
        states = scores.states[at]
        there = (states == SCORED).all(axis=(0, 2))
        if not there.any():
            continue
        outcomes = np.moveaxis(scores.values[at][:, there], 1, 0)
        clusters = None if scored.clusters is None else tuple(compress(scored.clusters, there))
        effect = order_effect(outcomes, rng=generator(seed, "order", permutations.label), clusters=clusters)
        found.append(
            OrderSensitivity(
                series=permutations.label,
                n=effect.n,
                permutations=len(at),
                repeats=scored.samples,
                between=effect.between,
                within=effect.within,
                p=effect.p,
                verdict=order_verdict(effect.p, missing=int((states == UNKNOWN).sum())),
            )
        )
    return tuple(found)
