"""Two runs over the same questions: each arm of the second against the arm of the same name in the first."""

from dataclasses import replace

import numpy as np

from evaluation.analysis.cautions import clustered, failures, gaps, left_out
from evaluation.analysis.cells import cells, spent
from evaluation.analysis.comparisons import judged
from evaluation.analysis.facts import differing, facts, flattened
from evaluation.analysis.outcomes import Outcomes, column_of, joined
from evaluation.analysis.scoring import Scored, score_run
from evaluation.analysis.series import Pair
from evaluation.analysis.values import Comparison, Excluded, Report
from evaluation.analysis.verdict import comparison_sentence
from evaluation.metrics import parse_metric
from evaluation.run import Run
from indexes.errors import RequestError


def compare_runs(first: Run, second: Run) -> Report:
    """What changed from `first` to `second`: metrics, seed, clusters and order of arms are the second's.

    Raises:
        RequestError: the runs have other questions or another dataset, or no arm of the same name.
    """
    order = _order(first, second)
    design = second.manifest.design
    there = {arm.name for arm in first.manifest.design.arms if arm.copy == 0}
    arms = [arm.name for arm in design.arms if arm.name in there and arm.copy == 0]
    if not arms:
        mine, others = (", ".join(arm.name for arm in run.manifest.design.arms) for run in (second, first))
        raise RequestError(
            f"runs {first.name!r} and {second.name!r} have no arm of the same name ({others}; {mine}); compare runs of "
            "one grid"
        )
    metrics = [parse_metric(text) for text in dict.fromkeys((design.primary, *design.secondary))]
    new = score_run(second, metrics)
    clusters = None if new.clusters is None else tuple(new.clusters[number] for number in order)
    old = replace(score_run(first, metrics), clusters=clusters)
    names = (first.name, second.name) if first.name != second.name else (f"{first.name} (1)", f"{second.name} (2)")
    chosen = [Pair(_named(names[0], arm), _named(names[1], arm), "placement") for arm in arms]
    comparisons: list[Comparison] = []
    excluded: set[int] = set()
    for metric in map(str, metrics):
        family = [_outcomes(old, new, metric, arm, order) for arm in arms]
        primary, share = metric == str(metrics[0]), new.metrics[metric].metric.share
        comparisons += judged(chosen, family, metric, primary=primary, share=share, seed=design.seed)
        if primary:
            excluded = {number for outcomes in family for number in outcomes.not_applicable}
    share = metrics[0].share
    return Report(
        run=f"{names[1]} vs {names[0]}",
        n=len(new.examples),
        baseline=names[0],
        primary_metric=str(metrics[0]),
        headline=tuple(comparison_sentence(one, share=share) for one in comparisons if one.primary),
        cells=tuple(
            replace(cell, arm=_named(run, cell.arm))
            for run, scored in zip(names, (old, new), strict=True)
            for cell in cells(scored, seed=design.seed)
        ),
        comparisons=tuple(comparisons),
        spent=tuple(
            replace(one, arm=_named(run, one.arm))
            for run, scored in zip(names, (old, new), strict=True)
            for one in spent(scored)
        ),
        excluded=Excluded(len(excluded), failures(old) + failures(new)),
        missing=old.missing + new.missing,
        warnings=(
            *gaps(old, names[0]),
            *gaps(new, names[1]),
            *left_out(len(excluded), len(new.examples)),
            *clustered(new),
            *_differences(first, second),
        ),
        facts=tuple(
            (f"{name} ({run})", value)
            for run, one, scored in zip(names, (first, second), (old, new), strict=True)
            for name, value in facts(one.manifest, scored.clusters)
        ),
    )


def _order(first: Run, second: Run) -> list[int]:
    """For each example of `first` its number in `second`."""
    checksums = [flattened(run.manifest.facts).get("dataset.checksum") for run in (first, second)]
    old, new = ({example.id: example.question for example in run.examples()} for run in (first, second))
    only_old, only_new = len(old.keys() - new.keys()), len(new.keys() - old.keys())
    changed = sum(old[example] != new[example] for example in old.keys() & new.keys())
    if only_old or only_new or changed:
        raise RequestError(
            f"runs {first.name!r} and {second.name!r} must have the same questions; {only_old} are only in the first, "
            f"{only_new} only in the second, {changed} have another wording; run both on one dataset"
        )
    if None not in checksums and checksums[0] != checksums[1]:
        raise RequestError(
            f"runs {first.name!r} and {second.name!r} have datasets with other checksums, {checksums[0]!r} and "
            f"{checksums[1]!r}: the questions are the same, but not their answers or passages; run both on one dataset"
        )
    numbers = {example: number for number, example in enumerate(new)}
    return [numbers[example] for example in old]


def _outcomes(old: Scored, new: Scored, metric: str, arm: str, order: list[int]) -> Outcomes:
    before, after = column_of(old, metric, arm), column_of(new, metric, arm)
    at = np.array(order, dtype=np.int64)
    limits = (min(before.limits[0], after.limits[0]), max(before.limits[1], after.limits[1]))
    reordered = replace(after, total=after.total[at], scored=after.scored[at], unknown=after.unknown[at], limits=limits)
    return joined([replace(before, limits=limits), reordered], old.clusters)


def _named(run: str, arm: str) -> str:
    return f"{run}: {arm}"


def _differences(first: Run, second: Run) -> tuple[str, ...]:
    """What beside the arms' names differs."""
    found = []
    settings = [{arm.name: arm for arm in run.manifest.design.arms} for run in (first, second)]
    names = [[name for name, arm in known.items() if arm.copy == 0] for known in settings]
    lone = sorted(set(names[0]) ^ set(names[1]))
    if lone:
        found.append(f"Arms of one run alone, which are not compared: {', '.join(lone)}.")
    other = [name for name in names[1] if name in settings[0] and settings[0][name] != settings[1][name]]
    if other:
        found.append(f"Arms of the same name but with other settings: {', '.join(other)}.")
    facts_differ = differing(first.manifest, second.manifest)
    if facts_differ:
        found.append(f"The runs differ in {'; '.join(facts_differ)}.")
    return tuple(found)
