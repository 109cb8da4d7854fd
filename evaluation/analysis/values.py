"""What a run shows, as values; how they are drawn is in `evaluation.report`.

Proportions and differences are fractions, intervals are 95 % unless said otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.statistics.interval import Interval
from rag.models.catalogue import TwinKind


@dataclass(frozen=True, slots=True)
class CellResult:
    """One metric of one arm.

    Attributes:
        value: the mean over questions; None where no question counts.
        interval: None where `value` is.
        n: questions that count.
        finish: how many trials ended in each way.
    """

    arm: str
    metric: str
    value: float | None
    interval: Interval | None
    n: int
    finish: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against its baseline, paired by question.

    Attributes:
        difference: arm − baseline; None where no question counts.
        p: two-sided; None where there is no difference to test.
        p_exact: of the exact test; None where the metric is graded or there are several samples.
        p_adjusted: by Holm over the arms; None for secondary metrics, which are not adjusted.
        gained: questions better in the arm.
        lost: questions worse in the arm.
        detectable: the difference that this many questions detect with 80 % power at the observed discordance;
            at a two-sided .05; None where that cannot be said.
        verdict: in words.
        primary: the metric is the primary one.
        could_show: `detectable` at .05 divided by the number of comparisons that p is adjusted over; the verdict's
            words are about this one.
    """

    baseline: str
    arm: str
    metric: str
    n: int
    difference: float | None
    interval: Interval | None
    p: float | None
    p_exact: float | None
    p_adjusted: float | None
    gained: int
    lost: int
    detectable: float | None
    verdict: str
    primary: bool = True
    could_show: float | None = None


@dataclass(frozen=True, slots=True)
class RepeatCheck:
    """The A/A arm: the same arm asked twice.

    Attributes:
        arm: which arm was repeated.
        n: questions.
        flips: share of them whose outcome differs.
        difference: second − first.
        p: should not be small; if it is, something other than the arms differs.
    """

    arm: str
    n: int
    flips: float
    difference: float
    p: float


@dataclass(frozen=True, slots=True)
class PositionPoint:
    """The accuracy with the evidence at one position.

    Attributes:
        position: of the first gold passage, from 1; where arms say a depth, the mean over their trials.
        label: of the position, for people, as the arms say it: "5" or "depth 0.25".
    """

    position: float
    label: str
    arm: str
    value: float
    interval: Interval
    n: int


@dataclass(frozen=True, slots=True)
class PositionEffect:
    """What the position of the evidence does to one series: one model, budget, length and layout.

    Attributes:
        series: what is held fixed, for people: "r1 20 passages".
        subject: the model's name in the experiment.
        length: of the context, as printed.
        points: by position.
        n: questions that count at all positions.
        spread: the largest accuracy minus the smallest.
        flat_spread: the spread that flatness alone would give.
        p: of any effect.
        p_adjusted: by Holm over the series; None where it was not adjusted.
        margin: within which flatness is asked about.
        flat: every pairwise 90 % interval lies within the margin.
        bound: 95 % upper bound of the largest difference.
        edge_minus_middle: mean of first and last position minus the mean of those between; None with two positions.
        edge_interval: of that.
        edge_p: of that.
        primacy: first position minus the mean of the middle ones, or of the last with two positions.
        recency: last position minus the same.
        slope: per step from the first to the last position, by least squares, scaled to the whole way.
        verdict: in words.
    """

    series: str
    subject: str
    length: str
    points: tuple[PositionPoint, ...]
    n: int
    spread: float
    flat_spread: float
    p: float
    p_adjusted: float | None
    margin: float
    flat: bool
    bound: float
    edge_minus_middle: float | None
    edge_interval: Interval | None
    edge_p: float | None
    primacy: float
    recency: float
    slope: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """Reasoning × position: (edge − middle) of a reasoning arm minus that of its twin.

    Attributes:
        reasoning: the series of the reasoning model.
        twin: the series of its twin.
        kind: of the twin.
        difference: below 0, the reasoning model depends less on the position.
        p: by sign flipping; asymptotic.
        p_adjusted: by Holm over the pairs; None where it was not adjusted.
        p_logit: of the interaction on the logit scale (GEE), where ceilings do not shrink gaps; None where it cannot
            be fitted.
        detectable: with 80 % power at a two-sided .05; None where that cannot be said.
    """

    reasoning: str
    twin: str
    kind: TwinKind
    length: str
    n: int
    difference: float
    interval: Interval
    p: float
    p_adjusted: float | None
    p_logit: float | None
    detectable: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class OrderSensitivity:
    """How much the order of passages changes outcomes above what repeats alone do.

    Attributes:
        series: what is held fixed.
        between: share of pairs of permutations that disagree.
        within: share of pairs of repeats of one permutation that disagree.
        p: by permuting group labels within a question.
        p_adjusted: by Holm over the series; None where it was not adjusted.
    """

    series: str
    n: int
    permutations: int
    repeats: int
    between: float
    within: float
    p: float
    verdict: str
    p_adjusted: float | None = None


@dataclass(frozen=True, slots=True)
class Excluded:
    """What does not count, and why.

    Attributes:
        not_applicable: questions left out of comparisons, because an arm could not be had for them.
        failed: trials without an outcome.
    """

    not_applicable: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What an arm cost, as means over its trials; None where nothing is known.

    Attributes:
        thinking: tokens.
        answer: tokens.
        seconds: a reply took.
        cached: share of the prompt tokens that the server had cached.
    """

    arm: str
    thinking: float | None
    answer: float | None
    seconds: float | None
    cached: float | None


@dataclass(frozen=True, slots=True)
class ArmParts:
    """The name of an arm in two parts, for tables that group their rows.

    Attributes:
        arm: its whole name.
        group: what it shares with other arms, such as model, length and budget; "" where all arms share that.
        own: the rest: its placement.
    """

    arm: str
    group: str
    own: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run shows.

    Attributes:
        run: the run's name.
        n: questions.
        baseline: the arm that others are compared with; None where there is none.
        primary_metric: decides the verdicts.
        headline: the verdict in words, one sentence a line.
        cells: by arm, then metric; the primary metric first.
        comparisons: the primary metric's first.
        repeat: the A/A arm; None without.
        missing: trials that are still to be asked.
        facts: what the run rests on, for people: (name, value), such as ("model", "r1-qwen-7b at …").
        parts: of the names of arms, each pair once; () where they are not known.
    """

    run: str
    n: int
    baseline: str | None
    primary_metric: str
    headline: tuple[str, ...]
    cells: tuple[CellResult, ...]
    comparisons: tuple[Comparison, ...] = ()
    repeat: RepeatCheck | None = None
    positions: tuple[PositionEffect, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    sensitivity: tuple[OrderSensitivity, ...] = ()
    spent: tuple[Spent, ...] = ()
    excluded: Excluded = Excluded()
    missing: int = 0
    warnings: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    parts: tuple[ArmParts, ...] = ()
