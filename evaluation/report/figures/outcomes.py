"""How the trials of each arm ended, as shares of all of them."""

from collections.abc import Mapping

import altair

from evaluation.analysis.numbers import percent
from evaluation.analysis.values import Report
from evaluation.report.arm_tables import FINISHES
from evaluation.report.figures.drawing import Chart

_COLOURS: Mapping[str, str] = {
    "answered": "#0072B2",
    "truncated_answer": "#B39000",
    "refused": "#56B4E9",
    "unfinished_thinking": "#D55E00",
    "empty": "#CC79A7",
    "failed": "#7B4FA3",
    "not_applicable": "#A8ADB5",
    "dry_run": "#6B7280",
}


def outcomes(report: Report) -> Chart | None:
    """None where no trial ended."""
    cells = [cell for cell in report.cells if cell.metric == report.primary_metric and any(cell.finish.values())]
    if not cells:
        return None
    order = {finish: place for place, finish in enumerate(FINISHES)}
    rows = [
        {
            "arm": cell.arm,
            "finish": FINISHES[finish],
            "order": order[finish],
            "share": count / sum(cell.finish.values()),
            "words": f"{cell.arm}: {FINISHES[finish]} {count:,} of {sum(cell.finish.values()):,} "
            f"({percent(count / sum(cell.finish.values()))})",
        }
        for cell in cells
        for finish, count in sorted(cell.finish.items(), key=lambda item: order[item[0]])
        if count
    ]
    seen = {str(row["finish"]) for row in rows}
    shown = [(words, _COLOURS[finish]) for finish, words in FINISHES.items() if words in seen]
    arms = [cell.arm for cell in cells]
    scale = altair.Scale(domain=[words for words, _ in shown], range=[paint for _, paint in shown])
    chart: Chart = (
        altair.Chart(altair.InlineData(values=rows))
        .mark_bar(height={"band": 0.72})
        .encode(
            y=altair.Y("arm:N", title=None, sort=arms, axis=altair.Axis(grid=False)),
            x=altair.X(
                "share:Q", title="Share of trials", axis=altair.Axis(format=".0%"), scale=altair.Scale(domain=[0, 1])
            ),
            color=altair.Color(
                "finish:N", scale=scale, legend=altair.Legend(title=None, orient="bottom", offset=14, columns=4)
            ),
            order="order:Q",
            description="words:N",
        )
        .properties(width=430, height=max(60, 30 * len(arms)))
    )
    return chart
