"""From the values of a metric before and now to what the gate says of it, and of the stage."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import NamedTuple

import numpy as np

from evaluation.check.values import MetricVerdict, Outcome, Stage, StageVerdict, Verdict
from evaluation.metrics import parse_metric
from evaluation.statistics.gate import ALPHA, Ruling, rule_exact, rule_sampled
from evaluation.statistics.several import holm

_ROUNDING = 1e-9
Values = tuple[float, ...]


class Pair(NamedTuple):
    """What came of a question before and now."""

    before: Outcome
    now: Outcome


@dataclass(frozen=True, slots=True)
class Measured:
    """The values of a metric.

    Attributes:
        name: as printed.
        gates: whether it decides.
        margin: the mean loss that is tolerated.
        ids: of the questions that have it on both sides.
        before: for each of them the values of its repeats.
        now: likewise.
        higher_is_better: else less is.
        binary: all values are 0 or 1.
        share: values are shares, so that the margin says something of them.
        nothing: what is said where no question has it.
    """

    name: str
    gates: bool
    margin: float
    ids: tuple[str, ...]
    before: tuple[Values, ...]
    now: tuple[Values, ...]
    higher_is_better: bool = True
    binary: bool = False
    share: bool = True
    nothing: tuple[Verdict, str] = ("pass", "applies to no question")


def measured(
    name: str,
    pairs: Sequence[Pair],
    before: Callable[[Outcome], Values],
    now: Callable[[Outcome], Values],
    *,
    gates: bool,
    margin: float,
    known: bool,
    unknown_to_all: Verdict,
) -> Measured:
    """The values of a metric over the questions that have it on both sides.

    Args:
        name: of a metric, as printed.
        pairs: all questions that may be compared.
        before: the values of a question of the baseline.
        now: those of the same question of now.
        gates: whether the metric decides.
        margin: the mean loss that is tolerated.
        known: whether the baseline measured it at all.
        unknown_to_all: the verdict where it applies to no question.
    """
    spec = parse_metric(name)
    found = [(pair.now.id, before(pair.before), now(pair.now)) for pair in pairs]
    both = [one for one in found if one[1] and one[2]]
    nothing: tuple[Verdict, str] = (unknown_to_all, "applies to no question")
    if not pairs:
        nothing = ("inconclusive", "no common question")
    elif not known:
        nothing = ("inconclusive", "the baseline does not have it")
    elif any(then or here for _, then, here in found):
        nothing = ("inconclusive", "no question has it on both sides")
    return Measured(
        name,
        gates,
        margin,
        ids=tuple(one[0] for one in both),
        before=tuple(one[1] for one in both),
        now=tuple(one[2] for one in both),
        higher_is_better=spec.higher_is_better,
        binary=spec.binary,
        share=spec.share,
        nothing=nothing,
    )


def exact_verdicts(measures: Sequence[Measured]) -> tuple[MetricVerdict, ...]:
    """What the rule for values without chance says of each, as if all shares gated."""

    def rule(one: Measured, before: Sequence[Values], now: Sequence[Values]) -> Ruling:
        return rule_exact([fmean(values) for values in before], [fmean(values) for values in now], margin=one.margin)

    return tuple(_verdict(one, _ruling(one, rule)) for one in measures)


def sampled_verdicts(measures: Sequence[Measured]) -> tuple[MetricVerdict, ...]:
    """What the rule for sampled values says of each, as if all shares gated; Holm over what gates, else over those."""

    def rule(one: Measured, before: Sequence[Values], now: Sequence[Values]) -> Ruling:
        return rule_sampled(before, now, margin=one.margin, binary=one.binary, rng=np.random.default_rng(0))

    rulings = [_ruling(one, rule) for one in measures]
    deciding = [at for at, one in enumerate(measures) if one.gates] or [
        at for at, one in enumerate(measures) if one.share
    ]
    tested = {at: ruling.p for at in deciding if (ruling := rulings[at]) and ruling.p is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    found = []
    for at, (one, ruling) in enumerate(zip(measures, rulings, strict=True)):
        verdict = replace(_verdict(one, ruling), p_adjusted=adjusted.get(at))
        if verdict.verdict == "regressed" and at in adjusted and adjusted[at] >= ALPHA:
            basis = f"a drop is shown, but not among {len(tested)} metrics"
            verdict = replace(verdict, verdict="inconclusive", basis=basis)
        found.append(verdict)
    return tuple(found)


def stage_verdict(stage: Stage, verdicts: Sequence[MetricVerdict]) -> StageVerdict:
    """The verdict of a stage from those of its metrics, of which those that do not gate are told only."""
    gating, told = ([one for one in verdicts if one.gates is gates] for gates in (True, False))
    said = combined(one.verdict for one in (gating or told) if one.verdict)
    return StageVerdict(stage, said, (*gating, *(replace(one, verdict=None) for one in told)))


def combined(verdicts: Iterable[Verdict]) -> Verdict:
    """Regressed where any is, a pass where all are, else inconclusive."""
    found = set(verdicts)
    if "regressed" in found:
        return "regressed"
    return "inconclusive" if "inconclusive" in found else "pass"


def _ruling(one: Measured, rule: Callable[[Measured, list[Values], list[Values]], Ruling]) -> Ruling | None:
    """What the rule says of values of which more is better; None where there are none."""
    if not one.ids:
        return None
    sign = 1.0 if one.higher_is_better else -1.0
    before, now = ([tuple(sign * value for value in values) for values in side] for side in (one.before, one.now))
    return rule(one, before, now)


def _verdict(one: Measured, ruling: Ruling | None) -> MetricVerdict:
    changes = dict(zip(one.ids, (fmean(y) - fmean(x) for x, y in zip(one.before, one.now, strict=True)), strict=True))
    rose = tuple(name for name, change in changes.items() if change > _ROUNDING)
    fell = tuple(name for name, change in changes.items() if change < -_ROUNDING)
    verdict, basis = (ruling.verdict, ruling.basis) if ruling else one.nothing
    return MetricVerdict(
        name=one.name,
        gates=one.gates,
        n=len(one.ids),
        baseline=fmean(map(fmean, one.before)) if ruling else None,
        current=fmean(map(fmean, one.now)) if ruling else None,
        difference=ruling.difference if ruling else None,
        low=ruling.low if ruling else None,
        high=ruling.high if ruling else None,
        p_adjusted=None,
        margin=one.margin if one.gates else None,
        gained=rose if one.higher_is_better else fell,
        lost=fell if one.higher_is_better else rose,
        verdict=verdict if one.share else None,
        basis=basis if one.share else "",
    )
