"""What the position of the evidence does to each series of the primary metric."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from math import ceil

import numpy as np
from numpy.typing import NDArray

from evaluation.analysis.cells import mean_interval
from evaluation.analysis.outcomes import Outcomes, outcomes_of
from evaluation.analysis.pairing import generator
from evaluation.analysis.scoring import Scored
from evaluation.analysis.series import PositionSeries
from evaluation.analysis.values import PositionEffect, PositionPoint
from evaluation.analysis.verdict import EXTRACTIVE_WORDS, is_extractive, position_verdict, shape
from evaluation.run import Design
from evaluation.statistics import position as statistics
from evaluation.statistics.clusters import units
from evaluation.statistics.interval import Interval
from evaluation.statistics.missing import extremes, levelled, standing
from evaluation.statistics.power import flat_questions_needed
from evaluation.statistics.several import holm


@dataclass(frozen=True, slots=True)
class Cases:
    """p of any effect and flatness, of what is known and of the extreme cases of what is missing."""

    ps: tuple[float, ...]
    flat: tuple[bool, ...]


def position_effects(
    scored: Scored, design: Design, chosen: Sequence[PositionSeries], *, seed: int
) -> tuple[PositionEffect, ...]:
    """One for each series with a question that counts at all its positions; words follow the adjusted p (Holm)."""
    effects, cases, kept = [], [], []
    for series in chosen:
        outcomes = outcomes_of(scored, design.primary, series.arms)
        if len(outcomes.known):
            effect, case = _measured(scored, design, series, outcomes, seed=seed)
            effects.append(effect)
            cases.append(case)
            kept.append((series, outcomes))
    adjusted = [holm([case.ps[which] for case in cases]) for which in range(3)]
    found = []
    for at, (effect, case, (series, outcomes)) in enumerate(zip(effects, cases, kept, strict=True)):
        verdict = position_verdict(
            standing(*(shape(ps[at], flat=flat) for ps, flat in zip(adjusted, case.flat, strict=True))),
            margin=design.margin,
            bound=effect.bound,
            n=effect.n,
            needed=_needed(outcomes, design.margin),
        )
        choice = next(subject.choice for subject in design.subjects if subject.name == series.settings.subject)
        verdict = EXTRACTIVE_WORDS if is_extractive(choice) else verdict
        found.append(replace(effect, p_adjusted=adjusted[0][at], verdict=verdict))
    return tuple(found)


def _measured(
    scored: Scored, design: Design, series: PositionSeries, outcomes: Outcomes, *, seed: int
) -> tuple[PositionEffect, Cases]:
    """The effect without its verdict and its adjusted p, and the cases that decide it."""
    known, name, single = outcomes.known, f"{series.label} {series.oracle}", outcomes.single
    effect = _any_effect(known, outcomes.known_clusters, seed=seed, name=name)
    flatness = partial(_flatness, margin=design.margin, seed=seed, name=name)
    bounds = flatness(outcomes.least, outcomes.most, outcomes.clusters, single=single)
    cases = Cases((effect.p,) * 3, (bounds.flat,) * 3)
    if not outcomes.complete:
        wide = extremes(outcomes.least, outcomes.most, known.mean(axis=0) - known.mean()).best
        level = levelled(outcomes.least, outcomes.most)
        cases = Cases(
            (
                effect.p,
                *(_any_effect(case, outcomes.clusters, seed=seed, name=name).p for case in (wide, level)),
            ),
            (
                flatness(known, known, outcomes.known_clusters, single=single).flat,
                bounds.flat,
                flatness(level, level, outcomes.clusters, single=False).flat,
            ),
        )
    count = known.shape[1]
    edge = None
    if count > 2:
        rng, weights = generator(seed, "edge", name), statistics.edge_weights(count)
        edge = statistics.contrast(known, weights, rng=rng, clusters=outcomes.known_clusters)
    means = known.mean(axis=0)
    found = PositionEffect(
        series=series.label,
        subject=series.settings.subject,
        length=str(series.settings.length),
        points=tuple(
            PositionPoint(
                at,
                label,
                arm,
                float(mean),
                mean_interval(
                    column, single=single, rng=generator(seed, "point", arm), clusters=outcomes.known_clusters
                ),
                len(known),
            )
            for at, label, arm, mean, column in zip(
                gold_positions(scored, series), labels_of(series), series.arms, means, known.T, strict=True
            )
        ),
        n=len(known),
        spread=effect.spread,
        flat_spread=effect.flat_spread,
        p=effect.p,
        p_adjusted=None,
        margin=design.margin,
        flat=bounds.flat,
        bound=bounds.bound,
        edge_minus_middle=None if edge is None else edge.mean,
        edge_interval=None if edge is None else Interval(edge.low, edge.high),
        edge_p=None if edge is None else edge.p,
        primacy=float(means @ statistics.primacy_weights(count)),
        recency=float(means @ statistics.recency_weights(count)),
        slope=float(means @ statistics.slope_weights(series.at)),
        verdict="",
    )
    return found, cases


def gold_positions(scored: Scored, series: PositionSeries) -> tuple[float, ...]:
    """Where the evidence stands in each arm; for a depth, the mean over its trials."""
    if series.unit == "position":
        return series.at
    counts = [scored.counts[arm] for arm in series.arms]
    return tuple(count.sums["gold"] / count.known["gold"] if count.known.get("gold") else 1.0 for count in counts)


def labels_of(series: PositionSeries) -> tuple[str, ...]:
    """The positions as the arms say them."""
    return tuple(f"{at:g}" if series.unit == "position" else f"depth {at:g}" for at in series.at)


def _any_effect(
    outcomes: NDArray[np.float64], clusters: Sequence[str] | None, *, seed: int, name: str
) -> statistics.AnyEffect:
    return statistics.any_effect(outcomes, rng=generator(seed, "position", name), clusters=clusters)


def _flatness(
    least: NDArray[np.float64],
    most: NDArray[np.float64],
    clusters: Sequence[str] | None,
    *,
    margin: float,
    single: bool,
    seed: int,
    name: str,
) -> statistics.Equivalence:
    rng = generator(seed, "flat", name)
    return statistics.equivalence(least, most, margin=margin, binary=single, rng=rng, clusters=clusters)


def _needed(outcomes: Outcomes, margin: float) -> int | None:
    """Questions that would show flatness at the mean squared difference of two positions; None where none differ.

    As many times more, as clusters make the squares of sums over units larger than those of questions.
    """
    known, count = outcomes.known, outcomes.known.shape[1]
    differences = [known[:, one] - known[:, two] for one, two in combinations(range(count), 2)]
    discordance = float(np.mean([float((one**2).mean()) for one in differences]))
    if not 0 < discordance <= 1:
        return None
    needed = flat_questions_needed(margin, discordance, count)
    if outcomes.known_clusters is None:
        return needed
    squares = np.mean([float((units(one, outcomes.known_clusters)[0] ** 2).sum()) / len(one) for one in differences])
    return ceil(round(needed * max(1.0, float(squares) / discordance), 6))
