"""Paired differences from the baseline as a forest plot: only the primary metric's, the largest gain on top."""

import altair

from evaluation.analysis.numbers import short_p
from evaluation.analysis.values import Comparison, Report
from evaluation.analysis.verdict import direction
from evaluation.report.figures.drawing import Chart
from evaluation.report.figures.measure import Measure, measure
from evaluation.statistics.missing import INCOMPLETE

_VERDICTS = {"higher": "#0072B2", "lower": "#D55E00", "no difference shown": "#8A8A8A", INCOMPLETE: "#CC79A7"}


def differences(report: Report) -> Chart | None:
    """Difference and 95 % interval of each arm, coloured by the adjusted verdict, over what could have been detected.

    None where nothing was compared.
    """
    compared = [row for row in report.comparisons if row.primary and row.difference is not None]
    if not compared:
        return None
    compared.sort(key=lambda row: (-(row.difference or 0.0), row.arm, row.baseline))
    baselines = {row.baseline for row in compared}
    against = compared[0].baseline if len(baselines) == 1 else "its baseline"
    unclear = len({row.arm for row in compared}) < len(compared)
    measured = measure(report.primary_metric)
    rows = [_row(row, measured, f"{row.arm} − {row.baseline}" if unclear else row.arm) for row in compared]
    labels = [str(row["label"]) for row in rows]
    base = altair.Chart(altair.InlineData(values=rows)).encode(
        y=altair.Y("label:N", title=None, sort=labels, axis=altair.Axis(grid=False)), description="words:N"
    )
    title = f"Difference from {against} in {report.primary_metric}{' (percentage points)' if measured.share else ''}"
    ticks = altair.Axis(format="+,.2~f", tickCount=7, labelExpr="datum.value === 0 ? '0' : datum.label")
    across = altair.X("difference:Q", title=title, axis=ticks)
    verdicts = [verdict for verdict in _VERDICTS if any(row["verdict"] == verdict for row in rows)]
    paint = altair.Color(
        "verdict:N",
        scale=altair.Scale(domain=verdicts, range=[_VERDICTS[verdict] for verdict in verdicts]),
        legend=altair.Legend(title=None, orient="bottom", offset=14),
    )
    zero = (
        altair.Chart(altair.InlineData(values=[{"at": 0}])).mark_rule(color="#8A8A8A", strokeWidth=1.5).encode(x="at:Q")
    )
    reach = base.transform_filter("datum.reach !== null").mark_bar(color="#8A8A8A", opacity=0.16, height=18)
    dot = base.mark_point(filled=True, size=110, opacity=1).encode(x=across, color=paint)
    whisker = base.mark_rule(strokeWidth=2.5).encode(x="low:Q", x2="high:Q", color=paint)
    detectable = reach.encode(x="low_reach:Q", x2="reach:Q")
    return altair.layer(detectable, zero, whisker, dot).properties(width=430, height=max(80, 34 * len(rows)))


def _row(row: Comparison, measured: Measure, label: str) -> dict[str, object]:
    difference, factor = row.difference or 0.0, 100 if measured.share else 1
    low, high = row.interval or (difference, difference)
    words = f"{row.arm} − {row.baseline}: {measured.difference_said(difference, row.interval)}"
    words += "" if row.p_adjusted is None else f", adjusted p {short_p(row.p_adjusted)}"
    words += f", n = {row.n}"
    if row.could_show is not None:
        words += f"; could have shown {measured.difference_said(row.could_show).removeprefix('+')}"
    return {
        "label": label,
        "difference": factor * difference,
        "low": factor * low,
        "high": factor * high,
        "reach": None if row.could_show is None else factor * row.could_show,
        "low_reach": None if row.could_show is None else -factor * row.could_show,
        "verdict": _verdict(row, difference),
        "words": words,
    }


def _verdict(row: Comparison, difference: float) -> str:
    if row.verdict.startswith(INCOMPLETE):
        return INCOMPLETE
    return direction(difference, 1.0 if row.p_adjusted is None else row.p_adjusted)
