"""From a run to its report: everything that STATISTICS asks for, in one value."""

from collections.abc import Iterable

from evaluation.analysis.cautions import cautions, failures
from evaluation.analysis.cells import cells, spent
from evaluation.analysis.comparisons import compared
from evaluation.analysis.facts import facts
from evaluation.analysis.headline import alone, headline, unfinished
from evaluation.analysis.interactions import interactions
from evaluation.analysis.outcomes import outcomes_of
from evaluation.analysis.positions import position_effects
from evaluation.analysis.repeat import repeat_check
from evaluation.analysis.scoring import Scored, score_run
from evaluation.analysis.sensitivity import sensitivities
from evaluation.analysis.series import Pair, PositionSeries, pairs, permutations, position_series, twins
from evaluation.analysis.values import ArmParts, Excluded, Report
from evaluation.design.naming import parted
from evaluation.metrics import parse_metric
from evaluation.run import Design, Run
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
    positions = position_effects(scored, design, series, seed=seed)
    against_twins = interactions(scored, design, twins(design, series), seed=seed)
    orders = sensitivities(scored, design, permutations(design, least=LEAST_PERMUTATIONS), seed=seed)
    cell_results = cells(scored, seed=seed)
    left_out = _not_applicable(scored, design.primary, chosen, series)
    baselines = {pair.baseline for pair in chosen}
    return Report(
        run=run.name,
        n=len(scored.examples),
        baseline=design.baseline or (baselines.pop() if len(baselines) == 1 else None),
        primary_metric=str(metrics[0]),
        headline=(
            *unfinished(scored),
            *(
                headline(comparisons, positions, against_twins, orders, share=metrics[0].share)
                or alone(cell_results, str(metrics[0]), share=metrics[0].share)
            ),
        ),
        cells=cell_results,
        comparisons=comparisons,
        repeat=repeat,
        positions=positions,
        interactions=against_twins,
        sensitivity=orders,
        spent=spent(scored),
        excluded=Excluded(left_out, failures(scored)),
        missing=scored.missing,
        warnings=cautions(run, scored, comparisons, repeat, not_applicable=left_out),
        facts=facts(run.manifest, scored.clusters),
        parts=_parts(design),
    )


def _not_applicable(scored: Scored, metric: str, chosen: Iterable[Pair], series: Iterable[PositionSeries]) -> int:
    """Questions that are left out of a comparison or of a series, each counted once."""
    groups = [*((pair.baseline, pair.arm) for pair in chosen), *(one.arms for one in series)]
    return len({number for arms in groups for number in outcomes_of(scored, metric, arms).not_applicable})


def _parts(design: Design) -> tuple[ArmParts, ...]:
    found = parted(design.arms)
    if len(set(found)) < len(found):
        return ()  # arms that somebody has named by hand
    return tuple(ArmParts(arm.name, *parts) for arm, parts in zip(design.arms, found, strict=True))
