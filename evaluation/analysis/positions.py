"""What the position of the evidence does to each series of the primary metric."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evaluation.analysis.cells import mean_interval
from evaluation.analysis.outcomes import Outcomes, outcomes_of
from evaluation.analysis.pairing import generator
from evaluation.analysis.scoring import Scored
from evaluation.analysis.series import PositionSeries
from evaluation.analysis.verdict import EXTRACTIVE_WORDS, is_extractive, position_verdict, shape
from evaluation.report.values import Interval, PositionEffect, PositionPoint
from evaluation.run import Design
from evaluation.statistics import position as statistics
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
            needed=_needed(outcomes.known, design.margin),
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
    effect = statistics.any_effect(known, rng=generator(seed, "position", name))
    bounds = _flatness(outcomes.least, outcomes.most, design.margin, single=single, seed=seed, name=name)
    cases = Cases((effect.p,) * 3, (bounds.flat,) * 3)
    if not outcomes.complete:
        wide = extremes(outcomes.least, outcomes.most, known.mean(axis=0) - known.mean()).best
        level = levelled(outcomes.least, outcomes.most)
        cases = Cases(
            (
                effect.p,
                *(statistics.any_effect(case, rng=generator(seed, "position", name)).p for case in (wide, level)),
            ),
            (
                _flatness(known, known, design.margin, single=single, seed=seed, name=name).flat,
                bounds.flat,
                _flatness(level, level, design.margin, single=False, seed=seed, name=name).flat,
            ),
        )
    count = known.shape[1]
    edge = None
    if count > 2:
        edge = statistics.contrast(known, statistics.edge_weights(count), rng=generator(seed, "edge", name))
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
                mean_interval(column, single=single, rng=generator(seed, "point", arm)),
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


def _flatness(
    least: NDArray[np.float64], most: NDArray[np.float64], margin: float, *, single: bool, seed: int, name: str
) -> statistics.Equivalence:
    rng = generator(seed, "flat", name)
    return statistics.equivalence(least, most, margin=margin, binary=single, rng=rng)


def _needed(known: NDArray[np.float64], margin: float) -> int | None:
    """Questions that would show flatness at the mean squared difference of two positions; None where none differ."""
    count = known.shape[1]
    squares = [float(((known[:, one] - known[:, two]) ** 2).mean()) for one, two in combinations(range(count), 2)]
    discordance = float(np.mean(squares))
    return flat_questions_needed(margin, discordance, count) if 0 < discordance <= 1 else None
