"""The tables of a report that have a row for each series: position, reasoning × position, order."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from evaluation.analysis.numbers import percent, signed
from evaluation.analysis.values import PositionEffect, Report
from evaluation.report.table import Table, difference, p_cell, size, unsaid

KINDS = {
    "no_think": "the same weights with thinking closed",
    "same_base": "a model tuned from the same base",
    "related": "a sibling model",
}


def position_tables(effects: Sequence[PositionEffect]) -> Iterable[Table]:
    """The accuracy at every position; series with the same positions share a table."""
    for labels, group in groupby(effects, key=lambda effect: tuple(point.label for point in effect.points)):
        yield Table(
            "Accuracy by position of the evidence",
            ("series", *(label if " " in label else f"at {label}" for label in labels), "n"),
            tuple(
                (effect.series, *(percent(point.value) for point in effect.points), f"{effect.n:,}") for effect in group
            ),
        )


def effect_tables(effects: Sequence[PositionEffect], said: Sequence[str]) -> Iterable[Table]:
    """What the position does to every series, with the verdicts that are not `said` already."""
    for margin, group in groupby(effects, key=lambda effect: effect.margin):
        chosen = list(group)
        yield Table(
            f"Effect of the position, in points (flat: within {size(margin)})",
            (
                "series",
                "spread",
                "if flat",
                "p",
                "Holm",
                "edge \N{MINUS SIGN} middle",
                "p of that",
                "at most",
                "shown flat",
            ),
            tuple(
                (
                    effect.series,
                    size(effect.spread),
                    size(effect.flat_spread),
                    p_cell(effect.p),
                    p_cell(effect.p_adjusted),
                    difference(effect.edge_minus_middle, effect.edge_interval),
                    p_cell(effect.edge_p),
                    size(effect.bound),
                    "yes" if effect.flat else "no",
                )
                for effect in chosen
            ),
            (
                *unsaid(((effect.series, effect.verdict) for effect in chosen), said),
                "if flat: the spread that flatness alone would give; at most: 95 % upper bound of the largest "
                "difference between two positions.",
            ),
        )


def interaction_table(report: Report) -> Iterable[Table]:
    """Every reasoning model against its twin."""
    kinds = dict.fromkeys(one.kind for one in report.interactions)
    yield Table(
        "Reasoning \N{MULTIPLICATION SIGN} position: (edge \N{MINUS SIGN} middle) against the twin, in points",
        ("reasoning", "twin", "kind", "difference", "p", "Holm", "logit", "detects", "n"),
        tuple(
            (
                one.reasoning,
                one.twin,
                one.kind,
                difference(one.difference, one.interval),
                p_cell(one.p),
                p_cell(one.p_adjusted),
                p_cell(one.p_logit),
                size(one.detectable),
                f"{one.n:,}",
            )
            for one in report.interactions
        ),
        (
            *unsaid(((one.reasoning, one.verdict) for one in report.interactions), report.headline),
            "Below 0 the reasoning model depends less on the position than its twin; logit: p on the logit scale.",
            *(f"{kind}: {KINDS[kind]}." for kind in kinds),
        ),
        names=3,
    )


def sensitivity_table(report: Report) -> Iterable[Table]:
    """What the order alone does."""
    yield Table(
        "Sensitivity to order: pairs of trials that disagree",
        ("series", "between orders", "between repeats", "above", "p", "orders", "repeats", "n"),
        tuple(
            (
                one.series,
                percent(one.between),
                percent(one.within),
                signed(one.between - one.within),
                p_cell(one.p),
                f"{one.permutations:,}",
                f"{one.repeats:,}",
                f"{one.n:,}",
            )
            for one in report.sensitivity
        ),
        unsaid(((one.series, one.verdict) for one in report.sensitivity), report.headline),
    )
