"""Accuracy by the position of the evidence: as lines with their 95 % bands, and as a map over position and length."""

from typing import Any

import altair

from evaluation.analysis.values import Report
from evaluation.report.figures.drawing import Chart
from evaluation.report.figures.measure import measure
from evaluation.report.figures.series import colour, distinct, named, shape


def accuracy_by_position(report: Report) -> Chart | None:
    """One line for each series, one panel for each length; None where no position was compared."""
    rows = _rows(report)
    if not rows:
        return None
    names, lengths = distinct(row["series"] for row in rows), distinct(row["length"] for row in rows)
    panels = [
        _panel([row for row in rows if row["length"] == length], names, report.primary_metric) for length in lengths
    ]
    if len(panels) == 1:
        wide: Chart = panels[0].properties(width=460, height=270)
        return wide
    titled = [
        panel.properties(width=410, height=260, title=altair.Title(length, anchor="middle", fontSize=12))
        for panel, length in zip(panels, lengths, strict=True)
    ]
    grid: Chart = altair.concat(*titled, columns=2).resolve_scale(y="shared", color="shared", shape="shared")
    return grid


def position_and_length(report: Report) -> Chart | None:
    """A map for each series that was asked at two lengths or more; None without such a series."""
    rows = _rows(report)
    lengths_of = {row["series"]: distinct(r["length"] for r in rows if r["series"] == row["series"]) for row in rows}
    rows = [row for row in rows if len(lengths_of[row["series"]]) > 1]
    if not rows:
        return None
    names, lengths = distinct(row["series"] for row in rows), distinct(row["length"] for row in rows)
    values = [row["value"] for row in rows]
    middle = (min(values) + max(values)) / 2
    labels = _labels(rows)
    base = altair.Chart().encode(
        x=altair.X(
            "label:O",
            title="Position of the evidence",
            sort=labels,
            axis=altair.Axis(labelAngle=0, grid=False, orient="bottom"),
        ),
        y=altair.Y("length:N", title="Length of the context", sort=lengths, axis=altair.Axis(grid=False)),
        description="words:N",
    )
    shade = altair.Color(
        "value:Q",
        title=report.primary_metric,
        scale=altair.Scale(scheme="cividis"),
        legend=altair.Legend(
            format=measure(report.primary_metric).format, orient="bottom", gradientLength=240, offset=14
        ),
    )
    boxes = base.mark_rect(cornerRadius=3).encode(color=shade)
    light = altair.value("#ffffff") if max(values) == min(values) else None
    ink = light or altair.condition(f"datum.value < {middle}", altair.value("#ffffff"), altair.value("#111111"))
    words = base.mark_text(fontSize=12, fontWeight=600).encode(
        text=altair.Text("value:Q", format=measure(report.primary_metric).format), color=ink
    )
    panel = altair.layer(boxes, words, data=altair.InlineData(values=rows)).properties(
        width=min(620, max(200, 58 * len(labels))), height=44 * len(lengths)
    )
    if len(names) == 1:
        return panel
    return panel.facet(altair.Facet("series:N", title=None, sort=names), columns=2 if len(labels) <= 6 else 1)


def _panel(rows: list[dict[str, Any]], names: list[str], metric: str) -> altair.LayerChart | altair.FacetChart:
    """The lines at one length; the colours are those of `names`, all series of the figure."""
    columns = 2 if max(map(len, names)) <= 40 else 1
    positions = sorted({row["position"] for row in rows})
    ticks = altair.Axis(values=positions, format=".3~g", grid=False, labelOverlap=True)
    reach = altair.Scale(domain=[positions[0], positions[-1]], nice=False, padding=14)
    base = altair.Chart(altair.InlineData(values=rows)).encode(
        x=altair.X("position:Q", title="Position of the evidence", axis=ticks, scale=reach),
        color=colour("series", names, columns=columns),
        description="words:N",
    )
    top, low = measure(metric).along("value"), measure(metric).along("low")
    words = altair.value("95 % interval")
    band = base.mark_area(opacity=0.14).encode(y=low, y2="high:Q", description=words)
    line = base.mark_line(strokeWidth=2.2).encode(y=top, description="series:N")
    dots = base.mark_point(filled=True, size=75, opacity=1).encode(y=top, shape=shape("series", names, columns=columns))
    return altair.layer(band, line, dots)


def _labels(rows: list[dict[str, Any]]) -> list[str]:
    """The labels of all positions, by the smallest position that each stands for."""
    least: dict[str, float] = {}
    for row in rows:
        least[row["label"]] = min(row["position"], least.get(row["label"], row["position"]))
    return sorted(least, key=lambda label: (least[label], label))


def _rows(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "series": named(effect),
            "length": effect.length,
            "position": point.position,
            "label": point.label,
            "value": point.value,
            "low": point.interval.low,
            "high": point.interval.high,
            "words": f"{effect.series}, {_where(point.label)}: "
            f"{measure(report.primary_metric).said(point.value, point.interval)}, n = {point.n}",
        }
        for effect in report.positions
        for point in effect.points
    ]


def _where(label: str) -> str:
    """A position in words; a depth says by itself that it is one."""
    return f"position {label}" if label.isdecimal() else label
