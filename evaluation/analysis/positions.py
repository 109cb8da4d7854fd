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


@dataclass(frozen=True, slots=True)
class PositionFinding:
    """A position effect with its p adjusted over the series of the run."""

    effect: PositionEffect
    p_adjusted: float


def position_findings(
    scored: Scored, design: Design, chosen: Sequence[PositionSeries], *, seed: int
) -> tuple[PositionFinding, ...]:
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
        found.append(PositionFinding(replace(effect, verdict=verdict), adjusted[0][at]))
    return tuple(found)


def _measured(
    scored: Scored, design: Design, series: PositionSeries, outcomes: Outcomes, *, seed: int
) -> tuple[PositionEffect, Cases]:
    """The effect without its verdict, and the cases that decide it."""
    known, name, single = outcomes.known, f"{series.label} {series.oracle}", outcomes.single
    positions = gold_positions(scored, series)
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
                arm,
                float(mean),
                mean_interval(column, single=single, rng=generator(seed, "point", arm)),
                len(known),
            )
            for at, arm, mean, column in zip(positions, series.arms, means, known.T, strict=True)
        ),
        n=len(known),
        spread=effect.spread,
        flat_spread=effect.flat_spread,
        p=effect.p,
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


def gold_positions(scored: Scored, series: PositionSeries) -> tuple[int, ...]:
    """Where the evidence stands in each arm; for a depth, the mean over its trials, rounded."""
    if series.unit == "position":
        return tuple(int(at) for at in series.at)
    counts = [scored.counts[arm] for arm in series.arms]
    return tuple(
        max(1, round(count.sums["gold"] / count.known["gold"])) if count.known.get("gold") else 1 for count in counts
    )


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
