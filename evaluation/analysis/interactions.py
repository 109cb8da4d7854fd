"""Reasoning × position: each reasoning series against that of its twin."""

from collections.abc import Sequence

import numpy as np

from evaluation.analysis.outcomes import Outcomes, outcomes_of
from evaluation.analysis.pairing import generator
from evaluation.analysis.scoring import Scored
from evaluation.analysis.series import Twins
from evaluation.analysis.values import Interaction
from evaluation.analysis.verdict import SIGNIFICANT, direction, interaction_verdict
from evaluation.run import Design
from evaluation.statistics.graded import FEWEST
from evaluation.statistics.interaction import InteractionResult, interact
from evaluation.statistics.interval import Interval
from evaluation.statistics.missing import extremes, standing
from evaluation.statistics.position import edge_weights
from evaluation.statistics.power import detectable_graded
from evaluation.statistics.several import holm


def interactions(scored: Scored, design: Design, chosen: Sequence[Twins], *, seed: int) -> tuple[Interaction, ...]:
    """One for each pair of series with a question that counts in all their arms; words follow the adjusted p (Holm)."""
    kept, results = [], []
    for pair in chosen:
        outcomes = outcomes_of(scored, design.primary, (*pair.reasoning.arms, *pair.twin.arms))
        if len(outcomes.known):
            kept.append(pair)
            results.append(_cases(outcomes, seed=seed, name=f"{pair.reasoning.label}\0{pair.twin.label}"))
    adjusted = [holm([cases[which].p for cases in results]) for which in range(3)]
    found = []
    for at, (pair, cases) in enumerate(zip(kept, results, strict=True)):
        stands = standing(*(direction(case.difference, ps[at]) for case, ps in zip(cases, adjusted, strict=True)))
        result = cases[0]
        interval = Interval(result.low, result.high)
        enough = result.differing >= FEWEST
        detectable = detectable_graded(result.deviation, result.n) if enough else None
        share = SIGNIFICANT / len(results)
        could = detectable_graded(result.deviation, result.n, alpha=share) if enough else None
        interaction = Interaction(
            reasoning=pair.reasoning.label,
            twin=pair.twin.label,
            kind=pair.kind,
            length=str(pair.reasoning.settings.length),
            n=result.n,
            difference=result.difference,
            interval=interval,
            p=result.p,
            p_adjusted=adjusted[0][at],
            p_logit=result.p_logit,
            detectable=detectable,
            verdict=interaction_verdict(stands, p_logit=result.p_logit, detectable=could, interval=interval),
        )
        found.append(interaction)
    return tuple(found)


def _cases(outcomes: Outcomes, *, seed: int, name: str) -> tuple[InteractionResult, ...]:
    """The interaction of what is known, in the best and in the worst case of what is missing."""
    half = outcomes.known.shape[1] // 2
    cases = [(outcomes.known, outcomes.known_clusters)]
    if not outcomes.complete:
        edges = edge_weights(half)
        extreme = extremes(outcomes.least, outcomes.most, np.concatenate([edges, -edges]))
        cases += [(array, outcomes.clusters) for array in extreme]
    results = [
        interact(array[:, :half], array[:, half:], rng=generator(seed, "interaction", name), clusters=clusters)
        for array, clusters in cases
    ]
    return tuple(results if len(results) == 3 else results * 3)
