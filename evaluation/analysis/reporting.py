"""From a run to its report: everything that STATISTICS asks for, in one value."""

from collections.abc import Iterable, Sequence

from evaluation.analysis.cautions import cautions, failures
from evaluation.analysis.cells import cells, spent
from evaluation.analysis.comparisons import compared
from evaluation.analysis.facts import facts
from evaluation.analysis.interactions import InteractionFinding, interaction_findings
from evaluation.analysis.outcomes import is_share, outcomes_of
from evaluation.analysis.positions import PositionFinding, position_findings
from evaluation.analysis.repeat import repeat_check
from evaluation.analysis.scoring import Scored, score_run
from evaluation.analysis.sensitivity import sensitivities
from evaluation.analysis.series import Pair, PositionSeries, pairs, permutations, position_series, twins
from evaluation.analysis.verdict import (
    EXTRACTIVE_WORDS,
    comparison_sentence,
    interaction_sentence,
    order_sentence,
    position_sentence,
)
from evaluation.metrics import parse_metric
from evaluation.report.numbers import interval_percent, percent
from evaluation.report.values import CellResult, Comparison, Excluded, OrderSensitivity, Report
from evaluation.run import Run
from evaluation.statistics.order import LEAST_PERMUTATIONS


def analyse(run: Run, *, rng_seed: int | None = None) -> Report:
    """What `run` shows; the same run gives the same report.

    Args:
        run: finished or not; outcomes that are missing leave verdicts open where they could change them.
        rng_seed: of permutations, sign flips and bootstraps; None: the design's.

    Raises:
        RequestError: a metric is not known, or a row does not belong to the run.
    """
    design = run.manifest.design
    seed = design.seed if rng_seed is None else rng_seed
    metrics = [parse_metric(text) for text in dict.fromkeys((design.primary, *design.secondary))]
    scored = score_run(run, metrics)
    chosen = pairs(design)
    series = position_series(design)
    comparisons = compared(scored, design, chosen, seed=seed)
    repeat = repeat_check(scored, design, seed=seed)
    found = position_findings(scored, design, series, seed=seed)
    interactions = interaction_findings(scored, design, twins(design, series), seed=seed)
    orders = sensitivities(scored, design, permutations(design, least=LEAST_PERMUTATIONS), seed=seed)
    cell_results = cells(scored, seed=seed)
    left_out = _not_applicable(scored, design.primary, chosen, series)
    baselines = {pair.baseline for pair in chosen}
    share = is_share(scored.metrics[str(metrics[0])])
    placed = {arm for one in series for arm in one.arms}
    return Report(
        run=run.name,
        n=len(scored.examples),
        baseline=design.baseline or (baselines.pop() if len(baselines) == 1 else None),
        primary_metric=str(metrics[0]),
        headline=_headline(
            [one for one in comparisons if one.primary and not {one.arm, one.baseline} <= placed],
            found,
            interactions,
            orders,
            share=share,
        )
        or _alone(cell_results, str(metrics[0]), share=share),
        cells=cell_results,
        comparisons=comparisons,
        repeat=repeat,
        positions=tuple(one.effect for one in found),
        interactions=tuple(one.interaction for one in interactions),
        sensitivity=orders,
        spent=spent(scored),
        excluded=Excluded(left_out, failures(scored)),
        missing=scored.missing,
        warnings=cautions(run, scored, comparisons, repeat, not_applicable=left_out),
        facts=facts(run.manifest),
    )


def _not_applicable(scored: Scored, metric: str, chosen: Iterable[Pair], series: Iterable[PositionSeries]) -> int:
    """Questions that are left out of a comparison or of a series, each counted once."""
    groups = [*((pair.baseline, pair.arm) for pair in chosen), *(one.arms for one in series)]
    return len({number for arms in groups for number in outcomes_of(scored, metric, arms).not_applicable})


def _headline(
    comparisons: Sequence[Comparison],
    positions: Sequence[PositionFinding],
    interactions: Sequence[InteractionFinding],
    orders: Sequence[OrderSensitivity],
    *,
    share: bool,
) -> tuple[str, ...]:
    """One sentence a line; what does not read passages in order is said once."""
    sentences = [
        *(comparison_sentence(one, share=share) for one in comparisons if one.verdict != EXTRACTIVE_WORDS),
        *(position_sentence(one.effect, one.p_adjusted) for one in positions if one.effect.verdict != EXTRACTIVE_WORDS),
        *(interaction_sentence(one.interaction, one.p_adjusted) for one in interactions),
        *(order_sentence(one) for one in orders),
    ]
    silent = [one.arm for one in comparisons if one.verdict == EXTRACTIVE_WORDS]
    silent += [one.effect.series for one in positions if one.effect.verdict == EXTRACTIVE_WORDS]
    return (*([f"{', '.join(silent)}: {EXTRACTIVE_WORDS}"] if silent else []), *sentences)


def _alone(results: Sequence[CellResult], metric: str, *, share: bool) -> tuple[str, ...]:
    """The arms where nothing is compared."""
    found = []
    for cell in results:
        if cell.metric == metric and cell.value is not None and cell.interval is not None:
            value = f"{percent(cell.value)} {interval_percent(cell.interval)}" if share else f"{cell.value:.1f}"
            found.append(f"{cell.arm}: {value}, n = {cell.n}; nothing to compare it with")
    return tuple(found) or ("no question has an outcome yet",)
