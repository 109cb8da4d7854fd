"""Accuracy against what it costs in thinking: one point for each arm, at the mean of its thinking tokens."""

import altair

from evaluation.analysis.numbers import number
from evaluation.analysis.values import Report
from evaluation.report.figures.drawing import Chart
from evaluation.report.figures.measure import measure
from evaluation.report.figures.series import colour, shape


def accuracy_by_thinking(report: Report) -> Chart | None:
    """None where fewer than two arms have a known number of thinking tokens, or none of them thinks."""
    measured = measure(report.primary_metric)
    thinking = {spent.arm: spent.thinking for spent in report.spent if spent.thinking is not None}
    rows = [
        {
            "arm": cell.arm,
            "thinking": thinking[cell.arm],
            "value": cell.value,
            "low": cell.value if cell.interval is None else cell.interval.low,
            "high": cell.value if cell.interval is None else cell.interval.high,
            "words": f"{cell.arm}: {measured.said(cell.value, cell.interval)}, "
            f"{number(thinking[cell.arm])} thinking tokens",
        }
        for cell in report.cells
        if cell.metric == report.primary_metric and cell.value is not None and cell.arm in thinking
    ]
    if len(rows) < 2 or not any(thinking[str(row["arm"])] for row in rows):
        return None
    names = [str(row["arm"]) for row in rows]
    columns = 2 if max(map(len, names)) <= 36 else 1
    ticks, limits = altair.Axis(format=",.0f", tickCount=7), altair.Scale(zero=False, nice=True)
    base = altair.Chart(altair.InlineData(values=rows)).encode(
        x=altair.X("thinking:Q", title="Thinking tokens (mean)", axis=ticks, scale=limits),
        color=colour("arm", names, columns=columns),
        description="words:N",
    )
    whisker = base.mark_rule(strokeWidth=1.6, opacity=0.7).encode(y=measured.along("low"), y2="high:Q")
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(
        y=measured.along("value"), shape=shape("arm", names, columns=columns)
    )
    return altair.layer(whisker, dots).properties(width=460, height=270)
