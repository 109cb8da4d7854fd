"""A report that has everything that the text renderers draw, some of it hostile."""

from dataclasses import replace

from evaluation.analysis.values import (
    CellResult,
    Comparison,
    Excluded,
    Interaction,
    OrderSensitivity,
    PositionEffect,
    PositionPoint,
    RepeatCheck,
    Report,
    Spent,
)
from evaluation.statistics.interval import Interval

HOSTILE = "[bold]x[/] a|b <script>alert(1)</script> *e* `c` \x1b[2J\u202e\n# h"
"""What could name an arm: markup of rich, Markdown and HTML, and what a terminal obeys."""

COMPARISON = Comparison(
    baseline="best_first",
    arm="edges",
    metric="sub_span",
    n=441,
    difference=0.0113,
    interval=Interval(-0.024, 0.0461),
    p=0.54,
    p_exact=0.61,
    p_adjusted=0.81,
    gained=31,
    lost=26,
    detectable=0.05,
    could_show=0.05,
    verdict="no difference shown",
)

EFFECT = PositionEffect(
    series="r1 20 passages",
    subject="r1",
    length="20 passages",
    points=tuple(
        PositionPoint(
            position,
            str(position),
            f"r1 gold_at(position={position})",
            value,
            Interval(value - 0.05, value + 0.05),
            200,
        )
        for position, value in ((1, 0.6), (10, 0.5), (20, 0.58))
    ),
    n=200,
    spread=0.1,
    flat_spread=0.03,
    p=0.0004,
    p_adjusted=0.0008,
    margin=0.05,
    flat=False,
    bound=0.153,
    edge_minus_middle=0.09,
    edge_interval=Interval(0.04, 0.14),
    edge_p=0.002,
    primacy=0.1,
    recency=0.08,
    slope=-0.02,
    verdict="the position matters",
)


def full_report(name: str = "edges") -> Report:
    """Everything once; `name` is what one arm, and the series that goes with it, is called."""
    finish = {"answered": 400, "refused": 30, "failed": 0}
    return Report(
        run="handbook",
        n=441,
        baseline="best_first",
        primary_metric="sub_span",
        headline=(f"{name} vs best_first: no difference shown.", "Flatness cannot be shown."),
        cells=(
            CellResult("best_first", "sub_span", 0.5306, Interval(0.484, 0.576), 441, finish),
            CellResult(name, "sub_span", 0.5419, Interval(0.495, 0.588), 441, {**finish, "failed": 2}),
            CellResult("best_first", "latency", 12.34, Interval(10.1, 14.5), 441, finish),
            CellResult(name, "latency", None, None, 0, finish),
        ),
        comparisons=(
            replace(COMPARISON, arm=name, verdict="no difference shown; underpowered"),
            replace(COMPARISON, arm=name, metric="latency", difference=2.2, interval=Interval(1.1, 3.3), p_exact=None,
                    p_adjusted=None, detectable=None, primary=False),
        ),
        repeat=RepeatCheck("best_first", 441, 0.04, -0.0023, 0.77),
        positions=(replace(EFFECT, series=name),),
        interactions=(
            Interaction("r1", "qwen", "same_base", "20 passages", 200, -0.05, Interval(-0.11, 0.01), 0.09, 0.18, None,
                        0.08, "no interaction shown"),
        ),
        sensitivity=(OrderSensitivity("r1", 200, 4, 2, 0.18, 0.11, 0.004, "order changes outcomes"),),
        spent=(Spent("best_first", 812.4, 61.0, 4.2, 0.713), Spent(name, None, 60.0, None, None)),
        excluded=Excluded(12, 2),
        missing=40,
        warnings=(f"{name}: a warning",),
        facts=(("model", "r1-qwen-7b"), ("questions", name)),
    )  # fmt: skip


def bare_report() -> Report:
    """A report of a run without any trial."""
    return Report("empty", 0, None, "sub_span", ("Nothing has been asked yet.",), ())
