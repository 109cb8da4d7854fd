"""Arms against their baselines, for each metric."""

from collections.abc import Sequence
from dataclasses import replace

from evaluation.analysis.outcomes import Outcomes, outcomes_of
from evaluation.analysis.pairing import Difference, Standing, difference_of, generator, standings
from evaluation.analysis.scoring import Scored
from evaluation.analysis.series import Pair
from evaluation.analysis.values import Comparison
from evaluation.analysis.verdict import EXTRACTIVE_WORDS, comparison_verdict, is_extractive
from evaluation.run import Design

NOTHING = "nothing to compare: no question has an outcome in both"


def compared(scored: Scored, design: Design, chosen: Sequence[Pair], *, seed: int) -> tuple[Comparison, ...]:
    """All comparisons: those of the primary metric first, then each secondary one's, in the order of the pairs.

    Metrics that look at the ranking alone are the same in all arms and are not compared.
    """
    found: list[Comparison] = []
    for at, (metric, scores) in enumerate(scored.metrics.items()):
        if scores.metric.of_ranking:
            continue
        family = [outcomes_of(scored, metric, (pair.baseline, pair.arm)) for pair in chosen]
        results = judged(chosen, family, metric, primary=at == 0, share=scores.metric.share, seed=seed)
        found += [_extractive(one, pair, scored, design) for one, pair in zip(results, chosen, strict=True)]
    return tuple(found)


def judged(
    chosen: Sequence[Pair], family: Sequence[Outcomes], metric: str, *, primary: bool, share: bool, seed: int
) -> list[Comparison]:
    """One comparison for each pair and its outcomes.

    Holm's adjustment is over all of them for the primary metric; those of a secondary one stand each alone.
    """
    tested = sum(len(outcomes.known) > 0 for outcomes in family) if primary else 1
    results = [
        difference_of(
            outcomes.known,
            single=outcomes.single,
            rng=generator(seed, metric, pair.baseline, pair.arm),
            reach=outcomes.reach,
            clusters=outcomes.known_clusters,
            family=tested,
        )
        for pair, outcomes in zip(chosen, family, strict=True)
    ]
    if primary:
        ends = list(standings(family, results, seed=seed))
    else:
        ends = [standings([one], [result], seed=seed)[0] for one, result in zip(family, results, strict=True)]
    return [
        _comparison(pair, metric, result, end, primary=primary, share=share)
        for pair, result, end in zip(chosen, results, ends, strict=True)
    ]


def _comparison(
    pair: Pair, metric: str, result: Difference | None, end: Standing, *, primary: bool, share: bool
) -> Comparison:
    if result is None or end.stands is None:
        return Comparison(
            pair.baseline, pair.arm, metric, 0, None, None, None, None, None, 0, 0, None, NOTHING, primary=primary
        )
    return Comparison(
        baseline=pair.baseline,
        arm=pair.arm,
        metric=metric,
        n=result.n,
        difference=result.difference,
        interval=result.interval,
        p=result.p,
        p_exact=result.p_exact,
        p_adjusted=end.p_adjusted if primary else None,
        gained=result.gained,
        lost=result.lost,
        detectable=result.detectable,
        verdict=comparison_verdict(
            end.stands, detectable=result.could_show, interval=result.interval, share=share, primary=primary
        ),
        primary=primary,
        could_show=result.could_show,
    )


def _extractive(comparison: Comparison, pair: Pair, scored: Scored, design: Design) -> Comparison:
    subject = next(arm.subject for arm in scored.arms if arm.name == pair.arm)
    choice = next(known.choice for known in design.subjects if known.name == subject)
    if pair.axis in ("placement", "layout") and is_extractive(choice):
        return replace(comparison, verdict=EXTRACTIVE_WORDS)
    return comparison
