"""Order sensitivity: shuffled arms of one series against the repeats of each."""

from collections.abc import Sequence
from dataclasses import replace
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
from evaluation.statistics.several import holm


def sensitivities(
    scored: Scored, design: Design, chosen: Sequence[Permutations], *, seed: int
) -> tuple[OrderSensitivity, ...]:
    """One for each series with repeats and with questions whose every sample has an outcome.

    The words are about those questions alone, and follow the adjusted p (Holm over the series).
    """
    if scored.samples < LEAST_REPEATS:
        return ()
    scores = scored.metrics[design.primary]
    found, missing = [], []
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
                verdict="",
            )
        )
        missing.append(int((states == UNKNOWN).sum()))
    adjusted = holm([one.p for one in found])
    return tuple(
        replace(one, p_adjusted=p, verdict=order_verdict(p, missing=gone))
        for one, p, gone in zip(found, adjusted, missing, strict=True)
    )
